"""BPR-MF: factors that put what a user has above what the user has not.

[BPR]: with ``x_ui = b_i + p_u·q_i``, the loss of a draw (user ``u``, an item ``i`` of theirs, an
item ``j`` that is not) is ``-ln σ(x_ui - x_uj) + λ/2 (|p_u|² + |q_i|² + |q_j|² + b_i² + b_j²)``.
An epoch has as many draws as train has events. They are made in batches whose steps are added
up, small enough for a step to be nearly that of one draw after another.

A query's ``p`` comes from its history ``S``, also for train users: from 0, with the items as they
are, 20 steps lower ``Σ_{i ∈ S} (mean over negatives j of -ln σ(x_i - x_j) + λ/2 |p|²)``, which is
convex. The negatives are the same for all queries, drawn once by the seed; those that are in the
history are left out. Without a history, ``p`` is 0 and the biases rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from pydantic import Field
from scipy import sparse
from scipy.special import expit

from ..base import (
    RANKING_MEMORY,
    FitResult,
    Model,
    ModelConfig,
    Sizes,
    TrainingOptions,
    Vectors,
)
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import query_matrix
from ..needs import NOTHING, Supplied, TrainingData
from ..search_space import Between, OneOf, Space
from ..storage import Arrays, load_model, save_model
from ..training.descent import passes, stable_batch
from ..training.draws import Draws
from ..vectors import of_one_length

_STEPS = 20  # of a query's descent
_LEAST = 1e-4  # of λ in it, so that it has an end
_NEGATIVES = 128  # that a query's history is compared with
_CELLS = 2**22  # of histories beside negatives, at once


class BPRConfig(ModelConfig):
    """Parameters of BPR-MF."""

    factors: int = Field(64, ge=1, description="length of the vectors of users and items")
    epochs: int = Field(60, ge=1, description="draws for each event")
    learning_rate: float = Field(0.05, gt=0, description="length of a step")
    reg: float = Field(0.01, ge=0, description="λ: pulls vectors and biases towards 0")
    batch_size: int = Field(1024, ge=1, description="draws whose steps are made together")

    search_space: ClassVar[Mapping[str, Space]] = {
        "factors": OneOf((32, 64, 128)),
        "epochs": Between(20, 120, whole=True),
        "learning_rate": Between(0.01, 0.2, log=True),
        "reg": Between(0.001, 0.1, log=True),
    }


class BPRMF(Model):
    """Scores are inner products; only the items' side is kept."""

    name = "bpr-mf"
    description = "matrix factorisation by pairwise ranking (BPR)"
    config_class = BPRConfig
    provides = frozenset({"ranking", "vectors"})
    chooses = False

    config: BPRConfig
    catalogue: Catalogue
    item_factors: FloatArray  # (items, factors + 1), the last column is b
    negatives: IntArray  # (at most 128,) that queries are compared with

    def memory(self, sizes: Sizes) -> int:
        vectors = 16 * (self.config.factors + 1) * (sizes.users + sizes.items)
        return RANKING_MEMORY + vectors + 40 * _CELLS + 100 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, epochs = data.catalogue, options.epochs or self.config.epochs
        generator = torch.Generator().manual_seed(options.seed)
        draws = Draws(data.train)
        users, items = len(data.train.users), len(data.catalogue)
        factors = self.config.factors
        size = stable_batch(self.config.batch_size, draws.users, draws.items)
        p = 0.1 * torch.randn((users, factors), generator=generator)
        q = 0.1 * torch.randn((items, factors), generator=generator)
        bias = torch.zeros(items)
        for _ in passes(epochs, self.name, options):
            for batch in draws.epoch(size, generator):
                self._step(p, q, bias, *batch)
        self.item_factors = torch.column_stack([q, bias]).numpy()
        chosen = np.random.default_rng(options.seed).permutation(items)[:_NEGATIVES]
        self.negatives = np.sort(chosen).astype(np.int64)
        return FitResult(epochs)

    def _step(
        self,
        p: torch.Tensor,
        q: torch.Tensor,
        bias: torch.Tensor,
        user: torch.Tensor,
        liked: torch.Tensor,
        other: torch.Tensor,
    ) -> None:
        """One step of gradient descent for draws ``(batch,)``, in place."""
        rate, reg = self.config.learning_rate, self.config.reg
        of_user, of_liked, of_other = p[user], q[liked], q[other]
        apart = (of_user * (of_liked - of_other)).sum(1) + bias[liked] - bias[other]
        pull = torch.sigmoid(-apart)
        towards = pull[:, None] * of_user
        step = pull[:, None] * (of_liked - of_other) - reg * of_user
        p.index_add_(0, user, step, alpha=rate)
        q.index_add_(0, liked, towards - reg * of_liked, alpha=rate)
        q.index_add_(0, other, -towards - reg * of_other, alpha=rate)
        liked_bias, other_bias = bias[liked], bias[other]
        bias.index_add_(0, liked, pull - reg * liked_bias, alpha=rate)
        bias.index_add_(0, other, -pull - reg * other_bias, alpha=rate)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        of_items = self.item_factors if items is None else self.item_factors[items]
        return self._users(queries) @ of_items.T

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        return of_one_length(self._users(queries), self.item_factors)

    def _users(self, queries: Sequence[Query]) -> FloatArray:
        """``p`` and a 1 for the bias, for each query: ``(queries, factors + 1)``."""
        history = query_matrix(queries, len(self.catalogue))
        found = np.zeros((len(queries), self.config.factors + 1), np.float32)
        found[:, -1] = 1
        lengths = np.diff(history.indptr)
        order = np.argsort(lengths, kind="stable")
        order = order[lengths[order] > 0]
        while len(order):  # of nearly equal lengths, the shortest first
            fit = lengths[order] * np.arange(1, len(order) + 1) * len(self.negatives) <= _CELLS
            size = max(1, int(np.count_nonzero(fit)))
            part, order = order[:size], order[size:]
            found[part, :-1] = self._fold_in(history[part])
        return found

    def _fold_in(self, history: sparse.csr_array) -> FloatArray:
        """``p`` of histories, none of them empty: ``(queries, factors)``.

        The curvature of ``-ln σ`` is at most 1/4, so steps by the inverse of that bound never
        raise the loss (Böhning and Lindsay, 1988).
        """
        liked, given = self._padded(history)
        others = self.item_factors[self.negatives]
        kept = 1 - history[:, self.negatives].toarray()
        kept /= np.maximum(kept.sum(axis=1, keepdims=True), 1)
        reg = np.float32(max(self.config.reg, _LEAST)) * given.sum(axis=1)
        inverse = np.linalg.inv(_bound(liked[..., :-1], given, others[:, :-1], kept, reg))
        p = np.zeros((len(given), self.config.factors), np.float32)
        for _ in range(_STEPS):
            of_liked = np.matmul(liked[..., :-1], p[..., None])[..., 0] + liked[..., -1]
            of_others = p @ others[:, :-1].T + others[:, -1]
            pull = expit(of_others[:, None] - of_liked[..., None]) * given[..., None]
            pull *= kept[:, None]
            towards = np.matmul(pull.sum(2)[:, None], liked[..., :-1])[:, 0]
            gradient = reg[:, None] * p - towards + pull.sum(1) @ others[:, :-1]
            p -= np.matmul(inverse, gradient[..., None])[..., 0]
        return p

    def _padded(self, history: sparse.csr_array) -> tuple[FloatArray, FloatArray]:
        """Item factors ``(queries, longest, factors + 1)`` and ones where there is an item."""
        lengths = np.diff(history.indptr)
        given = np.arange(lengths.max()) < lengths[:, None]
        items = np.zeros(given.shape, np.int64)
        items[given] = history.indices
        return self.item_factors[items] * given[..., None], given.astype(np.float32)

    def save(self, folder: Path) -> None:
        arrays: Arrays = {"item_factors": self.item_factors, "negatives": self.negatives}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.item_factors = catalogue, arrays["item_factors"]
        model.negatives = arrays["negatives"]
        return model


def _bound(
    liked: FloatArray, given: FloatArray, others: FloatArray, kept: FloatArray, reg: FloatArray
) -> FloatArray:
    """An upper bound of the loss's second derivative: ``(queries, factors, factors)``.

    ``Σ_i Σ_j w_j (q_i - q_j)(q_i - q_j)ᵀ / 4 + λ``, by the sums of its four products.

    :param liked: ``(queries, longest, factors)``, zeros where ``given`` is 0; ``others`` is
        ``(negatives, factors)``, ``kept`` their weights ``(queries, negatives)``.
    """
    count = given.sum(axis=1)[:, None, None]
    weight = kept.sum(axis=1)[:, None, None]
    squares = weight * np.matmul(liked.transpose(0, 2, 1), liked)
    outer = (others[:, :, None] * others[:, None]).reshape(len(others), -1)
    squares += count * (kept @ outer).reshape(squares.shape)
    cross = liked.sum(axis=1)[:, :, None] * (kept @ others)[:, None]
    squares -= cross + cross.transpose(0, 2, 1)
    return np.asarray(squares / 4 + reg[:, None, None] * np.eye(liked.shape[2]), np.float32)
