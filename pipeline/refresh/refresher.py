"""Which users to ask about, and asking the active run's model, some users at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...artifacts import read_parquet
from ...errors import InputError
from ...graph.connection import GraphLike
from ...graph.contents import DatasetFacts, read_facts
from ...graph.unfinished import check_finished
from ...loader.load import reseq
from ...model.training.loop import isolated_torch
from ...progress import Note
from ...results.new_lists import begin_generation, write_new_items, write_new_lists
from ...results.run_graph import GraphRun, active_runs, read_runs
from ...settings import Settings
from ..graph_run import named_work
from ..identity import locked
from ..stages.work import Work
from .lists import Lists
from .new_items import new_item_vectors

USERS_AT_ONCE = 500
"""Users who are asked about together: their histories and lists are in memory."""


_ELSEWHERE = "Refresh where the run was made, or make a new one: reelgraph run"


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: ``users`` got new lists of ``recommendations`` together.

    ``new_items`` got a vector. ``unknown_ratings`` are of items that the model does not know; they
    were left out of the histories. ``generation`` of the run is None where nothing was to do.
    """

    run_id: str
    users: int = 0
    recommendations: int = 0
    new_items: int = 0
    unknown_ratings: int = 0
    generation: int | None = None


class Refresher:
    """Brings the active ranking run up to date; keeps its model for the next time."""

    def __init__(self, settings: Settings, graph: GraphLike, note: Note) -> None:
        self._settings, self._graph, self._note = settings, graph, note
        self._known: _Known | None = None

    def refresh(self, users: Sequence[Any] = (), dry_run: bool = False) -> Refreshed:
        """New lists for the users with new ratings, or for ``users``.

        A user has new ratings when their number in the graph is not the one that the user's list
        was made from: that of the run's data set, or of the last refresh.

        Each user's list, attention and state change in one transaction. A refresh that was
        interrupted goes on when it is called again.

        :param dry_run: count the users and write nothing.
        :raises InputError: when no ranking run is active, a user is not in the graph, or the
            graph is half loaded.
        :raises ArtifactError: when the run's folder is not there or holds something else by now.
        """
        check_finished(self._graph)
        self._check_users(users)
        run = _active(self._graph)
        known = self._of(run)
        facts = read_facts(self._graph)
        asked = list(dict.fromkeys(users)) or _changed(self._graph, run, facts, known.events)
        done = Refreshed(run.run_id, len(asked))
        if dry_run:
            return done
        with locked(known.work.run), isolated_torch(known.work.options):
            return self._refresh(run, known, facts, asked)

    def _refresh(
        self, run: GraphRun, known: _Known, facts: DatasetFacts, users: Sequence[Any]
    ) -> Refreshed:
        items = new_item_vectors(self._graph, run, facts, known.lists)
        if not users and items.empty:
            return Refreshed(run.run_id)
        done = Refreshed(run.run_id, new_items=len(items))
        done = replace(done, generation=begin_generation(self._graph, run))
        write_new_items(self._graph, run, items)
        for start in range(0, len(users), USERS_AT_ONCE):
            some = users[start : start + USERS_AT_ONCE]
            reseq(self._graph, some)
            new, unknown = known.lists.of_users(self._graph, run, facts, some)
            write_new_lists(self._graph, run, new)
            done = replace(
                done,
                users=done.users + new.rows,
                recommendations=done.recommendations + len(new.recommended),
                unknown_ratings=done.unknown_ratings + unknown,
            )
            if len(users) > USERS_AT_ONCE:
                self._note(f"refresh: {done.users:,} of {len(users):,} users")
        return done

    def _of(self, run: GraphRun) -> _Known:
        """The run's model and data set; read anew when another run is active by now."""
        if self._known is None or self._known.content != (run.run_id, run.digest):
            work = named_work(run, self._settings, self._note, hint=_ELSEWHERE)
            rows = read_parquet(work.split.dataset.interactions)["user"].value_counts()
            events = dict(zip(rows.index.tolist(), rows.tolist(), strict=True))
            self._known = _Known((run.run_id, run.digest), work, events, Lists(work))
        return self._known

    def _check_users(self, users: Sequence[Any]) -> None:
        row = self._graph.run("writeback/missing_users", ids=list(users)).single()
        if row and row["missing"]:
            raise InputError(f"there is no user {row['examples'][0]} in this graph")


@dataclass(frozen=True)
class _Known:
    """What is kept of a run; ``events`` has the number of each user's ratings in its data set."""

    content: tuple[str, str | None]
    work: Work
    events: dict[Any, int]
    lists: Lists


def _active(graph: GraphLike) -> GraphRun:
    run = active_runs(read_runs(graph)).get("ranking")
    if run is None:
        raise InputError(
            "no ranking run is active in this graph, so there are no lists to refresh",
            "Make one: reelgraph run",
        )
    return run


def _changed(
    graph: GraphLike, run: GraphRun, facts: DatasetFacts, events: dict[Any, int]
) -> list[Any]:
    """Users whose ratings are not as many as those that their list was made from."""
    asked = {"type": facts.interaction_type, "written": run.written}
    return [
        row["user"]
        for row in graph.stream("refresh/users", **asked)
        if row["events"] != _first_not_none(row["refreshed"], events.get(row["user"]), 0)
    ]


def _first_not_none(*values: int | None) -> int:
    return next(value for value in values if value is not None)
