"""Tools from the headers of the analysts' queries: names, descriptions, schemas of arguments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import cypher
from ..explore.queries import analyst_queries, name

INTERNAL = "Details"  # theme of queries that other queries and commands are made of
USER, ITEM = "userId", "item"

_SENTENCE = re.compile(r"(?<=[.])\s+(?=[A-Za-z])")
_BETTER = ("explanation", "why_not")  # tools of their own say more than these queries
_OFTEN = 4  # tools that say the same sentence: it is said once for all

_PARAMETERS: Mapping[str, str] = {
    USER: "id of a user",
    ITEM: "id or title of an item",
    "n": "number of rows",
    "only": "ids or titles of items",
    "titles": "titles of items",
    "notLiked": "titles of items",
}
_SCALARS: Mapping[str, str] = {
    "INTEGER": "integer",
    "FLOAT": "number",
    "STRING": "string",
    "BOOLEAN": "boolean",
    "MAP": "object",
}


@dataclass(frozen=True)
class Tool:
    """A tool as clients list it. ``query`` is None for one that is no single query."""

    name: str
    description: str
    schema: Mapping[str, Any]
    query: cypher.Statement | None = None


def query_tools() -> list[Tool]:
    """A tool per query, but for pictures and for what only commands need."""
    queries = _tool_queries()
    said = often_said(queries)
    return [Tool(name(one), description(one, said), schema(one.parameters), one) for one in queries]


def notes() -> list[str]:
    """What many tools would say each: on columns that they share."""
    return often_said(_tool_queries())


def _tool_queries() -> list[cypher.Statement]:
    return [
        one
        for one in analyst_queries()
        if one.theme != INTERNAL and "path" not in one.returns and name(one) not in _BETTER
    ]


def often_said(queries: Iterable[cypher.Statement]) -> list[str]:
    """Sentences of many purposes, the most frequent first."""
    found = Counter(part for one in queries for part in dict.fromkeys(sentences(one.purpose)))
    return [part for part, times in found.most_common() if times >= _OFTEN]


def sentences(text: str) -> list[str]:
    return _SENTENCE.split(" ".join(text.split()))


def description(query: cypher.Statement, left_out: Sequence[str] = ()) -> str:
    """The purpose without what is said elsewhere, and the columns of the answer."""
    parts = [part for part in sentences(query.purpose) if part not in left_out]
    text = " ".join(parts)
    return f"{text[:1].upper()}{text[1:]} Returns: {', '.join(query.returns)}."


def schema(parameters: Iterable[cypher.Parameter]) -> dict[str, Any]:
    """JSON Schema of the arguments."""
    known = list(parameters)
    return object_schema(
        {one.name: _property(one) for one in known}, [one.name for one in known if one.required]
    )


def object_schema(properties: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def _property(parameter: cypher.Parameter) -> dict[str, Any]:
    kinds = [_kind(one) for one in parameter.types]
    found: dict[str, Any] = dict(kinds[0]) if len(kinds) == 1 else {"anyOf": kinds}
    if parameter.name in _PARAMETERS:
        found["description"] = _PARAMETERS[parameter.name]
    if parameter.name == "n":
        found["minimum"] = 1
    if parameter.default is not None:
        found["default"] = parameter.default
    return found


def _kind(declared: str) -> dict[str, Any]:
    """Of a type as a header writes it, such as ``LIST<STRING>``."""
    outer, _, inner = declared.rstrip(">").partition("<")
    if outer != "LIST":
        return {"type": _SCALARS[outer]}
    return {"type": "array", "items": _kind(inner) if inner else {"type": ["string", "integer"]}}
