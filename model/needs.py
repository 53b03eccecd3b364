"""What a model asks for beside the interactions: declared as values, supplied as data.

A model returns its needs from its configuration (:meth:`.base.Model.needs`). The pipeline
supplies each from the files of a split; a user without a database supplies them by hand::

    title = TextNeed("title")
    data = TrainingData(train, supplied=Supplied({title: titles}))
    model.fit(data, TrainingOptions())

Rows of what is supplied follow the catalogue or the users, so that nothing is looked up by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar, cast

import numpy as np
import pandas as pd
from scipy import sparse

from ..artifacts import Edges
from ..errors import ModelError
from .data import Catalogue, FloatArray, Interactions
from .targets import Asked, Targets, ask_about
from .triples import Triples

_ASKED = 4_000  # questions of valid where each of its rows is one

T = TypeVar("T")


@dataclass(frozen=True)
class Need(Generic[T]):
    """One thing that a model asks for, whose value is a ``T``.

    ``fallback`` says what the model does where it is absent, in words that follow 'without
    it'; a need without fallback is required. Equal needs are one need, whatever they say there. Its
    text, by which a run records it, has to tell it from others of its kind.
    """

    kind: ClassVar[str]

    fallback: str = field(default="", kw_only=True, compare=False)

    @property
    def required(self) -> bool:
        return not self.fallback

    def __str__(self) -> str:
        own = [one.name for one in fields(self) if one.name != "fallback"]
        return " ".join([self.kind, *(str(getattr(self, name)) for name in own)])


@dataclass(frozen=True)
class EmbeddingNeed(Need[FloatArray]):
    """Vectors of items that a job makes: ``(items, dim)``, zeros where nothing is known."""

    kind: ClassVar[str] = "embedding"

    job: str

    def __str__(self) -> str:
        return f"embedding {self.job}"


@dataclass(frozen=True)
class TriplesNeed(Need[Triples]):
    """The knowledge triples; heads and tails are items first, then entities."""

    kind: ClassVar[str] = "triples"


@dataclass(frozen=True)
class Paths:
    """``table`` has a row per path: ``user, item, seq, rank, nodes, relations, timestamps`` and
    ``sampled``, which is true of paths to items that the user has no train event with.

    ``relations[n]`` names relation ``n`` of the lists in the table (``TYPE>`` along its
    direction, ``<TYPE`` against it).
    """

    table: pd.DataFrame
    relations: tuple[str, ...]

    @property
    def nodes(self) -> int:
        """One more than the highest number of a node."""
        found = self.table["nodes"].to_numpy()
        return 1 + int(np.concatenate(found).max()) if len(found) else 0


@dataclass(frozen=True)
class PathsNeed(Need[Paths]):
    """Paths from users to the items of their train events, of these numbers of edges.

    ``negatives``: to so many items drawn beside each event, too, that the user has none with.
    """

    kind: ClassVar[str] = "paths"

    lengths: tuple[int, ...] = (3,)
    negatives: int = 0

    def __str__(self) -> str:
        sampled = f", {self.negatives} sampled beside each event" if self.negatives else ""
        return f"paths of length {', '.join(map(str, self.lengths))}{sampled}"


@dataclass(frozen=True)
class AdjacencyNeed(Need[sparse.csr_array]):
    """Ones where two nodes are joined: ``(nodes, nodes)``, symmetric, float32.

    Nodes are items, then entities, then users in the order of their ids. ``edges`` are those
    of train, of knowledge, or of both.
    """

    kind: ClassVar[str] = "adjacency"

    edges: Edges = "train"

    def __str__(self) -> str:
        return f"adjacency of {self.edges} edges"


@dataclass(frozen=True)
class ItemPropertiesNeed(Need[pd.DataFrame]):
    """Properties of items: a row per item of the catalogue, a column per name."""

    kind: ClassVar[str] = "item properties"

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"item properties {', '.join(self.names)}"


@dataclass(frozen=True)
class UserPropertiesNeed(Need[pd.DataFrame]):
    """Properties of users: a row per user of the interactions, a column per name.

    Queries then carry them in ``known``.
    """

    kind: ClassVar[str] = "user properties"

    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"user properties {', '.join(self.names)}"


@dataclass(frozen=True)
class TextNeed(Need[tuple[str, ...]]):
    """A text per item of the catalogue; empty where an item has none."""

    kind: ClassVar[str] = "text"

    name: str = "title"

    def __str__(self) -> str:
        return f"text {self.name}"


@dataclass(frozen=True)
class Facts:
    """``rows`` ``(items, facts)`` has ones where a fact is told of an item; ``names`` has a text
    per fact, such as ``HAS_GENRE genre:Comedy``, ``word story`` or ``year 1995``.
    """

    rows: sparse.csr_array
    names: tuple[str, ...]


@dataclass(frozen=True)
class FactsNeed(Need[Facts]):
    """What knowledge, title and year say of each item; only facts that two items share."""

    kind: ClassVar[str] = "facts"


@dataclass(frozen=True)
class EventFeaturesNeed(Need[pd.DataFrame]):
    """Features of the events of train and valid: ``user, item, seq, fold`` and a column each.

    They are made from what came before each event (:mod:`.features`).
    """

    kind: ClassVar[str] = "event features"


class Supplied:
    """What needs were met with, by need; typed by the need that is asked for."""

    def __init__(self, values: Mapping[Need[Any], object] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, need: Need[T]) -> T:
        """:raises ModelError: when it was not supplied."""
        if need not in self._values:
            raise ModelError(
                f"the model was not given its {need}",
                "Supply it, or declare it in the model's needs.",
            )
        return cast(T, self._values[need])

    def get(self, need: Need[T]) -> T | None:
        """The value, or None where it is absent."""
        return cast("T | None", self._values.get(need))

    def vectors(self, needs: Iterable[Need[Any]]) -> dict[str, FloatArray]:
        """By job, the vectors of those embeddings among the needs that were supplied."""
        asked = (need for need in needs if isinstance(need, EmbeddingNeed))
        return {need.job: self[need] for need in asked if need in self}

    def __contains__(self, need: Need[Any]) -> bool:
        return need in self._values

    def __iter__(self) -> Iterator[Need[Any]]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


NOTHING = Supplied()


@dataclass(frozen=True)
class TrainingData:
    """What a model is fitted on: events of train and valid, and what it declared.

    ``valid`` holds, for the same users in the same order, the events after train; None where
    nothing is to be chosen. ``targets`` says how the protocol asks about them.
    """

    train: Interactions
    valid: Interactions | None = None
    supplied: Supplied = field(default_factory=Supplied)
    targets: Targets = "all"

    @property
    def catalogue(self) -> Catalogue:
        return self.train.catalogue

    @cached_property
    def asked(self) -> Asked | None:
        """What is asked of valid, as the protocol asks of test; None without a row of valid."""
        if self.valid is None or not len(self.valid):
            return None
        return ask_about(self.train, self.valid, self.targets, _ASKED)

    def __getitem__(self, need: Need[T]) -> T:
        """:raises ModelError: when it was not supplied."""
        return self.supplied[need]

    def get(self, need: Need[T]) -> T | None:
        """The value, or None where it is absent."""
        return self.supplied.get(need)
