"""The flagship: a next-item ranker whose score is the sum of its evidence.

Every rating is a positive event; what an event counts as evidence depends on its rating. All
positions of a sequence are trained in one pass, each with a softmax over the whole catalogue,
less what the user already had. A linear item model stands beside the network. See
:mod:`reelgraph.model.zoo.attention_network` for the mathematics.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import torch

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
from ..needs import NOTHING, Need, Supplied, TrainingData
from ..rating_gains import RatingGains
from ..storage import load_model, save_model
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, seed_epoch
from ..training.loss import loss_positions
from ..training.next_item import NextItemLearner, chosen_ahead
from .attention_answers import AttentionAnswers
from .attention_lstm_config import AttentionLSTMConfig
from .attention_network import AttentionLSTM
from .ease import ease_memory
from .ease_recency import RecencyEASEConfig
from .item_sources import ItemSources, columns_of, needs_of
from .linear_part import LinearPart, fit_linear
from .new_items import NewItems, choose_offset
from .saved_network import load_network, network_arrays

_LINEAR_ITEMS = 10_000  # with more, the matrix of the linear part costs too much


class AttentionLSTMRanker(Model):
    """LSTM with an additive attention read-out; contributions plus bias are the score."""

    name = "attention-lstm"
    description = "next-item LSTM with additive attention over the history"
    config_class = AttentionLSTMConfig
    provides = frozenset({"ranking", "evidence", "vectors"})

    config: AttentionLSTMConfig
    catalogue: Catalogue
    network: AttentionLSTM
    gains: RatingGains
    linear: LinearPart | None = None
    new_items: NewItems
    facts: tuple[str, ...]  # names of those that it was fitted with

    @classmethod
    def needs(cls, config: AttentionLSTMConfig) -> tuple[Need[Any], ...]:
        return needs_of(config.embeddings, config.facts)

    def memory(self, sizes: Sizes) -> int:
        """Weights with gradient, optimizer and two copies, vectors of all items, a loss's chunk."""
        config = self.config
        cells = (config.embedding_size + 1) * (config.heads + len(config.embeddings) + 12)
        cells += sizes.knowledge * 3
        facts = 6 * sizes.facts * config.embedding_size
        if self._has_linear(sizes.items):
            return ease_memory(sizes) + 4 * (facts + sizes.items * cells)
        return RANKING_MEMORY + 4 * (facts + sizes.items * (cells + loss_positions(sizes.items)))

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        inputs = fit_inputs(self, data, self._sources_of(data).arrays(), options)
        with isolated_torch(options) as device:
            result = self.learner(data, options, device).learn(inputs)
        settings = {
            "ahead": chosen_ahead(self.config, data, options),
            "linear_weight": self._fit_linear(data, options),
            "new_item_offset": self._fit_new_items(data, options),
        }
        return replace(result, settings=settings)

    def _has_linear(self, items: int) -> bool:
        return self.config.linear_weight != 0 and items <= _LINEAR_ITEMS

    def _fit_linear(self, data: TrainingData, options: TrainingOptions) -> float:
        """Put the linear model beside the fitted network; its weight, 0 for none."""
        if not self._has_linear(len(data.catalogue)):
            return 0.0
        weight = self._given("linear_weight", options)
        linear = RecencyEASEConfig(gains=self.config.gains)
        self.linear, weight = fit_linear(self._answers.vectors, linear, data, options, weight)
        return weight

    def _fit_new_items(self, data: TrainingData, options: TrainingOptions) -> float:
        """Put the offset of new items beside the model that stands."""
        offset = self._given("new_item_offset", options)
        new = self.network.fusion.new
        if offset is None and (asked := data.asked) is not None:
            offset = choose_offset(self._vectors_of_sum, new, asked)
        self.new_items = NewItems(new, offset or 0.0)
        return self.new_items.offset

    def learner(
        self, data: TrainingData, options: TrainingOptions, device: torch.device
    ) -> NextItemLearner:
        """A new network on a device, and what trains it."""
        sources = self._sources_of(data)
        seed_epoch(options.seed, 0)
        facts = sources.facts
        self._build(data.catalogue, sources.widths, facts.names, facts.rows.nnz)
        sources.give(self.network.fusion)
        self.network.to(device)
        self.gains, self.linear = RatingGains.fitted(self.config.gains, data.train), None
        self.new_items = NewItems(self.network.fusion.new, 0.0)
        ahead, ask = chosen_ahead(self.config, data, options), self.recommend
        return NextItemLearner(self.network, self.config, data, options, ahead, ask, self.gains)

    def _given(self, name: str, options: TrainingOptions) -> float | None:
        """An option that was given, or chosen before on valid."""
        value: float | None = getattr(self.config, name)
        return options.settings.get(name) if value is None else value

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        vectors = self.vectors(queries)
        return vectors.users @ (vectors.items if items is None else vectors.items[items]).T

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        """User ``(queries, V)`` and item vectors ``(N, V)``.

        The network's and its bias, those of the linear part, and what is added for new items.
        """
        return self.new_items.add_vectors(self._vectors_of_sum(queries))

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        """Weights are the heads' mean; contributions plus bias add up to the score."""
        found = self._answers.evidence(queries, items)
        if self.linear:
            found = self.linear.add_evidence(found, queries, items)
        return self.new_items.add_evidence(found, items)

    @property
    def _answers(self) -> AttentionAnswers:
        return AttentionAnswers(self.network, self.gains)

    def _vectors_of_sum(self, queries: Sequence[Query]) -> Vectors:
        vectors = self._answers.vectors(queries)
        return self.linear.add_vectors(vectors, queries) if self.linear else vectors

    def summary(self) -> dict[str, Any]:
        """What the fit found.

        ``fusion``: mean weight of each source over the items; ``temperature``;
        ``linear_factor``: by what the scores of the linear part are multiplied;
        ``new_item_offset``: what is added to those of new items.
        """
        with torch.inference_mode():
            weights = self.network.fusion.weights_and_vectors()[0].mean(0).tolist()
            temperature = float(self.network.log_temperature.exp())
        names = self.network.fusion.names
        return {
            "fusion": dict(zip(names, weights, strict=True)),
            "temperature": temperature,
            "linear_factor": self.linear.factor if self.linear else 0.0,
            "new_item_offset": self.new_items.offset,
        }

    def save(self, folder: Path) -> None:
        arrays = network_arrays(self.network)
        widths, facts = self.network.fusion.widths, list(self.facts)
        extra: dict[str, Any] = {"sources": widths, "facts": facts, "gains": self.gains.saved()}
        extra["new_item_offset"] = self.new_items.offset
        if self.linear:
            extra["linear"] = self.linear.saved(arrays)
        save_model(folder, self.name, self.config, self.catalogue, arrays, **extra)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, content = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        entries = len(arrays.get("fusion.facts.columns", ()))
        model._build(catalogue, content["sources"], content["facts"], entries)
        model.gains = RatingGains.loaded(content["gains"])
        if "linear" in content:
            model.linear = LinearPart.loaded(arrays, content["linear"], catalogue, model.gains)
        load_network(model.network, arrays)
        model.new_items = NewItems(model.network.fusion.new, content["new_item_offset"])
        return model

    def vectors_of_new(self, items: Sequence[Collection[str]]) -> FloatArray:
        """Vectors ``(n, V)`` of items that the catalogue lacks, from their facts alone.

        They are what :meth:`vectors` gives to an item of the catalogue without an event in
        training and without other knowledge, so their inner products with users are scores.

        :param items: the facts of each by name, as a :class:`~..needs.FactsNeed` has them, such as
            ``word story``; those that the model was not fitted with say nothing.
        """
        self.network.eval()
        with torch.inference_mode():
            fused = self.network.fusion.of_new(*columns_of(self.facts, items))
            vectors: FloatArray = self.network.item_vectors(fused).numpy()
        return self.new_items.add_new(self.linear.add_new(vectors) if self.linear else vectors)

    def _sources_of(self, data: TrainingData) -> ItemSources:
        return ItemSources.of(self.config.embeddings, self.config.facts, data)

    def _build(
        self, catalogue: Catalogue, sources: dict[str, int], facts: Sequence[str], entries: int
    ) -> None:
        config = self.config
        self.catalogue, self.facts = catalogue, tuple(facts)
        self.network = AttentionLSTM(
            len(catalogue),
            sources,
            embedding_size=config.embedding_size,
            hidden_size=config.hidden_size,
            heads=config.heads,
            dropout=config.dropout,
            facts=(len(facts), entries),
            id_dropout=config.id_dropout,
        )
