"""What audits and evaluations found of a run since it was written into the graph."""

from __future__ import annotations

from typing import Any

from ..artifacts import MANIFEST, RunFolder
from ..graph.connection import Counters, GraphLike
from .run_files import RunFiles
from .run_graph import GraphRun
from .run_properties import figures_since, run_properties


def say_found_since(
    graph: GraphLike, files: RunFiles, there: GraphRun | None, runs: list[GraphRun]
) -> Counters:
    """Verdicts of the run and of its parent, and the run's figures.

    :param there: the run in the graph, where it is there with the same content.
    """
    counters = _say_verdicts(graph, files, there, runs)
    if there is not None:
        counters += _say_figures(graph, there, files)
    return counters


def _say_verdicts(
    graph: GraphLike, files: RunFiles, there: GraphRun | None, runs: list[GraphRun]
) -> Counters:
    """Audits may have been made after the write-back: of the run, and of its parent.

    Where a folder has no verdict any more, a bad one stays in the graph.
    """
    found = [(there, files.properties)] if there is not None else []
    for run in runs:
        if run.run_id == files.parent_id:
            properties, _ = parent_of(files)
            if properties.get("metrics") == run.properties.get("metrics"):
                found.append((run, properties))  # else the folder holds something newer
    counters = Counters()
    for run, properties in found:
        before, passed = run.properties.get("auditPassed"), properties.get("auditPassed")
        if passed is not before and not (before is False and passed is None):
            statement = "writeback/set_audit"
            counters += graph.run(statement, runId=run.run_id, auditPassed=passed).counters
    return counters


def _say_figures(graph: GraphLike, there: GraphRun, files: RunFiles) -> Counters:
    """The run may have been evaluated again after the write-back."""
    changed = figures_since(there.properties, files.properties)
    if not changed:
        return Counters()
    return graph.run("writeback/set_figures", runId=there.run_id, properties=changed).counters


def parent_of(files: RunFiles) -> tuple[dict[str, Any], str]:
    """Properties of a refit's parent and when it was made, by its folder where that is there."""
    parent = RunFolder(files.folder.path.parent / str(files.parent_id))
    if not (parent.path / MANIFEST).is_file():
        return {}, files.created_at
    manifest = parent.manifest()
    metrics = parent.read_metrics() if parent.metrics.exists() else None
    return run_properties(manifest, None, metrics), manifest.created_at
