"""User neighbourhoods: what similar users have; ranks items, predicts ratings.

Ranking ([User-kNN]): with ``n_uv`` items that the query and train user ``v`` share,
``s_uv = n_uv / (√(n_u n_v) + h)``; the score of ``i`` is ``Σ_v s_uv`` over those of the ``k``
nearest users who have ``i``. Written as a sum over the history's items that ``v`` has, it is
its exact evidence.

Rating ([Neighbourhoods]): with what model bias leaves over, ``e_vi = r_vi - b_vi``, the
correlation ``ρ_uv`` over the items that both rated, shrunk to ``s_uv = ρ_uv n_uv / (n_uv + h)``
where positive; ``r̂_ui = b_ui + Σ_v s_uv e_vi / (Σ_v s_uv + λ)`` over those of the ``k`` nearest
users who rated ``i``.

The query brings the history, so nothing of the user is stored, and a train user who asks is
a neighbour of themselves, who adds only to items of the history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field
from scipy import sparse

from ...errors import ModelError
from ..base import RANKING_MEMORY, Evidence, FitResult, Model, ModelConfig, Sizes, TrainingOptions
from ..base import chunks as parts_of
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import given_ratings, query_matrix
from ..needs import NOTHING, Supplied, TrainingData
from ..rating_reasons import RatingReasons
from ..search_space import Between, Space
from ..similarities import CELLS, largest
from ..storage import load_model, save_model, sparse_arrays, sparse_of
from ..vectors import share_of_history
from .bias import Bias

_TINY = np.float32(1e-9)


class UserKNNConfig(ModelConfig):
    """Parameters of user neighbourhoods."""

    neighbours: int = Field(100, ge=1, description="k of ranking: similar users asked")
    shrinkage: float = Field(100.0, ge=0, description="h of ranking: pulls short histories to 0")
    rating_neighbours: int = Field(200, ge=1, description="k of ratings: similar users asked")
    rating_shrinkage: float = Field(
        100.0, ge=0, description="h of ratings: common items at which a correlation counts half"
    )
    reg: float = Field(0.3, gt=0, description="λ of ratings: pulls towards the bias model")

    search_space: ClassVar[Mapping[str, Space]] = {
        "neighbours": Between(20, 800, log=True, whole=True, task="ranking"),
        "shrinkage": Between(1, 500, log=True, task="ranking"),
        "rating_neighbours": Between(20, 800, log=True, whole=True, task="rating"),
        "rating_shrinkage": Between(1, 500, log=True, task="rating"),
        "reg": Between(0.03, 3, log=True, task="rating"),
    }


class UserKNN(Model):
    """Keeps the train histories; of their ratings what the bias model leaves over."""

    name = "user-knn"
    description = "items of similar users: cosine for ranking, correlation for ratings"
    config_class = UserKNNConfig
    provides = frozenset({"ranking", "rating", "evidence"})
    chooses = False
    seeded = False

    config: UserKNNConfig
    catalogue: Catalogue
    ones: sparse.csr_array  # (users, items)
    left: sparse.csr_array | None = None  # (users, items): e, where train has ratings
    bias: Bias | None = None

    def memory(self, sizes: Sizes) -> int:
        cells = max(CELLS, sizes.users, sizes.items)
        return RANKING_MEMORY + 48 * cells + 150 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, train = data.catalogue, data.train
        every = [train.query(user) for user in range(len(train.users))]
        self.ones = query_matrix(every, len(self.catalogue))
        if train.ratings is not None and len(train):
            given_ratings(train, self.name)
            self.bias = Bias()
            self.bias.fit(data, options)
            self.left = query_matrix(every, len(self.catalogue), self.bias.left_over(every))
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        ones = self.ones if items is None else self.ones[:, items]
        parts = [
            (self._similar(queries[part]) @ ones).toarray() for part in self._parts(len(queries))
        ]
        return np.concatenate(parts).astype(np.float32)

    def _similar(self, queries: Sequence[Query]) -> sparse.csr_array:
        """``(queries, users)``: ``s`` of the nearest users."""
        history = query_matrix(queries, len(self.catalogue))
        common = (history @ self.ones.T).toarray()
        return largest(common * self._scale(history), self.config.neighbours)

    def _scale(self, history: sparse.csr_array) -> FloatArray:
        """``1 / (√(n_u n_v) + h)`` of ``(queries, users)``."""
        counts = np.outer(np.diff(history.indptr), np.diff(self.ones.indptr))
        lengths = np.sqrt(counts).astype(np.float32) + np.float32(self.config.shrinkage)
        return np.asarray(1 / np.maximum(lengths, _TINY), np.float32)

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        found: list[Evidence] = []
        for part in self._parts(len(queries)):
            similar = self._similar(queries[part])
            scale = self._scale(query_matrix(queries[part], len(self.catalogue)))
            found += [
                self._evidence(query, asked, similar[[row]].indices, scale[row])
                for row, (query, asked) in enumerate(zip(queries[part], items[part], strict=True))
            ]
        return found

    def _evidence(
        self, query: Query, items: IntArray, near: IntArray, scale: FloatArray
    ) -> Evidence:
        """Of repeated items of the history, the last has it all."""
        counts = share_of_history(query.items)
        users = self.ones[near]
        shared = users[:, query.items].toarray() * scale[near, None]
        parts = (users[:, items].T @ shared).astype(np.float32) * counts
        weights = counts / max(counts.sum(), 1)
        return Evidence(weights, parts, np.zeros(len(items), np.float32))

    def predicts_ratings(self) -> bool:
        return self.bias is not None

    def predict_rating(
        self, queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[FloatArray]:
        """Within the lowest and the highest rating of train.

        :raises ModelError: when train had no ratings.
        """
        if self.bias is None or self.left is None:
            raise ModelError(f"model '{self.name}' was fitted without ratings and predicts none")
        found: list[FloatArray] = []
        for part in self._parts(len(queries)):
            rows = self._predicted(self.bias, self.left, queries[part])
            found += [row[asked] for row, asked in zip(rows, items[part], strict=True)]
        return found

    def _predicted(
        self, bias: Bias, left: sparse.csr_array, queries: Sequence[Query]
    ) -> FloatArray:
        """``b_ui + Σ s e / (Σ s + λ)`` of all items, within the bounds of the ratings."""
        similar = self._correlated(bias, left, queries)
        weights = (similar @ self.ones).toarray() + np.float32(self.config.reg)
        predicted = bias.score(queries) + (similar @ left).toarray() / weights
        return np.asarray(np.clip(predicted, *bias.bounds), np.float32)

    def _correlated(
        self, bias: Bias, left: sparse.csr_array, queries: Sequence[Query]
    ) -> sparse.csr_array:
        """``(queries, users)``: shrunk correlations of the nearest users, positive ones."""
        own = query_matrix(queries, len(self.catalogue), bias.left_over(queries))
        ones = query_matrix(queries, len(self.catalogue))
        spread = ((own**2) @ self.ones.T).toarray() * (ones @ (left**2).T).toarray()
        common = (ones @ self.ones.T).toarray()
        found = (own @ left.T).toarray() / np.sqrt(np.maximum(spread, np.float32(1e-12)))
        found *= common / np.maximum(common + np.float32(self.config.rating_shrinkage), _TINY)
        return largest(np.maximum(found, 0), self.config.rating_neighbours)

    def explain_rating(self, query: Query, item: int) -> RatingReasons:
        """The bias model's parts and, of each near user ``v``, ``s e / (Σ s + λ)``.

        :raises ModelError: when train had no ratings.
        """
        if self.bias is None or self.left is None:
            raise ModelError(f"model '{self.name}' was fitted without ratings and predicts none")
        similar = self._correlated(self.bias, self.left, [query])
        has = self.ones[similar.indices][:, [item]].toarray().ravel() > 0
        users, weights = similar.indices[has], similar.data[has]
        left = self.left[users][:, [item]].toarray().ravel()
        found = replace(
            self.bias.reasons(query, item),
            neighbours=users,
            contributions=weights * left / (weights.sum() + self.config.reg),
            of="users",
        )
        return found.within(*self.bias.bounds)

    def _parts(self, queries: int) -> list[slice]:
        return parts_of(queries, max(self.ones.shape), CELLS // max(*self.ones.shape, 1) + 1)

    def save(self, folder: Path) -> None:
        arrays = sparse_arrays("ones", self.ones)
        if self.bias is not None and self.left is not None:
            arrays |= sparse_arrays("left", self.left) | self.bias.arrays()
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.ones = catalogue, sparse_of("ones", arrays)
        if "item_bias" in arrays:
            model.bias = Bias.of_arrays(arrays, catalogue)
            model.left = sparse_of("left", arrays)
        return model
