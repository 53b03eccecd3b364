"""The mapping file: which columns of which files are users, items, ratings and knowledge."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from ....errors import InputError
from ....graph.contents import RATED
from ....validation import first_problem
from ...reading.ids import BLANKS
from .naming import checked_label, checked_property, checked_type

Label = Annotated[str, AfterValidator(checked_label)]
Type = Annotated[str, AfterValidator(checked_type)]
Property = Annotated[str, AfterValidator(checked_property)]
Text = Annotated[str, Field(min_length=1)]
# a column's name, without the blanks around it that a header may have
Name = Annotated[str, AfterValidator(lambda name: name.strip(BLANKS)), Field(min_length=1)]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class Format(_Keys):
    """How a text file is written; Parquet files need none of it."""

    #: between two fields; tab for .tsv and .tab, else what the first line shows
    delimiter: Text | None = None
    #: False where quotation marks are plain characters, as in IMDb's files
    quoted: bool = True
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    #: names of all columns, in order, for a file without a header line
    columns: Annotated[tuple[Name, ...] | None, Field(strict=False, min_length=1)] = None


class FileKeys(Format):
    """A file; its path is relative to the mapping file."""

    file: Text


class TimeKeys(_Keys):
    """The column that says when."""

    timestamp: Name | None = None
    #: as in Python's strptime; without it numbers since 1970, or ISO 8601
    timestamp_format: Text | None = None
    #: of numbers; without it their size says it
    timestamp_unit: (
        Literal["seconds", "milliseconds", "microseconds", "nanoseconds", "days", "excel-days"]
        | None
    ) = None
    #: takes times outside 1900 to 2100, too
    any_time: bool = False


class InteractionKeys(FileKeys, TimeKeys):
    """Who rated or used what: one row each."""

    user: Name
    item: Name
    #: left out for implicit feedback (plays, clicks, purchases)
    rating: Name | None = None
    type: Type = RATED
    #: which row counts where a user has several about one item
    repeated: Literal["first", "last", "reject"] = "last"

    @model_validator(mode="after")
    def _apart(self) -> Self:
        named = [name for name in (self.user, self.item, self.rating, self.timestamp) if name]
        if twice := [name for name in named if named.count(name) > 1]:
            raise ValueError(f"the column '{twice[0]}' is named for two of user, item, …")
        return self


class NodeKeys(FileKeys):
    """One row per item or user; in the interactions' own file the first row of each counts."""

    id: Name
    #: property name = column
    properties: dict[Property, Name] = {}
    #: what a second row of one id means in a file of their own
    repeated: Literal["first", "reject"] = "reject"


class ItemKeys(NodeKeys):
    title: Name | None = None


class UserKeys(NodeKeys):
    name: Name | None = None


class NameKeys(FileKeys):
    """Readable names of entities whose column holds ids."""

    id: Name
    name: Name


class KnowledgeKeys(Format, TimeKeys):
    """A column whose values become entities, each linked to its item.

    Without ``file`` it is a column of the items' file; with it, of a file with one row for
    each item and value.
    """

    column: Name
    #: several values in a field: what is between them
    separator: Text | None = None
    #: several values in a field, written as a list in brackets
    is_list: Annotated[bool, Field(alias="list")] = False
    #: of a list of records: the one of their fields that counts
    field: Text | None = None
    #: the first is also the kind of id, so that columns with people can share one kind
    label: Annotated[
        tuple[Label, ...], BeforeValidator(_as_list), Field(strict=False, min_length=1)
    ]
    type: Type
    #: 'entity' for relationships such as ACTED_IN, that go from the entity to the item
    from_: Annotated[Literal["item", "entity"], Field(alias="from")] = "item"
    file: Text | None = None
    item: Name | None = None
    #: column of the items' file that ``item`` means, where it is not their id
    key: Name | None = None
    #: with ``file``: property of the relationship = column
    properties: dict[Property, Name] = {}
    names: NameKeys | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.is_list and self.separator is not None:
            raise ValueError("'separator' and 'list' exclude each other")
        if self.field is not None and not self.is_list:
            raise ValueError("'field' goes with list = true, a list of records")
        if "timestamp" in self.properties:
            raise ValueError("a time is said by the key 'timestamp', not by a property")
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.file is None) != (self.item is None):
            raise ValueError("'file' and 'item' (the column of item ids in it) go together")
        of_files = {"key", "properties", *TimeKeys.model_fields, *Format.model_fields}
        alone = of_files & self.model_fields_set
        if self.file is None and alone:
            raise ValueError(f"'{min(alone)}' goes with 'file', a file of items and values")
        return self


class FileMapping(_Keys):
    """All of a mapping file."""

    #: id space and name of the data set
    name: Text
    item_label: Label
    #: texts that mean 'no value' beside the empty one
    missing: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    interactions: InteractionKeys
    items: ItemKeys | None = None
    users: UserKeys | None = None
    knowledge: Annotated[tuple[KnowledgeKeys, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        items, users = self.items, self.users
        if items and users and (items.file, items.id) == (users.file, users.id):
            raise ValueError(f"items.id and users.id are one column, '{items.id}'")
        for number, one in enumerate(self.knowledge, start=1):
            if self.items is None and (one.file is None or one.key is not None):
                raise ValueError(f"knowledge {number} names a column of [items], which is missing")
            if one.type == self.interactions.type:
                raise ValueError(f"{one.type} is the interactions' type; knowledge needs another")
            first = next(other for other in self.knowledge if other.type == one.type)
            if (first.from_, first.label[0]) != (one.from_, one.label[0]):
                raise ValueError(f"{one.type} is used for two kinds of relationships")
            if set(first.properties) != set(one.properties):
                raise ValueError(f"{one.type} has other properties in another [[knowledge]]")
        return self


def load_mapping(path: Path) -> FileMapping:
    """Read and check a mapping file.

    :raises InputError: names the file, the key and what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        return FileMapping.model_validate(tomllib.loads(text))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", _HINT) from None
    except ValidationError as error:
        raise _explained(path, error) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a TOML file: {error}", _HINT) from None


_HINT = "Make one from your files: reelgraph load tabular --init FILE …"
_WHERE = "The keys of a mapping are described in docs/sources.md."


def _explained(path: Path, error: ValidationError) -> InputError:
    """The first thing that is wrong, in the mapping's own words."""
    first = first_problem(error)
    place = [part for part in first.place if part != "[key]"]
    key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in place)
    if first.is_unknown:
        known = _keys_at(first.place[:-1])
        close = get_close_matches(str(place[-1]), known, 1)
        said = f"Did you mean '{close[0]}'? " if close else ""
        return InputError(f"{path}: unknown key {key}", f"{said}Known: {', '.join(known)}")
    if first.is_missing:
        return InputError(f"{path}: the key {key} is missing", _WHERE)
    return InputError(f"{path}: {f'{key}: ' if key else ''}{first.message}", _WHERE)


def _keys_at(place: tuple[int | str, ...]) -> list[str]:
    """The keys that a table of the mapping can have."""
    model: type[BaseModel] = FileMapping
    for part in place:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = _model_in(field.annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(inner) for inner in get_args(annotation))
    return next((model for model in found if model is not None), None)
