"""All files of a mapping, read into canonical tables; the interactions stay a stream."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from ...reading.ids import as_ids
from ...reading.rejects import Rejects
from ...source import CanonicalTables, GraphSchema, InteractionTable
from . import knowledge, nodes
from .interactions import Stream
from .mapping import FileMapping, NodeKeys
from .opened import Files


class Tables:
    """One reading of what a mapping names.

    :param path: the mapping file, for errors and as the place of the other files.
    """

    def __init__(
        self, path: Path, mapping: FileMapping, rejects: Rejects, text_ids: bool = False
    ) -> None:
        self._mapping = mapping
        self._rejects = rejects
        self._text_ids = text_ids
        self._files = Files(path, mapping)
        self._interactions = self._files.interactions()
        self._report: Counter[str] = Counter()

    def canonical(self) -> CanonicalTables:
        """:raises InputError: for a file, a column or a row that is not as it should be."""
        mapping, report = self._mapping, self._report
        item_rows, user_rows = self._rows()
        items = self._items(item_rows)
        users = None if mapping.users is None or user_rows is None else self._users(user_rows)
        facts = self._facts(item_rows)
        by_key = {
            key: pd.Series(items["itemId"].array, index=item_rows[key])
            for key in {one.keys.key or self._item_id for one in facts}
        }
        edges = knowledge.edges(facts, by_key, self._item_id, report)
        report["items"] = len(items)
        if users is not None:
            report["users"] = len(users)
        keys = mapping.interactions
        whole = (
            self._are_whole(user_rows, self._user_id),
            self._are_whole(item_rows, self._item_id),
        )
        stream = Stream(keys, self._interactions, *whole, report)
        where = self._interactions.where
        return CanonicalTables(
            source="tabular",
            id_space=mapping.name,
            schema=_schema(mapping),
            users=users,
            items=items,
            entities=knowledge.entities_table(facts),
            edges=edges,
            interactions=InteractionTable(where, stream.chunks, keys.repeated, stream.names),
            report=report,
        )

    def _are_whole(self, rows: pd.DataFrame | None, id: str) -> bool:
        return rows is not None and pd.api.types.is_integer_dtype(self._as_ids(rows[id]))

    def _as_ids(self, texts: pd.Series[Any]) -> pd.Series[Any]:
        return texts if self._text_ids else as_ids(texts)[0]

    def _written_as_floats(self, column: str) -> bool:
        return bool(self._interactions.head()[column].str.strip().str.endswith(".0").any())

    @property
    def _item_id(self) -> str:
        items = self._mapping.items
        return items.id if items else self._mapping.interactions.item

    @property
    def _user_id(self) -> str:
        users = self._mapping.users
        return users.id if users else self._mapping.interactions.user

    def _rows(self) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """Rows of items and of users as texts, each with its id column and those it needs.

        What is in the interactions' file is found in one pass through it. There are no
        rows of users where nothing needs them: the load finds the users itself.
        """
        first: dict[str, list[str]] = {}
        items = self._own_rows("items", self._mapping.items, self._item_id, "title", first)
        users = self._own_rows("users", self._mapping.users, self._user_id, "name", first)
        found = nodes.read_first(self._interactions, first, self._text_ids) if first else {}
        items = found[self._item_id] if items is None else items
        return items, found.get(self._user_id) if users is None else users

    def _own_rows(
        self, key: str, keys: NodeKeys | None, id: str, name: str, first: dict[str, list[str]]
    ) -> pd.DataFrame | None:
        """Rows of items or users from their own file; without one, what to find is noted."""
        if keys is None:
            if key == "items" or first or self._written_as_floats(id):
                first[id] = []
            return None
        facts = _of_items(self._mapping) if key == "items" else []
        file = self._files.nodes(key, keys, name, facts)
        shown = getattr(keys, name)
        columns = [*([shown] if shown else []), *keys.properties.values()]
        columns = list(dict.fromkeys([*columns, *(column for _, column in facts)]))
        if file.path.resolve() != self._interactions.path.resolve():
            return nodes.read_once(
                file, id, columns, self._rejects, self._report, keys.repeated, self._text_ids
            )
        first[id] = columns
        return None

    def _items(self, rows: pd.DataFrame) -> pd.DataFrame:
        keys = self._mapping.items
        title = keys.title if keys else None
        ids = self._as_ids(rows[self._item_id])
        properties = keys.properties if keys else {}
        items = nodes.table(rows, ids, "itemId", ("title", title), properties)
        if title is None:
            return items.assign(title=pd.Series(None, items.index, dtype="str"))
        if nameless := int(items["title"].isna().sum()):
            self._report["items without a title"] = nameless
        return items

    def _users(self, rows: pd.DataFrame) -> pd.DataFrame:
        keys = self._mapping.users
        assert keys is not None
        ids = self._as_ids(rows[keys.id])
        return nodes.table(rows, ids, "userId", ("name", keys.name), keys.properties)

    def _facts(self, rows: pd.DataFrame) -> list[knowledge.EntityLinks]:
        found = []
        for number, keys in enumerate(self._mapping.knowledge, start=1):
            if keys.file is None:
                file = self._files.items()
                facts = knowledge.from_column(keys, file, rows, self._item_id, self._rejects)
            else:
                file = self._files.pairs(number, keys)
                facts = knowledge.from_pairs(keys, file, self._rejects, self._report)
            names = self._files.names(number, keys)
            found.append(knowledge.named(facts, names, self._rejects, self._report))
        return found


def _of_items(mapping: FileMapping) -> list[tuple[str, str]]:
    """Columns of the items' file that knowledge needs: (key of the mapping, column)."""
    found = []
    for number, one in enumerate(mapping.knowledge, start=1):
        if one.file is None:
            found.append((f"knowledge.{number}.column", one.column))
        elif one.key is not None:
            found.append((f"knowledge.{number}.key", one.key))
    return found


def _schema(mapping: FileMapping) -> GraphSchema:
    label, users, items = mapping.item_label, mapping.users, mapping.items
    types = {one.type: knowledge.edge_type(one, label) for one in mapping.knowledge}
    return GraphSchema(
        item_label=label,
        entity_labels=tuple(
            dict.fromkeys(one for entry in mapping.knowledge for one in entry.label)
        ),
        edges=tuple(types.values()),
        user_properties=tuple(users.properties) if users else (),
        item_properties=("title", *(items.properties if items else ())),
        interaction_type=mapping.interactions.type,
    )
