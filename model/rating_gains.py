"""What an event of a history counts by its rating: a disliked item should not speak for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Self

import numpy as np
from pydantic import AfterValidator

from .data import FloatArray, Interactions, Query


def _two_or_none(knots: tuple[float, ...]) -> tuple[float, ...]:
    if len(knots) == 1 or any(knot < 0 for knot in knots):
        raise ValueError(
            "give none, or at least two, of 0 and more: for the lowest … highest rating"
        )
    return knots


Gains = Annotated[tuple[float, ...], AfterValidator(_two_or_none)]
GAINS = (
    "what an event counts by its rating, at equal steps from the lowest to the highest; []: all 1"
)


@dataclass(frozen=True)
class RatingGains:
    """A factor per event, linear in the rating between ``knots``.

    The knots stand at equal steps from the ``lowest`` to the ``highest`` rating in training;
    ratings beyond count as those. Events without a rating count 1, and so do all events where
    training has no two different ratings.
    """

    knots: tuple[float, ...] = ()
    lowest: float = 0
    highest: float = 0

    @classmethod
    def fitted(cls, knots: tuple[float, ...], train: Interactions) -> Self:
        """Those of a scale that is read off the ratings of training."""
        if not knots or train.ratings is None or not len(train.ratings):
            return cls()
        lowest, highest = float(train.ratings.min()), float(train.ratings.max())
        return cls(tuple(knots), lowest, highest) if lowest < highest else cls()

    @classmethod
    def loaded(cls, content: dict[str, Any]) -> Self:
        return cls(**(content | {"knots": tuple(content["knots"])}))

    def saved(self) -> dict[str, Any]:
        """For JSON; read by :meth:`loaded`."""
        return asdict(self)

    def of(self, ratings: FloatArray | None) -> FloatArray | None:
        """The factors of events, as long as ``ratings``; None where all are 1."""
        if not self.knots or ratings is None:
            return None
        places = np.linspace(self.lowest, self.highest, len(self.knots))
        return np.interp(ratings, places, self.knots).astype(np.float32)

    def of_queries(self, queries: Sequence[Query]) -> list[FloatArray]:
        """The factors of each history's events."""
        found = [self.of(query.ratings) for query in queries]
        return [
            np.ones(len(query.items), np.float32) if one is None else one
            for query, one in zip(queries, found, strict=True)
        ]
