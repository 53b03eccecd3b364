"""The interface of every model.

A model is a frozen configuration plus a class. It is fitted on sequences and what it declared
to need, never on test rows, and asked by :class:`~.data.Query`, not by user number, so that
new users, refreshed histories and audits need no other way in. This package knows files and
tensors; it never imports the database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict

from ..artifacts import Task
from ..errors import ModelError
from .data import Catalogue, FloatArray, IntArray, Interactions, Query
from .needs import (
    NOTHING,
    AdjacencyNeed,
    EmbeddingNeed,
    FactsNeed,
    Need,
    PathsNeed,
    Supplied,
    TrainingData,
    TriplesNeed,
)
from .rating_reasons import RatingReasons
from .search_space import Space

Provision = Literal["ranking", "rating", "evidence", "vectors"]
Precision = Literal["float32", "bfloat16", "float16"]

_CELLS = 2**25  # scores at once; with what ranking them takes 700 MB
_RANKED = 2**18  # of these ranked at once
RANKING_MEMORY = 24 * _CELLS  # bytes


@dataclass(frozen=True)
class TrainingOptions:
    """What is about the machine and the run, not about the model.

    ``epochs`` fixes the number of epochs (the final fit); None means early stopping on
    valid. ``checkpoint`` is a folder where an interrupted fit leaves its state and a
    later one with the same inputs goes on. ``report`` gets one dict per epoch, ``history`` is
    a file of one line of JSON per epoch, written anew after each. ``rates`` are learning rates
    by epoch that go before a schedule, ``settings`` what else was chosen on valid: a final fit
    takes those of the fit that chose its epochs.
    ``precision`` is that of products on CUDA; the CPU always uses float32.
    """

    device: str = "cpu"
    threads: int = 1
    seed: int = 42
    epochs: int | None = None
    checkpoint: Path | None = None
    progress: bool = False
    report: Callable[[dict[str, Any]], None] | None = None
    history: Path | None = None
    rates: tuple[float, ...] | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    precision: Precision = "float32"


@dataclass(frozen=True)
class Sizes:
    """How large the data of a fit are: what a model needs to tell its memory.

    ``knowledge`` is the sum of the widths of the supplied embeddings, ``facts`` the number of
    supplied facts. Of the supplied graph, ``triples`` and ``relations`` are counted, and ``nodes``,
    items among them; a graph of ratings and knowledge has the users, too.
    """

    users: int
    items: int
    interactions: int
    knowledge: int = 0
    facts: int = 0
    triples: int = 0
    relations: int = 0
    nodes: int = 0

    @classmethod
    def of(cls, data: Interactions, supplied: Supplied) -> Self:
        vectors = (supplied[need] for need in supplied if isinstance(need, EmbeddingNeed))
        width = sum(one.shape[1] for one in vectors)
        facts = sum(len(supplied[need].names) for need in supplied if isinstance(need, FactsNeed))
        graphs = [supplied[need] for need in supplied if isinstance(need, TriplesNeed)]
        nodes = [graph.nodes for graph in graphs]
        nodes += [supplied[need].shape[0] for need in supplied if isinstance(need, AdjacencyNeed)]
        nodes += [supplied[need].nodes for need in supplied if isinstance(need, PathsNeed)]
        return cls(
            len(data.users),
            len(data.catalogue),
            len(data),
            width,
            facts,
            triples=sum(len(graph) for graph in graphs),
            relations=sum(len(graph.relations) for graph in graphs),
            nodes=max(nodes, default=0),
        )

    @property
    def known(self) -> int:
        """Nodes of the graph, at least the items."""
        return max(self.nodes, self.items)


@dataclass(frozen=True)
class FitResult:
    """What a fit chose and saw: ``epochs`` and ``settings`` chosen on valid, a dict per epoch."""

    epochs: int = 0
    history: tuple[dict[str, Any], ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict)

    @property
    def rates(self) -> tuple[float, ...] | None:
        """Learning rates of the chosen epochs, for the final fit; None without a schedule."""
        rows = self.history[: self.epochs]
        return tuple(r["learning_rate"] for r in rows if "learning_rate" in r) or None

    def final(self, options: TrainingOptions) -> TrainingOptions:
        """Options of the final fit: for the epochs that were chosen, at their rates, and so on."""
        epochs = max(self.epochs, 1)
        return replace(options, epochs=epochs, rates=self.rates, settings=self.settings)


@dataclass(frozen=True)
class Ranking:
    """Top-n of each query: ``items`` and ``scores`` are ``(queries, n)``, best first.

    Equal scores are ordered by item index. Where fewer than ``n`` candidates remain,
    ``items`` is -1 and ``scores`` is -inf.
    """

    items: IntArray
    scores: FloatArray


@dataclass(frozen=True)
class Evidence:
    """Why: for one query, ``weights`` over its history and contributions to candidates.

    ``weights`` is ``(history,)``, non-negative, sums to 1. ``contributions`` is
    ``(candidates, history)``; with ``bias`` ``(candidates,)`` its rows add up to the score.
    ``recency`` ``(history,)`` is what the weights would be if only the place in the history
    counted, None where a model cannot tell: an item with more weight than that is looked at
    for what it is, not for how recent it is.
    """

    weights: FloatArray
    contributions: FloatArray
    bias: FloatArray
    recency: FloatArray | None = None


@dataclass(frozen=True)
class Vectors:
    """User and item vectors whose inner products are the scores; item rows have one length."""

    users: FloatArray
    items: FloatArray

    def scores(self) -> FloatArray:
        """Of all items, ``(users, items)``."""
        return self.users @ self.items.T


class ModelConfig(BaseModel):
    """Base of all model configurations: frozen, unknown keys refused.

    ``search_space`` has those options that ``reelgraph tune`` tries values of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    search_space: ClassVar[Mapping[str, Space]] = {}


class Model(ABC):
    """A recommender; subclasses are registered by plugins under ``name``.

    ``provides`` says which methods it has beside :meth:`score`: ``ranking`` that its scores
    rank items, ``rating`` :meth:`predict_rating`, ``evidence`` :meth:`explain`, ``vectors``
    :meth:`vectors`. A model with ``chooses`` False has nothing to choose on valid, such as
    epochs, and is fitted once; one with ``seeded`` False is the same for every seed.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    config_class: ClassVar[type[ModelConfig]] = ModelConfig
    provides: ClassVar[frozenset[Provision]] = frozenset({"ranking"})
    chooses: ClassVar[bool] = True
    seeded: ClassVar[bool] = True

    catalogue: Catalogue  # set by fit and load

    def __init__(self, config: ModelConfig | None = None) -> None:
        self.config = config or self.config_class()

    @classmethod
    def needs(cls, config: Any) -> tuple[Need[Any], ...]:
        """What a model of this configuration asks for beside the interactions.

        The pipeline supplies it, the leak audit and the run's id follow from it.
        """
        return ()

    @classmethod
    def tasks(cls) -> tuple[Task, ...]:
        """What runs of this model can be about, the first by default."""
        return tuple(task for task in get_args(Task) if task in cls.provides)

    def memory(self, sizes: Sizes) -> int:
        """Bytes of main memory that fitting, saving and asking take at most, beside the data.

        It is asked before anything is trained; 0 means that the model does not say.
        """
        return 0

    @abstractmethod
    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        """Learn from ``data.train``; choose epochs on ``data.valid`` where it is given.

        ``data[need]`` is what the model declared in :meth:`needs`; where the need has a
        fallback, ``data.get(need)`` is None when it is absent.
        """

    @abstractmethod
    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        """Scores of all items (or of ``items``), shape ``(queries, items)``."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write ``config.json`` and ``weights.safetensors``."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        """Read what :meth:`save` wrote; ``supplied`` is as it was in :meth:`fit`.

        :raises ModelError: when the catalogue is not the one it was trained on.
        """

    def recommend(
        self, queries: Sequence[Query], n: int, exclude: Sequence[IntArray] | None = None
    ) -> Ranking:
        """Top ``n`` of each query among items not in ``exclude`` (by default its history)."""
        excluded = [query.items for query in queries] if exclude is None else exclude
        parts = [
            rank(self.score(queries[part]), n, excluded[part])
            for part in chunks(len(queries), len(self.catalogue))
        ]
        return join_rankings(parts)

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        """Evidence for each query and its candidate items.

        :raises ModelError: when the model does not provide evidence.
        """
        raise ModelError(f"model '{self.name}' gives no evidence")

    def predict_rating(
        self, queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[FloatArray]:
        """Predicted ratings. :raises ModelError: when the model does not predict ratings."""
        raise ModelError(f"model '{self.name}' predicts no ratings")

    def explain_rating(self, query: Query, item: int) -> RatingReasons:
        """What the predicted rating of an item is made of, exactly.

        :raises ModelError: when the model cannot say.
        """
        raise ModelError(f"model '{self.name}' cannot say what a predicted rating is made of")

    def predicts_ratings(self) -> bool:
        """Whether the fitted model predicts ratings, which may depend on what it was fitted on."""
        return "rating" in self.provides

    def has_vectors(self) -> bool:
        """Whether the model has vectors, which may depend on its configuration."""
        return "vectors" in self.provides

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        """User and item vectors. :raises ModelError: when the model has none."""
        raise ModelError(f"model '{self.name}' has no vectors for a live query")

    def vectors_of_new(self, items: Sequence[Collection[str]]) -> FloatArray:
        """Vectors of items that the catalogue lacks, as long as those of :meth:`vectors`.

        :param items: the facts of each by name, as a :class:`~.needs.FactsNeed` has them.
        :raises ModelError: when the model cannot tell.
        """
        raise ModelError(f"model '{self.name}' has no vectors for new items")

    def summary(self) -> dict[str, Any]:
        """What a user may want to know of the fitted model, such as mean fusion weights."""
        return {}


def chunks(queries: int, items: int, most: int = 8192) -> list[slice]:
    """Parts of the queries, at least one, whose scores of all items fit into memory.

    Of a large catalogue fewer queries are asked at a time than ``most``.
    """
    size = max(1, min(most, _CELLS // max(items, 1)))
    return [slice(start, start + size) for start in range(0, max(queries, 1), size)]


def join_rankings(parts: Sequence[Ranking]) -> Ranking:
    """The rankings of parts of the queries as one."""
    if len(parts) == 1:
        return parts[0]
    return Ranking(
        np.concatenate([part.items for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def rank(scores: FloatArray, n: int, exclude: Sequence[IntArray]) -> Ranking:
    """Best ``n`` of each row; equal scores by index, excluded items never.

    A few rows at a time, whose scores stay in the processor's cache.

    :param scores: ``(queries, items)``; it is not changed.
    """
    size = max(1, _RANKED // max(scores.shape[1], 1))
    starts = range(0, max(len(scores), 1), size)
    parts = [slice(start, start + size) for start in starts]
    return join_rankings([_rank_rows(scores[part], n, exclude[part]) for part in parts])


def _rank_rows(scores: FloatArray, n: int, exclude: Sequence[IntArray]) -> Ranking:
    scores = scores.astype(np.float32, copy=True)
    rows = np.repeat(np.arange(len(exclude)), [len(items) for items in exclude])
    scores[rows, np.concatenate([np.zeros(0, np.int64), *exclude])] = -np.inf
    order = _best(scores, min(n, scores.shape[1]))
    best = np.take_along_axis(scores, order, axis=1)
    return Ranking(np.where(np.isneginf(best), -1, order).astype(np.int64), best)


def _best(scores: FloatArray, n: int) -> IntArray:
    """Columns of the ``n`` highest of each row, ``(rows, n)``; equal ones by column.

    Only what is not below the n-th highest is sorted. Where more than n are not below it, as
    with equal scores, the whole row is.
    """
    if not scores.size or not n:
        return np.zeros((len(scores), n), np.int64)
    cut = scores.shape[1] - n
    chosen = scores >= np.partition(scores, cut, axis=1)[:, cut, None]
    plain = np.count_nonzero(chosen, axis=1) == n
    order = np.empty((len(scores), n), np.int64)
    columns = np.flatnonzero(chosen[plain]).reshape(-1, n) % scores.shape[1]
    ranked = np.argsort(-np.take_along_axis(scores[plain], columns, 1), axis=1, kind="stable")
    order[plain] = np.take_along_axis(columns, ranked, 1)
    order[~plain] = np.argsort(-scores[~plain], axis=1, kind="stable")[:, :n]
    return order
