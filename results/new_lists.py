"""Putting new lists, attention and vectors of some users into the active run, in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import pandas as pd

from ..errors import ArtifactError
from ..graph.connection import GraphLike, Transaction
from ..graph.results_lock import holding_results
from ..graph.writer import write_parallel
from .relationships import attended_batches, recommended_batches
from .run_graph import GraphRun, active_runs, read_runs
from .vectors import item_batches, user_batches

T = TypeVar("T")

THREADS = 4
USERS_A_TRANSACTION = 20


def no_rows(*columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class NewLists:
    """What is new of a run in the graph.

    ``events`` has, by user, the number of ratings in the graph that the user's list is made from;
    its users are all whose lists are replaced. ``recommended`` and ``attended`` have the columns
    of the files contract and are ordered by user and rank. ``states`` are ``user, historyLength,
    vector``, empty for a run without vectors.
    """

    events: Mapping[Any, int]
    recommended: pd.DataFrame
    attended: pd.DataFrame
    states: pd.DataFrame

    @property
    def rows(self) -> int:
        """Users, for the writer's progress."""
        return len(self.events)

    def parts(self) -> Iterator[NewLists]:
        """The lists of some users at a time."""
        users = list(self.events)
        for start in range(0, len(users), USERS_A_TRANSACTION):
            some = users[start : start + USERS_A_TRANSACTION]
            frames = (self.recommended, self.attended, self.states)
            recommended, attended, states = (one[one["user"].isin(some)] for one in frames)
            yield NewLists({u: self.events[u] for u in some}, recommended, attended, states)


def write_new_lists(graph: GraphLike, run: GraphRun, new: NewLists) -> None:
    """Replace the lists of these users in the active run, each one whole in a transaction.

    :raises ArtifactError: as :func:`holding_active`.
    """

    def work() -> None:
        write_parallel(graph, new.parts(), partial(_replace, run), THREADS)
        graph.run("refresh/count_users", runId=run.run_id)

    holding_active(graph, run, work)


def write_new_items(graph: GraphLike, run: GraphRun, items: pd.DataFrame) -> None:
    """Give items that had none their vectors in the active run's slot.

    :param items: ``item, vector``.
    :raises ArtifactError: as :func:`holding_active`.
    """

    def work() -> None:
        for batch in item_batches(items):
            graph.run("writeback/write_item_vectors", **batch.parameters, slot=run.slot)

    holding_active(graph, run, work)


def begin_generation(graph: GraphLike, run: GraphRun) -> int:
    """Say that some lists of the active run are about to change; its new generation.

    :raises ArtifactError: as :func:`holding_active`.
    """

    def work() -> int:
        row = graph.run("refresh/next_generation", runId=run.run_id).single()
        return int(row["generation"]) if row else 1

    return holding_active(graph, run, work)


def holding_active(graph: GraphLike, run: GraphRun, work: Callable[[], T]) -> T:
    """Do ``work`` on a run with the lock of results, while the run is active as it was read.

    :raises ArtifactError: when another run, another content of it or another rating run beside
        it is active by now; nothing is changed then.
    """

    def check_and_work() -> T:
        now = active_runs(read_runs(graph)).get(run.task)
        if now is None or _state(now) != _state(run):
            raise ArtifactError(
                f"run {run.run_id} is not active as it was: another process switched meanwhile",
                "These lists were not written. Refresh the run that is active now: "
                "reelgraph refresh",
            )
        return work()

    return holding_results(graph, check_and_work)


def _state(run: GraphRun) -> tuple[str | None, ...]:
    return run.written, run.digest, run.slot, run.rating_run


def _replace(run: GraphRun, tx: Transaction, new: NewLists) -> None:
    """Some users in one transaction."""
    of_run = {"runId": run.run_id}
    users = {"users": list(new.events), "events": list(new.events.values())}
    tx.run("refresh/remove_lists", written=run.written, **users, **of_run)
    rated_by = {"ratingRunId": run.rating_run}
    for batch in recommended_batches(new.recommended):
        tx.run("writeback/write_recommended", **batch.parameters, **rated_by, **of_run)
    for batch in attended_batches(new.attended):
        tx.run("writeback/write_attended", **batch.parameters, **of_run)
    for states in user_batches(new.states):
        tx.run("writeback/write_user_vectors", **states.parameters, slot=run.slot)
