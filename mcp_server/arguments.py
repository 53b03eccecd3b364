"""What a client gave, as the query takes it: users and items as this graph knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..cypher import Parameter, Statement
from ..errors import InputError
from ..graph.connection import GraphLike
from ..results.named import find_item, parse_user
from .tools import ITEM, USER

_ITEM_LISTS = ("only",)  # of ids; a title among them becomes one


def checked(query: Statement, given: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was given as null, which stands for the default.

    :raises InputError: for an argument that is unknown, missing or of another type.
    """
    known = {one.name: one for one in query.parameters}
    values = {key: _number(value) for key, value in given.items() if value is not None}
    unknown = [key for key in values if key not in known]
    missing = [one.name for one in query.parameters if one.required and one.name not in values]
    if unknown or missing:
        what = f"unknown argument '{unknown[0]}'" if unknown else f"'{missing[0]}' is missing"
        raise InputError(what, f"Arguments: {', '.join(known) or 'none'}")
    for key, value in values.items():
        if not known[key].accepts(value):
            raise InputError(f"'{key}' is no {_said(known[key])}: {value!r:.80}")
        if key == "n" and value < 1:
            raise InputError("'n' is at least 1")
    return values


def resolved(graph: GraphLike, values: Mapping[str, Any]) -> dict[str, Any]:
    """With the ids of the users and items that are named.

    :raises InputError: for a user or an item that the graph does not have, and for a title that
        fits several items.
    """
    found = dict(values)
    if USER in found:
        found[USER] = parse_user(graph, str(found[USER]))
    if ITEM in found:
        found[ITEM] = find_item(graph, str(found[ITEM]))
    for key in _ITEM_LISTS:
        if key in found:
            found[key] = [find_item(graph, str(one)) for one in found[key]]
    return found


def _number(value: Any) -> Any:
    """Clients whose language has one kind of number send 10 as 10.0."""
    if isinstance(value, list):
        return [_number(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _said(parameter: Parameter) -> str:
    return " or ".join(one.lower().replace("<", " of ").rstrip(">") for one in parameter.types)
