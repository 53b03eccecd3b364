"""Looking at a file for a proposal: how it is written, and its first rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from .....errors import InputError
from ..datafile import DataFile, ParquetFile, TextFile, is_there, open_file
from ..mapping import Format
from ..values import present
from .columns import Column, is_text_column
from .missing_marks import marks_in
from .text_format import how_written
from .vocabulary import meaning

_ROWS = 20_000
_ENDING = re.compile(r"\.(csv|tsv|tab|txt|dat|data|parquet)?(\.gz|\.bz2|\.xz|\.zip)?$")
_ATOMIC = re.compile(r".+:(token|float)(_seq)?")


@dataclass(frozen=True, eq=False)
class FileSample:
    """One file: its reader, the keys that say how it is written, and its first rows."""

    path: Path
    file: DataFile
    format: Format

    @classmethod
    def at(cls, path: Path) -> FileSample:
        """:raises InputError: when the file cannot be read or holds no rows."""
        if not is_there(path):
            raise InputError(f"{path} is not a file", "reelgraph load tabular --init FILE …")
        file = open_file(path, Format())
        if isinstance(file, ParquetFile):
            return cls(path, file, Format())
        format = how_written(path)
        if all(_ATOMIC.fullmatch(name) for name in TextFile(path, format).columns):
            folder = path.parent
            raise InputError(
                f"{path} is one of RecBole's atomic files, which say themselves what they hold",
                f"They need no mapping: reelgraph load recbole {folder}",
            )
        return cls(path, TextFile(path, format), format)

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def about(self) -> frozenset[str]:
        """The words of the file's name; of ``u.user`` also its ending."""
        return meaning(_ENDING.sub("", self.path.name))

    @property
    def has_header(self) -> bool:
        return self.format.columns is None

    @cached_property
    def _raw(self) -> pd.DataFrame:
        raw = self.file.head(_ROWS)
        if raw.empty:
            raise InputError(f"{self.path} holds no rows", "Give a file with some rows.")
        return raw

    @cached_property
    def headers_again(self) -> pd.Series[bool]:
        """Which of the first rows say the header again, as in files put together."""
        names = list(self.file.columns)
        if not self.has_header or len(set(names)) < len(names):
            return pd.Series(False, self._raw.index)
        return (self._raw == names).all(axis=1)

    @cached_property
    def size(self) -> int:
        """Bytes on disk, of an archive those of all of it."""
        path = self.path if self.path.exists() else self.path.parent
        files = path.rglob("*") if path.is_dir() else (path,)
        return sum(file.stat().st_size for file in files)

    @cached_property
    def head(self) -> pd.DataFrame:
        """The first rows as texts, NA where missing."""
        names = [one for one in self.file.columns if self.file.columns.count(one) == 1]
        columns = {}
        for name in names:
            column = self._raw[name]
            if is_text_column(column):
                column = present(present(column, self.marks[name]).str.strip(), ())
            columns[name] = column
        return pd.DataFrame(columns)[~self.headers_again]

    @cached_property
    def marks(self) -> dict[str, list[str]]:
        """By column, the texts in the first rows that seem to mean 'no value'."""
        return {
            name: list(marks_in(self._raw[name]) if is_text_column(self._raw[name]) else ())
            for name in self._unique_names()
        }

    def again(self, column: str, text: str) -> bool:
        """Whether a text occurs in a column more than once."""
        return bool((self._raw[column] == text).sum() > 1)

    @cached_property
    def columns(self) -> list[Column]:
        return [Column(name, self.head[name]) for name in self.head.columns if name]

    @cached_property
    def unnamed(self) -> list[str]:
        """Columns that no mapping can name: without a name, or with one that occurs twice."""
        names = self.file.columns
        return list(dict.fromkeys(one for one in names if not one or names.count(one) > 1))

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def lines(self, rows: pd.Series[Any]) -> list[int]:
        """The numbers of the lines (rows, for Parquet) of the rows that are marked true."""
        first = 1 if isinstance(self.file, ParquetFile) or not self.has_header else 2
        return [first + place for place, marked in enumerate(rows.tolist()) if marked]

    def _unique_names(self) -> list[str]:
        names = self.file.columns
        return [one for one in names if names.count(one) == 1]
