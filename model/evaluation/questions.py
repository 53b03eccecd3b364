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
from ..targets import questions_about

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
    """The questions that the folds' protocol asks (:func:`..targets.questions_about`).

    :raises InputError: on a split that is not for the task.
    """
    folds.rules.check_task(task)
    known, target = read_rows(folds, fold), folds.valid if fold == "valid" else folds.test
    targets = folds.rules.targets
    asked = questions_about(target, targets)
    return Questions(
        [one.query(known, target) for one in asked],
        [one.answers(target) for one in asked],
        np.array([one.owner for one in asked], np.int64),
        not_candidates(folds),
        several=targets == "successive",
        ratings=None if target.ratings is None else [one.ratings(target) for one in asked],
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


def not_candidates(folds: Folds) -> IntArray:
    """Items outside the train file, for protocols whose candidates are its items."""
    if folds.rules.candidates == "catalogue":
        return np.zeros(0, np.int64)
    return np.setdiff1d(np.arange(len(folds.history.catalogue)), folds.history.items)
