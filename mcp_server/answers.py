"""Answers of tools as text: JSON that stays within a number of tokens."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

BYTES_PER_TOKEN = 3  # JSON with names and numbers has three and more, of any tokenizer
_DIGITS = 5
_NUMBERS = 20  # a longer list of numbers is a vector, which tells nobody anything

# longest text and longest list, where one row alone is too long
_STEPS = ((400, 20), (120, 8), (40, 3), (20, 1))


def as_text(
    rows: Sequence[Mapping[str, Any]],
    tokens: int,
    *,
    more: bool = False,
    note: str = "",
    head: Mapping[str, Any] | None = None,
) -> str:
    """The rows that fit, as JSON; what is left out is said in ``note``.

    :param more: whether the query has rows beyond these.
    :param head: what is said before the rows, of all of them.
    """
    before = {} if head is None else _plain(head)
    plain = [_plain(row) for row in rows]
    for shown in range(len(plain), 0, -1):
        text = _text(before, plain[:shown], _note(shown, len(plain), more, note))
        if fits(text, tokens):
            return text
    if not plain:
        return _text(before, [], note or "no rows")
    cut = "1 row is shown, and long values in it are cut. Ask for less."
    for texts, length in _STEPS:
        text = _text(before, [_short(plain[0], texts, length)], cut)
        if fits(text, tokens):
            return text
    return _text(before, [], f"a row is too long; its columns: {', '.join(plain[0])[:tokens]}")


def fits(text: str, tokens: int) -> bool:
    return len(text.encode()) <= tokens * BYTES_PER_TOKEN


def compact(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def _text(head: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], note: str) -> str:
    lines = ",\n".join(compact(row) for row in rows)
    said = f',\n"note":{compact(note)}' if note else ""
    about = f"{compact(head)[1:-1]},\n" if head else ""
    return f'{{{about}"rows":[{lines}]{said}}}'


def _note(shown: int, all_rows: int, more: bool, note: str) -> str:
    if shown == all_rows and not more:
        return note
    of = f"more than {all_rows}" if more else f"{all_rows}"
    cut = f"{shown} of {of} rows are shown. Ask for fewer, or for something narrower."
    return f"{note} {cut}".strip()


def _plain(value: Any) -> Any:
    """As JSON has it, numbers with few digits; what is null is left out of objects."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return _rounded(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        if len(value) > _NUMBERS and all(isinstance(one, float) for one in value):
            return f"[{len(value)} numbers]"
        return [_plain(one) for one in value]
    return str(value)


def _rounded(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < 2**53:
        return int(value)
    return float(f"{value:.{_DIGITS}g}") if abs(value) < 10**_DIGITS else value


def _short(value: Any, texts: int, length: int) -> Any:
    if isinstance(value, str) and len(value) > texts:
        return f"{value[:texts]}…"
    if isinstance(value, Mapping):
        return {key: _short(one, texts, length) for key, one in value.items()}
    if isinstance(value, list):
        kept = [_short(one, texts, length) for one in value[:length]]
        return [*kept, f"… {len(value) - length} more"] if len(value) > length else kept
    return value
