"""The explainer ``by-rating``: is an item recommended for what the user rated high?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from reelgraph.model.base import Model
from reelgraph.model.data import FloatArray, IntArray, Query
from reelgraph.model.explainers.base import Explainer


class ByRating(Explainer):
    """An event counts as much as it was rated; all the same without ratings."""

    name: ClassVar[str] = "by-rating"
    description: ClassVar[str] = "how high the user rated each event"

    def contributions(
        self, model: Model, queries: Sequence[Query], items: IntArray
    ) -> list[FloatArray]:
        return [
            np.ones(len(query.items), np.float32) if query.ratings is None else query.ratings
            for query in queries
        ]
