"""The flagship: a next-item ranker whose score is the sum of its evidence.

Every rating is a positive event. All positions of a sequence are trained in one pass, each
with a softmax over the whole catalogue, less what the user already had. See
:mod:`reelgraph.model.zoo.attention_network` for the mathematics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from pydantic import Field, model_validator
from torch import Tensor

from ...artifacts import digest
from ...errors import ModelError
from ..base import (
    RANKING_MEMORY,
    Catalogue,
    Evidence,
    FitResult,
    FloatArray,
    IntArray,
    Interactions,
    Knowledge,
    Model,
    ModelConfig,
    Query,
    Sizes,
    TrainingOptions,
    Vectors,
)
from ..dataset import catalogue_digest
from ..storage import load_model, save_model
from ..training.batches import pad
from ..training.loop import machine, run_epochs, seed_epoch
from ..training.loss import LOSS_POSITIONS
from ..training.next_item import NextItemLearner
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
    epochs: int = Field(
        24, ge=1, description="epochs at most; the learning rate falls over as many"
    )
    patience: int = Field(8, ge=1, description="epochs without a better figure on valid")
    knowledge: Knowledge = Field("real", description="knowledge vectors: real, none or shuffled")
    embeddings: tuple[str, ...] = Field(
        ("fastrp", "node2vec", "walks"),
        description="graph jobs whose vectors are fused in; none where the catalogue has no "
        "vectors at all, as without GDS",
    )

    @model_validator(mode="after")
    def _heads_divide(self) -> Self:
        if self.hidden_size % self.heads:
            raise ValueError("hidden_size must be a multiple of heads")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the knowledge vectors in use."""
        return () if self.knowledge == "none" else self.embeddings


class AttentionLSTMRanker(Model):
    """LSTM with an additive attention read-out; contributions plus bias are the score."""

    name = "attention-lstm"
    description = "next-item LSTM with additive attention over the history"
    config_class = AttentionLSTMConfig
    needs = frozenset({"history", "embeddings"})
    provides = frozenset({"ranking", "evidence", "vectors"})

    config: AttentionLSTMConfig
    catalogue: Catalogue
    network: AttentionLSTM

    def memory(self, sizes: Sizes) -> int:
        """Weights with gradient, optimizer and two copies, vectors of all items, a loss's chunk."""
        config = self.config
        cells = (config.embedding_size + 1) * (config.heads + len(config.sources) + 10)
        cells += sizes.knowledge * 3 if config.sources else 0
        return RANKING_MEMORY + 4 * sizes.items * (cells + LOSS_POSITIONS * 2)

    def fit(
        self, train: Interactions, valid: Interactions | None, options: TrainingOptions
    ) -> FitResult:
        inputs = _inputs(self.config, train, valid, options)
        with machine(options) as device:
            seed_epoch(options.seed, 0)
            widths = self._widths(train.catalogue)
            self._build(train.catalogue, widths)
            for name in widths:
                vectors = torch.from_numpy(train.catalogue.embeddings[name])
                self.network.fusion.set_knowledge(name, vectors)
            self.network.to(device)
            learner = NextItemLearner(
                self.network, self.config, train, valid, options.seed, self.recommend
            )
            result = run_epochs(learner, options, self.config.epochs, self.config.patience, inputs)
            self.network.to("cpu").eval()
        return result

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
    def load(cls, folder: Path, catalogue: Catalogue) -> Self:
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

    def _widths(self, catalogue: Catalogue) -> dict[str, int]:
        if not catalogue.embeddings:
            return {}
        missing = [name for name in self.config.sources if name not in catalogue.embeddings]
        if missing:
            raise ModelError(
                f"the catalogue has no embeddings '{missing[0]}'",
                "Load it with them, or set knowledge to none.",
            )
        return {name: catalogue.embeddings[name].shape[1] for name in self.config.sources}

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


def _inputs(
    config: AttentionLSTMConfig,
    train: Interactions,
    valid: Interactions | None,
    options: TrainingOptions,
) -> str:
    """Digest of all that a fit's result depends on."""
    rows = [
        [fold.offsets.tolist(), fold.items.tolist()] if fold else None for fold in (train, valid)
    ]
    vectors = {
        name: hashlib.sha256(train.catalogue.embeddings[name].tobytes()).hexdigest()
        for name in config.sources
        if name in train.catalogue.embeddings
    }
    catalogue = catalogue_digest(train.catalogue)
    return digest([config.model_dump(), catalogue, rows, vectors, options.seed, options.epochs])
