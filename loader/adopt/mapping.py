"""The mapping of a graph that is already there: which labels and types play which role."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ...errors import InputError
from ...graph.contract import OWN_TYPES
from ...validation import Problem, problems

_INIT = "Let one be proposed and change that: reelgraph adopt --init FILE"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)


class _Labelled(_Part):
    label: tuple[str, ...] = Field(description="a label, or a list of labels: any of them")
    key: str = Field(description="the property that is set on each node and unique")

    @field_validator("label", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("label")
    @classmethod
    def _named(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("names no label")
        return value


class UserMapping(_Labelled):
    """Who rates or uses: ``name`` is the property that pictures show."""

    name: str | None = None


class ItemMapping(_Labelled):
    """What is rated or used: ``title`` is the property that lists and pictures show."""

    title: str | None = None


class InteractionMapping(_Part):
    """The relationship from a user to an item; without ``rating`` it is implicit feedback.

    ``timestamp`` holds a date, a date and time, or an integer since 1970 in ``unit``.
    """

    type: str
    rating: str | None = None
    timestamp: str | None = None
    unit: Literal["seconds", "milliseconds", "microseconds", "nanoseconds"] = "seconds"


class EntityMapping(_Part):
    """Nodes that are known about items. ``entityId`` becomes ``<kind>:<value>``, with the value
    of the first of ``keys`` that a node has; ``kind`` is the label in small letters if not given.
    """

    label: str
    kind: str = ""
    keys: tuple[str, ...] = ()
    name: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _kind_of_label(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("label"), str):
            return {"kind": data["label"].lower(), **data}
        return data


class GraphMapping(_Part):
    """All of a mapping file. ``relationships`` are the types that are knowledge."""

    name: str
    users: UserMapping
    items: ItemMapping
    interactions: InteractionMapping
    relationships: tuple[str, ...] = ()
    entities: tuple[EntityMapping, ...] = ()

    @property
    def id_space(self) -> str:
        """No source has ids of this space, so that no load mixes rows into the user's graph."""
        return f"adopted:{self.name}"

    @property
    def entity_labels(self) -> list[str]:
        return [entity.label for entity in self.entities]

    @model_validator(mode="after")
    def _roles_differ(self) -> GraphMapping:
        items = set(self.items.label)
        for part, labels in (("users", self.users.label), ("entities", self.entity_labels)):
            shared = sorted(items & set(labels))
            if shared:
                raise ValueError(f"the label {shared[0]} is in items and in {part}")
        if len(set(self.entity_labels)) < len(self.entities):
            raise ValueError("two of the entities have the same label")
        if self.interactions.type in self.relationships:
            raise ValueError(f"{self.interactions.type} is the interaction, and in relationships")
        own = sorted(set(OWN_TYPES) & {self.interactions.type, *self.relationships})
        if own:
            raise ValueError(f"the type {own[0]} is written by reelgraph itself")
        return self


def read_mapping(path: Path) -> GraphMapping:
    """Read and check a mapping file (TOML).

    :raises InputError: names the file, the place and what is wrong there.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"there is no file {path}", _INIT) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 ({error.reason} at byte {error.start})") from None
    return parse_mapping(text, str(path))


def parse_mapping(text: str, where: str) -> GraphMapping:
    """A mapping from its TOML text.

    :param where: the file's name, for errors.
    :raises InputError: as :func:`read_mapping`.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: {error}", f"Mend the TOML there. {_INIT}") from None
    try:
        return GraphMapping.model_validate(data)
    except ValidationError as error:
        lines = "\n".join(f"  {_place(found)}: {_wrong(found)}" for found in problems(error))
        raise InputError(f"{where}: the mapping is not usable\n{lines}", _INIT) from None


def _place(found: Problem) -> str:
    """``users, key`` or ``entities, number 2, keys``."""
    names = [f"number {part + 1}" if isinstance(part, int) else part for part in found.place]
    return ", ".join(names) or "the whole"


def _wrong(found: Problem) -> str:
    if found.is_missing:
        return "is missing"
    if found.is_unknown:
        return "is not a key of a mapping"
    return found.message
