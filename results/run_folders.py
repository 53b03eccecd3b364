"""Runs as their folders show them, whether or not they are in a graph."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..artifacts import MANIFEST, RowOrder, RunFolder, RunManifest
from ..errors import ArtifactError
from ..locks import LOCK, held
from .run_properties import metric_properties
from .verdicts import verdict_of

UNFINISHED, ON_DISK, UNREADABLE = "unfinished", "on disk", "unreadable"


def run_folders(runs_dir: Path) -> list[RunFolder]:
    """All folders of runs, by name."""
    return [RunFolder(path.parent) for path in sorted(runs_dir.glob(f"*/{MANIFEST}"))]


@dataclass(frozen=True)
class FolderSummary:
    """What a list of runs says of a folder.

    ``figures`` are those of the parent for a refit; ``audit`` says whether it passed, None
    without one; ``mind`` is as :func:`to_mind` says it.
    """

    status: str
    model: str | None = None
    created_at: str | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    audit: bool | None = None
    mind: str = ""


def folder_summary(run: RunFolder) -> FolderSummary:
    """A folder that this version cannot read has the status ``unreadable``."""
    try:
        manifest = run.manifest()
        finished = "evaluate" in manifest.stages
        figures = _figures(run, manifest) if finished else {}
    except ArtifactError:
        return FolderSummary(UNREADABLE)
    return FolderSummary(
        status=ON_DISK if finished else UNFINISHED,
        model=manifest.model,
        created_at=manifest.created_at,
        figures=figures,
        audit=verdict_of(manifest.label, manifest.audit.passed if manifest.audit else None),
        mind=to_mind(manifest.label, manifest.order),
    )


def folder_details(run: RunFolder) -> dict[str, Any]:
    """All that a folder says about its run, in the words of the graph's node.

    :raises ArtifactError: when the folder cannot be read.
    """
    manifest = run.manifest()
    said = {
        "runId": manifest.run_id,
        "model": manifest.model,
        "dataset": manifest.dataset,
        "split": manifest.split,
        "protocol": manifest.protocol,
        "order": manifest.order,
        "label": manifest.label or None,
        "seed": manifest.seed,
        "createdAt": manifest.created_at,
        "refitOf": manifest.refit_of,
    }
    return {
        **{name: value for name, value in said.items() if value is not None},
        **folder_summary(run).figures,
        "stages": ", ".join(manifest.stages) or "none",
        "config": manifest.config,
    }


def to_mind(label: str, order: RowOrder | None) -> str:
    """What a reader of figures must know of them: a protocol's label, or an odd order."""
    parts = (label.partition(":")[0], order.caveat if order else "")
    return ", ".join(one for one in parts if one)


def was_written_back(run: RunFolder) -> bool:
    """Whether the run was put into a graph once, as far as its folder knows."""
    return "writeback" in run.manifest().stages


def delete_folder(run: RunFolder) -> None:
    """Delete a run's folder: its weights, predictions and figures.

    :raises ArtifactError: while a process works on the run, or when it cannot be deleted.
    """
    try:
        with held(run.path, f"run {run.run_id}"):
            (run.path / MANIFEST).unlink()  # first: what is left then is not a run any more
            for one in run.path.iterdir():
                if one.is_dir():
                    shutil.rmtree(one)
                elif one.name != LOCK:
                    one.unlink()
        shutil.rmtree(run.path)  # not before: Windows keeps a file that is held
    except OSError as error:
        raise ArtifactError(
            f"{run.path} cannot be deleted: {error}", "Delete the folder yourself."
        ) from None


def _figures(run: RunFolder, manifest: RunManifest) -> dict[str, float]:
    if manifest.refit_of is not None:
        run = RunFolder(run.path.parent / manifest.refit_of)
    if not run.metrics.is_file():
        return {}
    report = run.read_metrics().models.get(manifest.model)
    return metric_properties(report) if report else {}
