"""The linear item model that a ranker of vectors has beside it.

``score = ranker + factor · linear``: :mod:`.ease_recency` knows which items go together, which a
network of few sequences learns less well. Both are sums over the history, so that their sum has
exact evidence, and both have vectors, so that it has those too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ..base import Evidence, TrainingOptions, Vectors
from ..data import Catalogue, FloatArray, IntArray, Interactions, Query
from ..needs import TrainingData
from ..rating_gains import RatingGains
from ..storage import Arrays
from ..targets import Asked
from ..training.on_valid import sums_of_rr
from .ease_recency import RecencyEASE, RecencyEASEConfig

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7)  # tried on valid
DEFAULT_WEIGHT = 0.1  # where there is no valid
_PREFIX = "linear."  # of its arrays among those of the ranker
_ASKED = 1000  # queries at most whose scores are held at once, or say how large they are

Ask = Callable[[Sequence[Query]], Vectors]


@dataclass(frozen=True)
class LinearPart:
    """A fitted linear model and the factor of its scores."""

    model: RecencyEASE
    factor: float

    def add_new(self, ranker: FloatArray) -> FloatArray:
        """Vectors of items that nothing goes together with yet, from the ranker's ``(n, …)``."""
        length = np.linalg.norm(self.model.vectors([]).items, axis=1).max(initial=0)
        linear = np.zeros((len(ranker), self.model.left.shape[1] + 1), np.float32)
        linear[:, -1] = length
        return np.hstack([ranker, linear])

    def add_vectors(self, ranker: Vectors, queries: Sequence[Query]) -> Vectors:
        """Vectors whose inner products are the sums of both scores."""
        linear = self.model.vectors(queries)
        return Vectors(
            np.hstack([ranker.users, linear.users * np.float32(self.factor)]),
            np.hstack([ranker.items, linear.items]),
        )

    def add_evidence(
        self, ranker: Sequence[Evidence], queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[Evidence]:
        """The ranker's evidence with the linear contributions; the weights stay the ranker's."""
        linear = self.model.explain(queries, items)
        factor = np.float32(self.factor)
        return [
            replace(one, contributions=one.contributions + factor * other.contributions)
            for one, other in zip(ranker, linear, strict=True)
        ]

    def saved(self, arrays: Arrays) -> dict[str, Any]:
        """Puts its arrays among those of the ranker; what has to be kept beside them."""
        arrays |= {f"{_PREFIX}{name}": one for name, one in self.model.arrays().items()}
        return {"factor": self.factor, "config": self.model.config.model_dump(mode="json")}

    @classmethod
    def loaded(
        cls, arrays: Arrays, content: dict[str, Any], catalogue: Catalogue, gains: RatingGains
    ) -> Self:
        """Takes its arrays out of those of the ranker."""
        names = [name for name in arrays if name.startswith(_PREFIX)]
        own = {name.removeprefix(_PREFIX): arrays.pop(name) for name in names}
        config = RecencyEASEConfig(**content["config"])
        return cls(RecencyEASE.made(config, catalogue, gains, own), content["factor"])


def fit_linear(
    ask: Ask,
    config: RecencyEASEConfig,
    data: TrainingData,
    options: TrainingOptions,
    weight: float | None,
) -> tuple[LinearPart | None, float]:
    """The linear part of a fitted ranker, None where it has weight 0; and its weight.

    Weights are relative: with 1 the scores of both vary as much.

    :param ask: the ranker's vectors of queries.
    :param weight: None chooses it on valid where there is any, else is :data:`DEFAULT_WEIGHT`.
    """
    if not len(data.train) or weight == 0:
        return None, 0.0
    linear = RecencyEASE(config)
    linear.fit(data, options)
    scale = relative_scale(ask, linear, data.train)
    if weight is None and (asked := data.asked) is not None:
        weight = choose_weight(ask, linear, scale, asked)
    weight = DEFAULT_WEIGHT if weight is None else weight
    return (LinearPart(linear, weight * scale) if weight else None), weight


def relative_scale(ask: Ask, linear: RecencyEASE, train: Interactions) -> float:
    """How many times as large the ranker's scores are: the ratio of standard deviations."""
    users = np.flatnonzero(np.diff(train.offsets))
    asked = users[np.linspace(0, len(users) - 1, min(len(users), _ASKED)).astype(np.int64)]
    queries = [train.query(user) for user in asked.tolist()]
    spread = float(linear.score(queries).std()) if queries else 0.0
    return float(ask(queries).scores().std()) / spread if spread > 0 else 0.0


def choose_weight(ask: Ask, linear: RecencyEASE, scale: float, asked: Asked) -> float:
    """The weight of :data:`WEIGHTS` with the highest ΣRR@10; the smaller of equal ones."""

    def by_weight(queries: Sequence[Query]) -> Iterator[FloatArray]:
        ranker, other = ask(queries).scores(), linear.score(queries)
        for weight in WEIGHTS:
            yield ranker + np.float32(weight * scale) * other

    parts = ((part, by_weight(part.queries)) for part in asked.parts(_ASKED))
    return WEIGHTS[int(np.argmax(sums_of_rr(parts, len(WEIGHTS))))]
