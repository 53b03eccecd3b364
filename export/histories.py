"""Reading interactions: all of a user in one record, as parallel lists, in constant memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DatabaseError, InputError
from ..graph.connection import GraphLike
from ..graph.contents import DatasetFacts
from ..progress import ProgressBar
from .reading import CHANGED, Array, positions

_NO_TIMESTAMP = -(2**63)
_NO_SEQ = 0
_COLUMNS = {"ratings": np.float32, "timestamps": np.int64, "seqs": np.int32}
_BLOCK_ROWS = 2**17


def read_histories(
    graph: GraphLike, facts: DatasetFacts, users: pd.DataFrame, items: pd.DataFrame, progress: bool
) -> Iterator[pd.DataFrame]:
    """``user, item, rating, timestamp, seq``, sorted by user and seq, in blocks of whole users.

    ``rating`` is float32, ``timestamp`` nullable epoch seconds. A block has about 130,000
    rows, or those of one user who has more; no more than that is in memory.

    :param users: ``userId``, sorted, as the server sorts them; ``items``: ``itemId``.
    :raises InputError: for rows without ``seq``, two rows of one user with one ``seq`` or
        one item, a rating or timestamp that is not a number, or no rows at all; what
        concerns many rows after the last block, with their number.
    """
    records = graph.stream(
        "export/interactions",
        types=[facts.interaction_type],
        noRating=float("nan"),
        noTimestamp=_NO_TIMESTAMP,
        noSeq=_NO_SEQ,
    )
    bar = ProgressBar(records, "export", total=len(users), unit=" users", disable=not progress)
    faults = _Faults(users["userId"], items["itemId"])
    rows = 0
    for columns in _blocks(bar, users, items):
        rows += len(columns["users"])
        faults.look(columns)
        yield _frame(columns, users, items)
    if not rows:
        raise InputError(
            f"the graph has no {facts.interaction_type} relationship from a User to an Item",
            "Load some: reelgraph load ml-100k",
        )
    faults.refuse()


def _blocks(
    records: Iterable[Mapping[str, Any]], users: pd.DataFrame, items: pd.DataFrame
) -> Iterator[dict[str, Array]]:
    """Columns of whole users, sorted by user and seq; users and items by their positions."""
    user_position = {user: row for row, user in enumerate(users["userId"])}
    item_position = {item: row for row, item in enumerate(items["itemId"])}
    parts: list[dict[str, Array]] = []
    rows, last = 0, -1
    for record in records:
        owner = int(positions([record["user"]], user_position)[0])
        if owner <= last:
            raise DatabaseError(f"user {record['user']} came out of order", CHANGED)
        last = owner
        part = {name: _numbers(record, name, dtype) for name, dtype in _COLUMNS.items()}
        part["items"] = positions(record["items"], item_position)
        part["users"] = np.full(len(part["items"]), owner, np.int32)
        parts.append(part)
        rows += len(part["items"])
        if rows >= _BLOCK_ROWS:
            yield _joined(parts)
            parts, rows = [], 0
    if parts:
        yield _joined(parts)


def _joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((columns["seqs"], columns["users"]))
    return {name: column[order] for name, column in columns.items()}


def _frame(columns: Mapping[str, Array], users: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    times = pd.Series(columns["timestamps"]).astype("Int64")
    return pd.DataFrame(
        {
            "user": users["userId"].take(columns["users"]).reset_index(drop=True),
            "item": items["itemId"].take(columns["items"]).reset_index(drop=True),
            "rating": columns["ratings"],
            "timestamp": times.mask(columns["timestamps"] == _NO_TIMESTAMP),
            "seq": columns["seqs"],
        }
    )


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


@dataclass
class _Faults:
    """What is wrong in the blocks seen so far; each kind with its first place."""

    user_ids: pd.Series[Any]
    item_ids: pd.Series[Any]
    without_seq: int = 0
    seq_twice: str = ""
    pairs_twice: int = 0
    pair: str = ""

    def look(self, columns: Mapping[str, Array]) -> None:
        """:param columns: of whole users, sorted by user and seq."""
        user, seq = columns["users"], columns["seqs"]
        self.without_seq += int((seq <= _NO_SEQ).sum())
        twice = np.flatnonzero((np.diff(user) == 0) & (np.diff(seq) == 0))
        if len(twice) and not self.seq_twice:
            self.seq_twice = f"user {self.user_ids.iloc[user[twice[0]]]}"
        pair = np.sort(user.astype(np.int64) << 32 | columns["items"])
        pair = pair[:-1][np.diff(pair) == 0]
        if len(pair) and not self.pair:
            owner, item = self.user_ids.iloc[pair[0] >> 32], pair[0] & (2**32 - 1)
            self.pair = f"user {owner} has more than one interaction with item "
            self.pair += str(self.item_ids.iloc[item])
        self.pairs_twice += len(pair)

    def refuse(self) -> None:
        """:raises InputError: when anything was wrong."""
        if self.without_seq or self.seq_twice:
            what = f"{self.without_seq:,} interactions have no seq"
            if not self.without_seq:
                what = f"{self.seq_twice} has two interactions with one seq"
            raise InputError(
                f"{what}, so the order of histories is not settled",
                "Number them in the graph: reelgraph load SOURCE --reseq",
            )
        if self.pairs_twice:
            raise InputError(
                f"{self.pair}; there are {self.pairs_twice} such rows",
                "Keep one relationship for each user and item.",
            )
