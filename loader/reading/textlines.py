"""Rows one by one: slow, for blocks in which something is wrong; it says what and where."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_LONGEST_ROW = 1_000  # lines; a quote that is open for longer was meant as a character
_INTEGER = re.compile(r"[ \t]*-?[0-9]+[ \t]*")
_NUMBER = re.compile(r"[ \t]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[ \t]*")


@dataclass(frozen=True)
class TextRow:
    """A row's fields, or why there are none; ``line`` counts from 0 within the block."""

    line: int
    fields: list[str]
    text: str
    reason: str = ""
    lines: int = 1


def rows(
    lines: Sequence[str], separator: str, width: int, quoted: bool, ended: bool
) -> Iterator[TextRow]:
    """The rows of these lines, each with ``width`` fields or a reason.

    A row that goes wrong costs its first line only. Without ``ended``, a row whose quotes
    are still open at the last line is left to the next block.
    """
    start = 0
    while start < len(lines):
        if quoted and '"' in lines[start]:
            fields, used, reason = _quoted_row(lines, start, separator)
            if reason and used < _LONGEST_ROW and start + used == len(lines) and not ended:
                return
        else:
            fields = lines[start].rstrip("\n").removesuffix("\r").split(separator)
            used, reason = 1, ""
        if not reason and len(fields) != width:
            reason = f"{len(fields)} fields instead of {width}"
        if reason:
            used = 1
        text = "".join(lines[start : start + used]).rstrip("\r\n")
        yield TextRow(start, fields, text, reason, used)
        start += used


def _quoted_row(lines: Sequence[str], start: int, separator: str) -> tuple[list[str], int, str]:
    """Fields, number of lines used, and what is wrong."""
    reader = read_csv(lines[start : start + _LONGEST_ROW], separator, strict=True)
    try:
        fields = next(reader)
    except csv.Error:
        closed = "a quotation mark is not closed, or is inside a field"
        return [], reader.line_num, closed
    return fields, reader.line_num, ""


def read_csv(lines: Iterable[str], separator: str, strict: bool = False) -> Any:
    """Python's reader of quoted fields, which by itself stops at 131,072 characters."""
    csv.field_size_limit(2**31 - 1)
    return csv.reader(iter(lines), delimiter=separator, strict=strict)


def header_of(data: str, separator: str, quoted: bool) -> tuple[list[str], int]:
    """Names in a header, and the number of its lines."""
    lines = data.split("\n")
    if not quoted:
        return lines[0].removesuffix("\r").split(separator), 1
    reader = read_csv((line + "\n" for line in lines), separator)
    return next(reader), reader.line_num


def integer(text: str) -> int | None:
    """The value, or None when the text is not a whole number of 64 bits."""
    if not _INTEGER.fullmatch(text) or abs(int(text)) >= 2**63:
        return None
    return int(text)


def number(text: str) -> float | None:
    """The value, or None when the text is not a finite decimal number."""
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        return None
    return float(text)
