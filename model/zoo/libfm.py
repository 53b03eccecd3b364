"""LibFM: a factorization machine over the user's history, the item and what is known of it.

[FM]: with features ``x``, ``ŷ = w_0 + Σ_k w_k x_k + Σ_{k<l} ⟨v_k, v_l⟩ x_k x_l``. The features of
a question, in three blocks: the items S of the history, value ``1 / √|S|`` each; the item i,
value 1; its n facts (genre, people, words of the title, year; of a knowledge graph each relation
with the node at its other end), value ``1 / √n`` each. A user has no feature of their own: as
with the other baselines here, the history is what is known of a user, so a new one is answered
as well. It is [FM]'s own block of "other movies rated", whose values add up to 1 there.

What is the same for all items does not change their order and is left out: ``w_0``, the weights
of the history's items, and their pairs. With ``y`` the vectors of items in a history, ``v`` and
``z`` those of items and facts, and ``s_i = Σ_f z_f / √n``::

    score(u, i) = ⟨a_u, q_i⟩ + c_i,   a_u = Σ_{j ∈ S} y_j / √|S|,   q_i = v_i + s_i
    c_i = w_i + Σ_f w_f / √n + ⟨v_i, s_i⟩ + (|s_i|² - Σ_f |z_f|² / n) / 2

So it takes time linear in the number of features, is an inner product, and comes with exact
evidence: a term ``⟨y_j, q_i⟩ / √|S|`` per item of the history, and the bias ``c_i``.

It is trained by [BPR], an item of the user against one of train that the user has not; libFM
itself has no pairwise loss, and published comparisons that use it for events without ratings
feed it sampled negatives. An item without an event in training is ranked by its facts alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

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
from ..needs import NOTHING, Need, Supplied, TrainingData
from ..search_space import Between, OneOf, Space
from ..storage import Arrays, load_model, save_model
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, seed_epoch
from ..training.options import EpochsOfDraws, Patience
from ..training.pairwise import PairwiseConfig
from ..vectors import evidence_of_parts, of_one_length, share_of_history
from .factorization_machine import FactorizationMachine, FMLearner, answers
from .item_sources import ItemSources, needs_of


class LibFMConfig(PairwiseConfig):
    """Parameters of the factorization machine.

    Step size and decay were chosen on valid of MovieLens 100K (``user-time``, no knowledge).

    [RKAN] does not say with which settings it ran LibFM. Those of the program libFM 1.4.2 unless
    told otherwise: ``factors`` 8, ``epochs`` 100, first vectors with standard deviation .1 (as
    here), ``reg`` 0, a step of .1 for plain gradient descent.
    """

    factors: int = Field(64, ge=1, description="length of the features' vectors")
    facts: bool = Field(True, description="facts of the item are features, where there are some")
    learning_rate: float = Field(0.002, gt=0, description="step size of AdamW")
    reg: float = Field(0.1, ge=0, description="weight decay of all weights and vectors")
    batch_size: int = Field(1024, ge=1, description="draws in a batch")
    epochs: EpochsOfDraws = 100
    patience: Patience = 10

    search_space: ClassVar[Mapping[str, Space]] = {
        "factors": OneOf((8, 32, 64, 128)),
        "facts": OneOf((True, False)),
        "learning_rate": Between(1e-3, 0.05, log=True),
        "reg": Between(1e-3, 1, log=True),
    }


class LibFM(Model):
    """What is kept: ``y`` of each item in a history, and its ``q`` and ``c`` when ranked."""

    name = "libfm"
    description = "factorization machine over history, item and facts, by pairs (LibFM)"
    config_class = LibFMConfig
    provides = frozenset({"ranking", "evidence", "vectors"})

    config: LibFMConfig
    catalogue: Catalogue
    history: FloatArray  # (items, D): y
    ranked: FloatArray  # (items, D + 1): q, and c in the last column

    @classmethod
    def needs(cls, config: LibFMConfig) -> tuple[Need[Any], ...]:
        return needs_of((), config.facts)

    def memory(self, sizes: Sizes) -> int:
        """Parameters with gradient, two moments and two copies; facts by item and in a batch."""
        cells = 6 * (self.config.factors + 2) * (2 * sizes.items + sizes.facts)
        return RANKING_MEMORY + 4 * cells + 100 * sizes.interactions + 2**28

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        inputs = fit_inputs(self, data, self._sources_of(data).arrays(), options)
        with isolated_torch(options) as device:
            return self.learner(data, options, device).learn(inputs)

    def learner(
        self, data: TrainingData, options: TrainingOptions, device: torch.device
    ) -> FMLearner:
        """A new network on a device, and what trains it."""
        sources = self._sources_of(data)
        seed_epoch(options.seed, 0)
        self.catalogue = data.catalogue
        trained = torch.from_numpy(sources.events > 0)
        network = FactorizationMachine(sources.facts.rows, trained, self.config.factors)
        return FMLearner(network.to(device), self, data, options)

    def _sources_of(self, data: TrainingData) -> ItemSources:
        return ItemSources.of((), self.config.facts, data)

    def take(self, network: FactorizationMachine) -> None:
        """Keep what a network says now."""
        self.history, self.ranked = answers(network)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        return self._users(queries) @ (self.ranked if items is None else self.ranked[items]).T

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        return of_one_length(self._users(queries), self.ranked)

    def _users(self, queries: Sequence[Query]) -> FloatArray:
        """``a`` and a 1 for ``c``, for each query: ``(queries, D + 1)``."""
        having = row_normalised(query_matrix(queries, len(self.catalogue)))
        ones = np.ones((len(queries), 1), np.float32)
        return np.hstack([np.asarray(having @ self.history, np.float32), ones])

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        counts = share_of_history(query.items)
        root, ranked = np.float32(np.sqrt(max(counts.sum(), 1))), self.ranked[items]
        parts = ranked[:, :-1] @ self.history[query.items].T * (counts / root)
        return evidence_of_parts(parts, counts, ranked[:, -1])

    def save(self, folder: Path) -> None:
        arrays: Arrays = {"history": self.history, "ranked": self.ranked}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue = catalogue
        model.history, model.ranked = arrays["history"], arrays["ranked"]
        return model
