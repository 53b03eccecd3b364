"""Command-line options from a pydantic model: one option for each field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import click
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ..errors import InputError
from ..validation import first_problem

ModelT = TypeVar("ModelT", bound=BaseModel)


def model_options(model: type[BaseModel]) -> list[click.Option]:
    """``min_votes: int = Field(500, description="…")`` → ``--min-votes INTEGER``."""
    return [_option(name, field) for name, field in model.model_fields.items()]


def parse_options(model: type[ModelT], flags: Mapping[str, Any]) -> ModelT:
    """The model from the values of its options; those not given keep the model's default.

    :raises InputError: for a value that does not fit; names the option.
    """
    given = {
        name: flags[name]
        for name in model.model_fields
        if flags.get(name) is not None and flags[name] != ()
    }
    try:
        return model(**given)
    except ValidationError as error:
        first = first_problem(error)
        where = f"--{str(first.place[0]).replace('_', '-')}: " if first.place else ""
        raise InputError(f"{where}{first.message}", "See --help for what it takes.") from None


def _option(name: str, field: FieldInfo) -> click.Option:
    flag = f"--{name.replace('_', '-')}"
    kind = _plain(field.annotation)
    if kind is bool:
        return click.Option([f"{flag}/--no-{flag[2:]}"], default=None, help=_help(field))
    many = get_origin(kind) in (tuple, list)
    return click.Option(
        [flag],
        type=_type(get_args(kind)[0] if many else kind),
        multiple=many,
        help=_help(field),
    )


def _help(field: FieldInfo) -> str:
    text = (field.description or "").rstrip(".") + "."
    if text.partition(" ")[0].islower():  # not a name such as titleType
        text = text[:1].upper() + text[1:]
    if field.default in (None, (), False) or field.is_required() or field.default_factory:
        return text
    default = "on" if field.default is True else field.default
    return f"{text} [default: {default}]"


def _plain(annotation: Any) -> Any:
    """``int | None`` → ``int``."""
    if get_origin(annotation) in (Union, UnionType):
        return next(one for one in get_args(annotation) if one is not NoneType)
    return annotation


def _type(kind: Any) -> Any:
    if get_origin(kind) is Literal:
        return click.Choice([str(value) for value in get_args(kind)])
    if kind is Path:
        return click.Path(path_type=Path)
    return kind if kind in (int, float, str) else str
