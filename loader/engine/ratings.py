"""Interactions into the graph: whole users at a time, in parallel, each user's ``seq`` right.

Users without interactions get theirs by ``CREATE``. Those of a user who has some are joined
with what is there: equal ones stay untouched, others are updated, new ones created, and
``seq`` is put right over both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...graph.connection import Counters, Transaction
from ...graph.writer import Progress, Written
from .ledger import Keyed, Ledger
from .records import NO_TIME, Histories
from .spool import Spool

_ROWS_A_BATCH = 10_000
_THREADS = 4
_LATEST = np.iinfo(np.int64).max


@dataclass
class RatingWriter:
    """Writes the interactions of a spool, as relationships of one type.

    ``may_be_there`` is false where the graph has no interaction, so that none is looked for.
    """

    spool: Spool
    type: str
    may_be_there: bool

    def __post_init__(self) -> None:
        self._users = self.spool.user_ids.to_numpy()
        self._items = self.spool.item_ids.to_numpy()
        self._older: dict[int, int] = {}  # by the first user of a batch

    def write(self, ledger: Ledger, progress: Progress) -> tuple[Written, int]:
        """Write the users whose rows have changed; also their number."""
        spool = self.spool
        users = np.flatnonzero(spool.sizes)
        changed = np.zeros(len(spool.sizes), dtype=bool)
        keys = spool.user_ids.iloc[users]
        changed[users] = ledger.changed(keys, spool.digests[users])
        progress(int(spool.sizes[~changed].sum()))
        written = ledger.write(self._batches(changed), self._transaction, _THREADS, progress)
        ledger.forget_superseded(changed[users])
        return written, int(changed.sum())

    @property
    def older(self) -> int:
        """Rows that were left out because the graph has a later one of the user and item."""
        return sum(self._older.values())

    def _batches(self, changed: npt.NDArray[np.bool_]) -> Iterator[Keyed[Histories]]:
        """Whole users, about 10,000 rows per batch."""
        waiting: list[Histories] = []
        for part in self.spool.histories():
            rest = part.of_users(changed)
            waiting.append(rest)
            while sum(map(len, waiting)) >= _ROWS_A_BATCH:
                whole = Histories.together(waiting)
                starts = np.flatnonzero(whole.seq == 1)
                later = starts[starts >= _ROWS_A_BATCH]
                cut = int(later[0]) if len(later) else len(whole)
                yield self._batch(whole.rows(slice(0, cut)))
                waiting = [whole.rows(slice(cut, None))]
        if any(map(len, waiting)):
            yield self._batch(Histories.together(waiting))

    def _batch(self, rows: Histories) -> Keyed[Histories]:
        users = rows.user[rows.seq == 1]
        return Keyed(self._users[users].tolist(), self.spool.digests[users], len(rows), rows)

    def _transaction(self, tx: Transaction, rows: Histories) -> Counters:
        if not self.may_be_there:
            return self._create(tx, rows)
        users = self._users[rows.user[rows.seq == 1]].tolist()
        found = tx.run("load/histories", users=users, type=self.type).rows
        old = [row for row in found if row["rows"]]
        if not old:
            return self._create(tx, rows)
        created, updates, older = join(old, rows, self._users, self._items)
        self._older[rows.user[0]] = older  # a transaction may run again
        counters = self._create(tx, created)
        if updates:
            counters += tx.run("load/update_relationships", rows=updates).counters
        return counters

    def _create(self, tx: Transaction, rows: Histories) -> Counters:
        if not len(rows):
            return Counters()
        return tx.run("load/ratings", **self._columns(rows), type=self.type).counters

    def _columns(self, rows: Histories) -> dict[str, list[Any]]:
        """The ids of the users and items, and columns with their places in these lists."""
        users, user_places = np.unique(rows.user, return_inverse=True)
        items, item_places = np.unique(rows.item, return_inverse=True)
        return {
            "userIds": self._users[users].tolist(),
            "itemIds": self._items[items].tolist(),
            "users": user_places.tolist(),
            "items": item_places.tolist(),
            "seqs": rows.seq.tolist(),
            "ratings": _values(rows.rating, np.isnan(rows.rating)),
            "timestamps": _values(rows.timestamp, rows.timestamp == NO_TIME),
        }


def join(
    old: list[dict[str, Any]],
    new: Histories,
    users: npt.NDArray[Any],
    items: npt.NDArray[Any],
) -> tuple[Histories, list[dict[str, Any]], int]:
    """What to create and what to update so that the graph's rows and the new ones are one history.

    Of a row and the graph's own the later counts. The order is by timestamp, missing ones last.
    At one time it is the source's order, where the source has all rows of a user; else the
    graph's rows, in their order, come before the new ones in theirs. A missing value in the
    source removes nothing.

    :param old: ``userId`` and ``rows``: [id, itemId, rating, timestamp, seq] of each relationship.
    :return: new rows with their ``seq``, sorted by user and seq; for changed relationships
        their id and the new values of properties; and the number of older rows left out.
    """
    there = _Rows.of_graph(old, users, new, items)
    # the graph's row of each new one, by user and item in one number; -1 for none
    pairs = pd.Index((there.user << 32) | there.item)
    firsts = ~pairs.duplicated()
    place = pairs[firsts].get_indexer(pd.Index((new.user << 32) | new.item))
    place = np.where(place >= 0, np.flatnonzero(firsts)[place], -1)
    matched = place >= 0
    # values of the graph's rows afterwards: those of a matched row that is not older
    older = _older(new, there, place)
    taken = matched & ~older
    rating, timestamp = there.rating.copy(), there.timestamp.copy()
    rating[place[taken]] = _unless(np.isnan, new.rating[taken], rating[place[taken]])
    timestamp[place[taken]] = _unless(
        lambda values: values == NO_TIME, new.timestamp[taken], timestamp[place[taken]]
    )
    # one history: the graph's rows, then those that it does not have; no time comes last
    fresh = new.rows(~matched)
    user = np.concatenate([there.user, fresh.user])
    time = np.concatenate([timestamp, fresh.timestamp])
    time[time == NO_TIME] = _LATEST
    is_new = np.arange(len(user)) >= len(there.user)
    # among equal times: the graph's place, or the source's where it has all rows of the user
    place_at_time = np.concatenate([there.seq, fresh.seq])
    unmatched = np.ones(len(there.user), dtype=bool)
    unmatched[place[matched]] = False
    whole = ~np.isin(user, there.user[unmatched])  # users all of whose rows are in the source
    place_at_time[place[matched]] = np.where(
        whole[place[matched]], new.seq[matched], place_at_time[place[matched]]
    )
    # rows in order, and seq as the place from 1 among the user's
    order = np.lexsort((place_at_time, is_new & ~whole, time, user))
    ordered = user[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    counts = np.diff(np.append(starts, len(order)))
    seq = np.empty(len(order), dtype=np.int64)
    seq[order] = np.arange(len(order)) - np.repeat(starts, counts) + 1
    updates = there.updates(rating, timestamp, seq[: len(there.user)])
    fresh = Histories(fresh.user, fresh.item, fresh.rating, fresh.timestamp, seq[is_new])
    return fresh.rows(np.lexsort((fresh.seq, fresh.user))), updates, int(older.sum())


def _older(new: Histories, there: _Rows, place: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which new rows say what was before the graph's row of the same user and item.

    :param place: the graph's row of each new one, -1 for none.
    """
    older: npt.NDArray[np.bool_] = (place >= 0) & (new.timestamp != NO_TIME)
    time = there.timestamp[place[older]]
    older[older] = (time != NO_TIME) & (new.timestamp[older] < time)
    return older


@dataclass
class _Rows:
    """The graph's rows; a row without ``seq`` comes last at its time."""

    id: list[str]
    user: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    rating: npt.NDArray[np.float64]
    timestamp: npt.NDArray[np.int64]
    seq: npt.NDArray[np.int64]

    @classmethod
    def of_graph(
        cls, old: list[dict[str, Any]], users: npt.NDArray[Any], new: Histories, items: Any
    ) -> _Rows:
        rows = [row for one in old for row in one["rows"]]
        # the batch's own numbers of users and items; an item that is not in it gets a new one
        own = np.unique(new.user)
        number = dict(zip(users[own].tolist(), own.tolist(), strict=True))
        codes = dict(zip(items[new.item].tolist(), new.item.tolist(), strict=True))
        for row in rows:
            codes.setdefault(row[1], len(items) + len(codes))
        return cls(
            [row[0] for row in rows],
            np.repeat(
                np.array([number[one["userId"]] for one in old], dtype=np.int64),
                [len(one["rows"]) for one in old],
            ),
            np.array([codes[row[1]] for row in rows], dtype=np.int64),
            np.array([np.nan if row[2] is None else row[2] for row in rows], dtype=np.float64),
            np.array([NO_TIME if row[3] is None else row[3] for row in rows], dtype=np.int64),
            np.array([_LATEST if row[4] is None else row[4] for row in rows], dtype=np.int64),
        )

    def updates(
        self,
        rating: npt.NDArray[np.float64],
        timestamp: npt.NDArray[np.int64],
        seq: npt.NDArray[np.int64],
    ) -> list[dict[str, Any]]:
        """The properties that have changed, by relationship."""
        other = {
            "rating": ~((rating == self.rating) | (np.isnan(rating) & np.isnan(self.rating))),
            "timestamp": timestamp != self.timestamp,
            "seq": seq != self.seq,
        }
        values = {"rating": rating, "timestamp": timestamp, "seq": seq}
        rows = np.flatnonzero(np.logical_or.reduce(list(other.values())))
        return [
            {
                "id": self.id[row],
                "properties": {
                    name: values[name][row].item() for name in other if other[name][row]
                },
            }
            for row in rows.tolist()
        ]


def _unless(missing: Any, new: npt.NDArray[Any], old: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.where(missing(new), old, new)


def _values(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_]) -> list[Any]:
    """Python values, None for missing ones."""
    if not missing.any():
        listed: list[Any] = values.tolist()
        return listed
    return [None if gone else one for one, gone in zip(values.tolist(), missing, strict=True)]
