"""Interactions on their way into the graph: read once, in constant memory, checked, in order.

Rows are appended to partitions on disk, each with all rows of its users. When the source
has been read to its end, each partition is sorted by user and time, repeated rows are
handled, and every user gets a digest. Nothing is written to the graph before that.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..reading.ids import NOT_WHOLE, is_whole, reject_odd
from ..reading.rejects import Rejects
from ..source import InteractionTable
from .codes import LONGEST_ID, Codes, Integers
from .digests import Hashes, mix, of_column, of_groups
from .records import (
    LATEST,
    NO_TIME,
    RECORD,
    Histories,
    Records,
    floats,
    nanoseconds_behind,
    repeated,
    starts_of,
    times,
)

PARTITIONS = 64
_KEYS = ("userId", "itemId")

_NO_ID = "there is no id"
_KEPT = {"last": "latest", "first": "earliest"}
_KEEP = "--keep-unknown keeps what the file of the {table} lacks, as nodes without properties."


@dataclass
class Spool:
    """Takes interactions (:meth:`fill`) and gives them back by users (:meth:`histories`).

    ``users`` and ``items`` are the known ids; None takes those that the rows have, and so
    does ``keep_unknown``, beside the known ones. With ``only_known_items`` rows about other
    items are counted and left out instead of rejected. ``whole`` are the keys whose ids have
    to be whole numbers, ``texts`` those whose ids may be any; of the others most ids say it.
    After :meth:`fill`, ``user_ids`` and ``item_ids`` have the ids by number, ``digests`` and
    ``sizes`` one value for each user number; users without rows have the size 0.
    ``used_items`` says which items have rows.
    """

    users: pd.Series[Any] | None
    items: pd.Series[Any] | None
    only_known_items: bool = False
    keep_unknown: bool = False
    whole: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    report: Counter[str] = field(default_factory=Counter)
    user_ids: pd.Series[Any] = field(default_factory=lambda: pd.Series(dtype="str"))
    item_ids: pd.Series[Any] = field(default_factory=lambda: pd.Series(dtype="str"))
    used_items: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    digests: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))
    sizes: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    def __enter__(self) -> Spool:
        self._folder = tempfile.TemporaryDirectory(prefix="reelgraph-")
        others = self.keep_unknown and not self.only_known_items
        self._codes = (Codes(self.users, self.keep_unknown), Codes(self.items, others))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    @property
    def rows(self) -> int:
        return int(self.sizes.sum())

    def fill(self, interactions: InteractionTable, rejects: Rejects) -> None:
        """Read all rows; bad ones go to ``rejects``.

        :raises InputError: when there are more bad rows than ``rejects`` allows.
        """
        files = [self._path(number).open("wb") for number in range(PARTITIONS)]
        try:
            for chunk in interactions.chunks(rejects):
                self._append(files, self._records(interactions, chunk, rejects))
        finally:
            for file in files:
                file.close()
        self._refuse_odd_ids(interactions, rejects)
        self.user_ids, self.item_ids = (codes.ids() for codes in self._codes)
        self._sort(interactions, rejects)

    def histories(self) -> Iterator[Histories]:
        """All rows, one partition after the other."""
        for number in range(PARTITIONS):
            records = self._read(number)
            if len(records):
                starts = starts_of(records["user"])
                counts = np.diff(np.append(starts, len(records)))
                yield Histories(
                    records["user"].astype(np.int64),
                    records["item"].astype(np.int64),
                    records["rating"],
                    records["timestamp"],
                    np.arange(len(records)) - np.repeat(starts, counts) + 1,
                )

    def _records(
        self, interactions: InteractionTable, chunk: pd.DataFrame, rejects: Rejects
    ) -> Records:
        self.report["interactions read"] += len(chunk)
        records = np.empty(len(chunk), dtype=RECORD)
        for name, codes in zip(_KEYS, self._codes, strict=True):
            records[name.removesuffix("Id")] = codes.of(chunk[name])
        records["rating"] = floats(chunk, "rating")
        records["timestamp"] = times(chunk)
        records["nanoseconds"] = nanoseconds_behind(chunk)
        records["line"] = chunk["line"].to_numpy()
        return records[self._good(interactions, chunk, records, rejects)]

    def _good(
        self,
        interactions: InteractionTable,
        chunk: pd.DataFrame,
        records: Records,
        rejects: Rejects,
    ) -> npt.NDArray[np.bool_]:
        bad_user, bad_item = records["user"] < 0, records["item"] < 0
        endless = np.isinf(records["rating"])
        if self.only_known_items:
            left_out = int((bad_item & ~bad_user).sum())
            self.report["interactions about items that the graph does not have"] += left_out
        for row in np.flatnonzero(bad_user | endless | (bad_item & (not self.only_known_items))):
            name = "userId" if bad_user[row] else "itemId" if bad_item[row] else "rating"
            values = {str(one): chunk[one].iloc[row] for one in chunk}
            self._reject_row(interactions, values, name, rejects)
        good: npt.NDArray[np.bool_] = ~(bad_user | bad_item | endless)
        return good

    def _reject_row(
        self, interactions: InteractionTable, row: dict[str, Any], name: str, rejects: Rejects
    ) -> None:
        """Reject a row for the value of one of its columns, in the file's own names."""
        said = {one: interactions.columns.get(one, one) for one in row}
        problem, hint = self._problem(row[name], name)
        value = "" if problem == _NO_ID else f"'{row[name]}' "
        ids = f"{said['userId']}: {row['userId']}, {said['itemId']}: {row['itemId']}"
        reason = f"column {said[name]}: {value}{problem}"
        kind = f"column {said[name]}: {problem}"
        rejects.add(interactions.where, int(row["line"]), reason, ids, kind, hint)

    def _problem(self, value: Any, name: str) -> tuple[str, str]:
        """What is wrong with a value, and another way out."""
        if name == "rating":
            return "is not a finite number", ""
        if pd.isna(value) or value == "":
            return _NO_ID, ""
        known, table = (self.users, "users") if name == "userId" else (self.items, "items")
        if known is not None and pd.api.types.is_integer_dtype(known) and not is_whole(value):
            return NOT_WHOLE, ""
        if known is None or self.keep_unknown:
            return f"is an id of more than {LONGEST_ID} bytes", ""
        return f"is not among the {table}", _KEEP.format(table=table)

    def _refuse_odd_ids(self, interactions: InteractionTable, rejects: Rejects) -> None:
        """Reject the rows with ids that are not whole numbers where all others are."""
        refused: list[tuple[int, str, str]] = []
        for name, codes in zip(_KEYS, self._codes, strict=True):
            if name not in self.texts:
                odd = codes.leave_out_odd(name in self.whole)
                refused += self._taken_out(name, odd) if len(odd) else []
        for line, name, one in sorted(refused):
            column = interactions.columns.get(name, name)
            reject_odd(rejects, interactions.where, column, [line], [one])

    def _taken_out(self, name: str, odd: pd.Series[Any]) -> Iterator[tuple[int, str, str]]:
        """Take the rows with these ids out of the partitions: line, column and id of each."""
        field = name.removesuffix("Id")
        for number in range(PARTITIONS):
            records = self._read(number)
            out = np.isin(records[field], odd.index)
            if out.any():
                self._path(number).write_bytes(records[~out].tobytes())
                for record in records[out]:
                    yield int(record["line"]), name, odd[record[field]]

    def _append(self, files: Sequence[BinaryIO], records: Records) -> None:
        partition = records["user"] % PARTITIONS
        order = np.argsort(partition, kind="stable")
        records, partition = records[order], partition[order]
        bounds = np.searchsorted(partition, np.arange(PARTITIONS + 1))
        for number, file in enumerate(files):
            file.write(records[bounds[number] : bounds[number + 1]].tobytes())

    def _sort(self, interactions: InteractionTable, rejects: Rejects) -> None:
        """Bring each partition into its final order, without repeated rows."""
        self.sizes = np.zeros(len(self.user_ids), dtype=np.int64)
        self.digests = np.zeros(len(self.user_ids), dtype=np.uint64)
        self.used_items = np.zeros(len(self.item_ids), dtype=bool)
        item_digests = of_column(self.item_ids)
        refused = []
        for number in range(PARTITIONS):
            records = self._read(number)
            if not len(records):
                continue
            gone, first = repeated(records, interactions.repeated)
            if len(gone):
                refused.append((records[gone], records["line"][first]))
                records = np.delete(records, gone)
            time = np.where(records["timestamp"] == NO_TIME, LATEST, records["timestamp"])
            order = np.lexsort((records["nanoseconds"], time, records["user"]))
            records = records[order]  # stable: then row order
            self._path(number).write_bytes(records.tobytes())
            self._digest(records, item_digests)
            self.used_items[records["item"]] = True
        if refused:
            gone, first = (np.concatenate(parts) for parts in zip(*refused, strict=True))
            if interactions.repeated == "reject":
                self._reject(interactions.where, gone, first, rejects)
            else:
                kept = _KEPT[interactions.repeated]
                self.report[f"interactions repeated: {kept} one kept"] += len(gone)

    def _reject(self, where: str, gone: Records, first: Integers, rejects: Rejects) -> None:
        """Repeated rows, in the order of lines."""
        users, items = self.user_ids, self.item_ids
        for row in np.argsort(gone["line"], kind="stable"):
            user, item = users[gone["user"][row]], items[gone["item"][row]]
            reason = f"user {user} has rated item {item} before, in line {first[row]}"
            kind = "a second row of the user and item"
            rejects.add(where, int(gone["line"][row]), reason, f"{user},{item}", kind)

    def _digest(self, records: Records, item_digests: Hashes) -> None:
        """A digest of each user's rows in their order."""
        starts = starts_of(records["user"])
        counts = np.diff(np.append(starts, len(records)))
        users = records["user"][starts]
        seq = (np.arange(len(records)) - np.repeat(starts, counts)).astype(np.uint64)
        rating = np.where(np.isnan(records["rating"]), np.inf, records["rating"] + 0.0)
        rows = mix(records["timestamp"].view(np.uint64) + mix(seq))
        rows = mix(rating.view(np.uint64) + rows)
        rows = mix(item_digests[records["item"]] + rows)
        self.sizes[users] = counts
        self.digests[users] = of_groups(rows, starts)

    def _read(self, number: int) -> Records:
        return np.fromfile(self._path(number), dtype=RECORD)

    def _path(self, number: int) -> Path:
        return Path(self._folder.name, f"{number:02}")
