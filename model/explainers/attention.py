"""What the model itself says of its score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import Model
from ..data import FloatArray, IntArray, Query
from .base import Explainer


class Attention(Explainer):
    """The model's evidence: contributions that add up to the score."""

    name = "attention"
    description = "the model's own evidence, which adds up to the score"

    def contributions(
        self, model: Model, queries: Sequence[Query], items: IntArray
    ) -> list[FloatArray]:
        evidence = model.explain(queries, [np.array([item]) for item in items])
        return [one.contributions[0] for one in evidence]
