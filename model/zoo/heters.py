"""HeteRS: where walks end that begin at the user's items, along edges of weighted types.

[HeteRS] ranks by a multivariate Markov chain. Each type ``X`` of nodes has a distribution ``π_X``,

    π_X = Σ_Y α_XY P_YXᵀ π_Y + α_X q_X,    Σ_Y α_XY + α_X = 1,

with ``P_YX`` the steps from nodes of type ``Y`` to those of type ``X``, evenly among the edges
of each node, the query ``q``, and ``α`` how much a type counts for another. Here nodes are items,
entities and users of train, and the weights ``w_r`` stand at the types of edges (interactions and
each relation, walked both ways), as knowledge triples name edges and not nodes. At a node, a step

    P(x → y) = Σ_r  w_r / Σ_{r' at x} w_r'  ·  [x -r- y] / (edges of type r at x)

chooses one of the types there, then one of its edges evenly. So the chain is one random walk, and
``π`` is its personalised PageRank, ``π = (1 - d) s + d Pᵀ π``, where a walk ends with
probability ``1 - d``. The score of an item is ``π_i / n_i^β`` with the ``n_i`` users who have it
(1 at least): the paper has ``β = 0``; above it, what is popular wherever a walk begins gives way
([RP3β]). The form of the chain is the usual one of its kind: of the paper, the abstract was at
hand and not the whole text.

**Users.** A query is a node with steps to its history ``S`` and none back, so ``s`` is ``1 / |S|``
at its items. ``π`` is linear in ``s``, so the score is a sum over the history, its exact evidence.
What is kept is a row per item: where walks go that begin there.

**Weights** are relative to ``w = 1`` of interactions. The paper learns its influences.
Here there is one weight per relation, and ranking valid decides, by the rule of
:func:`.heters_weights.choose_weights`. The final fit takes the chosen ones. Without valid they are
1, or as given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from pydantic import Field
from scipy import sparse

from ...errors import ModelError
from ..base import RANKING_MEMORY, Evidence, FitResult, Model, ModelConfig, Sizes, TrainingOptions
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import query_matrix, row_means, user_matrix
from ..needs import NOTHING, Need, Supplied, TrainingData, TriplesNeed
from ..personalised_pagerank import CELLS, arrivals
from ..search_space import Between, Space
from ..storage import load_model, save_model, sparse_arrays, sparse_of
from ..typed_graph import TypedGraph
from ..vectors import evidence_of_parts, share_of_history
from .heters_weights import WalkOptions, choose_weights
from .item_walks import Kept, item_walks

TRIPLES = TriplesNeed(fallback="it walks between users and items alone")


class HeteRSConfig(ModelConfig):
    """Parameters of HeteRS.

    ``damping`` and ``popularity`` were chosen on MovieLens 100K with Freebase (``user-time``), by
    ΣRR@10 on valid; test was not read. As published, ``popularity`` is 0 and weights are learnt.
    """

    damping: float = Field(0.2, gt=0, lt=1, description="d: probability of walking on")
    popularity: float = Field(0.0, ge=0, description="β: an item's users are divided out, ^β")
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(
        {}, description="weights of relations that are not searched for, by name"
    )
    searched: int = Field(
        8, ge=0, description="relations whose weights are searched for, those with most edges"
    )
    tolerance: float = Field(1e-3, gt=0, lt=1, description="what of a walk may be left out")
    kept: int = Field(5000, ge=1, description="items kept per item: where most walks go")

    search_space: ClassVar[Mapping[str, Space]] = {
        "damping": Between(0.1, 0.95),
        "popularity": Between(0, 1),
    }


class HeteRS(Model):
    """Keeps a sparse row per item; all of it where the catalogue is not larger than ``kept``."""

    name = "heters"
    description = "random walks from the history along users and knowledge, by type (HeteRS)"
    config_class = HeteRSConfig
    provides = frozenset({"ranking", "evidence"})
    seeded = False

    config: HeteRSConfig
    catalogue: Catalogue
    weights: Mapping[str, float]  # of relations
    walks: sparse.csr_array  # (items, items): row j has the scores of a walk from item j

    @classmethod
    def needs(cls, config: HeteRSConfig) -> tuple[Need[Any], ...]:
        return (TRIPLES,)

    def memory(self, sizes: Sizes) -> int:
        walks = 16 * sizes.items * min(self.config.kept, sizes.items)
        walking = 20 * max(CELLS, sizes.known + sizes.users)
        return RANKING_MEMORY + walks + walking + 400 * (sizes.interactions + sizes.triples)

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, config = data.catalogue, self.config
        graph = TypedGraph.of(data.train, data.get(TRIPLES))
        users = np.asarray(user_matrix(data.train).sum(axis=0))
        discounts = (np.maximum(users, 1) ** -config.popularity).astype(np.float32)
        how = WalkOptions(config.damping, config.tolerance, discounts)
        weights = self._weights(graph, data, options, how)
        self.weights = dict(zip(graph.relations, weights[1:].tolist(), strict=True))
        steps = arrivals(graph.weighted(weights))
        kept = Kept(discounts, config.kept)
        (self.walks,) = item_walks(steps, graph.items, how.damping, how.tolerance, kept)
        return FitResult(settings={_setting(name): one for name, one in self.weights.items()})

    def _weights(
        self, graph: TypedGraph, data: TrainingData, options: TrainingOptions, how: WalkOptions
    ) -> FloatArray:
        """Those that were chosen for this fit, are given, or rank valid best.

        :raises ModelError: when one is given of a relation that there is not.
        """
        unknown = sorted(self.config.weights.keys() - set(graph.relations))
        if unknown and graph.relations:  # without knowledge no relation is known
            raise ModelError(
                f"model '{self.name}' was given a weight of '{unknown[0]}', which is no relation",
                f"Known: {', '.join(graph.relations)}",
            )
        given = {_setting(name): one for name, one in self.config.weights.items()}
        known = {**given, **options.settings}
        of_relations = [known.get(_setting(name), np.nan) for name in graph.relations]
        first = np.array([1.0, *of_relations], np.float32)
        if data.asked is None:
            return np.nan_to_num(first, nan=1.0)
        return choose_weights(graph, data.asked, how, self.config.searched, first)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        walks = self.walks if items is None else self.walks[:, items]
        history = row_means(query_matrix(queries, len(self.catalogue)))
        return np.asarray((history @ walks).toarray(), np.float32)

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        share = share_of_history(query.items)
        parts = self.walks[query.items][:, items].toarray().T * (share / max(share.sum(), 1))
        return evidence_of_parts(parts, share, np.zeros(len(items), np.float32))

    def summary(self) -> dict[str, Any]:
        return {"weights": self.weights}

    def save(self, folder: Path) -> None:
        arrays = sparse_arrays("walks", self.walks)
        save_model(folder, self.name, self.config, self.catalogue, arrays, weights=self.weights)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, content = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.weights = catalogue, content["weights"]
        model.walks = sparse_of("walks", arrays)
        return model


def _setting(name: str) -> str:
    return f"weight of {name}"
