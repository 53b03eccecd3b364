"""The flagship: a next-item ranker whose score is the sum of its evidence.

Every rating is a positive event. All positions of a sequence are trained in one pass, each
with a softmax over the whole catalogue, less what the user already had. See
:mod:`reelgraph.model.zoo.attention_network` for the mathematics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from pydantic import Field, model_validator
from torch import Tensor

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
from ..needs import NOTHING, EmbeddingNeed, Supplied, TrainingData
from ..search_space import Between, OneOf, Space
from ..storage import load_model, save_model
from ..training.batches import pad
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, run_epochs, seed_epoch
from ..training.loss import loss_positions
from ..training.next_item import NextItemLearner
from ..training.schedules import ScheduleName, make_schedule
from .attention_network import AttentionLSTM

_POSITIONS = 16_384  # of the histories scored at once, padding included


class AttentionLSTMConfig(ModelConfig):
    """Parameters of the attention-LSTM."""

    embedding_size: int = Field(64, ge=1, description="size of item and user vectors")
    hidden_size: int = Field(128, ge=1, description="size of the LSTM's state")
    heads: int = Field(4, ge=1, description="attention heads; divides hidden_size")
    dropout: float = Field(0.4, ge=0, lt=1, description="dropout of embeddings and states")
    learning_rate: float = Field(2e-3, gt=0, description="first step size of AdamW")
    reg: float = Field(0.01, ge=0, description="weight decay of AdamW")
    batch_size: int = Field(16, ge=1, description="sequences in a batch, fewer where they are long")
    clip: float = Field(5.0, ge=0, description="largest norm of a gradient; 0 for any")
    accumulate: int = Field(1, ge=1, description="batches that make one step")
    epochs: int = Field(24, ge=1, description="epochs at most; half-cosine falls over as many")
    schedule: ScheduleName = Field(
        "half-cosine",
        description="learning rate: half-cosine falls to 5 %; plateau is cut to a fifth after 5 "
        "epochs without a better figure on valid; constant",
    )
    patience: int = Field(8, ge=1, description="epochs without a better figure on valid")
    embeddings: tuple[str, ...] = Field(
        ("fastrp", "node2vec", "walk-vectors"),
        description="graph jobs whose vectors are fused in; those that cannot be made, as "
        "without GDS, are left out",
    )

    search_space: ClassVar[Mapping[str, Space]] = {
        "embedding_size": OneOf((32, 64, 128)),
        "hidden_size": OneOf((64, 128, 256)),
        "dropout": Between(0.1, 0.6),
        "learning_rate": Between(5e-4, 5e-3, log=True),
        "reg": Between(1e-3, 0.1, log=True),
        "batch_size": OneOf((8, 16, 32)),
    }

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.hidden_size % self.heads:
            raise ValueError("hidden_size must be a multiple of heads")
        return self


class AttentionLSTMRanker(Model):
    """LSTM with an additive attention read-out; contributions plus bias are the score."""

    name = "attention-lstm"
    description = "next-item LSTM with additive attention over the history"
    config_class = AttentionLSTMConfig
    provides = frozenset({"ranking", "evidence", "vectors"})

    config: AttentionLSTMConfig
    catalogue: Catalogue
    network: AttentionLSTM

    @classmethod
    def needs(cls, config: AttentionLSTMConfig) -> tuple[EmbeddingNeed, ...]:
        fallback = "an item's embedding has one source less"
        return tuple(EmbeddingNeed(name, fallback=fallback) for name in config.embeddings)

    def memory(self, sizes: Sizes) -> int:
        """Weights with gradient, optimizer and two copies, vectors of all items, a loss's chunk."""
        config = self.config
        cells = (config.embedding_size + 1) * (config.heads + len(config.embeddings) + 10)
        cells += sizes.knowledge * 3
        return RANKING_MEMORY + 4 * sizes.items * (cells + loss_positions(sizes.items))

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        inputs = fit_inputs(self.config, data, self._vectors_of(data), options)
        with isolated_torch(options) as device:
            learner = self.learner(data, options, device)
            config = self.config
            schedule = make_schedule(config.schedule, config.learning_rate, config.epochs)
            result = run_epochs(learner, options, config.epochs, config.patience, inputs, schedule)
            self.network.to("cpu").eval()
        return result

    def learner(
        self, data: TrainingData, options: TrainingOptions, device: torch.device
    ) -> NextItemLearner:
        """A new network on a device, and what trains it."""
        vectors = self._vectors_of(data)
        seed_epoch(options.seed, 0)
        self._build(data.catalogue, {name: one.shape[1] for name, one in vectors.items()})
        for name, one in vectors.items():
            self.network.fusion.set_knowledge(name, torch.from_numpy(one))
        self.network.to(device)
        return NextItemLearner(self.network, self.config, data, options, self.recommend)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        vectors = self.vectors(queries)
        return vectors.users @ (vectors.items if items is None else vectors.items[items]).T

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        """User ``(queries, D + 1)`` and item vectors ``(N, D + 1)``; the last is the bias."""
        self.network.eval()
        with torch.inference_mode():
            fused = self.network.item_inputs()
            users = np.zeros((len(queries), fused.shape[1] + 1), np.float32)
            users[:, -1] = 1
            for rows, attention, embedded in self._attended(queries, fused):
                users[rows] = self.network.read_out(attention, embedded)[:, 0].cpu().numpy()
            return Vectors(users, self.network.item_vectors(fused).cpu().numpy())

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        """Weights are the heads' mean; contributions plus bias add up to the score."""
        self.network.eval()
        with torch.inference_mode():
            fused = self.network.item_inputs()
            outputs = self.network.item_vectors(fused)
            parts = self.network.head_values(fused)  # (H, N, D)
            found: list[Evidence | None] = [None] * len(queries)
            for rows, attention, _ in self._attended(queries, fused):
                for row, weights in zip(rows.tolist(), attention[:, :, 0], strict=True):
                    history = torch.from_numpy(queries[row].items)
                    alpha = weights[:, : len(history)]  # (H, history)
                    maps = (alpha[:, :, None] * parts[:, history]).sum(0)  # (history, D)
                    candidates = outputs[torch.from_numpy(items[row])]
                    found[row] = Evidence(
                        alpha.mean(0).numpy(),
                        (candidates[:, :-1] @ maps.T).numpy(),
                        candidates[:, -1].numpy(),
                    )
        bias = outputs[:, -1].numpy()
        return [
            evidence or _no_evidence(bias[asked])
            for evidence, asked in zip(found, items, strict=True)
        ]

    def summary(self) -> dict[str, Any]:
        """``fusion``: mean weight of each source over the items; ``temperature``."""
        with torch.inference_mode():
            weights = self.network.fusion.weights_and_vectors()[0].mean(0).tolist()
            temperature = float(self.network.log_temperature.exp())
        names = self.network.fusion.names
        return {"fusion": dict(zip(names, weights, strict=True)), "temperature": temperature}

    def save(self, folder: Path) -> None:
        arrays = {name: value.numpy() for name, value in self.network.state_dict().items()}
        widths = self.network.fusion.widths
        save_model(folder, self.name, self.config, self.catalogue, arrays, sources=widths)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, content = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model._build(catalogue, content["sources"])
        model.network.load_state_dict({name: torch.from_numpy(a) for name, a in arrays.items()})
        model.network.eval()
        return model

    def _build(self, catalogue: Catalogue, sources: dict[str, int]) -> None:
        config = self.config
        self.catalogue = catalogue
        self.network = AttentionLSTM(
            len(catalogue),
            sources,
            embedding_size=config.embedding_size,
            hidden_size=config.hidden_size,
            heads=config.heads,
            dropout=config.dropout,
        )

    def _vectors_of(self, data: TrainingData) -> dict[str, FloatArray]:
        """Knowledge vectors ``(items, dim)`` by job, those that were supplied."""
        found = {need.job: data.get(need) for need in self.needs(self.config)}
        return {name: vectors for name, vectors in found.items() if vectors is not None}

    def _attended(
        self, queries: Sequence[Query], fused: Tensor
    ) -> Iterator[tuple[IntArray, Tensor, Tensor]]:
        """Groups of queries with a history: rows, attention ``(B, H, 1, T)``, embeddings."""
        lengths = np.array([len(query.items) for query in queries], np.int64)
        rows = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
        start = 0
        while start < len(rows):
            group = rows[start : start + max(1, _POSITIONS // int(lengths[rows[start]]))]
            start += len(group)
            padded, last = pad([queries[row].items for row in group])
            embedded = fused[torch.from_numpy(padded).to(fused.device)]
            states = self.network.states(embedded)
            asking = torch.from_numpy(last - 1).to(fused.device)
            yield group, self.network.attention(states, asking), embedded


def _no_evidence(bias: FloatArray) -> Evidence:
    return Evidence(np.zeros(0, np.float32), np.zeros((len(bias), 0), np.float32), bias)
