"""A source's tables made ready for writing: interactions read, ids of one kind, edges that fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ...errors import InputError
from ...graph.connection import GraphLike
from ..reading.ids import as_ids
from ..reading.rejects import Rejects
from ..source import CanonicalTables, EdgeType
from .database import check_id_types, dataset, id_type, read_ids
from .fit import longer, with_numbers, with_texts
from .spool import Spool
from .validate import KEYS


@dataclass
class Prepared:
    """What is written: ``users`` and ``items`` are tables, ``edges`` those with known ends.

    ``known`` has the graph's ids by role, for tables that are about nodes of the graph;
    ``joins`` is true for an enricher. ``texts`` are the roles whose ids are strings in the
    graph, so that they stay strings where all of those in the files are digits.
    After :meth:`read` everything is in place.
    """

    tables: CanonicalTables
    spool: Spool
    known: dict[str, pd.Series[Any]]
    space: str
    texts: frozenset[str] = frozenset()
    users: pd.DataFrame = field(default_factory=pd.DataFrame)
    items: pd.DataFrame = field(default_factory=pd.DataFrame)
    entities: pd.DataFrame = field(default_factory=pd.DataFrame)
    edges: dict[str, pd.DataFrame] = field(default_factory=dict)
    report: Counter[str] = field(default_factory=Counter)

    @property
    def joins(self) -> bool:
        return self.tables.joins is not None

    def read(self, rejects: Rejects) -> None:
        """Read the interactions to their end.

        :raises InputError: when more rows are bad than ``rejects`` allows.
        """
        tables = self.tables
        if tables.interactions is not None:
            self.spool.fill(tables.interactions, rejects)
            self._check_some_are_left(rejects)
        if tables.keep_unknown:
            tables = self.tables = self._with_unknown(tables)
        edges = dict(tables.edges)
        self.users = self._users(edges)
        items = tables.items if tables.items is not None else pd.DataFrame({"itemId": []})
        self.items = self._of_graph(items, "Item", "itemId")
        declared = {edge.type: edge for edge in tables.schema.edges}
        for name, frame in edges.items():
            self.edges[name] = self._with_known_ends(declared[name], frame)
        self.entities = self._with_kept_edges(edges)

    def _check_some_are_left(self, rejects: Rejects) -> None:
        """:raises InputError: when rows were rejected, and no interaction is left."""
        if not self.spool.rows and rejects.total:
            listed = f" They are listed in {rejects.listed_in}." if rejects.listed_in else ""
            raise InputError(
                f"no interaction is left: all rows were rejected, {rejects.total:,} of them",
                f"Most often: {rejects.counts.most_common(1)[0][0]}.{listed} "
                "Nothing was written to the graph.",
            )

    def _with_unknown(self, tables: CanonicalTables) -> CanonicalTables:
        """With rows of nothing but an id for users and items that only the interactions have."""
        spool, users, items = self.spool, tables.users, tables.items
        if users is not None:
            new = spool.user_ids[spool.sizes > 0].iloc[int((spool.sizes[: len(users)] > 0).sum()) :]
            users = longer(users, "userId", new)
            self.report["users that only the interactions have, kept"] = len(new)
        if items is not None and "Item" not in self.known:
            used = spool.used_items
            new = spool.item_ids[used].iloc[int(used[: len(items)].sum()) :]
            items = longer(items, "itemId", new)
            self.report["items that only the interactions have, kept"] = len(new)
        return replace(tables, users=users, items=items)

    def dataset(self) -> dict[str, Any]:
        """The properties of the ``Dataset`` node."""
        users = self.known["User"] if "User" in self.known else self.users["userId"]
        items = self.known["Item"] if "Item" in self.known else self.items["itemId"]
        return dataset(self.tables, users, items)

    def check(self, found: dict[str, Any]) -> None:
        """:raises InputError: when ids or interactions are not of the data set's types."""
        if not self.joins:
            check_id_types(found, self.dataset())

    def rows(self) -> dict[str, int]:
        """What was read, kept and left out."""
        counts = Counter(self.tables.report)
        counts.update(self.spool.report)
        if self.tables.interactions is not None:
            counts["interactions kept"] = self.spool.rows
        counts.update(self.report)
        return {
            name: number for name, number in counts.items() if number or name in self.tables.report
        }

    def _users(self, edges: dict[str, pd.DataFrame]) -> pd.DataFrame:
        """The source's table, or the users of interactions and edges; each with a ``name``.

        Without a name the Browser shows the first number that it finds.
        """
        users = self.tables.users
        if users is None and "User" not in self.known:
            self._one_kind(edges)
            ids = [self.spool.user_ids[self.spool.sizes > 0], *self._ends(edges, "User").values()]
            users = pd.DataFrame({"userId": pd.concat(ids).drop_duplicates()})
        elif users is None:
            return pd.DataFrame({"userId": self.known["User"].iloc[:0]})
        users = self._of_graph(users, "User", "userId")
        if "name" not in users:
            users = users.assign(name="user " + users["userId"].astype("str"))
        return users

    def _one_kind(self, edges: dict[str, pd.DataFrame]) -> None:
        """Users' ids in interactions and in edges: integers where all are, else strings."""
        places = self._ends(edges, "User")
        ids = [self.spool.user_ids, *places.values()]
        ids = [one.astype("str") for one in ids] if "User" in self.texts else as_ids(*ids)
        self.spool.user_ids = ids[0]
        for (name, column), values in zip(places, ids[1:], strict=True):
            edges[name] = edges[name].assign(**{column: values})

    def _ends(
        self, edges: dict[str, pd.DataFrame], role: str
    ) -> dict[tuple[str, str], pd.Series[Any]]:
        return {
            (edge.type, column): edges[edge.type][column]
            for edge in self.tables.schema.edges
            for column, of in (("start", edge.start_role), ("end", edge.end_role))
            if of == role and edge.type in edges
        }

    def _of_graph(self, frame: pd.DataFrame, role: str, key: str) -> pd.DataFrame:
        """For an enricher the rows about nodes that the graph has."""
        if role not in self.known:
            return frame
        ids = self._as_known(frame[key], role)
        return self._left_out(frame.assign(**{key: ids}), ids.isin(self.known[role]), role, role)

    def _with_known_ends(self, edge: EdgeType, frame: pd.DataFrame) -> pd.DataFrame:
        for column, role in (("start", edge.start_role), ("end", edge.end_role)):
            if role in self.known:
                ids = self._as_known(frame[column], role)
                frame = frame.assign(**{column: ids})
                frame = self._left_out(frame, ids.isin(self.known[role]), edge.type, role)
        return frame

    def _with_kept_edges(self, edges: dict[str, pd.DataFrame]) -> pd.DataFrame:
        """Entities but for those that occur only in edges that were left out."""
        entities = self.tables.entities
        if not self.known:
            return entities
        named, kept = (
            set().union(*(column.unique() for column in self._ends(one, "Entity").values()))
            for one in (edges, self.edges)
        )
        lost = entities["entityId"].isin(named - kept)
        if lost.any():
            self.report["entities only of items that the graph does not have"] = int(lost.sum())
        return entities[~lost]

    def _left_out(
        self, frame: pd.DataFrame, known: pd.Series[bool], what: str, role: str
    ) -> pd.DataFrame:
        if known.all():
            return frame
        name = f"{what} rows about {role.lower()}s that the graph does not have"
        self.report[name] += int((~known).sum())
        return frame[known]

    def _as_known(self, ids: pd.Series[Any], role: str) -> pd.Series[Any]:
        """Ids as the graph writes them: it may have strings where these are all integers."""
        kind = id_type(self.known[role])
        if kind == "STRING":
            return ids.astype("str")
        if id_type(ids) == "INTEGER":
            return ids
        whole = ids.astype("str").str.fullmatch(r"0|[1-9][0-9]{0,17}")
        return ids.where(whole, "-1").astype("int64")


@contextmanager
def prepared(
    graph: GraphLike | None, tables: CanonicalTables, found: dict[str, Any]
) -> Iterator[Prepared]:
    """Get ready to read a source's rows; ``found`` is what the database holds.

    ``graph`` is asked only for tables that are about nodes of the graph.
    """
    whole, texts = _roles(found, "INTEGER"), _roles(found, "STRING")
    tables = with_numbers(with_texts(tables, texts), whole)
    known: dict[str, pd.Series[Any]] = {}
    if tables.items is None or tables.joins is not None:
        assert graph is not None
        known["Item"] = read_ids(graph, "Item")
        if tables.interactions is None:
            known["User"] = read_ids(graph, "User")
    users = None if tables.users is None else tables.users["userId"]
    items = known.get("Item")
    if items is None and tables.items is not None:
        items = tables.items["itemId"]
    if tables.text_ids:
        texts = frozenset({"User", "Item"})
    space = found.get("idSpace") or tables.id_space
    with Spool(
        users,
        items,
        only_known_items="Item" in known,
        keep_unknown=tables.keep_unknown,
        whole=frozenset(KEYS[role] for role in whole),
        texts=frozenset(KEYS[role] for role in texts),
    ) as spool:
        yield Prepared(tables, spool, known, space, texts)


def _roles(found: dict[str, Any], kind: str) -> frozenset[str]:
    """The roles whose ids in the graph are of a type."""
    keys = (("User", "userIdType"), ("Item", "itemIdType"))
    return frozenset(role for role, key in keys if found.get(key) == kind)
