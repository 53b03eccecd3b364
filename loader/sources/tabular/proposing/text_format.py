"""How a text file is written: encoding, delimiter, quotes, and whether it has a header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

from ....reading.files import one_file
from ....reading.textlines import read_csv
from ..datafile import TextFile
from ..mapping import Format
from ..naming import words
from .vocabulary import IDS, ITEMS, KNOWLEDGE, NAMES, RATINGS, TIMES, USERS, meaning

_LINES = 200
_DELIMITERS = ("::", "\t", ";", "|", ",")
_KNOWN = USERS | ITEMS | IDS | NAMES | RATINGS | TIMES | KNOWLEDGE
_NUMBER = r"[-+]?\d+([.,]\d+)*([eE][-+]?\d+)?"
_DATE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]\d{1,2}:\d{2}.*)?"
_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{9,}"
_URL = r"https?://.*"
_DATA = re.compile(f"({_NUMBER}|{_DATE}|{_UUID}|{_URL})")


def how_written(path: Path) -> Format:
    """The keys for how a text file is written, as far as they are not the defaults."""
    lines = _first_lines(path)
    keys: dict[str, Any] = {}
    try:
        b"\n".join(lines).decode("utf-8")
    except UnicodeDecodeError:
        keys["encoding"] = "latin-1"
    default, name = TextFile(path, Format(**keys)), one_file(path).name
    encoding = "utf-8-sig" if default.format.encoding == "utf-8" else "latin-1"
    texts = [line.decode(encoding, errors="replace") for line in lines]
    delimiter = default.delimiter
    if not name.endswith((".tsv", ".tab")):
        delimiter = _delimiter(texts, delimiter)
    plain_name = name.endswith((".csv", ".tsv", ".tab"))
    if (
        not plain_name
        or delimiter != default.delimiter
        or (delimiter != "," and name.endswith(".csv"))
    ):
        keys["delimiter"] = delimiter
    width = _usual_width(texts, delimiter)
    if _plain_quotes(texts, delimiter, width):
        keys["quoted"] = False
    rows = [_split(text, delimiter, keys.get("quoted", True)) for text in texts]
    if _is_data(rows[0], rows[1:]):
        keys["columns"] = tuple(f"column{n}" for n in range(1, len(rows[0]) + 1))
    return Format(**keys)


def _first_lines(path: Path) -> list[bytes]:
    with one_file(path).open() as file:
        lines = [file.readline(2**20) for _ in range(_LINES)]
    if lines[-1]:
        lines = lines[:-1]  # it may have been cut
    return [line.rstrip(b"\r\n") for line in lines if line.strip()] or [b""]


def _split(text: str, delimiter: str, quoted: bool = True) -> list[str]:
    if not quoted or len(delimiter) > 1:
        return text.split(delimiter)
    try:
        return next(read_csv([text], delimiter), [""])
    except csv.Error:
        return text.split(delimiter)


def _delimiter(texts: list[str], default: str) -> str:
    """The one that divides most lines into the same number of fields, above one."""

    def fits(delimiter: str) -> tuple[float, int]:
        counts = Counter(len(_split(text, delimiter)) for text in texts)
        width, lines = max(counts.items(), key=lambda one: (one[1], one[0]))
        return (round(lines / len(texts), 1), width) if width > 1 else (0.0, width)

    best = max(_DELIMITERS, key=lambda one: (*fits(one), one == default))
    if fits(best)[0] > 0:
        return default if fits(default) >= fits(best) else best
    return " " if fits(" ")[0] == 1.0 else default


def _usual_width(texts: list[str], delimiter: str) -> int:
    return Counter(len(_split(text, delimiter)) for text in texts).most_common(1)[0][0]


def _plain_quotes(lines: list[str], delimiter: str, fields: int) -> bool:
    """Whether quotation marks are plain characters: read as quotes, lines fall apart."""
    marked = [line for line in lines if '"' in line]
    if len(delimiter) > 1 or not marked:
        return False
    plain = [len(line.split(delimiter)) == fields for line in marked]
    quoted = [len(_split(line, delimiter)) == fields for line in marked]
    unpaired = any(line.count('"') % 2 for line in marked)
    return all(plain) and (unpaired or not all(quoted))


def _is_data(first: list[str], rows: list[list[str]]) -> bool:
    """Whether the first line is a row like the others, and no header."""
    cells = [cell.strip() for cell in first]
    if any(_DATA.fullmatch(cell) for cell in cells):
        return True
    known = [bool(meaning(cell) & _KNOWN) for cell in cells]
    if any(_alike(cell, n, rows) for n, cell in enumerate(cells)):
        return True
    if sum(known) >= max(1, len(cells) // 3):
        return False
    repeated = any(
        cell and not known[n] and any(n < len(row) and row[n].strip() == cell for row in rows)
        for n, cell in enumerate(cells)
    )
    return repeated or len({*cells}) < len(cells)


def _alike(cell: str, place: int, rows: list[list[str]]) -> bool:
    """Whether a cell with digits looks like the column's other values: u17 and u234 do."""
    if not re.search(r"\d", cell) or not words(cell):
        return False
    shape = re.sub(r"\d+", "9", cell)
    column = [row[place].strip() for row in rows if place < len(row)]
    same = sum(re.sub(r"\d+", "9", value) == shape for value in column)
    return bool(column) and same >= max(1, len(column) / 2)
