"""GraphLF: walks over the knowledge graph that meet latent factors of what they reach.

[GraphLF] writes a recommender as rules of a probabilistic logic (ProPPR), in which a proof is a
random walk, and the probability of an answer its personalised PageRank. A walk from the user's
items along links reaches seeds ``E``, entities and items. Rule *graph* follows the links to an
item, rule *latent* goes from a seed to an item by ``simLF(E, i) = Σ_d v_E,d v_i,d``, whose ``v``
are learnt.

Here ``π_j`` is the personalised PageRank of walks that begin at item ``j`` and take each link
evenly, ``z_j = Σ_E π_j(E) v_E`` are the values that they meet, and for a history ``S``

    x_i = a N / (|S| n_i^β) Σ_{j ∈ S} π_j(i)  +  z_i · (Σ_{j ∈ S} z_j) / |S|,

with ``N`` items, ``n_i`` users who have ``i`` (1 at least; ``β`` as in :mod:`.heters`) and
``a > 0``, the weight of one rule for the other, learnt as ProPPR learns those of rules. The item
is what walks from it meet, too, so that one without events has a vector by what is known of it. The
score is a sum over the history, its exact evidence.

What is simplified of ProPPR, and why (of the paper, the abstract was at hand, and not the whole
text with its rules):

- Links have fixed probabilities. ProPPR learns a weight per feature of a rule; how types of links
  should be weighted is what :mod:`.heters` is about.
- No value belongs to a user. The paper's ``likesEntity(U, E)`` has a parameter per user and entity,
  which knows nobody new; here a user is their history.
- The seeds are the ``seeds`` nodes with the largest ``π_j``, in place of those that ProPPR's
  approximate PageRank reaches above a bound. Walks are computed once, outside of the learning.
- Values may be negative, and what is minimised is [BPR], by Adam, in place of the logarithmic loss
  of ProPPR's answers: the order is what is evaluated.

A draw leaves its item out of the history. Over knowledge alone, what is learnt is then asked as it
is later. Walks that pass users, as they always do without knowledge, still pass the edge between
the draw's user and item. So there the graph looks better in the fit than it is, and ``a`` comes out
too large: on random histories, walks told a user's items of train from others with an AUC of .92.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from pydantic import Field
from scipy import sparse

from ..base import (
    RANKING_MEMORY,
    Evidence,
    FitResult,
    Model,
    Sizes,
    TrainingOptions,
)
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import query_matrix, row_means, user_matrix
from ..needs import NOTHING, Need, Supplied, TrainingData, TriplesNeed
from ..personalised_pagerank import CELLS, arrivals
from ..search_space import Between, OneOf, Space
from ..storage import Arrays, load_model, save_model, sparse_arrays, sparse_of
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, seed_epoch
from ..training.options import EpochsOfDraws, Patience
from ..training.pairwise import PairwiseConfig
from ..typed_graph import TypedGraph
from ..vectors import evidence_of_parts, share_of_history
from .graphlf_network import GraphLFLearner, GraphLFNetwork
from .item_walks import Kept, item_walks

TRIPLES = TriplesNeed(fallback="it walks between users and items alone")


class GraphLFConfig(PairwiseConfig):
    """Parameters of GraphLF.

    Chosen on MovieLens 100K with Freebase (``user-time``, seed 42), by ΣRR@10 on valid; test was
    not read. It is .203 as here and .185 with ``users``. Three other values were tried, with
    ``tolerance`` .01 and 25 epochs at most: ``popularity`` 0 has .199, ``reg`` 0 .202 and .01 .186.
    Nothing else was searched.
    """

    damping: float = Field(0.5, gt=0, lt=1, description="probability of walking on")
    popularity: float = Field(0.5, ge=0, description="β: an item's users are divided out, ^β")
    users: bool = Field(False, description="walks pass users, too; always without knowledge")
    seeds: int = Field(200, ge=1, description="nodes kept of the walks from an item")
    kept: int = Field(5000, ge=1, description="items kept of the walks from an item")
    factors: int = Field(64, ge=1, description="values of an item or entity")
    tolerance: float = Field(
        1e-3, gt=0, lt=1, description="probability of a walk that may be ignored"
    )
    learning_rate: float = Field(0.01, gt=0, description="step size of Adam")
    reg: float = Field(1e-3, ge=0, description="λ: pulls what is met towards 0")
    batch_size: int = Field(2048, ge=1, description="draws in a batch")
    epochs: EpochsOfDraws = 40
    patience: Patience = 6

    search_space: ClassVar[Mapping[str, Space]] = {
        "damping": Between(0.1, 0.95),
        "popularity": Between(0, 1),
        "factors": OneOf((16, 32, 64, 128)),
        "learning_rate": Between(1e-3, 0.05, log=True),
        "reg": Between(1e-5, 0.1, log=True),
    }


class GraphLF(Model):
    """Keeps, of the items alone, what walks say of two and the vectors that they meet."""

    name = "graphlf"
    description = "walks over the knowledge graph that meet latent factors (GraphLF)"
    config_class = GraphLFConfig
    provides = frozenset({"ranking", "evidence"})

    config: GraphLFConfig
    catalogue: Catalogue
    walks: sparse.csr_array  # (items, items): N π_j(i) / n_i^β
    weight: float  # a
    met: FloatArray  # (items, factors): z

    @classmethod
    def needs(cls, config: GraphLFConfig) -> tuple[Need[Any], ...]:
        return (TRIPLES,)

    def memory(self, sizes: Sizes) -> int:
        """Edges, walks as they are found and kept, those of users and items as dense, and values.

        Of the values there are ten copies: gradient, optimizer, the best epoch, a checkpoint.
        """
        config = self.config
        kept = min(config.kept, sizes.items) + min(config.seeds, sizes.known)
        walks = 16 * sizes.items * kept + 20 * max(CELLS, sizes.known + sizes.users)
        dense = 4 * sizes.items * (sizes.items + sizes.users)
        values = 8 * config.factors * (5 * sizes.known + 2 * (sizes.users + sizes.items + 2**16))
        edges = 400 * (sizes.interactions + sizes.triples)
        return RANKING_MEMORY + walks + dense + values + edges

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, config = data.catalogue, self.config
        triples = data.get(TRIPLES)
        known = {} if triples is None else {"triples": triples.rows}
        inputs = fit_inputs(self, data, known, options)
        graph = TypedGraph.of(data.train, triples, config.users or triples is None)
        users = np.maximum(user_matrix(data.train).sum(axis=0), 1)
        factors = (graph.items * users**-config.popularity).astype(np.float32)
        self.walks, seeds = item_walks(
            arrivals(graph.weighted()),
            graph.items,
            config.damping,
            config.tolerance,
            Kept(factors, config.kept),
            Kept(np.ones(graph.known, np.float32), config.seeds),
        )
        with isolated_torch(options) as device:
            return self.learner(seeds, data, options, device).learn(inputs)

    def learner(
        self,
        seeds: sparse.csr_array,
        data: TrainingData,
        options: TrainingOptions,
        device: torch.device,
    ) -> GraphLFLearner:
        """A new network on a device, and what trains it, given what walks say."""
        seed_epoch(options.seed, 0)
        network = GraphLFNetwork(seeds, self.config.factors).to(device)
        return GraphLFLearner(network, self.walks, self, data, options)

    def take(self, network: GraphLFNetwork) -> None:
        """Keep what a network is now."""
        with torch.inference_mode():
            self.met = network().cpu().numpy()
            self.weight = float(network.weight())

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        history = row_means(query_matrix(queries, len(self.catalogue)))
        walks = self.walks if items is None else self.walks[:, items]
        met = self.met if items is None else self.met[items]
        found = np.float32(self.weight) * (history @ walks).toarray() + history @ self.met @ met.T
        return np.asarray(found, np.float32)

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        share = share_of_history(query.items)
        parts = self.weight * self.walks[query.items][:, items].toarray().T
        parts = parts + self.met[items] @ self.met[query.items].T
        parts = (parts * (share / max(share.sum(), 1))).astype(np.float32)
        return evidence_of_parts(parts, share, np.zeros(len(items), np.float32))

    def summary(self) -> dict[str, Any]:
        return {"weight of the graph": self.weight}

    def save(self, folder: Path) -> None:
        arrays: Arrays = {"met": self.met, **sparse_arrays("walks", self.walks)}
        save_model(folder, self.name, self.config, self.catalogue, arrays, weight=self.weight)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, content = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.met = catalogue, arrays["met"]
        model.walks, model.weight = sparse_of("walks", arrays), float(content["weight"])
        return model
