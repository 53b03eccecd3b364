"""iALS: factors of an implicit matrix by alternating least squares, unobserved cells included.

[Implicit feedback], in the form and with the regularisation of [iALS]: with the users' items ``S``
and all cells, the loss is

    Σ_{(u,i) ∈ S} (1 - p_u·q_i)²  +  α Σ_u Σ_i (p_u·q_i)²
    +  λ ( Σ_u (|S_u| + α |I|)^ν |p_u|²  +  Σ_i (|S_i| + α |U|)^ν |q_i|² )

Each side has a closed form given the other. A query's ``p = A⁻¹ Σ_{j ∈ history} q_j`` with
``A = α QᵀQ + λ_u + Σ_j q_j q_jᵀ`` is solved when it is asked, also for train users, so that
``p·q_i = Σ_j q_iᵀ A⁻¹ q_j`` is a sum over the history: its exact evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field
from scipy import sparse

from ..base import (
    RANKING_MEMORY,
    Evidence,
    FitResult,
    Model,
    ModelConfig,
    Sizes,
    TrainingOptions,
    Vectors,
)
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import query_matrix, user_matrix
from ..needs import NOTHING, Supplied, TrainingData
from ..normal_equations import CELLS, outer_sums, some_rows
from ..search_space import Between, OneOf, Space
from ..storage import load_model, save_model
from ..training.descent import passes
from ..vectors import evidence_of_parts, of_one_length, share_of_history


class IALSConfig(ModelConfig):
    """Parameters of iALS."""

    factors: int = Field(128, ge=1, description="length of the vectors of users and items")
    sweeps: int = Field(16, ge=1, description="how often both sides are solved")
    unobserved: float = Field(0.07, gt=0, description="α: weight of all cells")
    reg: float = Field(0.01, gt=0, description="λ: strength of the regularisation")
    reg_exponent: float = Field(1.0, ge=0, le=1, description="ν: 0 plain, 1 by frequency")
    init: float = Field(0.1, gt=0, description="standard deviation of first products")

    search_space: ClassVar[Mapping[str, Space]] = {
        "factors": OneOf((32, 64, 128, 256)),
        "unobserved": Between(0.01, 1, log=True),
        "reg": Between(0.001, 0.1, log=True),
        "reg_exponent": Between(0, 1),
    }


class IALS(Model):
    """Scores are inner products; only the item factors are kept."""

    name = "ials"
    description = "factors of implicit feedback by alternating least squares (iALS)"
    config_class = IALSConfig
    provides = frozenset({"ranking", "evidence", "vectors"})
    chooses = False

    config: IALSConfig
    catalogue: Catalogue
    item_factors: FloatArray  # (items, factors)

    def memory(self, sizes: Sizes) -> int:
        sides = 8 * self.config.factors * (sizes.items + 2 * sizes.users)
        return RANKING_MEMORY + 2 * sides + 20 * CELLS + 100 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, config = data.catalogue, self.config
        ones = user_matrix(data.train)
        transposed = sparse.csr_array(ones.T)
        scale = config.init / np.sqrt(config.factors)
        drawn = np.random.default_rng(options.seed).normal(
            0, scale, (ones.shape[1], config.factors)
        )
        items = drawn.astype(np.float32)
        for _ in passes(config.sweeps, self.name, options, "sweep"):
            users = self._solve(ones, items)
            items = self._solve(transposed, users)
        items[np.diff(transposed.indptr) == 0] = 0  # what nobody has
        self.item_factors = items
        return FitResult()

    def _solve(self, ones: sparse.csr_array, other: FloatArray) -> FloatArray:
        """Factors of the rows of ``ones`` ``(rows, others)`` given those of the others."""
        found = np.empty((ones.shape[0], other.shape[1]), np.float32)
        for part in some_rows(ones.shape[0], other.shape[1]):
            towards = (ones[part] @ other)[..., None]
            found[part] = np.linalg.solve(self._systems(ones[part], other), towards)[..., 0]
        return found

    def _systems(self, ones: sparse.csr_array, other: FloatArray) -> FloatArray:
        """``A`` of each row: ``(rows, factors, factors)``."""
        config, diagonal = self.config, np.arange(other.shape[1])
        counts = np.diff(ones.indptr)
        reg = config.reg * (counts + config.unobserved * len(other)) ** config.reg_exponent
        systems = outer_sums(ones, other) + np.float32(config.unobserved) * (other.T @ other)
        systems[:, diagonal, diagonal] += reg.astype(np.float32)[:, None]
        return np.asarray(systems, np.float32)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        of_items = self.item_factors if items is None else self.item_factors[items]
        return self._users(queries) @ of_items.T

    def _users(self, queries: Sequence[Query]) -> FloatArray:
        """``p`` of each query: ``(queries, factors)``."""
        return self._solve(query_matrix(queries, len(self.catalogue)), self.item_factors)

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        """``q_iᵀ A⁻¹ q_j``; what weighs is the mean size of this over the candidates."""
        (system,) = self._systems(query_matrix([query], len(self.catalogue)), self.item_factors)
        history = np.linalg.solve(system, self.item_factors[query.items].T)
        counts = share_of_history(query.items)
        parts = (self.item_factors[items] @ history * counts).astype(np.float32)
        return evidence_of_parts(parts, counts, np.zeros(len(items), np.float32))

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        return of_one_length(self._users(queries), self.item_factors)

    def save(self, folder: Path) -> None:
        arrays = {"item_factors": self.item_factors}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.item_factors = catalogue, arrays["item_factors"]
        return model
