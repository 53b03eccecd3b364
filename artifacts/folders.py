"""The folders that stages hand to each other, and the names of the files in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Unpack

from .dataset_manifest import DatasetManifest
from .job_record import OutputKind
from .manifests import (
    MANIFEST,
    SomeManifest,
    read_manifest,
    read_record,
    write_manifest,
    write_record,
)
from .metrics import RunMetrics
from .run_manifest import RunChanges, RunManifest
from .split_manifest import ExportNote, SplitChanges, SplitManifest

SHUFFLED = "-shuffled"  # ends names of outputs on the shuffled knowledge graph


@dataclass(frozen=True)
class DatasetFolder:
    """One exported data set: ``datasets/<fingerprint>``."""

    path: Path

    @property
    def fingerprint(self) -> str:
        return self.path.name

    @property
    def interactions(self) -> Path:
        return self.path / "interactions.parquet"

    @property
    def users(self) -> Path:
        return self.path / "users.parquet"

    @property
    def items(self) -> Path:
        return self.path / "items.parquet"

    @property
    def entities(self) -> Path:
        return self.path / "entities.parquet"

    @property
    def triples(self) -> Path:
        return self.path / "triples.parquet"

    def manifest(self) -> DatasetManifest:
        """:raises ArtifactError: when it is missing or not understood whole."""
        return read_manifest(self.path, DatasetManifest)

    def split(self, split_id: str) -> SplitFolder:
        return SplitFolder(self, split_id)


@dataclass(frozen=True)
class SplitFolder:
    """One split of a data set, with what graph jobs made from its train rows."""

    dataset: DatasetFolder
    split_id: str

    @property
    def path(self) -> Path:
        return self.dataset.path / "splits" / self.split_id

    @property
    def split(self) -> Path:
        return self.path / "split.parquet"

    @property
    def exported(self) -> Path:
        """When an export made or found the split last, so that it is the default one."""
        return self.path / "exported.json"

    def note_export(self) -> None:
        """Say that an export made or found the split now."""
        write_record(self.exported, ExportNote(exported_at=datetime.now(UTC).isoformat()))

    def exported_at(self) -> float:
        """When an export made or found the split last, as a POSIX time."""
        if not self.exported.is_file():
            return (self.path / MANIFEST).stat().st_mtime
        note = read_record(self.exported, ExportNote)
        return datetime.fromisoformat(note.exported_at).timestamp()

    def output(self, kind: OutputKind, job: str) -> Path:
        """Parquet file of a job's output, in the folder of its kind."""
        return self.path / kind / f"{job}.parquet"

    def manifest(self) -> SplitManifest:
        """:raises ArtifactError: when it is missing or not understood whole."""
        return read_manifest(self.path, SplitManifest)

    def update(self, **changes: Unpack[SplitChanges]) -> SplitManifest:
        """Replace fields of the manifest and return it."""
        return _updated(self.path, self.manifest(), changes)


@dataclass(frozen=True)
class RunFolder:
    """One training run: ``runs/<runId>``."""

    path: Path

    @property
    def run_id(self) -> str:
        return self.path.name

    @property
    def model(self) -> Path:
        return self.path / "model"

    @property
    def predictions(self) -> Path:
        return self.path / "predictions.parquet"

    @property
    def predicted_ratings(self) -> Path:
        """What a rating run predicts for a ranking run's list; in the one that was written last."""
        return self.path / "predicted-ratings.parquet"

    @property
    def attention(self) -> Path:
        return self.path / "attention.parquet"

    @property
    def vectors(self) -> Path:
        return self.path / "vectors"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.json"

    @property
    def user_metrics(self) -> Path:
        """A row per model and user: ``model, user, questions`` and a column per metric."""
        return self.path / "metrics-per-user.parquet"

    @property
    def explanations(self) -> Path:
        """What ``evaluate --explanations`` measured last."""
        return self.path / "explanations.json"

    def read_metrics(self) -> RunMetrics:
        """:raises ArtifactError: when the run was not evaluated, or they are not understood."""
        return read_record(self.metrics, RunMetrics)

    def manifest(self) -> RunManifest:
        """:raises ArtifactError: when it is missing or not understood whole."""
        return read_manifest(self.path, RunManifest)

    def update(self, **changes: Unpack[RunChanges]) -> RunManifest:
        """Replace fields of the manifest and return it."""
        return _updated(self.path, self.manifest(), changes)


def _updated(folder: Path, manifest: SomeManifest, changes: Mapping[str, object]) -> SomeManifest:
    """:raises TypeError: for a field that the manifest does not have."""
    unknown = sorted(changes.keys() - type(manifest).model_fields)
    if unknown:
        raise TypeError(f"{type(manifest).__name__} has no field {unknown[0]}")
    changed = manifest.model_copy(update=dict(changes))
    write_manifest(folder, changed)
    return changed
