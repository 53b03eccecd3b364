"""The runs in the graph and on disk: listing, showing, activating, keeping, deleting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..artifacts import MANIFEST, RowOrder, RunFolder
from ..errors import ArtifactError, InputError
from ..graph.connection import Counters, GraphLike
from ..graph.results_lock import holding_results
from .retire import GRACE_SECONDS, remove_remains, remove_run, set_keep
from .run_folders import folder_details, folder_summary, run_folders, to_mind
from .run_graph import GraphRun, read_runs
from .run_ids import named
from .vectors import lacks_vectors, restore_vectors
from .verdicts import TASK, audit_label, audited, run_in

_FIGURES = ("precisionAt10", "sumReciprocalRankAt10")
_TEXTS = ("config", "metrics")


def list_runs(graph: GraphLike | None, runs_dir: Path | None = None) -> list[dict[str, Any]]:
    """One row per run, those in the graph first, then those that have only a folder.

    The figures of a refit are its parent's; ``mind`` says what is odd about how they were
    made, such as optimistic. ``audit`` is LEAKS where an audit of the run, or
    of the one whose figures are shown, failed, as the graph or the folder says.

    :param graph: None where no server answers: then all runs are those of the folders.
    """
    runs = read_runs(graph) if graph else []
    known = {run.run_id: run for run in runs}
    rows = [_row(run, known, runs_dir) for run in runs]
    in_graph = {run.folder for run in runs}
    folders = run_folders(runs_dir) if runs_dir else []
    return rows + [_folder_row(one) for one in folders if one.run_id not in in_graph]


def _folder_row(folder: RunFolder) -> dict[str, Any]:
    found = folder_summary(folder)
    return {
        "runId": folder.run_id,
        "status": found.status,
        "model": found.model,
        **{name: found.figures.get(name) for name in _FIGURES},
        "audit": audit_label([found.audit]),
        "mind": found.mind,
        "createdAt": found.created_at,
    }


def show_run(graph: GraphLike | None, run_id: str, runs_dir: Path | None = None) -> dict[str, Any]:
    """All properties of a run, its status with ``active``, and its parent's where it is a refit.

    Of a run that is not in the graph, what its folder says. ``audit`` is as in
    :func:`list_runs`.

    :raises InputError: when the run is neither in the graph nor in ``runs_dir``.
    """
    runs = {run.run_id: run for run in read_runs(graph)} if graph else {}
    folder = RunFolder(runs_dir / run_id) if runs_dir else None
    if run_id not in runs and folder is not None and (folder.path / MANIFEST).is_file():
        summary = folder_summary(folder)
        audit = audit_label([summary.audit])
        return {**folder_details(folder), "status": summary.status, "audit": audit}
    run = run_in(runs, run_id)
    shown = {**run.properties, "active": run.active, "audit": audited(run, runs, runs_dir)}
    for name in _TEXTS:
        shown[name] = json.loads(shown.get(name, "{}"))
    if run.parent_id is not None:
        parent = runs[run.parent_id].properties
        shown["refitOf"] = run.parent_id
        shown["parentMetrics"] = json.loads(parent.get("metrics", "{}"))
    return shown


def full_id(graph: GraphLike | None, text: str, runs_dir: Path | None = None) -> str:
    """The id of a run in the graph, or in ``runs_dir``, from what a user typed of it.

    :raises InputError: when several runs fit, or none.
    """
    ids = [run.run_id for run in read_runs(graph)] if graph else []
    ids += (
        [one.run_id for one in run_folders(runs_dir) if one.run_id not in ids] if runs_dir else []
    )
    found = named(text, ids)
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"'{text}' fits {len(found)} runs", f"Write more: {', '.join(found)}")
    where = [*(["in the graph"] if graph else []), *(["on disk"] if runs_dir else [])]
    raise InputError(
        f"run {text} is not {' or '.join(where)} (there: {', '.join(ids) or 'none'})",
        "See: reelgraph runs list"
        if runs_dir
        else f"Where its folder is there, write it: reelgraph writeback {text}",
    )


def folder_of(graph: GraphLike, run_id: str) -> str | None:
    """Name of the folder of a run in the graph; None when it is not there."""
    found = {run.run_id: run.folder for run in read_runs(graph)}
    return found.get(run_id)


def retired_by(
    graph: GraphLike, run_id: str, task: str | None = None, keep: int | None = None
) -> list[str]:
    """A line for each run that is active now and is not any more when ``run_id`` is activated.

    :param task: of the run; by default what the graph says.
    :param keep: runs active before that are to stay; by default as the graph says.
    """
    runs = read_runs(graph)
    task = task or next((run.task for run in runs if run.run_id == run_id), TASK)
    if keep is None:
        row = graph.run("writeback/read_keep", task=task).single()
        keep = row["keep"] if row else 0
    return [
        f"run {run.run_id}, which was active, {_whereabouts(run.run_id, keep)}"
        for run in runs
        if run.active and run.status != "kept" and run.run_id != run_id and run.task == task
    ]


def _whereabouts(run_id: str, keep: int) -> str:
    if keep:
        return f"stays in the graph. To go back to it: reelgraph runs activate {run_id}"
    return (
        "is out of the graph; its folder stays. To keep both another time: "
        f"reelgraph runs keep {run_id}, or writeback --keep 1"
    )


def activate(
    graph: GraphLike,
    run_id: str,
    runs_dir: Path,
    progress: bool = True,
    *,
    grace: float = GRACE_SECONDS,
) -> Counters:
    """Make a run that is complete in the graph the active one of its task.

    A kept run whose vectors were replaced gets them back from its folder first. The run
    that was active is removed after ``grace`` seconds, unless it stays.

    :raises InputError: when the run is not in the graph, or not complete there.
    :raises ArtifactError: when its folder is needed and missing.
    """

    def work() -> Counters:
        run = run_in({one.run_id: one for one in read_runs(graph)}, run_id)
        if not run.complete:
            raise InputError(
                f"run {run_id} is not complete in the graph (status: {run.status})",
                f"Write it: reelgraph writeback {run.folder}",
            )
        if run.active:
            return remove_remains(graph, grace)
        counters = Counters()
        if lacks_vectors(run):
            folder = _folder(run, runs_dir)
            counters += restore_vectors(graph, run, folder, progress)
        counters += graph.run("writeback/switch", task=run.task, runId=run_id).counters
        counters += remove_remains(graph, grace)
        return counters

    return holding_results(graph, work)


def delete_run(
    graph: GraphLike, run_id: str, force: bool = False, *, grace: float = GRACE_SECONDS
) -> Counters:
    """Remove a run from the graph; its folder stays.

    :param force: also when it is active; then the task has no active run.
    :raises InputError: when the run is not in the graph, or active and not forced.
    """

    def work() -> Counters:
        run = run_in({one.run_id: one for one in read_runs(graph)}, run_id)
        if run.active and not force:
            raise InputError(
                f"run {run_id} is active; without it there are no recommendations",
                "Activate another run first (reelgraph runs activate RUN), or add --force.",
            )
        if run.status == "archived" and run.has_refit:
            raise InputError(
                f"run {run_id} has only its figures in the graph, for the refit made from it",
                "It is removed together with the refit.",
            )
        counters = Counters()
        if run.active:
            counters += graph.run("writeback/clear_task", runId=run_id).counters
        counters += remove_run(graph, run, grace)
        return counters

    return holding_results(graph, work)


def keep(graph: GraphLike, run_id: str) -> Counters:
    """Keep a run in the graph also when another one is active.

    :raises InputError: when the run is not in the graph, or not complete there.
    """
    return _set_kept(graph, run_id, True)


def unkeep(graph: GraphLike, run_id: str, *, grace: float = GRACE_SECONDS) -> Counters:
    """Stop keeping a run; where it is not active, it is removed.

    :raises InputError: when the run is not in the graph, or not complete there.
    """
    counters = _set_kept(graph, run_id, False)
    counters += clean(graph, grace=grace)
    return counters


def clean(graph: GraphLike, *, keep: int | None = None, grace: float = GRACE_SECONDS) -> Counters:
    """Remove what is not active and does not stay, such as what an interrupted write-back left.

    :param keep: runs of each task that were active before and stay, from now on; by default as
        many as was said last.
    """

    def work() -> Counters:
        tasks = sorted({run.task for run in read_runs(graph)})
        counters = Counters() if keep is None else set_keep(graph, keep, tasks)
        counters += remove_remains(graph, grace)
        return counters

    return holding_results(graph, work)


def _set_kept(graph: GraphLike, run_id: str, kept: bool) -> Counters:
    def work() -> Counters:
        run = run_in({one.run_id: one for one in read_runs(graph)}, run_id)
        if not run.complete:
            raise InputError(
                f"run {run_id} is not complete in the graph (status: {run.status})",
                f"Write it: reelgraph writeback {run.folder}",
            )
        status = "kept" if kept else "ready"
        return graph.run("writeback/set_status", runId=run_id, status=status).counters

    return holding_results(graph, work)


def _row(run: GraphRun, known: dict[str, GraphRun], runs_dir: Path | None = None) -> dict[str, Any]:
    figures = known[run.parent_id] if run.parent_id else run
    status = {"ready": "active", "kept": "active, kept"} if run.active else {}
    if run.spared:
        status = {"ready": "for rollback"}
    return {
        "runId": run.run_id,
        "status": status.get(run.status, run.status),
        "model": run.properties.get("model"),
        **{name: figures.properties.get(name) for name in _FIGURES},
        "audit": audited(run, known, runs_dir),
        "mind": _to_mind(figures),
        "createdAt": run.properties.get("createdAt"),
    }


def _to_mind(run: GraphRun) -> str:
    label, order = run.properties.get("label", ""), run.properties.get("order")
    return to_mind(label, RowOrder.known(order))


def _folder(run: GraphRun, runs_dir: Path) -> RunFolder:
    folder = RunFolder(runs_dir / run.folder)
    if not (folder.path / MANIFEST).is_file():
        raise ArtifactError(
            f"the vectors of run {run.run_id} are not in the graph any more, and its folder "
            f"{folder.path} is not there",
            "Bring the folder back, or activate another run: reelgraph runs list",
        )
    return folder
