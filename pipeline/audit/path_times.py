"""Check 4, stored paths: each rating on a path is older than the path's event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...artifacts import read_parquet
from .subject import Subject

Ints = npt.NDArray[np.int64]

_UNKNOWN = np.iinfo(np.int64).min  # no timestamp


@dataclass(frozen=True)
class Older:
    """The split's rows, and where the events of paths lie among them.

    :param keys: ``user * nodes + item`` of each row, rising; ``seq``, ``time`` (``_UNKNOWN``
        without a timestamp) and ``train`` in the same order.
    :param last: time of each user's last train row.
    :param moments: time by user and ``seq``.
    """

    nodes: int
    users: pd.Series[Any]
    items: pd.Series[Any]
    keys: Ints
    seq: Ints
    time: Ints
    train: npt.NDArray[np.bool_]
    last: pd.Series[Any]
    moments: pd.Series[Any]

    @classmethod
    def of(cls, subject: Subject, nodes: int) -> Older:
        """Read once for all parts of a job's paths."""
        rows, dataset = subject.rows, subject.work.split.dataset
        keys = subject.edge_keys(nodes)
        time = np.full(len(rows), _UNKNOWN)
        if "timestamp" in rows:
            time = rows["timestamp"].astype("Int64").fillna(_UNKNOWN).to_numpy(np.int64)
        train = (rows["fold"] == "train").to_numpy()
        # sorted by key (user and item in one number), so that late() finds a rating by bisection
        order = np.argsort(keys)
        owner, seq = keys // nodes, rows["seq"].to_numpy(np.int64)
        return cls(
            nodes,
            read_parquet(dataset.users).set_index("userId")["index"],
            read_parquet(dataset.items).set_index("itemId")["index"],
            keys[order],
            seq[order],
            time[order],
            train[order],
            pd.Series(time[train]).groupby(owner[train]).last(),
            pd.Series(time, pd.MultiIndex.from_arrays([owner, seq])),
        )

    def late(self, paths: pd.DataFrame, first: Ints, second: Ints, owner: Ints) -> tuple[int, int]:
        """Steps over train ratings that are not older than the event of their path.

        A user's own rating is older by ``seq``, another user's by its timestamp; a rating or
        an event without one is older than nothing, and nothing is older than it.

        :param paths: ``user, item`` (ids) and ``seq`` of each path.
        :param first: one end of each step, as a node; ``second`` is the other one.
        :param owner: the path of each step.
        :returns: those over the user's own ratings, and those over ratings of others.
        """
        user, seq, time = self._events(paths)
        rater, item = np.maximum(first, second), np.minimum(first, second)  # users come last
        row, rated = self._find(rater * self.nodes + item)
        rated &= self.train[row]
        own = rater == user[owner]
        by_seq = self.seq[row] >= seq[owner]
        by_time = (self.time[row] == _UNKNOWN) | (self.time[row] >= time[owner])
        return int((rated & own & by_seq).sum()), int((rated & ~own & by_time).sum())

    def _events(self, paths: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
        """User node, ``seq`` and time of each path's event.

        A pair that is not an event of the split is asked for after the user's last train row, or
        was sampled beside an event. Whatever a pair is, its path's own ``seq`` counts, with the
        time of the user's row there, where that is earlier.
        """
        user: Ints = self.users.reindex(paths["user"], fill_value=-1).to_numpy(np.int64)
        item = self.items.reindex(paths["item"], fill_value=-1).to_numpy(np.int64)
        row, known = self._find(user * self.nodes + item)
        told = paths["seq"].to_numpy(np.int64)
        seq: Ints = np.where(known, np.minimum(self.seq[row], told), told)
        after = self.last.reindex(user, fill_value=_UNKNOWN).to_numpy(np.int64)
        time: Ints = np.where(known, self.time[row], after)
        at = pd.MultiIndex.from_arrays([user, told])
        beside = self.moments.reindex(at, fill_value=np.iinfo(np.int64).max).to_numpy(np.int64)
        return user, seq, np.minimum(time, beside)

    def _find(self, keys: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Row of each key, and whether it is there."""
        row = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found: npt.NDArray[np.bool_] = self.keys[row] == keys
        return row, found
