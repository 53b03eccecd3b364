"""Removing runs that have no readers any more, and what is left of interrupted write-backs."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable

from ..graph.connection import Counters, GraphLike
from .run_graph import GraphRun, read_runs
from .vectors import clear_slot

GRACE_SECONDS = 5.0
"""How long a run that was active stays; longer than the longest read."""

PARTS = ("recommended", "attended", "similar")


def ledger(run_id: str, digest: str | None, part: str) -> str:
    """Name of the ledger of one kind of relationship of one run's content."""
    return f"run {run_id} {digest} {part}"


def remove_remains(
    graph: GraphLike, grace: float = GRACE_SECONDS, spare: Collection[str] = ()
) -> Counters:
    """Remove every run that is not active, does not stay and is not in ``spare``.

    Those stay that are kept, and the last ones that were active, as many as their task keeps.

    Interrupted at any point, the next call goes on.
    """
    counters = Counters()
    while (run := _first_removable(graph, spare)) is not None:
        counters += remove_run(graph, run, grace)
    return counters


def _first_removable(graph: GraphLike, spare: Collection[str]) -> GraphRun | None:
    """Read anew each time: the parent of a refit can go once the refit is gone."""
    runs = (run for run in read_runs(graph) if run.removable and run.run_id not in spare)
    return next(runs, None)


def remove_run(graph: GraphLike, run: GraphRun, grace: float = GRACE_SECONDS) -> Counters:
    """Remove one run that is not active: relationships, vectors, ledgers, node.

    Readers that started before the switch get ``grace`` seconds to end. One writer, bounded
    transactions: concurrent deletes deadlock. The parent of a refit keeps its node with
    its figures. What a rating run predicted goes from the other runs' recommendations, too.
    """
    wait_for_readers(graph, [run], grace)
    counters = Counters()
    counters += graph.run("writeback/remove_recommended", runId=run.run_id).counters
    if run.task == "rating":
        counters += graph.run("writeback/remove_predicted_ratings", runId=run.run_id).counters
    counters += graph.run("writeback/remove_similar", runId=run.run_id).counters
    if run.slot is not None:
        counters += clear_slot(graph, run.slot)
    for part in PARTS:
        graph.run("load/delete_ledger", ledger=ledger(run.run_id, run.digest, part))
    counters += graph.run("writeback/remove_run", runId=run.run_id).counters
    return counters


def wait_for_readers(
    graph: GraphLike, runs: Iterable[GraphRun], grace: float, least: float = 0.0
) -> None:
    """Mark runs for removal, so that they are never taken for complete again, and wait once.

    Of a run that was marked before, only what is left of ``grace`` seconds is waited.

    :param least: seconds that are waited in any case, for readers of others.
    """
    time.sleep(max([least, *[_grace_left(graph, run, grace) for run in runs]]))


def _grace_left(graph: GraphLike, run: GraphRun, grace: float) -> float:
    """Marks the run."""
    retired = graph.run("writeback/retire_run", runId=run.run_id).single()
    if not run.complete and run.status != "retired":
        return 0.0  # it never had readers
    return max(0.0, grace - (retired["age"] if retired else 0.0))


def set_keep(graph: GraphLike, keep: int, tasks: Iterable[str]) -> Counters:
    """Say how many runs that were active before stay from now on; it is for all commands."""
    counters = Counters()
    for task in tasks:
        counters += graph.run("writeback/set_keep", task=task, keep=keep).counters
    return counters
