"""What audits and evaluations found of a run since it was written into the graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..artifacts import MANIFEST, RunFolder
from ..graph.connection import Counters, GraphLike
from .run_files import RunFiles
from .run_graph import GraphRun
from .run_properties import figures_since, run_properties


def say_found_since(
    graph: GraphLike, files: RunFiles, there: GraphRun | None, runs: list[GraphRun]
) -> Counters:
    """Verdicts and figures of the run and of its parent.

    :param there: the run in the graph, where it is there with the same content.
    """
    counters = Counters()
    for run, properties in _found(files, there, runs):
        counters += _say_verdict(graph, run, properties)
        if changed := figures_since(run.properties, properties):
            statement = "writeback/set_figures"
            counters += graph.run(statement, runId=run.run_id, properties=changed).counters
    return counters


def _found(
    files: RunFiles, there: GraphRun | None, runs: list[GraphRun]
) -> Iterator[tuple[GraphRun, dict[str, Any]]]:
    """Runs in the graph, and what their folders say of the same content.

    A parent that was never written itself has nothing but what its folder said.
    """
    if there is not None:
        yield there, files.properties
    for run in runs:
        if run.run_id == files.parent_id:
            properties, _ = parent_of(files)
            same = properties.get("metrics") == run.properties.get("metrics")
            if properties and (same or run.digest is None):
                yield run, properties


def _say_verdict(graph: GraphLike, run: GraphRun, properties: dict[str, Any]) -> Counters:
    """Where a folder has no verdict any more, a bad one stays in the graph."""
    before, passed = run.properties.get("auditPassed"), properties.get("auditPassed")
    if passed is before or (before is False and passed is None):
        return Counters()
    return graph.run("writeback/set_audit", runId=run.run_id, auditPassed=passed).counters


def parent_of(files: RunFiles) -> tuple[dict[str, Any], str]:
    """Properties of a refit's parent and when it was made, by its folder where that is there."""
    parent = RunFolder(files.folder.path.parent / str(files.parent_id))
    if not (parent.path / MANIFEST).is_file():
        return {}, files.created_at
    manifest = parent.manifest()
    metrics = parent.read_metrics() if parent.metrics.exists() else None
    return run_properties(manifest, None, metrics), manifest.created_at
