"""Fitting knowledge-graph embeddings, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import Tensor
from torch.nn import functional

from ...artifacts import atomic, digest, read_json, write_json
from ..base import FitResult, TrainingOptions
from ..data import FloatArray, IntArray
from ..training.loop import isolated_torch, run_epochs, seed_epoch
from ..triples import Triples
from .config import EmbeddingConfig, Method
from .methods import cubed_norm, head_query, score, similarity, tail_query

_VALID_TRIPLES = 2_000  # so many are ranked after an epoch; all of them at the end


@dataclass(frozen=True)
class KnowledgeEmbedding:
    """Vectors of nodes ``(nodes, d)`` and relations ``(relations, d)``, float32."""

    method: Method
    nodes: FloatArray
    relations: FloatArray
    names: tuple[str, ...]

    def score(self, rows: IntArray) -> FloatArray:
        """Scores ``(n,)`` of triples ``(n, 3)``."""
        head, tail = (torch.from_numpy(self.nodes[rows[:, column]]) for column in (0, 2))
        relation = torch.from_numpy(self.relations[rows[:, 1]])
        found: FloatArray = score(self.method, head, relation, tail).numpy()
        return found

    def rank_against(self, given: IntArray, relations: IntArray, tails: bool) -> FloatArray:
        """Scores ``(B, nodes)`` of all nodes as the tails (or heads) of queries ``(B,)``."""
        known, relation = (
            torch.from_numpy(self.nodes[given]),
            torch.from_numpy(self.relations[relations]),
        )
        if tails:
            query = tail_query(self.method, known, relation)
        else:
            query = head_query(self.method, relation, known)
        found: FloatArray = similarity(self.method, query, torch.from_numpy(self.nodes)).numpy()
        return found

    def save(self, folder: Path, **extra: Any) -> None:
        """Write ``weights.safetensors`` and, last, ``config.json``."""
        with atomic(folder / "weights.safetensors") as temporary:
            save_file({"nodes": self.nodes, "relations": self.relations}, temporary)
        content = {"method": self.method, "relations": list(self.names), **extra}
        write_json(folder / "config.json", content)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """:raises ArtifactError: when there is none."""
        content = read_json(folder / "config.json")
        arrays = load_file(folder / "weights.safetensors")
        names = tuple(content["relations"])
        return cls(content["method"], arrays["nodes"], arrays["relations"], names)


def fit(
    train: Triples,
    valid: Triples | None,
    method: Method,
    config: EmbeddingConfig,
    options: TrainingOptions,
) -> tuple[KnowledgeEmbedding, FitResult]:
    """Train by sampled softmax: each triple's tail, and head, against random nodes.

    All negatives of a batch are shared, and one that is the right answer does not count. The
    cross entropy over many negatives with the nuclear 3-norm is that of Lacroix et al.
    (ICML 2018, "Canonical tensor decomposition for knowledge base completion").

    :param valid: chooses the epochs by its mean reciprocal rank; None needs
        ``options.epochs``.
    :raises ModelError: when the loss is not finite.
    """
    inputs = digest(
        [method, config.model_dump(), train.rows.tolist(), options.seed, options.epochs]
    )
    with isolated_torch(options) as device:
        seed_epoch(options.seed, 0)
        learner = _Learner(train, valid, method, config, options.seed, device)
        result = run_epochs(learner, options, config.epochs, config.patience, inputs)
        return learner.embedding(), result


class _Learner:
    """The vectors and how they are trained; see :class:`reelgraph.model.training.loop.Learner`."""

    def __init__(
        self,
        train: Triples,
        valid: Triples | None,
        method: Method,
        config: EmbeddingConfig,
        seed: int,
        device: torch.device,
    ) -> None:
        self.train, self.valid, self.method = train, valid, method
        self.config, self.seed = config, seed
        size = config.embedding_size
        spread = 1.0 / np.sqrt(size)
        self.nodes = (torch.randn(train.nodes, size) * spread).to(device).requires_grad_()
        self.relations = (
            (torch.randn(len(train.relations), size) * spread).to(device).requires_grad_()
        )
        self.rows = torch.from_numpy(train.rows).to(device)
        self.optimizer = torch.optim.Adam([self.nodes, self.relations], lr=config.learning_rate)

    @property
    def sequences(self) -> int:
        return len(self.train)

    def check(self) -> float:
        return float(self._loss(self.rows[: 2 * self.config.batch_size]).detach())

    def epoch(self, number: int) -> Iterator[tuple[int, float]]:
        order = torch.randperm(len(self.rows)).to(self.rows.device)
        for part in torch.split(order, self.config.batch_size):
            self.optimizer.zero_grad(set_to_none=True)
            loss = self._loss(self.rows[part])
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
            yield len(part), float(loss.detach())

    def validate(self) -> float | None:
        if self.valid is None or not len(self.valid):
            return None
        from .evaluation import reciprocal_ranks

        some = self.valid.only(self.valid.rows[:_VALID_TRIPLES])
        return float(reciprocal_ranks(self.embedding(), some, [self.train, self.valid]).mean())

    def state(self) -> dict[str, Any]:
        return {
            "nodes": self.nodes.detach().cpu(),
            "relations": self.relations.detach().cpu(),
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        with torch.no_grad():
            self.nodes.copy_(state["nodes"])
            self.relations.copy_(state["relations"])
        self.optimizer.load_state_dict(state["optimizer"])

    def embedding(self) -> KnowledgeEmbedding:
        nodes, relations = (x.detach().cpu().numpy().copy() for x in (self.nodes, self.relations))
        return KnowledgeEmbedding(self.method, nodes, relations, self.train.relations)

    def _loss(self, rows: Tensor) -> Tensor:
        method = self.method
        head, tail = self.nodes[rows[:, 0]], self.nodes[rows[:, 2]]
        relation = self.relations[rows[:, 1]]
        drawn = torch.randint(self.train.nodes, (self.config.negatives,)).to(rows.device)
        others, right = self.nodes[drawn], score(method, head, relation, tail)
        asked = (
            (tail_query(method, head, relation), rows[:, 2]),
            (head_query(method, relation, tail), rows[:, 0]),
        )
        loss = rows.new_zeros((), dtype=torch.float32)
        for query, answer in asked:
            wrong = similarity(method, query, others)
            wrong = wrong.masked_fill(drawn[None, :] == answer[:, None], -torch.inf)
            logits = torch.cat([right[:, None], wrong], 1)
            loss = loss + functional.cross_entropy(logits, torch.zeros_like(answer)) / 2
        if method != "transe" and self.config.reg:
            norms = sum(cubed_norm(method, part).mean() for part in (head, relation, tail))
            loss = loss + self.config.reg * norms
        return loss
