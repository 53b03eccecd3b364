"""What an evaluation asks: a history, what is excluded, and the items that are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ...artifacts import Task
from ...errors import InputError
from ..data import FloatArray, IntArray, Interactions, Query
from ..dataset import Folds

Fold = Literal["valid", "test"]


@dataclass(frozen=True)
class Questions:
    """``queries[i]`` of user number ``owners[i]``, whose right answers are ``tests[i]``.

    ``not_candidates`` are items that no user may be shown, beside those of each history.
    ``ratings[i]`` are those of ``tests[i]``, None without ratings. Questions of one user follow
    each other.
    """

    queries: Sequence[Query]
    tests: Sequence[IntArray]
    owners: IntArray
    not_candidates: IntArray
    several: bool = False
    ratings: Sequence[FloatArray] | None = None

    def excluded(self, part: slice) -> list[IntArray] | None:
        """What the queries of this part must not be answered with; None for their histories."""
        if not len(self.not_candidates):
            return None
        return [np.concatenate([q.items, self.not_candidates]) for q in self.queries[part]]

    def liked(self, least: float) -> Questions:
        """Only items rated ``least`` and more are right; questions without one are left out.

        :raises InputError: when the rows have no ratings.
        """
        if self.ratings is None:
            raise InputError(
                "the data set has interactions without ratings, so none is liked",
                "Leave out --relevant: every item of test then counts.",
            )
        parts = [given >= least for given in self.ratings]
        kept = [place for place, part in enumerate(parts) if part.any()]
        return replace(
            self,
            queries=[self.queries[place] for place in kept],
            tests=[self.tests[place][parts[place]] for place in kept],
            owners=self.owners[kept],
            ratings=[self.ratings[place][parts[place]] for place in kept],
        )


def read_rows(folds: Folds, fold: Fold) -> Interactions:
    """What the model that is evaluated on this fold was fitted on."""
    return folds.train if fold == "valid" else folds.history


def ask(folds: Folds, fold: Fold, task: Task = "ranking") -> Questions:
    """The questions that the folds' protocol asks.

    Targets ``all``: one question per user, after what the fit read, for all of the fold's
    items. ``last``: one per user for the last of them, after all rows before it.
    ``successive``: one for each of them, after all rows before it.

    :raises InputError: on a split that is not for the task.
    """
    folds.rules.check_task(task)
    known, target = read_rows(folds, fold), folds.valid if fold == "valid" else folds.test
    counts = np.diff(target.offsets)
    users = np.flatnonzero(counts)
    targets = folds.rules.targets
    if targets == "all":
        queries = [known.query(user) for user in users.tolist()]
        tests = [target.history(user) for user in users.tolist()]
        ratings = _ratings(target, [(user, slice(None)) for user in users.tolist()])
        return Questions(queries, tests, users, not_candidates(folds), ratings=ratings)
    # one question per target: who is asked, and the target's place in the fold's history
    owners = users if targets == "last" else np.repeat(users, counts[users])
    places = counts[users] - 1
    if targets == "successive":
        # each place from 0 to the user's last
        places = np.arange(len(owners)) - np.repeat(np.cumsum(counts[users]), counts[users])
        places += np.repeat(counts[users], counts[users])
    pairs = list(zip(owners.tolist(), places.tolist(), strict=True))
    return Questions(
        [_query(known, target, user, place) for user, place in pairs],
        [target.history(user)[place : place + 1] for user, place in pairs],
        owners,
        not_candidates(folds),
        several=targets == "successive",
        ratings=_ratings(target, [(user, slice(place, place + 1)) for user, place in pairs]),
    )


def ask_some(
    folds: Folds, fold: Fold, task: Task = "ranking", relevant: float | None = None
) -> Questions:
    """As :func:`ask`, where there is something to measure.

    :param relevant: only items rated so and more are right answers.
    :raises InputError: as :func:`ask`, when the fold has no rows or none is relevant, and when
        ratings are needed and the rows have none.
    """
    asked = ask(folds, fold, task)
    if task == "rating" and asked.ratings is None:
        raise InputError(
            "the data set has interactions without ratings, so none can be predicted",
            "Rank instead: --task ranking, or load data with ratings.",
        )
    if not asked.queries:
        raise InputError(
            f"the split has no {fold} rows",
            "Take a protocol that holds some out: user-time, global-time, random or given.",
        )
    if relevant is None:
        return asked
    if not (liked := asked.liked(relevant)).queries:
        raise InputError(
            f"no {fold} row is rated {relevant:g} or more", "Lower --relevant, or leave it out."
        )
    return liked


def _ratings(target: Interactions, parts: Sequence[tuple[int, slice]]) -> list[FloatArray] | None:
    """Ratings of parts of the users' target rows."""
    if target.ratings is None:
        return None
    starts, ends = target.offsets[:-1], target.offsets[1:]
    return [target.ratings[starts[user] : ends[user]][part] for user, part in parts]


def _query(known: Interactions, target: Interactions, user: int, place: int) -> Query:
    """The question before event ``place`` of the user's target rows."""
    before, later = known.query(user), target.query(user)
    items = np.concatenate([before.items, later.items[:place]])
    ratings = timestamps = None
    if before.ratings is not None and later.ratings is not None:
        ratings = np.concatenate([before.ratings, later.ratings[:place]])
    if before.timestamps is not None and later.timestamps is not None:
        timestamps = np.concatenate([before.timestamps, later.timestamps[:place]])
    return replace(before, items=items, ratings=ratings, timestamps=timestamps)


def not_candidates(folds: Folds) -> IntArray:
    """Items outside the train file, for protocols whose candidates are its items."""
    if folds.rules.candidates == "catalogue":
        return np.zeros(0, np.int64)
    return np.setdiff1d(np.arange(len(folds.history.catalogue)), folds.history.items)
