"""What is predicted of held-out rows, and from which earlier rows: the questions of a protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .data import FloatArray, IntArray, Interactions, Query

Targets = Literal["all", "last", "successive"]


@dataclass(frozen=True)
class Question:
    """User number ``owner`` and the ``rows`` of that user's held-out history that are right."""

    owner: int
    rows: slice

    def query(self, known: Interactions, held: Interactions) -> Query:
        """The history: what is known, and what was held out before the first right row."""
        before, later, place = known.query(self.owner), held.query(self.owner), self.rows.start
        if not place:
            return before
        items = np.concatenate([before.items, later.items[:place]])
        ratings = timestamps = None
        if before.ratings is not None and later.ratings is not None:
            ratings = np.concatenate([before.ratings, later.ratings[:place]])
        if before.timestamps is not None and later.timestamps is not None:
            timestamps = np.concatenate([before.timestamps, later.timestamps[:place]])
        return replace(before, items=items, ratings=ratings, timestamps=timestamps)

    def answers(self, held: Interactions) -> IntArray:
        return held.history(self.owner)[self.rows]

    def ratings(self, held: Interactions) -> FloatArray:
        """Of the answers, where the rows have ratings."""
        assert held.ratings is not None
        return held.ratings[held.offsets[self.owner] :][self.rows]


def questions_about(
    held: Interactions, targets: Targets, most: int | None = None
) -> list[Question]:
    """The questions about held-out rows, those of a user after each other.

    Targets ``all``: one per user, for all rows. ``last``: one per user, for the last row.
    ``successive``: one per row, the rows before it being known.

    :param most: of ``successive``, so many at most, evenly over the rows.
    """
    counts = np.diff(held.offsets)
    if targets == "all":
        whole = np.flatnonzero(counts).tolist()
        return [Question(owner, slice(0, int(counts[owner]))) for owner in whole]
    rows = held.offsets[1:][counts > 0] - 1 if targets == "last" else np.arange(len(held))
    if targets == "successive" and most is not None and len(rows) > most:
        rows = np.linspace(0, len(rows) - 1, most).astype(np.int64)
    owners = np.searchsorted(held.offsets, rows, side="right") - 1
    places = rows - held.offsets[owners]
    return [
        Question(owner, slice(place, place + 1))
        for owner, place in zip(owners.tolist(), places.tolist(), strict=True)
    ]


@dataclass(frozen=True)
class Asked:
    """Queries, the items that answer each, and how these were rated; None without ratings."""

    queries: Sequence[Query]
    answers: Sequence[IntArray]
    ratings: Sequence[FloatArray] | None = None

    def some(self, most: int) -> Asked:
        """So many of them at most, evenly."""
        if len(self.queries) <= most:
            return self
        kept = np.linspace(0, len(self.queries) - 1, most).astype(np.int64).tolist()
        ratings = None if self.ratings is None else [self.ratings[one] for one in kept]
        return Asked(
            [self.queries[one] for one in kept], [self.answers[one] for one in kept], ratings
        )

    def parts(self, size: int) -> Iterator[Asked]:
        """The same in parts of at most ``size`` queries."""
        for start in range(0, len(self.queries), size):
            yield self[start : start + size]

    def __getitem__(self, part: slice) -> Asked:
        ratings = None if self.ratings is None else self.ratings[part]
        return Asked(self.queries[part], self.answers[part], ratings)


def ask_about(
    known: Interactions, held: Interactions, targets: Targets, most: int | None = None
) -> Asked:
    """The questions about held-out rows, with what is known before each; see there."""
    asked = questions_about(held, targets, most)
    return Asked(
        [one.query(known, held) for one in asked],
        [one.answers(held) for one in asked],
        None if held.ratings is None else [one.ratings(held) for one in asked],
    )
