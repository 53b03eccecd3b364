"""Reading interactions: all of a user in one record, as parallel lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from ..errors import DatabaseError, InputError
from ..graph.connection import GraphLike
from .reading import CHANGED, Array, Facts, positions

_NO_TIMESTAMP = -(2**63)
_NO_SEQ = 0
_COLUMNS = {"ratings": np.float32, "timestamps": np.int64, "seqs": np.int32}


def read_interactions(
    graph: GraphLike, facts: Facts, users: pd.DataFrame, items: pd.DataFrame, progress: bool
) -> pd.DataFrame:
    """``user, item, rating, timestamp, seq``, sorted by user and seq.

    ``rating`` (float32) and ``timestamp`` (epoch seconds) are left out where no row has
    one, and nullable where some rows have none.

    :raises InputError: for rows without ``seq``, two rows of one user and item, a rating
        or timestamp that is not a number, or no rows at all.
    """
    user_position = {user: row for row, user in enumerate(users["userId"])}
    item_position = {item: row for row, item in enumerate(items["itemId"])}
    parts: dict[str, list[Array]] = {name: [] for name in ("users", "items", *_COLUMNS)}
    records = graph.stream(
        "export/interactions",
        types=[facts.interaction_type],
        noRating=float("nan"),
        noTimestamp=_NO_TIMESTAMP,
        noSeq=_NO_SEQ,
    )
    bar = tqdm(records, "export", total=len(users), unit=" users", disable=not progress)
    for record in bar:
        owner = positions([record["user"]], user_position)
        parts["users"].append(np.repeat(owner, len(record["items"])))
        parts["items"].append(positions(record["items"], item_position))
        for name, dtype in _COLUMNS.items():
            parts[name].append(_numbers(record, name, dtype))
    if not parts["users"]:
        raise InputError(
            f"the graph has no {facts.interaction_type} relationship from a User to an Item",
            "Load some: reelgraph load ml-100k",
        )
    columns = {name: np.concatenate(found) for name, found in parts.items()}
    order = np.lexsort((columns["seqs"], columns["users"]))
    columns = {name: column[order] for name, column in columns.items()}
    _check_seq(columns, users)
    _check_pairs(columns, users, items)
    return _frame(columns, users, items)


def _frame(columns: Mapping[str, Array], users: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "user": users["userId"].take(columns["users"]).reset_index(drop=True),
            "item": items["itemId"].take(columns["items"]).reset_index(drop=True),
        }
    )
    if not np.isnan(columns["ratings"]).all():
        frame["rating"] = columns["ratings"]
    missing = columns["timestamps"] == _NO_TIMESTAMP
    if not missing.all():
        times = pd.Series(columns["timestamps"])
        frame["timestamp"] = times.astype("Int64").mask(missing) if missing.any() else times
    frame["seq"] = columns["seqs"]
    return frame


def _numbers(record: Mapping[str, Any], name: str, dtype: Any) -> Array:
    """One user's column; whole numbers stay exact."""
    values = record[name]
    if len(values) != len(record["items"]):
        raise DatabaseError(f"user {record['user']}: {name} and items differ in number", CHANGED)
    found = np.asarray(values)
    if found.dtype.kind not in ("if" if dtype is np.float32 else "i"):
        raise InputError(
            f"{name} of user {record['user']} are not numbers of the right kind",
            "rating is a number, timestamp whole epoch seconds, seq a whole number.",
        )
    return found.astype(dtype)


def _check_seq(columns: Mapping[str, Array], users: pd.DataFrame) -> None:
    user, seq = columns["users"], columns["seqs"]
    missing = int((seq <= _NO_SEQ).sum())
    twice = np.flatnonzero((np.diff(user) == 0) & (np.diff(seq) == 0))
    if not missing and not len(twice):
        return
    what = f"{missing:,} interactions have no seq"
    if not missing:
        what = f"user {users['userId'].iloc[user[twice[0]]]} has two interactions with one seq"
    raise InputError(
        f"{what}, so the order of histories is not settled",
        "Number them in the graph: reelgraph load SOURCE --reseq",
    )


def _check_pairs(columns: Mapping[str, Array], users: pd.DataFrame, items: pd.DataFrame) -> None:
    order = np.lexsort((columns["items"], columns["users"]))
    user, item = columns["users"][order], columns["items"][order]
    twice = np.flatnonzero((np.diff(user) == 0) & (np.diff(item) == 0))
    if len(twice):
        raise InputError(
            f"user {users['userId'].iloc[user[twice[0]]]} has more than one interaction with "
            f"item {items['itemId'].iloc[item[twice[0]]]}; there are {len(twice)} such rows",
            "Keep one relationship for each user and item.",
        )
