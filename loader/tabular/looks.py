"""Looking at a file for a proposal: how it is written, and what its columns seem to hold."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ...errors import InputError
from ..files import SourceFile
from .datafile import DataFile, ParquetFile, TextFile, open_file
from .mapping import Format
from .naming import words
from .values import Times, present, typed

MISSING = (r"\N", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
_ROWS = 5_000
_FORMATS = (
    *("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%m %d, %Y", "%Y/%m/%d"),
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M"),
    *("%m/%d/%Y %H:%M", "%a %b %d %H:%M:%S %z %Y"),
)
_TIME_WORDS = {"timestamp", "time", "date", "datetime", "ts", "at", "when", "created", "day"}
_RECENT = (6e8, 2.2e9)  # seconds from 1989 to 2039: numbers that are times whatever their name
_SEPARATORS = ("|", ";", ",")


@dataclass(frozen=True, eq=False)
class Look:
    """One file: its reader, the keys that say how it is written, and its first rows."""

    path: Path
    file: DataFile
    format: Format

    @classmethod
    def at(cls, path: Path) -> Look:
        """:raises InputError: when the file cannot be read or holds no rows."""
        if not path.is_file():
            raise InputError(f"{path} is not a file", "reelgraph load tabular --init FILE …")
        file = open_file(path, Format())
        if isinstance(file, ParquetFile):
            return cls(path, file, Format())
        format = _format(path)
        return cls(path, TextFile(path, format), format)

    @cached_property
    def head(self) -> pd.DataFrame:
        """The first rows as texts, NA where missing."""
        raw = self.file.head(_ROWS)
        if raw.empty:
            raise InputError(f"{self.path} holds no rows", "Give a file with some rows.")
        for name in raw.columns:
            if _is_text(raw[name]):
                raw[name] = present(raw[name], MISSING)
        return raw

    @cached_property
    def columns(self) -> list[Column]:
        return [Column(name, self.head[name]) for name in self.file.columns if name]

    def missing(self) -> set[str]:
        """Texts in the first rows that seem to mean 'no value'."""
        raw = self.file.head(_ROWS)
        return {text for text in MISSING if (raw == text).any(axis=None)}


@dataclass(frozen=True, eq=False)
class Column:
    """A column's name and first values (texts, NA where missing)."""

    name: str
    values: pd.Series[Any]

    @cached_property
    def words(self) -> set[str]:
        return set(words(self.name))

    @cached_property
    def is_list(self) -> bool:
        """A list column of a Parquet file."""
        return not _is_text(self.values)

    @cached_property
    def numbers(self) -> pd.Series[Any] | None:
        """The values as numbers, where all of them are."""
        if self.is_list or self.values.isna().all():
            return None
        found = typed(self.values)
        return found if pd.api.types.is_numeric_dtype(found) else None

    @cached_property
    def is_boolean(self) -> bool:
        return not self.is_list and pd.api.types.is_bool_dtype(typed(self.values))

    @cached_property
    def unique(self) -> bool:
        values = self.values.dropna()
        return not self.is_list and len(values) == len(self.values) and values.is_unique

    @cached_property
    def repeats(self) -> bool:
        """Whether few values stand for many rows."""
        values = self.values.dropna()
        return len(values) > 1 and 1 < values.nunique() <= max(2, len(values) // 2)

    @cached_property
    def time(self) -> Times | None:
        """How it says when, or None for a column that does not."""
        if self.is_list or self.values.isna().all():
            return None
        if self.numbers is not None:
            first, last = float(self.numbers.min()), float(self.numbers.max())
            named = bool(self.words & _TIME_WORDS) and first >= 1e8
            return (
                Times.guess(self.values)
                if named or _RECENT[0] < first <= last < _RECENT[1]
                else None
            )
        for format in (None, *_FORMATS):
            style = Times(None, format)
            if style.seconds(self.values).notna().sum() == self.values.notna().sum():
                return style
        return None

    @cached_property
    def separator(self) -> str | None:
        """What separates several values in a field, where the values repeat over the rows."""
        if self.is_list or self.numbers is not None or self.time is not None:
            return None
        texts = self.values.dropna()
        for separator in _SEPARATORS:
            several = texts.str.contains(separator, regex=False)
            if several.sum() < max(2, 0.1 * len(texts)):
                continue
            parts = texts.str.split(separator, regex=False).explode().str.strip()
            short = parts.str.len().mean() <= 30 and not (parts == "").mean() > 0.5
            if short and parts.nunique() <= 0.7 * len(parts):
                return separator
        return None

    def ambiguous_days(self) -> bool:
        """Whether day and month could as well be the other way round."""
        format = self.time.format if self.time else None
        if format is None or "%d/%m" not in format:
            return False
        other = Times(None, format.replace("%d/%m", "%m/%d"))
        return bool(other.seconds(self.values).notna().sum() == self.values.notna().sum())


def _is_text(column: pd.Series[Any]) -> bool:
    return not column.map(lambda value: isinstance(value, list)).any()


def _format(path: Path) -> Format:
    """The keys for how a text file is written, as far as they are not the defaults."""
    keys: dict[str, Any] = {}
    with SourceFile(path).open() as file:
        lines = [line for line in (file.readline(2**20) for _ in range(200)) if line.strip()]
    try:
        b"".join(lines).decode("utf-8")
    except UnicodeDecodeError:
        keys["encoding"] = "latin-1"
    raw = TextFile(path, Format(**keys))
    texts = [line.decode(raw.format.encoding).rstrip("\r\n") for line in lines]
    if not path.name.removesuffix(".gz").endswith((".csv", ".tsv", ".tab")) or (
        raw.delimiter != "," and ".csv" in path.name
    ):
        keys["delimiter"] = raw.delimiter
    if _plain_quotes(texts, raw.delimiter, len(raw.columns)):
        keys["quoted"] = False
    header = raw.columns
    if any(re.fullmatch(r"-?[\d.]+", name) for name in header) or len({*header}) < len(header):
        keys["columns"] = tuple(f"column{n}" for n in range(1, len(header) + 1))
    return Format(**keys)


def _plain_quotes(lines: list[str], delimiter: str, fields: int) -> bool:
    """Whether quotation marks are plain characters: read as quotes, lines fall apart."""
    marked = [line for line in lines if '"' in line]
    if len(delimiter) > 1 or not marked:
        return False
    plain = [len(line.split(delimiter)) == fields for line in marked]
    quoted = [len(next(csv.reader([line], delimiter=delimiter))) == fields for line in marked]
    unpaired = any(line.count('"') % 2 for line in marked)
    return all(plain) and (unpaired or not all(quoted))
