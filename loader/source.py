"""What a source is: it turns files into canonical tables and declares its graph schema."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import pandas as pd


@dataclass(frozen=True)
class EdgeType:
    """A knowledge relationship type: ``(start)-[:TYPE]->(end)``.

    ``start`` and ``end`` are domain labels such as Person or Movie; the roles say
    whether the end's key is an ``itemId`` or an ``entityId``.
    """

    type: str
    start: str
    end: str
    start_role: Literal["Item", "Entity"] = "Item"
    end_role: Literal["Item", "Entity"] = "Entity"


@dataclass(frozen=True)
class GraphSchema:
    """Domain labels, relationship types and properties that a source writes."""

    item_label: str
    entity_labels: tuple[str, ...] = ()
    edges: tuple[EdgeType, ...] = ()
    user_properties: tuple[str, ...] = ()
    item_properties: tuple[str, ...] = ()


@dataclass
class CanonicalTables:
    """A source's rows in the shape of the graph contract.

    - ``users``: ``userId`` and one column per user property
    - ``items``: ``itemId``, ``title`` and one column per item property
    - ``entities``: ``entityId`` (the string ``kind:id``), ``name``, ``labels`` (list of
      domain labels beside ``Entity``)
    - ``edges[type]``: ``start``, ``end`` (an itemId or entityId, as the schema says)
    - ``interactions``: ``userId, itemId, rating, timestamp`` in the source's row order;
      ``rating`` and ``timestamp`` (epoch seconds) may be missing columns

    Missing values are NA and become absent properties. ``report`` counts what was
    kept and dropped, and why.
    """

    id_space: str
    schema: GraphSchema
    users: pd.DataFrame
    items: pd.DataFrame
    entities: pd.DataFrame
    edges: dict[str, pd.DataFrame]
    interactions: pd.DataFrame
    checksum: str
    report: dict[str, int] = field(default_factory=dict)


class Source(ABC):
    """A kind of input; subclasses are registered by plugins under ``name``."""

    name: ClassVar[str]
    description: ClassVar[str]
    licence: ClassVar[str] = ""

    @abstractmethod
    def read(self, path: Path | None, cache_dir: Path, **options: Any) -> CanonicalTables:
        """Read and validate all rows before anything is written.

        :param path: the user's files; ``None`` lets a source that can fetch its data do so,
            into ``cache_dir``.
        :raises InputError: names file, line and column, and what to do.
        """
