"""Constraints that others made: rows that break one are told before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ...errors import InputError
from ...graph.connection import GraphLike
from ..foreign import foreign_schema
from .prepare import Prepared


def check_constraints(graph: GraphLike, ready: Prepared) -> None:
    """Else the server would refuse a batch in the middle, behind the emptying of ``--into-new``.

    :raises InputError: when values that a constraint of others wants to be unique occur twice.
    """
    foreign = set(foreign_schema(graph))
    for row in graph.run("stats/indexes").rows:
        if row["constraint"] is None or row["name"] not in foreign:
            continue
        for label, frame in _by_label(ready):
            if label in row["labels"] and set(row["properties"]) <= set(frame.columns):
                _check_unique(row["constraint"], label, frame[row["properties"]])


def _by_label(ready: Prepared) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows that become nodes of each label."""
    yield "User", ready.users
    yield "Item", ready.items
    yield ready.tables.schema.item_label, ready.items
    yield "Entity", ready.entities
    if "labels" in ready.entities:
        for label in ready.tables.schema.entity_labels:
            has = [label in labels for labels in ready.entities["labels"]]
            yield label, ready.entities[has]


def _check_unique(constraint: str, label: str, values: pd.DataFrame) -> None:
    values = values.dropna().astype("str")
    twice = values[values.duplicated()]
    if len(twice):
        names, shown = ", ".join(values.columns), ", ".join(twice.iloc[0])
        raise InputError(
            f"the database has a constraint that reelgraph did not make, {constraint}: {names} of "
            f"(:{label}) is unique. In these files '{shown}' occurs more than once",
            f"Use another database, or drop it: DROP CONSTRAINT {constraint}",
        )
