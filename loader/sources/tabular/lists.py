"""Fields that hold a list in brackets, as JSON, Python or NumPy write it.

``["USA", "UK"]``, ``['USA', 'UK']``, ``['USA' 'UK']`` and ``[USA, UK]`` are the same two values,
and ``[{"id": 18, "name": "Drama"}]`` has one, Drama, where ``name`` is the wanted field.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

_CLOSED = {"[": "]", "(": ")", "{": "}"}
_ITEM = re.compile(
    r"""\s*(?:
        [uU]?("(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*'(?=\s*(?:,|$|['"])))
      | ([^,"'\[\]{}][^,\[\]{}]*)
    )\s*(?:,|$|(?=['"]))""",
    re.VERBOSE | re.DOTALL,
)
_NOTHING = frozenset(("none", "null", "nan"))


def read_list(text: str, field: str | None = None) -> list[str] | None:
    """The values of a list in brackets; a text without brackets is one value.

    :param field: which field of each value counts, where the values are records.
    :return: None for a text that begins like a list and is none.
    """
    text = text.strip()
    if text[:1] not in _CLOSED or (text[0] == "(" and text[-1] != ")"):
        return [text] if text else []
    is_set = text[0] == "{" and ":" not in text
    if not is_set and (field is not None or "{" in text):
        return _records(text, field)
    if text[-1] != _CLOSED[text[0]]:
        return None
    return _values(text[1:-1])


def fields_of(value: Any) -> list[str]:
    """The fields of the first record in a list of records, also as text; else none."""
    found = _parsed(value.strip()) if isinstance(value, str) else value
    found = [found] if isinstance(found, dict) else found
    if isinstance(found, list) and found and isinstance(found[0], dict):
        return [str(name) for name in found[0]]
    return []


def _records(text: str, field: str | None) -> list[str] | None:
    found = _parsed(text)
    return None if found is None else records(found, field)


def records(found: Any, field: str | None) -> list[str] | None:
    """One field of each record in a list of them (or of a single one)."""
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list):
        return None
    values = [one.get(field) if isinstance(one, dict) else one for one in found]
    return [str(one).strip() for one in values if one is not None]


def _parsed(text: str) -> Any:
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return None


def _values(inside: str) -> list[str] | None:
    values, place = [], 0
    while place < len(inside.rstrip()):
        found = _ITEM.match(inside, place)
        if found is None:
            return None
        if found[1] is not None:
            value = _parsed(found[1])
            values.append((found[1][1:-1] if value is None else str(value)).strip())
        elif (plain := found[2].strip()).lower() not in _NOTHING:
            values.append(plain)
        place = found.end()
    return [value for value in values if value]
