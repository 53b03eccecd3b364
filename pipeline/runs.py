"""Run folders: made, found, locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import __version__
from ..artifacts import (
    MANIFEST,
    SHUFFLED,
    DatasetFolder,
    RunFolder,
    SplitFolder,
    digest,
    write_manifest,
)
from ..errors import ArtifactError, InputError
from ..gds_jobs.jobs import make_job
from ..locks import held
from ..model.knowledge.methods import METHODS
from ..plugins import manager
from ..settings import Settings
from .config import RunConfig


def open_run(
    settings: Settings, split: SplitFolder, config: RunConfig, embeddings: tuple[str, ...]
) -> RunFolder:
    """The run's folder with its manifest, made when it is new."""
    run = run_folder(settings, split, config, embeddings)
    if not (run.path / MANIFEST).is_file():
        jobs = _job_fingerprints(split, config, embeddings)
        write_manifest(
            run.path,
            {
                "runId": run.run_id,
                "task": "ranking",
                "model": config.model,
                "dataset": split.dataset.fingerprint,
                "split": split.split_id,
                "protocol": config.protocol,
                "knowledge": config.knowledge,
                "embeddings": list(embeddings),
                "jobs": jobs,
                "similarities": _similarities(split, jobs),
                "seed": config.seed,
                "refitOf": config.refit_of,
                "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
                "version": __version__,
                "config": resolved(config),
                "stages": {},
            },
        )
    return run


def resolved(config: RunConfig) -> dict[str, Any]:
    """The configuration with the model's defaults filled in, as JSON values."""
    options = config.model_options().model_dump(mode="json")
    return {**config.model_dump(mode="json"), "options": options}


def run_folder(
    settings: Settings, split: SplitFolder, config: RunConfig, embeddings: tuple[str, ...]
) -> RunFolder:
    """The folder of the run that these inputs make; equal inputs have one folder."""
    identity = {
        "dataset": split.dataset.fingerprint,
        "split": split.split_id,
        "config": {**resolved(config), "protocol_parameters": None},  # the split's id has them
        "jobs": _job_fingerprints(split, config, embeddings),
        "epochs": parent_epochs(settings.runs_dir, config),
        "version": __version__,
    }
    run_id = f"{config.model}-{split.split_id}-{digest(identity, 8)}"
    return RunFolder(settings.runs_dir / run_id)


def vector_outputs(config: RunConfig, embeddings: Iterable[str]) -> list[str]:
    """Names of the outputs that hold the vectors of the run's model."""
    if config.knowledge == "none":
        return []
    shuffled = config.knowledge == "shuffled"
    return [
        f"{name}{SHUFFLED}" if shuffled and has_knowledge(name) else name for name in embeddings
    ]


def has_knowledge(name: str) -> bool:
    """Whether vectors of this name have read knowledge, so that there can be shuffled ones."""
    if name in METHODS:
        return True
    try:
        return make_job(name, manager.graph_jobs()).config.edges != "train"
    except InputError:  # a plugin that is not there any more
        return True


def _job_outputs(config: RunConfig, embeddings: Iterable[str]) -> list[str]:
    """Names of the outputs of jobs that a run reads: its model's vectors, and ``jobs``."""
    known = manager.graph_jobs()
    methods = [name for name in config.jobs if name in METHODS]
    jobs = [
        make_job(name, known, parameters).output_name
        for name, parameters in config.jobs.items()
        if name not in METHODS
    ]
    return [*vector_outputs(config, [*embeddings, *methods]), *jobs]


def _job_fingerprints(
    split: SplitFolder, config: RunConfig, embeddings: tuple[str, ...]
) -> dict[str, str]:
    """Fingerprints of the graph jobs that the run reads, so that a job done anew is a new run."""
    made = split.manifest().get("jobs", {})
    names = sorted(set(_job_outputs(config, embeddings)))
    return {name: made[name]["fingerprint"] for name in names if name in made}


def _similarities(split: SplitFolder, jobs: Iterable[str]) -> list[str]:
    """Those of the run's jobs whose output becomes ``SIMILAR_TO``."""
    made = split.manifest().get("jobs", {})
    return [name for name in jobs if made[name]["kind"] == "similarity"]


def parent_epochs(runs_dir: Path, config: RunConfig) -> int | None:
    """The epochs that a refit's parent chose on valid; None for a run that is no refit."""
    if config.refit_of is None:
        return None
    epochs: int = RunFolder(runs_dir / config.refit_of).manifest()["chosenEpochs"]
    return epochs


def find_run(settings: Settings, run_id: str | None) -> RunFolder:
    """The named run, or the newest one. :raises ArtifactError: when it is not there."""
    if run_id is None:
        return newest_run(settings)
    run = RunFolder(settings.runs_dir / run_id)
    if not (run.path / MANIFEST).is_file():
        known = sorted(path.parent.name for path in settings.runs_dir.glob(f"*/{MANIFEST}"))
        raise ArtifactError(
            f"there is no run '{run_id}' in {settings.runs_dir}",
            f"Runs: {', '.join(known) or 'none, make one: reelgraph run'}",
        )
    return run


def newest_run(settings: Settings) -> RunFolder:
    """The run folder that was made or changed last.

    :raises ArtifactError: when there is none.
    """
    found = _by_age(settings.runs_dir.glob(f"*/{MANIFEST}"))
    if not found:
        raise ArtifactError(f"there is no run in {settings.runs_dir}", "Make one: reelgraph run")
    return RunFolder(found[-1].parent)


def find_split(settings: Settings, split_id: str | None, dataset: str | None = None) -> SplitFolder:
    """The named split of the newest data set that has it, or the split made last.

    :param dataset: fingerprint of the data set, when not any will do.

    :raises ArtifactError: when there is none.
    """
    found = _by_age(
        settings.datasets_dir.glob(f"{dataset or '*'}/splits/{split_id or '*'}/{MANIFEST}")
    )
    if not found:
        wanted = split_id or dataset
        raise ArtifactError(
            f"there is no split{f' {wanted}' if wanted else ''} in {settings.datasets_dir}",
            "Make one: reelgraph export",
        )
    folder = found[-1].parent
    return DatasetFolder(folder.parents[1]).split(folder.name)


def _by_age(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: path.stat().st_mtime)


def split_of(settings: Settings, run: RunFolder) -> SplitFolder:
    """The split on which a run was made."""
    manifest = run.manifest()
    return DatasetFolder(settings.datasets_dir / manifest["dataset"]).split(manifest["split"])


@contextmanager
def locked(run: RunFolder) -> Iterator[None]:
    """Hold the run for this process.

    :raises ArtifactError: when another process works on it.
    """
    with held(run.path, f"run {run.run_id}"):
        yield
