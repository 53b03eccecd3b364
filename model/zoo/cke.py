"""CKE: pairwise matrix factorisation whose items are also nodes of a graph and texts.

[CKE]: an item is ``e_i = η_i + v_i + x_i``: an offset of its own, its node's vector in a TransR
embedding of the knowledge graph, and the middle layer of a stacked denoising autoencoder over its
words. All of it is learnt at once, by the sum of [BPR]'s loss for ``⟨u, e_i⟩``, of TransR's and of
the autoencoder's, with a prior that pulls everything towards 0. The paper's third part, poster
images, is absent, as no data set here has them. The bag of words is that of an item's text
property, the title unless another is named; the paper has summaries of plots.

As published there are no biases. It is trained by AdamW in batches where the paper makes a step
of plain descent for each draw, and triples are drawn at random, not those of the items drawn.

A query's ``u`` comes from its history alone, also for train users, by the convex problem of
:mod:`..pairwise_fold_in`. An item without an event of train has no offset: it is ranked by its
node and its words. One of which nothing is known at all says nothing in a history, and has a score
below that of any other item: 0, which its vector would give, is above the items that a user is
learnt not to take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from ..base import (
    RANKING_MEMORY,
    FitResult,
    Model,
    Sizes,
    TrainingOptions,
    Vectors,
)
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import query_matrix
from ..knowledge.transr import TransR
from ..needs import NOTHING, Need, Supplied, TextNeed, TrainingData, TriplesNeed
from ..pairwise_fold_in import CELLS, PairwiseFoldIn, drawn_negatives, longest_user
from ..search_space import Between, OneOf, Space
from ..storage import Arrays, load_model, save_model
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, seed_epoch
from ..training.options import EpochsOfDraws, Patience
from ..training.pairwise import PairwiseConfig
from ..vectors import of_one_length
from .cke_network import CKELearner, CKENetwork, item_vectors
from .word_autoencoder import WordAutoencoder, bags_of_words

_TRIPLES = TriplesNeed(fallback="items have no vector of the knowledge graph")


class CKEConfig(PairwiseConfig):
    """Parameters of CKE.

    [RKAN] does not say with which settings it ran CKE. ``query_reg`` and that titles are read were
    chosen on valid of MovieLens 100K (``user-time``, with its Freebase knowledge), by one fit
    each; the other defaults have not been searched for.
    """

    factors: int = Field(64, ge=1, description="length of the vectors of users, items and nodes")
    relation_size: int = Field(32, ge=1, description="length of the vectors of relations")
    knowledge_weight: float = Field(0.1, ge=0, description="weight of the loss of the triples")
    text: str = Field("title", description="property of items whose words are read; empty: none")
    text_weight: float = Field(0.01, ge=0, description="weight of the loss of the words")
    words: int = Field(2000, ge=1, description="most frequent words that are read, at most")
    hidden_size: int = Field(128, ge=1, description="units of the outer layers of the autoencoder")
    noise: float = Field(0.3, ge=0, lt=1, description="share of the words that are hidden")
    learning_rate: float = Field(0.005, gt=0, description="step size of AdamW")
    reg: float = Field(0.1, ge=0, description="weight decay of all parameters")
    query_reg: float = Field(0.2, ge=0, description="λ: pulls a query's vector towards 0")
    batch_size: int = Field(2048, ge=1, description="draws in a batch, and triples")
    epochs: EpochsOfDraws = 60
    patience: Patience = 6

    search_space: ClassVar[Mapping[str, Space]] = {
        "factors": OneOf((32, 64, 128)),
        "knowledge_weight": Between(0.01, 1, log=True),
        "text": OneOf(("title", "")),
        "learning_rate": Between(1e-3, 0.02, log=True),
        "reg": Between(1e-2, 1, log=True),
        "query_reg": Between(1e-2, 1, log=True),
    }


class CKE(Model):
    """Scores are inner products; only the items' side is kept."""

    name = "cke"
    description = "pairwise factors with TransR and words (CKE)"
    config_class = CKEConfig
    provides = frozenset({"ranking", "vectors"})

    config: CKEConfig
    catalogue: Catalogue
    items: FloatArray  # (items, factors): e
    negatives: IntArray  # (at most 128,) that queries are compared with

    @classmethod
    def needs(cls, config: CKEConfig) -> tuple[Need[Any], ...]:
        text = TextNeed(config.text, fallback="items have no vector of their words")
        return (_TRIPLES, text) if config.text else (_TRIPLES,)

    def memory(self, sizes: Sizes) -> int:
        """Ten copies of each table: gradient, optimizer, the best epoch, a checkpoint."""
        config = self.config
        cells = config.factors * (sizes.users + 2 * sizes.items + sizes.known)
        cells += sizes.relations * config.relation_size * (config.factors + 1)
        batch = 12 * config.batch_size * config.factors + 2**20 * 64
        events = 100 * (sizes.interactions + sizes.triples)
        return RANKING_MEMORY + 40 * cells + 4 * batch + 40 * CELLS + events

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        inputs = fit_inputs(self, data, self._arrays(data), options)
        with isolated_torch(options) as device:
            return self.learner(data, options, device).learn(inputs)

    def _arrays(self, data: TrainingData) -> dict[str, npt.NDArray[Any]]:
        """What is supplied, by name."""
        found: dict[str, npt.NDArray[Any]] = {}
        if (triples := data.get(_TRIPLES)) is not None:
            found["triples"] = triples.rows
        if (texts := self._texts(data)) is not None:
            found["texts"] = np.array(texts, np.str_)
        return found

    def _texts(self, data: TrainingData) -> tuple[str, ...] | None:
        return data.get(TextNeed(self.config.text)) if self.config.text else None

    def learner(
        self, data: TrainingData, options: TrainingOptions, device: torch.device
    ) -> CKELearner:
        """A new network on a device, and what trains it."""
        seed_epoch(options.seed, 0)
        self.catalogue, config = data.catalogue, self.config
        events = np.bincount(data.train.items, minlength=len(data.catalogue))
        known = np.flatnonzero(events) if events.any() else np.arange(len(events))
        self.negatives = drawn_negatives(known, options.seed)
        return CKELearner(
            self._network(data, torch.from_numpy(events > 0)).to(device),
            self,
            data,
            options,
            data.get(_TRIPLES),
            (config.knowledge_weight, config.text_weight),
            config.noise,
        )

    def _network(self, data: TrainingData, trained: torch.Tensor) -> CKENetwork:
        config, structure, words = self.config, None, None
        if (triples := data.get(_TRIPLES)) is not None:
            sizes = (triples.nodes, len(triples.relations), config.factors, config.relation_size)
            named = np.isin(np.arange(len(trained)), triples.rows[:, [0, 2]])
            structure = (TransR(*sizes), torch.from_numpy(named))
        if (texts := self._texts(data)) is not None:
            bags = bags_of_words(texts, config.words)
            words = WordAutoencoder(bags, config.hidden_size, config.factors) if bags.nnz else None
        return CKENetwork(len(data.train.users), trained, config.factors, structure, words)

    def take(self, network: CKENetwork) -> None:
        """Keep the items' vectors as the network has them now."""
        self.items = item_vectors(network)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        users, ranked = self._parts(queries)
        return users @ (ranked if items is None else ranked[items]).T

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        return of_one_length(*self._parts(queries))

    def _parts(self, queries: Sequence[Query]) -> tuple[FloatArray, FloatArray]:
        """``u`` and a 1 for each query, ``e`` and a bias for each item; both ``factors + 1`` wide.

        The bias is 0, and for items of which nothing is known what no other score is below.
        """
        reg, known = self.config.query_reg, self.items.any(axis=1)
        lengths = np.linalg.norm(self.items, axis=1)
        bias = np.where(known, 0, -longest_user(reg) * lengths.max(initial=0))
        ranked = np.column_stack([self.items, bias]).astype(np.float32)
        history = query_matrix(queries, len(self.catalogue)).multiply(known).tocsr()
        history.eliminate_zeros()
        return PairwiseFoldIn(ranked, self.negatives, reg).users(history), ranked

    def save(self, folder: Path) -> None:
        arrays: Arrays = {"items": self.items, "negatives": self.negatives}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.items = catalogue, arrays["items"]
        model.negatives = arrays["negatives"]
        return model
