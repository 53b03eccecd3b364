"""LightGCN: vectors sent along the edges between users and items, without weights of layers.

[LightGCN]: with ``E^(0)`` learnt, ``E^(k+1)`` of a user or item is the sum of its neighbours'
``E^(k)``, each divided by ``√(|N_u| |N_i|)``; the final vector is the mean of layers 0 to K, and
the score the inner product of two. The loss is [BPR], over the whole graph for each batch.

A query is answered by its history S alone, as a node that is added to the graph of train: the
items keep their layers, and the user's are one step from them,

    e_u^(k+1) = Σ_{i ∈ S} e_i^(k) / √(|S| |N_i|),   k = 0 … K - 1,   and e_u^(0) = 0.

So a train user who is asked about with the history of train gets, layer by layer, what the fit
gave, but for ``e_u^(0)``; and no user is looked up by id. As this is linear in the items, the
score is a sum over the history, and comes with exact evidence (bias 0).

With ``own_vectors`` train users have ``E_u^(0)`` of their own in the fit, as published, and queries
lack them. Without, they are 0 in the fit, too, and the fit and a query say the same of a user.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from pydantic import Field

from ..base import (
    RANKING_MEMORY,
    Evidence,
    FitResult,
    Model,
    Sizes,
    TrainingOptions,
    Vectors,
)
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import query_matrix, row_normalised
from ..needs import NOTHING, Supplied, TrainingData
from ..search_space import Between, OneOf, Space
from ..storage import Arrays, load_model, save_model
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, seed_epoch
from ..training.options import EpochsOfDraws, Patience
from ..training.pairwise import PairwiseConfig
from ..vectors import evidence_of_parts, of_one_length, share_of_history
from .lightgcn_network import LightGCNLearner, LightGCNNetwork


class LightGCNConfig(PairwiseConfig):
    """Parameters of LightGCN.

    Step size and ``own_vectors`` were chosen on MovieLens 100K (``user-time``) without test.

    Published, for other data: ``learning_rate`` .001, ``reg`` .0001, 1000 epochs, ``own_vectors``.
    """

    embedding_size: int = Field(64, ge=1, description="size of item and user vectors")
    layers: int = Field(3, ge=1, description="steps along the edges")
    own_vectors: bool = Field(
        False, description="train users have vectors of their own in the fit, as published"
    )
    learning_rate: float = Field(0.02, gt=0, description="step size of Adam")
    reg: float = Field(1e-4, ge=0, description="λ: pulls vectors towards 0")
    batch_size: int = Field(2048, ge=1, description="draws in a batch")
    epochs: EpochsOfDraws = 100
    patience: Patience = 20

    search_space: ClassVar[Mapping[str, Space]] = {
        "embedding_size": OneOf((32, 64, 128)),
        "layers": OneOf((1, 2, 3, 4)),
        "learning_rate": Between(1e-3, 0.05, log=True),
        "reg": Between(1e-5, 0.1, log=True),
    }


class LightGCN(Model):
    """Only the items' side is kept: what each is in a history, and what it is when ranked."""

    name = "lightgcn"
    description = "vectors sent along the edges between users and items (LightGCN)"
    config_class = LightGCNConfig
    provides = frozenset({"ranking", "evidence", "vectors"})

    config: LightGCNConfig
    catalogue: Catalogue
    had: FloatArray  # (items, D): Σ_{k < K} e_i^(k) / ((K + 1) √|N_i|)
    ranked: FloatArray  # (items, D): Σ_{k ≤ K} e_i^(k) / (K + 1)

    def memory(self, sizes: Sizes) -> int:
        """Layers with their gradients, weights with optimizer and two copies, edges both ways."""
        cells = (2 * self.config.layers + 12) * self.config.embedding_size
        return RANKING_MEMORY + 4 * cells * (sizes.users + sizes.items) + 200 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        inputs = fit_inputs(self, data, {}, options)
        with isolated_torch(options) as device:
            return self.learner(data, options, device).learn(inputs)

    def learner(
        self, data: TrainingData, options: TrainingOptions, device: torch.device
    ) -> LightGCNLearner:
        """A new network on a device, and what trains it."""
        seed_epoch(options.seed, 0)
        self.catalogue, config = data.catalogue, self.config
        network = LightGCNNetwork(
            data.train, config.embedding_size, config.layers, config.own_vectors
        )
        return LightGCNLearner(network.to(device), self, data, options)

    def take(self, network: LightGCNNetwork) -> None:
        """Keep the items' side of a network as it is now."""
        with torch.inference_mode():
            layers = torch.stack(network()[1]).cpu().numpy() / np.float32(self.config.layers + 1)
        self.had = layers[:-1].sum(axis=0) / np.sqrt(network.neighbours)[:, None]
        self.ranked = layers.sum(axis=0)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        return self._users(queries) @ (self.ranked if items is None else self.ranked[items]).T

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        return of_one_length(self._users(queries), self.ranked)

    def _users(self, queries: Sequence[Query]) -> FloatArray:
        """``e_u`` of each query, ``(queries, D)``."""
        history = row_normalised(query_matrix(queries, len(self.catalogue)))
        found: FloatArray = history @ self.had
        return found

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        """What weighs is the mean size of an event's contributions to the candidates."""
        counts = share_of_history(query.items)
        root = np.float32(np.sqrt(max(counts.sum(), 1)))
        parts = (self.ranked[items] @ self.had[query.items].T * (counts / root)).astype(np.float32)
        return evidence_of_parts(parts, counts, np.zeros(len(items), np.float32))

    def save(self, folder: Path) -> None:
        arrays: Arrays = {"had": self.had, "ranked": self.ranked}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.had, model.ranked = catalogue, arrays["had"], arrays["ranked"]
        return model
