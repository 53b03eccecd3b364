"""Item neighbourhoods: what is like the items of the history; ranks items, predicts ratings.

Ranking ([Item-kNN]): with ``n_ij`` users who have both items, ``s_ij = n_ij / (√(n_i n_j) + h)``,
of which each item of a history keeps its ``k`` largest; the score of ``i`` is ``Σ_j s_ji`` over
the history's items ``j``. It is a sum over the history, so its evidence is exact.

Rating ([Neighbourhoods]): with what model bias leaves over, ``e_uj = r_uj - b_uj``, the
correlation ``ρ_ij`` of the ``e`` of users who rated both, shrunk to ``s_ij = ρ_ij n_ij / (n_ij +
h)`` where positive; ``r̂_ui = b_ui + Σ_j s_ij e_uj / (Σ_j s_ij + λ)`` over the history's items
``j`` among the ``k`` nearest of ``i``.
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
from ..base import (
    RANKING_MEMORY,
    Evidence,
    FitResult,
    Model,
    ModelConfig,
    Sizes,
    TrainingOptions,
    chunks,
)
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import given_ratings, query_matrix, user_matrix
from ..needs import NOTHING, Supplied, TrainingData
from ..rating_reasons import RatingReasons
from ..search_space import Between, Space
from ..similarities import CELLS, correlations, cosines, nearest
from ..storage import load_model, save_model, sparse_arrays, sparse_of
from ..vectors import share_of_history
from .bias import Bias


class ItemKNNConfig(ModelConfig):
    """Parameters of item neighbourhoods."""

    neighbours: int = Field(400, ge=1, description="k of ranking: similar items kept per item")
    shrinkage: float = Field(5.0, ge=0, description="h of ranking: pulls rare pairs towards 0")
    rating_neighbours: int = Field(
        100, ge=1, description="k of ratings: similar items kept per item"
    )
    rating_shrinkage: float = Field(
        300.0, ge=0, description="h of ratings: common users at which a correlation counts half"
    )
    reg: float = Field(0.3, gt=0, description="λ of ratings: pulls towards the bias model")

    search_space: ClassVar[Mapping[str, Space]] = {
        "neighbours": Between(20, 800, log=True, whole=True, task="ranking"),
        "shrinkage": Between(1, 500, log=True, task="ranking"),
        "rating_neighbours": Between(20, 800, log=True, whole=True, task="rating"),
        "rating_shrinkage": Between(1, 500, log=True, task="rating"),
        "reg": Between(0.03, 3, log=True, task="rating"),
    }


class ItemKNN(Model):
    """Keeps a sparse matrix for each of both; that of ratings where train has them."""

    name = "item-knn"
    description = "similar items of the history: cosine for ranking, correlation for ratings"
    config_class = ItemKNNConfig
    provides = frozenset({"ranking", "rating", "evidence"})
    chooses = False
    seeded = False

    config: ItemKNNConfig
    catalogue: Catalogue
    similar: sparse.csr_array  # (items, items): row j has the neighbours that j votes for
    rated_similar: sparse.csr_array | None = None  # (items, items): column i has those of i
    bias: Bias | None = None

    def memory(self, sizes: Sizes) -> int:
        kept = self.config.neighbours + self.config.rating_neighbours
        pairs = 12 * sizes.items * min(kept, 2 * sizes.items)
        return RANKING_MEMORY + 3 * pairs + 60 * max(CELLS, sizes.items) + 120 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, config = data.catalogue, self.config
        ones = user_matrix(data.train)
        self.similar = nearest(cosines(ones, config.shrinkage), config.neighbours)
        if data.train.ratings is not None and len(data.train):
            self._fit_ratings(data, ones, options)
        return FitResult()

    def _fit_ratings(
        self, data: TrainingData, ones: sparse.csr_array, options: TrainingOptions
    ) -> None:
        given_ratings(data.train, self.name)
        self.bias = Bias()
        self.bias.fit(data, options)
        every = [data.train.query(user) for user in range(len(data.train.users))]
        left = query_matrix(every, ones.shape[1], self.bias.left_over(every))
        similar = correlations(left, ones, self.config.rating_shrinkage)
        self.rated_similar = nearest(similar, self.config.rating_neighbours).T.tocsr()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        similar = self.similar if items is None else self.similar[:, items]
        history = query_matrix(queries, len(self.catalogue))
        return np.asarray((history @ similar).toarray(), np.float32)

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        """Every item of the history weighs the same; of repeated ones the last has it all."""
        counts = share_of_history(query.items)
        parts = self.similar[query.items][:, items].toarray().T * counts
        weights = counts / max(counts.sum(), 1)
        return Evidence(weights, parts.astype(np.float32), np.zeros(len(items), np.float32))

    def predicts_ratings(self) -> bool:
        return self.bias is not None

    def predict_rating(
        self, queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[FloatArray]:
        """Within the lowest and the highest rating of train.

        :raises ModelError: when train had no ratings.
        """
        if self.bias is None or self.rated_similar is None:
            raise ModelError(f"model '{self.name}' was fitted without ratings and predicts none")
        found: list[FloatArray] = []
        for part in chunks(len(queries), len(self.catalogue), 1024):
            rows = self._predicted(self.bias, self.rated_similar, queries[part])
            found += [row[asked] for row, asked in zip(rows, items[part], strict=True)]
        return found

    def _predicted(
        self, bias: Bias, similar: sparse.csr_array, queries: Sequence[Query]
    ) -> FloatArray:
        """``b_ui + Σ s e / (Σ s + λ)`` of all items, within the bounds of the ratings."""
        left = query_matrix(queries, len(self.catalogue), bias.left_over(queries))
        rated = left.copy()
        rated.data = np.repeat(
            np.array([query.ratings is not None for query in queries], np.float32),
            np.diff(rated.indptr),
        )
        weights = (rated @ similar).toarray() + np.float32(self.config.reg)
        predicted = bias.score(queries) + (left @ similar).toarray() / weights
        return np.asarray(np.clip(predicted, *bias.bounds), np.float32)

    def explain_rating(self, query: Query, item: int) -> RatingReasons:
        """The bias model's parts and, of each item ``j`` of the history, ``s e / (Σ s + λ)``.

        :raises ModelError: when train had no ratings.
        """
        if self.bias is None or self.rated_similar is None:
            raise ModelError(f"model '{self.name}' was fitted without ratings and predicts none")
        found = self.bias.reasons(query, item)
        if query.ratings is not None:
            left = query_matrix([query], len(self.catalogue), self.bias.left_over([query]))
            similar = self.rated_similar[left.indices][:, [item]].toarray().ravel()
            parts = similar * left.data / (similar.sum() + self.config.reg)
            near = similar > 0
            found = replace(found, neighbours=left.indices[near], contributions=parts[near])
        return found.within(*self.bias.bounds)

    def save(self, folder: Path) -> None:
        arrays = sparse_arrays("similar", self.similar)
        if self.bias is not None and self.rated_similar is not None:
            arrays |= sparse_arrays("rated_similar", self.rated_similar) | self.bias.arrays()
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue = catalogue
        model.similar = sparse_of("similar", arrays)
        if "item_bias" in arrays:
            model.bias = Bias.of_arrays(arrays, catalogue)
            model.rated_similar = sparse_of("rated_similar", arrays)
        return model
