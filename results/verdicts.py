"""What the audits of runs said: of those in the graph, and of their folders."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..artifacts import MANIFEST, RunFolder
from ..errors import InputError
from ..graph.connection import GraphLike
from .run_graph import GraphRun, read_runs

LEAKS, PASSED, UNKNOWN = "LEAKS", "passed", "not audited"
TASK = "ranking"  # the task that the lists of recommendations are for


def audit_label(verdicts: Iterable[bool | None]) -> str:
    """What is shown with figures: one failure counts, None is no verdict.

    >>> audit_label([True, None]), audit_label([True, False]), audit_label([None])
    ('passed', 'LEAKS', 'not audited')
    """
    known = [verdict for verdict in verdicts if verdict is not None]
    if not known:
        return UNKNOWN
    return PASSED if all(known) else LEAKS


def verdict_of(label: str | None, passed: bool | None) -> bool | None:
    """A run on a protocol that leaks has failed, whether or not it was audited.

    :param label: of the run's split.
    """
    return False if (label or "").startswith(LEAKS) else passed


def audit_of(
    graph: GraphLike,
    runs_dir: Path | None = None,
    run_id: str | None = None,
    task: str = TASK,
) -> tuple[GraphRun, str]:
    """A run in the graph and its ``audit`` as in :func:`.runs.list_runs`.

    :param run_id: without it, the active run of ``task``, whose predictions are shown.
    :raises InputError: when the run is not in the graph, or no run is active.
    """
    runs = {run.run_id: run for run in read_runs(graph)}
    if run_id is not None:
        run = run_in(runs, run_id)
    else:
        shown = [one for one in runs.values() if one.active and one.properties["task"] == task]
        if not shown:
            raise InputError("no run is active in this graph", "See: reelgraph runs list")
        run = shown[0]
    return run, audited(run, runs, runs_dir)


def folder_audit(run: RunFolder) -> str:
    """The ``audit`` of a folder's run, in which a refit's parent counts too."""
    parent = run.manifest().refit_of
    folders = [run, *([RunFolder(run.path.parent / parent)] if parent else [])]
    there = [folder for folder in folders if (folder.path / MANIFEST).is_file()]
    return audit_label(_verdict(folder) for folder in there)


def told_otherwise(graph: GraphLike, folder: str, passed: bool) -> list[str]:
    """The active runs to write back so that the graph says of a run what its audit said.

    For the parent of a refit, of which the graph has only the figures, it is the refit. Of
    runs that are kept have no readers; a write-back would put them in place of the active one.
    """
    runs = read_runs(graph)
    wrong = {
        run.run_id
        for run in runs
        if run.folder == folder and run.properties.get("auditPassed") is not passed
    }
    return [run.folder for run in runs if run.active and {run.run_id, run.parent_id} & wrong]


def audited(run: GraphRun, known: dict[str, GraphRun], runs_dir: Path | None) -> str:
    """The verdict of the node and of the folder, which may have been audited later."""
    verdicts: list[bool | None] = []
    for one in (run, known.get(run.parent_id or "")):
        if one is None:
            continue
        verdicts.append(verdict_of(one.properties.get("label"), one.properties.get("auditPassed")))
        if runs_dir and (runs_dir / one.folder / MANIFEST).is_file():
            verdicts.append(_verdict(RunFolder(runs_dir / one.folder)))
    return audit_label(verdicts)


def _verdict(folder: RunFolder) -> bool | None:
    """What the audit of a folder said; None without one since its predictions."""
    manifest = folder.manifest()
    return verdict_of(manifest.label, manifest.audit.passed if manifest.audit else None)


def run_in(runs: dict[str, GraphRun], run_id: str) -> GraphRun:
    if run_id not in runs:
        known = ", ".join(runs) or "none"
        raise InputError(
            f"run {run_id} is not in the graph (there: {known})",
            f"Where its folder is there, write it: reelgraph writeback {run_id}",
        )
    return runs[run_id]
