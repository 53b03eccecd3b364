"""Users, items and entities into the graph: by one writer, in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...graph.connection import Counters, GraphLike, Transaction
from ...graph.writer import Written, progress_bar
from .digests import Hashes, of_rows, of_text
from .ledger import Keyed, Ledger

_NODES_A_BATCH = 2_000
#: what people read, before falling back to the id
_NAMES = {"items": ("title", ""), "users": ("name", "user ")}


@dataclass(frozen=True)
class NodeTable:
    """The nodes of one role: ``users``, ``items`` or ``entities``.

    ``defaults`` are columns whose values only new nodes get. So is an id as the title of an item
    or the name of a user whose row has none: the graph may know a better one, of another file.
    """

    what: str
    key: str
    frame: pd.DataFrame
    defaults: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> tuple[str, str]:
        """The property that people read, and what makes a name of an id."""
        return _NAMES.get(self.what, ("", ""))

    @property
    def nameless(self) -> pd.Series[Any]:
        """Ids of items and users that are called by their id."""
        name, _ = self.name
        if name not in self.frame or name in self.defaults:
            return self.frame[self.key].iloc[:0]
        return self.frame.loc[self.frame[name].isna(), self.key]

    def ordered(self) -> tuple[pd.DataFrame, Hashes]:
        """The rows in the order of ids as a new node gets them, and the digest of each."""
        frame = self.frame.sort_values(self.key, ignore_index=True)
        if len(nameless := self.nameless):
            name, before = self.name
            ids = before + frame[self.key].astype("str")
            missing = frame[self.key].isin(nameless)
            frame[name] = frame[name].astype("str").mask(missing, ids)
        return frame, of_rows(frame, int(of_text(repr(sorted(self.parameters.items())))))


def write_nodes(graph: GraphLike, table: NodeTable, ledger: Ledger, progress: bool) -> Written:
    """Create and update the nodes that are new or have changed since they were written."""
    frame, digests = table.ordered()
    changed = ledger.changed(frame[table.key], digests)

    def write(tx: Transaction, groups: list[dict[str, Any]]) -> Counters:
        return tx.run(f"load/{table.what}", groups=groups, **table.parameters).counters

    with progress_bar(len(frame), table.what, progress) as bar:
        bar.update(int((~changed).sum()))
        written = ledger.write(_batches(table, frame, digests, changed), write, 1, bar.update)
    ledger.forget_superseded(changed)
    return written


def _batches(
    table: NodeTable, frame: pd.DataFrame, digests: Hashes, changed: npt.NDArray[np.bool_]
) -> Iterator[Keyed[list[dict[str, Any]]]]:
    rows = np.flatnonzero(changed)
    for start in range(0, len(rows), _NODES_A_BATCH):
        part = rows[start : start + _NODES_A_BATCH]
        groups = _groups(table, frame.iloc[part])
        yield Keyed([group["id"] for group in groups], digests[part], len(groups), groups)


def _groups(table: NodeTable, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """``{id, properties, defaults, labels}`` for each row; missing properties are left out."""
    groups = [{"id": one} for one in frame[table.key].tolist()]
    own = frame.drop(columns=[table.key, "labels", *table.defaults], errors="ignore")
    defaults = frame[list(table.defaults)]
    nameless = frame[table.key].isin(table.nameless)
    if nameless.any():
        name, _ = table.name
        defaults = defaults.assign(**{name: own[name].where(nameless)})
        own = own.assign(**{name: own[name].mask(nameless)})
    for kind, part in (("properties", own), ("defaults", defaults)):
        for group, properties in zip(groups, maps(part), strict=True):
            group[kind] = properties
    if "labels" in frame:
        for group, labels in zip(groups, frame["labels"], strict=True):
            group["labels"] = list(labels)
    return groups


def maps(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A dictionary per row with plain Python values, without the missing ones."""
    rows: list[dict[str, Any]] = [{} for _ in range(len(frame))]
    for name in frame.columns:
        column = frame[name]
        values = [one.tolist() if isinstance(one, np.ndarray) else one for one in column.tolist()]
        for row, value, missing in zip(rows, values, column.isna().tolist(), strict=True):
            if not missing:
                row[name] = value
    return rows
