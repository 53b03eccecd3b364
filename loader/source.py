"""What a source is: it turns files into canonical tables and declares its graph schema."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, Literal, TypeVar

import pandas as pd
from pydantic import BaseModel, ConfigDict

from ..graph.contents import RATED
from .reading.rejects import Rejects


@dataclass(frozen=True)
class EdgeType:
    """A knowledge relationship type: ``(start)-[:TYPE]->(end)``.

    ``start`` and ``end`` are domain labels such as Person or Movie; the roles say
    whether the end's key is a ``userId``, an ``itemId`` or an ``entityId``.
    """

    type: str
    start: str
    end: str
    start_role: Literal["User", "Item", "Entity"] = "Item"
    end_role: Literal["User", "Item", "Entity"] = "Entity"


@dataclass(frozen=True)
class GraphSchema:
    """Domain labels, relationship types and properties that a source writes.

    ``rating_scale`` is the highest rating that can be given, where the source says so.
    """

    item_label: str
    entity_labels: tuple[str, ...] = ()
    edges: tuple[EdgeType, ...] = ()
    user_properties: tuple[str, ...] = ()
    item_properties: tuple[str, ...] = ()
    interaction_type: str = RATED
    rating_scale: float | None = None


Chunks = Callable[[Rejects], Iterator[pd.DataFrame]]


@dataclass(frozen=True)
class InteractionTable:
    """Rows of who rated or used what, in the source's order, read once and in chunks.

    A chunk has the columns ``userId, itemId``, optionally ``rating`` and ``timestamp``
    (epoch seconds) with the ``nanoseconds`` behind it, which decide the order within a second,
    and ``line`` (the row's line in the file, for errors). Missing ratings and timestamps are
    NA and become absent properties. All chunks have the same columns.

    - ``where``: the file, for errors
    - ``columns``: what the file calls ``userId`` and the others, for errors
    - ``repeated``: a second row of one user and item is rejected, or the earliest or the
      latest of them is taken and the others are counted; the order of rows decides only
      between equal times
    """

    where: str
    chunks: Chunks
    repeated: Literal["reject", "first", "last"] = "reject"
    columns: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, where: str, frame: pd.DataFrame, first_line: int = 2) -> InteractionTable:
        """Rows that are in memory already; ``line`` is counted from ``first_line``."""
        if "line" not in frame:
            lines = pd.RangeIndex(first_line, first_line + len(frame))
            frame = frame.assign(line=lines)
        return cls(where, lambda _: iter((frame,)))


@dataclass
class CanonicalTables:
    """A source's rows in the shape of the graph contract.

    - ``source``: the source's name
    - ``users``: ``userId`` and one column per user property; None when the users are
      those of the interactions
    - ``items``: ``itemId``, ``title`` and one column per item property; None when the rows
      are about items that the graph has already (an enricher, see ``joins``)
    - ``entities``: ``entityId`` (the string ``kind:id``), ``name``, ``labels`` (list of
      domain labels beside ``Entity``), other properties
    - ``edges[type]``: ``start``, ``end`` (an id of the role that the schema says), and one
      column per property of the relationship. An edge with a ``timestamp`` is an event, not
      knowledge: the export leaves it out, because it may be later than what is predicted.
    - ``interactions``: None for an enricher

    ``id_space`` says which ids these are; only rows of one id space go into one database.
    ``joins`` tells for an enricher into which id spaces its rows fit; its rows about items
    that the graph does not have are counted and left out.
    Missing values are NA and become absent properties. ``report`` counts what was
    kept and dropped, and why; ``funnel`` has a row per rule of filtering sources.

    What the user asks of a load: with ``text_ids`` users that are those of the interactions
    keep texts as ids, although most are numbers; with ``keep_unknown`` interactions about users or
    items that are in no table are kept, and these become nodes without properties.
    """

    source: str
    id_space: str
    schema: GraphSchema
    users: pd.DataFrame | None
    items: pd.DataFrame | None
    entities: pd.DataFrame
    edges: dict[str, pd.DataFrame]
    interactions: InteractionTable | None
    report: dict[str, int] = field(default_factory=dict)
    funnel: list[dict[str, Any]] = field(default_factory=list)
    joins: Callable[[str], bool] | None = None
    text_ids: bool = False
    keep_unknown: bool = False

    @property
    def domain_labels(self) -> list[str]:
        """All labels of items and entities beside ``Item`` and ``Entity``."""
        labels = {self.schema.item_label, *self.schema.entity_labels}
        if "labels" in self.entities:
            labels.update(label for one in self.entities["labels"] for label in one)
        return sorted(labels)


class SourceOptions(BaseModel):
    """Options of a source; each field is an option of ``reelgraph load NAME``."""

    model_config = ConfigDict(frozen=True, extra="forbid")


OptionsT = TypeVar("OptionsT", bound=SourceOptions)


@dataclass(frozen=True)
class Reading(Generic[OptionsT]):
    """What a source gets beside the path: options, where to report bad rows, a cache folder.

    With ``text_ids`` an id that is not a whole number is not odd, even where all others are.
    """

    options: OptionsT
    cache_dir: Path
    rejects: Rejects = field(default_factory=Rejects)
    text_ids: bool = False


class Source(ABC):
    """A kind of input; subclasses are registered by plugins under ``name``."""

    name: ClassVar[str]
    description: ClassVar[str]
    licence: ClassVar[str] = ""
    examples: ClassVar[tuple[str, ...]] = ()
    options_class: ClassVar[type[SourceOptions]] = SourceOptions

    @abstractmethod
    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        """Read and validate all rows but the interactions, which are read when they are written.

        :param path: the user's files; ``None`` lets a source that can fetch its data do so,
            into ``reading.cache_dir``.
        :raises InputError: names file, line and column, and what to do.
        """


@dataclass(frozen=True)
class Proposal:
    """A proposed mapping.

    - ``path``: where it belongs, beside the data
    - ``checks``: guesses without good evidence, a line each; the text says them, too
    - ``unused``: files and columns that are left out, and why
    """

    path: Path
    text: str
    checks: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


class MappedSource(Source):
    """A source whose PATH is a mapping file, which it can propose from data files."""

    @classmethod
    @abstractmethod
    def propose(cls, files: Sequence[Path]) -> Proposal:
        """A mapping with comments for these data files.

        :raises InputError: when a file cannot be read, or shows no users and items.
        """

    @classmethod
    @abstractmethod
    def write_proposal(cls, files: Sequence[Path], force: bool = False) -> Proposal:
        """Write the proposal beside the first file.

        :raises InputError: as above, and when the mapping exists and ``force`` is not given.
        """
