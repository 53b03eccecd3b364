"""HeteRec: what users have is spread along meta-paths, factorised, and weighted by path.

[HeteRec]: along a meta-path ``q`` from items to items, feedback ``R`` ``(users, items)`` becomes
``R S^(q)`` with the similarity ``S`` of [PathSim]. Each is factorised with nonnegative
factors, ``R S^(q) ≈ U^(q) V^(q)ᵀ``, and the score is

    x_ui = Σ_q θ_q U_u^(q) · V_i^(q),

with ``θ`` learnt by [BPR]: one for all users (``clusters`` 0, HeteRec-g), or one for each of ``K``
clusters of users by k-means, HeteRec-p:

    x_ui = Σ_k cos(u, k) Σ_q θ_q^(k) U_u^(q) · V_i^(q).

Of the paper, the abstract and the opening were at hand, so what is not said there is our own.

The paths are User–Item–User–Item and, for each relation, User–Item–Entity–Item, as
:func:`.meta_paths.meta_paths` finds them in the triples; longer ones are left out. Of each item the
most similar ones are kept.

**Users.** The factors ``U`` of the fit are not kept. A history ``x`` gets
``U = x S V (VᵀV + ε)⁻¹``, the least squares of its row, without the bound at 0: that is linear in
the history, so that with ``clusters`` 0 the score is a sum over the history, its exact evidence.
``θ`` is learnt with users as they are asked, each without the item of the draw. As in the paper,
``S`` and ``V`` have seen it, which favours path User–Item–User–Item: on random histories it got
94 % of such draws right. The loss is convex in ``θ``, so one draw per event is made, and the loss
is minimised over these draws. With clusters, the factors of path User–Item–User–Item tell where a
user belongs (cosine, 0 where negative); in the paper, those of ``R`` do. Then the evidence adds up
given these shares, which depend on the whole history. A user with no positive cosine to any cluster
gets the mean of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

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
from ..needs import NOTHING, Need, Supplied, TrainingData, TriplesNeed
from ..nonnegative import nonnegative_factors
from ..search_space import Between, OneOf, Space
from ..similarities import CELLS
from ..storage import Arrays, load_model, save_model
from ..training.draws import Draws
from ..vectors import evidence_of_parts, of_one_length, share_of_history
from .heterec_weights import cluster_centres, draw_features, of_clusters, path_weights, unit_rows
from .meta_paths import meta_paths

TRIPLES = TriplesNeed(fallback="its only path is User–Item–User–Item")

_RIDGE = 1e-4  # ε, in parts of the mean square of the factors


class HeteRecConfig(ModelConfig):
    """Parameters of HeteRec.

    ``factors``, ``clusters`` and ``neighbours`` were chosen on MovieLens 100K with Freebase
    (``user-time``), by ΣRR@10 on valid; test was not read. HeteRec-g has ``clusters`` 0.
    """

    factors: int = Field(80, ge=1, description="factors of each meta-path")
    clusters: int = Field(10, ge=0, description="of users, each with weights of its own; 0: none")
    neighbours: int = Field(30, ge=1, description="similar items kept per item and meta-path")
    sweeps: int = Field(30, ge=1, description="how often the factors of both sides are set")
    reg: float = Field(1e-4, ge=0, description="λ: pulls the weights of paths towards 0")

    search_space: ClassVar[Mapping[str, Space]] = {
        "factors": OneOf((10, 20, 40, 80)),
        "clusters": OneOf((0, 5, 10, 20)),
        "neighbours": Between(10, 400, log=True, whole=True),
        "reg": Between(1e-6, 1e-1, log=True),
    }


class HeteRec(Model):
    """Keeps, per item and meta-path, what it adds to a user's factors, and its own."""

    name = "heterec"
    description = "feedback spread along meta-paths, factorised and weighted (HeteRec)"
    config_class = HeteRecConfig
    provides = frozenset({"ranking", "evidence", "vectors"})
    chooses = False

    config: HeteRecConfig
    catalogue: Catalogue
    paths: tuple[str, ...]
    had: FloatArray  # (items, paths, factors): a row of S V (VᵀV + ε)⁻¹ for each path
    ranked: FloatArray  # (items, paths, factors): V
    weights: FloatArray  # (clusters or 1, paths): θ
    centres: FloatArray  # (clusters, factors); none without clusters

    @classmethod
    def needs(cls, config: HeteRecConfig) -> tuple[Need[Any], ...]:
        return (TRIPLES,)

    def memory(self, sizes: Sizes) -> int:
        """Similarities of all paths, factors of both sides, and users' vectors of all paths."""
        config, paths = self.config, 1 + 2 * sizes.relations
        similar = 16 * sizes.items * min(config.neighbours, sizes.items)
        factors = 8 * config.factors * (3 * sizes.items + 2 * sizes.users)
        links = 200 * (sizes.interactions + sizes.triples) + 16 * sizes.known
        return RANKING_MEMORY + paths * (similar + factors) + 20 * CELLS + links

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, config = data.catalogue, self.config
        ones = user_matrix(data.train)
        found = meta_paths(data.train, data.get(TRIPLES), config.neighbours)
        self.paths = tuple(one.name for one in found)
        sides = [self._factorised(ones, one.similar, options.seed) for one in found]
        self.had = np.stack([had for had, _ in sides], axis=1)
        self.ranked = np.stack([ranked for _, ranked in sides], axis=1)
        self._weigh(ones, data, options.seed)
        return FitResult()

    def _factorised(
        self, ones: sparse.csr_array, similar: sparse.csr_array, seed: int
    ) -> tuple[FloatArray, FloatArray]:
        """``S V (VᵀV + ε)⁻¹`` and ``V`` of a meta-path, each ``(items, factors)``."""
        _, v = nonnegative_factors(ones, similar, self.config.factors, self.config.sweeps, seed)
        gram = (v.T @ v).astype(np.float64)
        gram[np.diag_indices_from(gram)] += _RIDGE * max(np.trace(gram) / len(gram), _RIDGE)
        had = np.linalg.solve(gram, (similar @ v).T.astype(np.float64)).T
        return had.astype(np.float32), v

    def _weigh(self, ones: sparse.csr_array, data: TrainingData, seed: int) -> None:
        """Learn the weights; paths are brought to one spread, so that λ means the same for all."""
        user, apart = draw_features(
            ones, self.had, self.ranked, Draws(data.train, known_only=True), seed
        )
        spread = apart.std(axis=0) if len(apart) else np.ones(apart.shape[1])
        spread = np.where(spread > 0, spread, 1)
        groups = [apart / spread]
        self.centres = np.zeros((0, self.config.factors), np.float32)
        if self.config.clusters:
            users = np.asarray(ones @ self.had[:, 0], np.float32)
            self.centres = cluster_centres(users, self.config.clusters, seed)
            nearest = (unit_rows(users) @ self.centres.T).argmax(axis=1)
            groups = list(of_clusters(nearest, len(self.centres), user, apart / spread))
        found = [path_weights(one, self.config.reg) / spread for one in groups]
        self.weights = np.stack(found).astype(np.float32)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        ranked = self._flat(self.ranked if items is None else self.ranked[items])
        # in double precision, as large parts of paths can cancel each other in the sum
        found = self._users(queries).astype(np.float64) @ ranked.T.astype(np.float64)
        return found.astype(np.float32)

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        return of_one_length(self._users(queries), self._flat(self.ranked))

    def _users(self, queries: Sequence[Query]) -> FloatArray:
        """``θ_q U^(q)`` of each query, one path after the other: ``(queries, paths · factors)``."""
        history = query_matrix(queries, len(self.catalogue))
        users = np.asarray(history @ self._flat(self.had), np.float32)
        users = users.reshape(-1, *self.had.shape[1:])
        return self._flat(users * self._weights(users[:, 0])[..., None])

    def _weights(self, users: FloatArray) -> FloatArray:
        """``θ`` for users with these factors of the first path: ``(users, paths)``."""
        if not len(self.centres):
            return np.repeat(self.weights, len(users), axis=0)
        near = np.maximum(unit_rows(users) @ self.centres.T, 0)
        alone = near.sum(axis=1) == 0
        near[alone] = np.float32(1 / len(self.centres))
        return np.asarray(near @ self.weights, np.float32)

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        share = share_of_history(query.items)
        had = self.had[query.items] * share[:, None, None]
        (weights,) = self._weights(had[:, 0].sum(axis=0, keepdims=True))
        parts = self._flat(self.ranked[items]) @ self._flat(had * weights[:, None]).T
        return evidence_of_parts(parts, share, np.zeros(len(items), np.float32))

    def _flat(self, vectors: FloatArray) -> FloatArray:
        return vectors.reshape(len(vectors), self.had.shape[1] * self.had.shape[2])

    def summary(self) -> dict[str, Any]:
        """Weights of the paths, by name: of all users, or of each cluster."""
        named = zip(self.paths, self.weights.T.tolist(), strict=True)
        return {"weights": dict(named)}

    def save(self, folder: Path) -> None:
        arrays: Arrays = {
            "had": self.had,
            "ranked": self.ranked,
            "weights": self.weights,
            "centres": self.centres,
        }
        save_model(folder, self.name, self.config, self.catalogue, arrays, paths=list(self.paths))

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, content = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.paths = catalogue, tuple(content["paths"])
        model.had, model.ranked = arrays["had"], arrays["ranked"]
        model.weights, model.centres = arrays["weights"], arrays["centres"]
        return model
