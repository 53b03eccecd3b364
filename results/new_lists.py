"""Putting new lists, attention and vectors of some users into the active run, in its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from ..errors import ArtifactError
from ..graph.connection import GraphLike, Transaction
from ..graph.results_lock import holding_results
from ..graph.writer import write_parallel
from .relationships import attended_batches, recommended_batches
from .run_graph import GraphRun, active_runs, read_runs
from .vectors import item_batches, user_batches

THREADS = 4
"""Users that are written at the same time."""


def no_rows(*columns: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class NewLists:
    """What is new of a run in the graph.

    ``users`` are all whose lists are replaced; those without rows in ``recommended`` have none
    afterwards. ``recommended`` and ``attended`` have the columns of the files contract and are
    ordered by user and rank. ``states`` are ``user, historyLength, vector``, ``items`` are
    ``item, vector`` of items that had none; both are empty for a run without vectors.
    """

    users: Sequence[Any]
    recommended: pd.DataFrame
    attended: pd.DataFrame
    states: pd.DataFrame
    items: pd.DataFrame = field(default_factory=lambda: no_rows("item", "vector"))


def write_new_lists(graph: GraphLike, run: GraphRun, new: NewLists) -> int:
    """Replace the lists of these users in the active run, each user's in one transaction.

    :return: the run's generation, which is one more than before.
    :raises ArtifactError: when another run, or another content of it, is active by now; nothing
        is changed then.
    """

    def work() -> int:
        now = active_runs(read_runs(graph)).get(run.task)
        if now is None or (now.run_id, now.digest, now.slot) != (run.run_id, run.digest, run.slot):
            raise ArtifactError(
                f"run {run.run_id} is not active any more: another process switched meanwhile",
                "These lists were not written. Refresh the run that is active now: "
                "reelgraph refresh",
            )
        gained: list[int] = []
        write_parallel(graph, _by_user(new), partial(_replace, run, gained), THREADS)
        for batch in item_batches(new.items):
            graph.run("writeback/write_item_vectors", **batch.parameters, slot=run.slot)
        more = {"runId": run.run_id, "moreUsers": sum(gained)}
        row = graph.run("refresh/next_generation", **more).single()
        return int(row["generation"]) if row else 1

    return holding_results(graph, work)


@dataclass(frozen=True)
class _OfUser:
    """What is new of one user; rows of :class:`NewLists`."""

    user: Any
    recommended: pd.DataFrame
    attended: pd.DataFrame
    states: pd.DataFrame
    rows: int = 1


def _by_user(new: NewLists) -> Iterator[_OfUser]:
    frames = (new.recommended, new.attended, new.states)
    parts = [dict(iter(frame.groupby("user"))) for frame in frames]
    for user in new.users:
        recommended, attended, states = (
            part.get(user, frame.iloc[:0]) for part, frame in zip(parts, frames, strict=True)
        )
        yield _OfUser(user, recommended, attended, states)


def _replace(run: GraphRun, gained: list[int], tx: Transaction, new: _OfUser) -> None:
    """One user in one transaction; ``gained`` gets 1 for a user who had no list, -1 vice versa."""
    of_run = {"runId": run.run_id}
    had = tx.run("refresh/remove_lists", users=[new.user], **of_run).single()
    rated_by = {"ratingRunId": run.rating_run}
    for batch in recommended_batches(new.recommended):
        tx.run("writeback/write_recommended", **batch.parameters, **rated_by, **of_run)
    for batch in attended_batches(new.attended):
        tx.run("writeback/write_attended", **batch.parameters, **of_run)
    for states in user_batches(new.states):
        tx.run("writeback/write_user_vectors", **states.parameters, slot=run.slot)
    gained.append(int(len(new.recommended) > 0) - (had["users"] if had else 0))
