"""Runs as their folders show them, whether or not they are in a graph."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..artifacts import MANIFEST, RunFolder, read_json
from ..errors import ArtifactError
from ..locks import held
from .run_properties import metric_properties

_SHOWN = (
    *("runId", "model", "dataset", "split", "protocol", "order", "label"),
    *("seed", "createdAt", "refitOf"),
)
UNFINISHED, ON_DISK, UNREADABLE = "unfinished", "on disk", "unreadable"


def run_folders(runs_dir: Path) -> list[RunFolder]:
    """All folders of runs, by name."""
    return [RunFolder(path.parent) for path in sorted(runs_dir.glob(f"*/{MANIFEST}"))]


def folder_summary(run: RunFolder) -> dict[str, Any]:
    """What a list of runs says of a folder: ``status``, ``model``, ``createdAt``, ``figures``
    (those of the parent for a refit) and ``audit`` (whether it passed, None without one).

    A folder that this version cannot read has the status ``unreadable``.
    """
    try:
        manifest = run.manifest()
    except ArtifactError:
        return {"status": UNREADABLE, "model": None, "createdAt": None, "figures": {}}
    finished = "evaluate" in manifest.get("stages", {})
    return {
        "status": ON_DISK if finished else UNFINISHED,
        "model": manifest.get("model"),
        "createdAt": manifest.get("createdAt"),
        "figures": _figures(run, manifest) if finished else {},
        "audit": (manifest.get("audit") or {}).get("passed"),
        "mind": to_mind(manifest),
    }


def folder_details(run: RunFolder) -> dict[str, Any]:
    """All that a folder says about its run, in the words of the graph's node.

    :raises ArtifactError: when the folder cannot be read.
    """
    manifest = run.manifest()
    known = {name: manifest[name] for name in _SHOWN if manifest.get(name) is not None}
    return {
        **known,
        **folder_summary(run)["figures"],
        "stages": ", ".join(manifest.get("stages", {})) or "none",
        "config": manifest.get("config", {}),
    }


def to_mind(about: Mapping[str, Any]) -> str:
    """What a reader of figures must know of them: an odd order, or a protocol's label.

    :param about: a run's manifest or the properties of its node.
    """
    order = str(about.get("order", ""))
    odd = "order of rows" if "said to be" in order else "no times" if "without" in order else ""
    label = str(about.get("label", "")).partition(":")[0]
    return ", ".join(one for one in (label, odd) if one)


def was_written_back(run: RunFolder) -> bool:
    """Whether the run was put into a graph once, as far as its folder knows."""
    return "writeback" in run.manifest().get("stages", {})


def delete_folder(run: RunFolder) -> None:
    """Delete a run's folder: its weights, predictions and figures.

    :raises ArtifactError: while a process works on the run, or when it cannot be deleted.
    """
    with held(run.path, f"run {run.run_id}"):
        try:
            (run.path / MANIFEST).unlink()  # first: what is left then is no run any more
            shutil.rmtree(run.path)
        except OSError as error:
            raise ArtifactError(
                f"{run.path} cannot be deleted: {error}", "Delete the folder yourself."
            ) from None


def _figures(run: RunFolder, manifest: dict[str, Any]) -> dict[str, float]:
    parent = manifest.get("refitOf")
    if parent is not None:
        run = RunFolder(run.path.parent / parent)
    if not run.metrics.is_file():
        return {}
    report = read_json(run.metrics).get("models", {}).get(manifest.get("model"), {})
    return metric_properties(report)
