"""The data that models see: catalogue, interactions and queries, by item index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import ModelError

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

Knowledge = Literal["real", "none", "shuffled"]


@dataclass(frozen=True)
class Query:
    """One question to a model: a history, asked at a moment.

    ``items`` are item indices in the order of ``seq``, oldest first; ``ratings`` and
    ``timestamps`` (epoch seconds) are as long or None; ``at`` is the time of asking.
    ``known`` is what is known of the user beside the history, such as ``{"age": 24}`` or what
    a new user says to like; it may be empty. ``user`` is the source's id and is only a label,
    except for models that say so.
    """

    user: int | str
    items: IntArray
    ratings: FloatArray | None = None
    timestamps: IntArray | None = None
    at: int | None = None
    known: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Catalogue:
    """The items that a model knows.

    ``item_ids[i]`` is the source's id of item index ``i``, sorted by id, so that equal
    scores ordered by index are ordered by id.
    """

    item_ids: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.item_ids)


@dataclass(frozen=True)
class Interactions:
    """Events grouped by user, each user's in the order of ``seq``.

    User ``n`` is ``users[n]`` with events ``offsets[n]:offsets[n + 1]``; ``items`` are
    item indices. ``known`` has a row per user with what queries then carry of them.
    """

    catalogue: Catalogue
    users: npt.NDArray[Any]
    offsets: IntArray
    items: IntArray
    ratings: FloatArray | None = None
    timestamps: IntArray | None = None
    known: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.items)

    def history(self, n: int) -> IntArray:
        return self.items[self.offsets[n] : self.offsets[n + 1]]

    def last(self, most: int) -> Self:
        """The same users with their last events, ``most`` each."""
        lengths = np.diff(self.offsets)
        kept = np.minimum(lengths, most)
        places = np.arange(len(self)) - np.repeat(self.offsets[1:], lengths)  # from the end, < 0
        rows = np.flatnonzero(places >= -most)
        return replace(
            self,
            offsets=np.concatenate([[0], np.cumsum(kept)]).astype(np.int64),
            items=self.items[rows],
            ratings=None if self.ratings is None else self.ratings[rows],
            timestamps=None if self.timestamps is None else self.timestamps[rows],
        )

    def query(self, n: int, at: int | None = None) -> Query:
        """The question 'what next?' after all events of user ``n``."""
        events = slice(self.offsets[n], self.offsets[n + 1])
        return Query(
            user=self.users[n].item() if hasattr(self.users[n], "item") else self.users[n],
            items=self.items[events],
            ratings=None if self.ratings is None else self.ratings[events],
            timestamps=None if self.timestamps is None else self.timestamps[events],
            at=at,
            known={} if self.known is None else _row(self.known, n),
        )


def _row(frame: pd.DataFrame, n: int) -> dict[str, object]:
    return {str(name): value for name, value in frame.iloc[n].dropna().items()}


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
