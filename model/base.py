"""The interface of every model, and the data that models see.

A model is a frozen configuration plus a class. It is fitted on sequences, never on
test rows, and asked by :class:`Query`, not by user number, so that new users,
refreshed histories and audits need no other way in. This package knows files and
tensors; it never imports the database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict

from ..errors import ModelError

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

Knowledge = Literal["real", "none", "shuffled"]

_CELLS = 2**25  # scores at once; with what ranking them takes 700 MB
RANKING_MEMORY = 24 * _CELLS  # bytes


@dataclass(frozen=True)
class Query:
    """One question to a model: a history, asked at a moment.

    ``items`` are item indices in the order of ``seq``, oldest first; ``ratings`` and
    ``timestamps`` (epoch seconds) are as long or None; ``at`` is the time of asking.
    ``user`` is the source's id and is only a label, except for models that say so.
    """

    user: int | str
    items: IntArray
    ratings: FloatArray | None = None
    timestamps: IntArray | None = None
    at: int | None = None


@dataclass(frozen=True)
class Catalogue:
    """The items that a model knows, and what is known about them.

    ``item_ids[i]`` is the source's id of item index ``i``, sorted by id, so that equal
    scores ordered by index are ordered by id. ``embeddings[name]`` is
    ``(items, dim)`` float32; a row of zeros means that nothing is known.
    """

    item_ids: npt.NDArray[Any]
    embeddings: dict[str, FloatArray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.item_ids)


@dataclass(frozen=True)
class Interactions:
    """Events grouped by user, each user's in the order of ``seq``.

    User ``n`` is ``users[n]`` with events ``offsets[n]:offsets[n + 1]``; ``items`` are
    item indices.
    """

    catalogue: Catalogue
    users: npt.NDArray[Any]
    offsets: IntArray
    items: IntArray
    ratings: FloatArray | None = None
    timestamps: IntArray | None = None

    def __len__(self) -> int:
        return len(self.items)

    def history(self, n: int) -> IntArray:
        return self.items[self.offsets[n] : self.offsets[n + 1]]

    def query(self, n: int, at: int | None = None) -> Query:
        """The question 'what next?' after all events of user ``n``."""
        events = slice(self.offsets[n], self.offsets[n + 1])
        return Query(
            user=self.users[n].item() if hasattr(self.users[n], "item") else self.users[n],
            items=self.items[events],
            ratings=None if self.ratings is None else self.ratings[events],
            timestamps=None if self.timestamps is None else self.timestamps[events],
            at=at,
        )


@dataclass(frozen=True)
class TrainingOptions:
    """What is about the machine and the run, not about the model.

    ``epochs`` fixes the number of epochs (the final fit); None means early stopping on
    valid. ``checkpoint`` is a folder where an interrupted fit leaves its state and a
    later one with the same inputs goes on. ``report`` gets one dict per epoch.
    """

    device: str = "cpu"
    threads: int = 1
    seed: int = 42
    epochs: int | None = None
    checkpoint: Path | None = None
    progress: bool = False
    report: Callable[[dict[str, Any]], None] | None = None


@dataclass(frozen=True)
class Sizes:
    """How large the data of a fit are: what a model needs to tell its memory.

    ``knowledge`` is the sum of the widths of the catalogue's embeddings.
    """

    users: int
    items: int
    interactions: int
    knowledge: int = 0

    @classmethod
    def of(cls, data: Interactions) -> Self:
        vectors = data.catalogue.embeddings.values()
        width = sum(one.shape[1] for one in vectors)
        return cls(len(data.users), len(data.catalogue), len(data), width)


@dataclass(frozen=True)
class FitResult:
    """What a fit chose and saw: ``epochs`` chosen on valid, one dict per epoch."""

    epochs: int = 0
    history: tuple[dict[str, Any], ...] = ()


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
    """

    weights: FloatArray
    contributions: FloatArray
    bias: FloatArray


@dataclass(frozen=True)
class Vectors:
    """User and item vectors whose inner products are the scores; item rows have one length."""

    users: FloatArray
    items: FloatArray


class ModelConfig(BaseModel):
    """Base of all model configurations: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Model(ABC):
    """A recommender; subclasses are registered by plugins under ``name``.

    ``needs`` and ``provides`` are sets of words: needs of ``history, timestamps,
    embeddings, features``; provides of ``ranking, rating, evidence, vectors``. A model that
    reads the split's features says so, and the leak audit then judges it by them. A model with
    ``chooses`` False has nothing to choose on valid, such as epochs, and is fitted once.
    """

    name: ClassVar[str]
    description: ClassVar[str]
    config_class: ClassVar[type[ModelConfig]] = ModelConfig
    needs: ClassVar[frozenset[str]] = frozenset({"history"})
    provides: ClassVar[frozenset[str]] = frozenset({"ranking"})
    chooses: ClassVar[bool] = True

    catalogue: Catalogue  # set by fit and load

    def __init__(self, config: ModelConfig | None = None) -> None:
        self.config = config or self.config_class()

    def memory(self, sizes: Sizes) -> int:
        """Bytes of main memory that fitting, saving and asking take at most, beside the data.

        It is asked before anything is trained; 0 means that the model does not say.
        """
        return 0

    @abstractmethod
    def fit(
        self, train: Interactions, valid: Interactions | None, options: TrainingOptions
    ) -> FitResult:
        """Learn from ``train``; choose epochs on ``valid`` where it is given.

        ``valid`` holds, for the same users in the same order, the events after train.
        """

    @abstractmethod
    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        """Scores of all items (or of ``items``), shape ``(queries, items)``."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write ``config.json`` and ``weights.safetensors``."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path, catalogue: Catalogue) -> Self:
        """Read what :meth:`save` wrote.

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

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        """User and item vectors. :raises ModelError: when the model has none."""
        raise ModelError(f"model '{self.name}' has no vectors for a live query")

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

    :param scores: ``(queries, items)``; it is not changed.
    """
    scores = scores.astype(np.float32, copy=True)
    for row, items in enumerate(exclude):
        scores[row, items] = -np.inf
    n = min(n, scores.shape[1])
    order = np.argsort(-scores, axis=1, kind="stable")[:, :n]
    best = np.take_along_axis(scores, order, axis=1)
    return Ranking(np.where(np.isneginf(best), -1, order).astype(np.int64), best)


def interactions_from_frame(
    frame: pd.DataFrame, catalogue: Catalogue, users: npt.NDArray[Any] | None = None
) -> Interactions:
    """Group a frame of ``user, item, seq`` (and ``rating, timestamp``) into :class:`Interactions`.

    :param users: sorted ids of all users to hold, also those without rows; by default
        the frame's own.
    """
    frame = frame.sort_values(["user", "seq"], kind="stable")
    index = pd.Index(catalogue.item_ids).get_indexer(frame["item"])
    if (index < 0).any():
        raise ModelError("the interactions name items that are not in the catalogue")
    of_rows = frame["user"].to_numpy()
    users = np.unique(of_rows) if users is None else users
    counts = np.bincount(np.searchsorted(users, of_rows), minlength=len(users))
    optional = {
        "ratings": _column(frame, "rating", np.float32),
        "timestamps": _column(frame, "timestamp", np.int64),
    }
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Interactions(catalogue, users, offsets, index.astype(np.int64), **optional)


def _column(frame: pd.DataFrame, name: str, dtype: Any) -> Any:
    if name not in frame or frame[name].isna().any():
        return None
    return frame[name].to_numpy(dtype=dtype)
