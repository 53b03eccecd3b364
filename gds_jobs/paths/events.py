"""Events of a split: train rows for the network, and the pairs to find paths for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...artifacts import SplitFolder, read_parquet
from ...errors import InputError
from ..ranges import Ints
from .network import NO_TIME, Network
from .search import Targets

FOLDS = ("train", "valid", "test")


@dataclass(frozen=True)
class Events:
    """All interactions of a split: ids, node indices, ``seq``, ``time`` and ``fold``.

    :param frame: ``userId, itemId, user, item, seq, time, fold``, sorted by user and seq;
        ``time`` is ``NO_TIME`` where there is no timestamp.
    """

    frame: pd.DataFrame

    @property
    def train(self) -> pd.DataFrame:
        return self.frame[self.frame["fold"] == "train"].reset_index(drop=True)

    def fold(self, name: str) -> pd.DataFrame:
        return self.frame[self.frame["fold"] == name].reset_index(drop=True)


def read_events(split: SplitFolder) -> Events:
    """The rows of the split with their timestamps, as far as the data set has any."""
    dataset = split.dataset
    rows = read_parquet(dataset.interactions)
    rows = rows.merge(read_parquet(split.split), on=["user", "item", "seq"], validate="1:1")
    time = np.full(len(rows), NO_TIME)
    if "timestamp" in rows:
        time = rows["timestamp"].astype("Int64").fillna(NO_TIME).to_numpy(np.int64)
    frame = pd.DataFrame(
        {
            "userId": rows["user"],
            "itemId": rows["item"],
            "user": _nodes(rows["user"], read_parquet(dataset.users), "userId"),
            "item": _nodes(rows["item"], read_parquet(dataset.items), "itemId"),
            "seq": rows["seq"].astype("int64"),
            "time": time,
            "fold": rows["fold"],
        }
    )
    return Events(frame.sort_values(["user", "seq"], ignore_index=True))


def read_pairs(split: SplitFolder, events: Events, path: Path) -> pd.DataFrame:
    """Pairs of a Parquet file with the columns ``user, item`` (ids), each once.

    A pair that is an event of the split has the event's ``seq`` and time. Another one is
    asked for after the user's last train rating: others' ratings count up to that moment.

    :raises InputError: when the file cannot be read, lacks a column or has unknown ids.
    """
    try:
        rows = pd.read_parquet(path, columns=["user", "item"]).drop_duplicates()
    except (OSError, ValueError) as error:
        raise InputError(
            f"the pairs cannot be read from {path}: {error}",
            f"Give a Parquet file with the columns user and item, or one of {', '.join(FOLDS)}.",
        ) from None
    dataset = split.dataset
    user = _nodes(rows["user"], read_parquet(dataset.users), "userId")
    item = _nodes(rows["item"], read_parquet(dataset.items), "itemId")
    for ids, found, key in ((rows["user"], user, "userId"), (rows["item"], item, "itemId")):
        if (found < 0).any():
            unknown = ids.iloc[int(np.argmax(found < 0))]
            raise InputError(
                f"{path}: {key} {unknown} is not in the data set", "Take that row out."
            )
    pairs = pd.DataFrame(
        {"userId": rows["user"].array, "itemId": rows["item"].array, "user": user, "item": item}
    )
    known = events.frame[["user", "item", "seq", "time"]]
    pairs = pairs.merge(known, on=["user", "item"], how="left")
    last = events.train.groupby("user")[["seq", "time"]].last().reindex(pairs["user"])
    after = last["seq"].fillna(0).to_numpy(np.int64) + 1
    pairs["time"] = _filled(pairs["time"], _filled(last["time"], NO_TIME))
    pairs["seq"] = _filled(pairs["seq"], after)
    return pairs.sort_values(["user", "seq", "item"], ignore_index=True)


def with_negatives(
    events: pd.DataFrame, items: pd.DataFrame, count: int, seed: int
) -> pd.DataFrame:
    """Events by ``user, seq, item``, and beside each items that its user has no event with.

    They are drawn uniformly, with the event's ``seq`` and time, and are ``sampled``. What is drawn
    twice for an event stays once; a user who has all items gets none.

    :param events: as :class:`Events` has them, of train alone: what is held out is not known.
    :param items: ``itemId, index`` of all items.
    :param count: draws per event.
    """
    generator, catalogue = np.random.default_rng(seed), len(items)
    user, item = events["user"].to_numpy(np.int64), events["item"].to_numpy(np.int64)
    had = np.unique(user * catalogue + item)
    open_ = np.bincount(had // catalogue, minlength=int(user.max(initial=0)) + 1) < catalogue
    rows = np.repeat(np.flatnonzero(open_[user]), count)
    drawn = generator.integers(catalogue, size=len(rows))
    while len(again := np.flatnonzero(np.isin(user[rows] * catalogue + drawn, had))):
        drawn[again] = generator.integers(catalogue, size=len(again))
    ids = items.sort_values("index")["itemId"].to_numpy()
    sampled = events.take(rows).assign(item=drawn, itemId=ids[drawn], sampled=True)
    found = pd.concat([events.assign(sampled=False), sampled.drop_duplicates()])
    return found.sort_values(["user", "seq", "item"], ignore_index=True)


def targets(network: Network, pairs: pd.DataFrame) -> Targets:
    """Pairs as the search takes them; without a time, no rating of another user counts as older."""
    time = pairs["time"].to_numpy(np.int64)
    return Targets(
        pairs["user"].to_numpy(np.int64),
        pairs["item"].to_numpy(np.int64),
        pairs["seq"].to_numpy(np.int64),
        network.limit(time),  # NO_TIME is before every moment
    )


def _nodes(ids: pd.Series[Any], nodes: pd.DataFrame, key: str) -> Ints:
    """Node index of each id, -1 for an unknown one."""
    row = pd.Index(nodes[key]).get_indexer(pd.Index(ids))
    found: npt.NDArray[np.int64] = nodes["index"].to_numpy(np.int64)[row]
    return np.where(row < 0, -1, found)


def _filled(column: pd.Series[Any], value: Any) -> Ints:
    """Whole numbers are exact: a merge turns the missing ones into floats only where it must."""
    missing = column.isna().to_numpy()
    return np.where(missing, value, column.fillna(0).to_numpy(np.int64))
