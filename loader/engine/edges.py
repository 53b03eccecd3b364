"""Knowledge relationships into the graph: those that are not there yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import DatabaseError
from ...graph.connection import Counters, Transaction
from ...graph.writer import Progress, Written
from ..source import EdgeType
from .digests import Hashes, of_groups, of_rows
from .ledger import Keyed, Ledger
from .nodes import maps

_ROWS_A_BATCH = 10_000


class NodesMissingError(DatabaseError):
    """Nodes at which edges start or end are not in the graph, though they were written."""


@dataclass
class EdgeWriter:
    """Writes the edges of one type.

    Edges are the same when their ends are; then other properties are put on the one that is
    there. Where a source has several edges between two nodes, or edges have a
    ``timestamp``, they are the same only with equal properties, and all of them are kept.

    ``may_be_there`` is false where the graph has no edge of the type, so that none is
    looked for.
    """

    edge: EdgeType
    frame: pd.DataFrame
    may_be_there: bool

    def __post_init__(self) -> None:
        self.frame = self.frame.sort_values("start", kind="stable", ignore_index=True)
        self._names = [name for name in self.frame.columns if name not in ("start", "end")]
        repeated = self.frame.duplicated(["start", "end"]).any()
        self._parallel = bool(repeated) or "timestamp" in self._names

    def by_start(self) -> tuple[npt.NDArray[np.int64], pd.Series[Any], Hashes]:
        """Where the edges of each start begin in ``frame``; its id, and its digest."""
        starts = np.flatnonzero(~self.frame.duplicated("start").to_numpy())
        digests = of_groups(of_rows(self.frame.drop(columns="start")), starts)
        return starts, self.frame["start"].iloc[starts], digests

    def write(self, ledger: Ledger, progress: Progress) -> Written:
        """Write those of changed starts, by one writer: they lock the same genres and people."""
        starts, keys, digests = self.by_start()
        changed = ledger.changed(keys, digests)
        ends = np.append(starts[1:], len(self.frame))
        progress(int((ends - starts)[~changed].sum()))

        def batches() -> Iterator[Keyed[pd.DataFrame]]:
            todo = np.flatnonzero(changed)
            # whole starts, cut where their rows pass a multiple of the batch's size
            rows = np.cumsum((ends - starts)[todo])
            cuts = np.flatnonzero(np.diff(rows // _ROWS_A_BATCH)) + 1
            for part in np.split(todo, cuts):
                if len(part):
                    places = np.concatenate(
                        [np.arange(starts[one], ends[one]) for one in part.tolist()]
                    )
                    content = self.frame.iloc[places]
                    yield Keyed(keys.iloc[part].tolist(), digests[part], len(content), content)

        written = ledger.write(batches(), self._transaction, 1, progress)
        ledger.forget_superseded(changed)
        return written

    def _transaction(self, tx: Transaction, frame: pd.DataFrame) -> Counters:
        properties = maps(frame[self._names]) if self._names else None
        rows = list(zip(frame["start"].tolist(), frame["end"].tolist(), strict=True))
        counters, places = Counters(), list(range(len(rows)))
        if self.may_be_there:
            known = self._known(tx, sorted(set(frame["start"])))
            keys = [self._key(*rows[n], properties[n] if properties else {}) for n in places]
            counters += self._update(tx, keys, properties, known)
            places = [n for n in places if keys[n] not in known]
        groups: dict[Any, dict[str, Any]] = {}
        for n in places:
            start, end = rows[n]
            group = groups.setdefault(start, {"start": start, "ends": [], "properties": []})
            group["ends"].append(end)
            if properties is not None:
                group["properties"].append(properties[n])
        if groups:
            created = tx.run("load/edges", groups=list(groups.values()), **self._parameters())
            if created.counters.relationships_created < len(places):
                raise NodesMissingError(
                    f"nodes at which {self.edge.type} relationships start or end were removed "
                    "from the graph during the load",
                    "Run the same command again: it writes what is missing.",
                )
            counters += created.counters
        return counters

    def _update(
        self,
        tx: Transaction,
        keys: list[Any],
        properties: list[dict[str, Any]] | None,
        known: dict[Any, tuple[str, dict[str, Any]]],
    ) -> Counters:
        """Put changed properties on the edges that are there."""
        rows = []
        for key, wanted in zip(keys, properties or [], strict=False):
            if key in known:
                one, has = known[key]
                new = {name: value for name, value in wanted.items() if has.get(name) != value}
                if new:
                    rows.append({"id": one, "properties": new})
        return tx.run("load/update_relationships", rows=rows).counters if rows else Counters()

    def _known(self, tx: Transaction, starts: list[Any]) -> dict[Any, tuple[str, dict[str, Any]]]:
        found = tx.run("load/known_edges", starts=starts, **self._parameters()).rows
        return {
            self._key(row["start"], end, has): (one, has)
            for row in found
            for one, end, has in row["rows"]
        }

    def _key(self, start: Any, end: Any, properties: dict[str, Any]) -> Any:
        """What makes an edge the same as another one."""
        if not self._parallel:
            return start, end
        return start, end, json.dumps(properties, sort_keys=True, default=str)

    def _parameters(self) -> dict[str, str]:
        edge = self.edge
        return {"type": edge.type, "startRole": edge.start_role, "endRole": edge.end_role}
