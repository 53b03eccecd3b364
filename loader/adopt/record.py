"""What an adoption added, remembered in the graph so that it can go on and be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from ...errors import InputError
from ...graph.connection import GraphLike, Transaction
from .mapping import GraphMapping

State = Literal["adopting", "adopted", "undoing"]


class DatabaseBefore(BaseModel):
    """What the database had of ours before: names of constraints and indexes, applied migrations,
    labels of bookkeeping nodes. None of it is removed when the adoption is undone."""

    model_config = ConfigDict(frozen=True)

    constraints: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Added(BaseModel):
    """What the adoption adds: role labels, properties by role, and the labels of the entities
    that get a ``name``."""

    model_config = ConfigDict(frozen=True)

    roles: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    interactions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


class AdoptionRecord(BaseModel):
    """The JSON text in ``Dataset.adoption``."""

    model_config = ConfigDict(frozen=True)

    state: State
    mapping: GraphMapping
    added: Added
    before: DatabaseBefore
    user_id_type: str
    item_id_type: str
    left_out_types: tuple[str, ...] = ()

    def properties(self) -> dict[str, Any]:
        """Of the ``(:Dataset)`` node."""
        return {
            "adoption": self.model_dump_json(exclude_defaults=True),
            "name": self.mapping.name,
            "idSpace": self.mapping.id_space,
            "userIdType": self.user_id_type,
            "itemIdType": self.item_id_type,
            "interactionType": self.mapping.interactions.type,
            "leftOutTypes": list(self.left_out_types),
        }

    def in_state(self, state: State) -> AdoptionRecord:
        return self.model_copy(update={"state": state})


def read_record(graph: GraphLike) -> AdoptionRecord | None:
    """The record of an adopted graph; None where the database holds no data set.

    :raises InputError: when the data set was loaded, not adopted.
    """
    row = graph.run("adopt/read_record").single() or {}
    if not row.get("found"):
        return None
    if row["adoption"] is None:
        raise InputError(
            f"the database holds the data set {row['name']}, which was loaded and not adopted",
            "It is ready as it is: reelgraph run. To replace it: reelgraph load … --into-new",
        )
    return AdoptionRecord.model_validate_json(row["adoption"])


def write_record(graph: GraphLike | Transaction, record: AdoptionRecord) -> None:
    graph.run("adopt/write_record", properties=record.properties())


def count_runs(graph: GraphLike) -> int:
    """Runs that are in the graph."""
    row = graph.run("adopt/read_record").single() or {}
    return int(row.get("runs", 0))


def names_of(rows: Sequence[dict[str, Any]], column: str) -> tuple[str, ...]:
    """The distinct values of a column that are there, sorted."""
    return tuple(sorted({row[column] for row in rows if row[column] is not None}))
