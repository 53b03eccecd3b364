"""One file of a mapping: text with a separator, or Parquet, read in chunks of columns."""

from __future__ import annotations

import codecs
import csv
import itertools
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import dataset

from ....errors import InputError
from ...reading.files import SourceFile, is_zip, one_file
from ...reading.ids import BLANKS
from ...reading.rejects import Rejects
from ...reading.textfile import Kind, Layout, stream_table
from ...reading.textlines import read_csv
from . import arrow
from .mapping import Format
from .values import present

_DELIMITERS = (",", "\t", ";", "|", "::")
_PARQUET_ROWS = 2**18
_AGAIN = "Get the file again: it is damaged or not what its name says."


class DataFile(ABC):
    """Rows by column name; every value is a text unless numbers are asked for.

    :param missing: texts that mean 'no value' beside the empty one; they are NA in chunks.
    """

    def __init__(self, path: Path, missing: tuple[str, ...] = ()) -> None:
        self.path = path
        self.where = str(path)
        self.missing = ("", *missing)

    @cached_property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Names of all columns. :raises InputError: when the file cannot be read."""

    @abstractmethod
    def chunks(
        self, kinds: Mapping[str, Kind], rejects: Rejects, report: Counter[str]
    ) -> Iterator[pd.DataFrame]:
        """The columns in ``kinds`` and ``line``, in constant memory; bad rows go to ``rejects``."""

    def all(
        self, kinds: Mapping[str, Kind], rejects: Rejects, report: Counter[str]
    ) -> pd.DataFrame:
        """All rows of :meth:`chunks`; what was counted is added to ``report``."""
        counts: Counter[str] = Counter()
        rows = pd.concat(list(self.chunks(kinds, rejects, counts)), ignore_index=True)
        report.update(+counts)
        return rows

    def lists(self) -> frozenset[str]:
        """Columns that hold several values per row."""
        return frozenset()

    def texts(self, columns: Sequence[str], rejects: Rejects, report: Counter[str]) -> pd.DataFrame:
        """All rows: these columns as texts, and ``line``."""
        kinds: dict[str, Kind] = dict.fromkeys(columns, "text")
        return self.all(kinds, rejects, report)

    @property
    def first_line(self) -> int:
        """The line of the first row."""
        return 1

    @abstractmethod
    def head(self, rows: int = 1000) -> pd.DataFrame:
        """The first rows, all columns as the texts of the file."""


class TextFile(DataFile):
    """CSV, TSV and their like, plain or packed (``.gz``, ``.bz2``, ``.xz``, ``.zip``)."""

    def __init__(self, path: Path, format: Format, missing: tuple[str, ...] = ()) -> None:
        super().__init__(path, missing)
        self.format = format

    @cached_property
    def _file(self) -> SourceFile:
        return one_file(self.path)

    @cached_property
    def _first_line(self) -> str:
        with self._file.open() as file:
            line = file.readline()
        encoding = "utf-8-sig" if self.format.encoding == "utf-8" else "latin-1"
        text = line.decode(encoding, errors="replace").rstrip("\r\n")
        if not text.strip():
            raise InputError(f"{self.where} is empty or begins with an empty line", _AGAIN)
        return text

    @cached_property
    def delimiter(self) -> str:
        """As the mapping says, else by name, else what is most frequent in the first line."""
        if self.format.delimiter is not None:
            return self.format.delimiter
        if self._file.name.endswith((".tsv", ".tab")):
            return "\t"
        return max(_DELIMITERS, key=lambda one: self._first_line.count(one) * len(one))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        if self.format.columns:
            return self.format.columns
        return tuple(name.strip(BLANKS) for name in self._fields(self._first_line))

    @property
    def first_line(self) -> int:
        return 1 if self.format.columns else 2

    def chunks(
        self, kinds: Mapping[str, Kind], rejects: Rejects, report: Counter[str]
    ) -> Iterator[pd.DataFrame]:
        layout = Layout(
            columns=dict(kinds),
            separator=self.delimiter,
            names=self.format.columns,
            quoted=self.format.quoted,
            encoding=self.format.encoding,
            missing=self.missing,
        )
        return stream_table(self._file, layout, rejects, report=report)

    def head(self, rows: int = 1000) -> pd.DataFrame:
        skipped = 0 if self.format.columns else 1
        with self._file.open() as file:
            raw = list(itertools.islice(file, rows + skipped))
        if raw and self.format.encoding == "utf-8":
            raw[0] = raw[0].removeprefix(codecs.BOM_UTF8)
        texts = (line.decode(self.format.encoding, errors="replace") for line in raw[skipped:])
        if self.format.quoted and len(self.delimiter) == 1:
            fields = self._quoted(texts)
        else:
            fields = [self._fields(text.rstrip("\r\n")) for text in texts]
        whole = [row for row in fields if len(row) == len(self.columns)]
        return pd.DataFrame(whole, columns=list(self.columns), dtype="str")

    def _fields(self, line: str) -> list[str]:
        if self.format.quoted and len(self.delimiter) == 1:
            return self._quoted([line])[0]
        return line.split(self.delimiter)

    def _quoted(self, lines: Iterable[str]) -> list[list[str]]:
        try:
            return list(read_csv(lines, self.delimiter))
        except csv.Error as error:
            raise InputError(f"{self.where} cannot be read: {error}", _AGAIN) from None


class ParquetFile(DataFile):
    """Parquet, one file or a folder of parts; ``line`` is the number of the row, from 1.

    The rows of a folder are counted through all parts, in the order of their names.
    """

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(name.strip(BLANKS) for name in self._data.schema.names)

    def lists(self) -> frozenset[str]:
        kinds = zip(self.columns, self._data.schema.types, strict=True)
        return frozenset(name for name, kind in kinds if pa.types.is_nested(kind))

    def chunks(
        self, kinds: Mapping[str, Kind], rejects: Rejects, report: Counter[str]
    ) -> Iterator[pd.DataFrame]:
        first = 1
        for batch in self._batches(list(kinds), _PARQUET_ROWS):
            lines = pd.RangeIndex(first, first + batch.num_rows)
            first += batch.num_rows
            rows = pd.DataFrame({"line": lines.astype("int64")})
            good = pd.Series(True, rows.index)
            for name, kind in kinds.items():
                rows[name], bad = self._values(batch, name, kind)
                self._reject(batch, name, kind, rows["line"][bad & good], rejects)
                good &= ~bad
            yield rows[[*kinds, "line"]][good].reset_index(drop=True)
        if first == 1:
            raise InputError(f"{self.where} holds no rows", _AGAIN)

    def head(self, rows: int = 1000) -> pd.DataFrame:
        batch = next(self._batches(list(self.columns), rows), None)
        if batch is None:
            return pd.DataFrame(columns=list(self.columns), dtype="str")
        return pd.DataFrame({name: self._values(batch, name, "text")[0] for name in self.columns})

    @cached_property
    def _data(self) -> Any:
        try:
            return dataset.dataset(self.path, format="parquet", partitioning="hive")
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{self.where} cannot be read: {error}", _AGAIN) from None

    def _batches(self, names: list[str], rows: int) -> Iterator[Any]:
        own = [self._data.schema.names[self.columns.index(name)] for name in names]
        try:
            for part in sorted(self._data.get_fragments(), key=lambda one: one.path):
                scanner = part.scanner(
                    schema=self._data.schema, columns=own, batch_size=rows, use_threads=False
                )
                batches = (batch for batch in scanner.to_batches() if batch.num_rows)
                yield from (batch.rename_columns(names) for batch in batches)
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{self.where} cannot be read: {error}", _AGAIN) from None

    def _values(self, batch: Any, name: str, kind: Kind) -> tuple[pd.Series[Any], pd.Series[bool]]:
        """The column's values, and which of them are not of this kind."""
        column = batch.column(name)
        try:
            if kind != "text":
                return arrow.integers(column) if kind == "integer" else arrow.numbers(column)
            texts = arrow.texts(column)
        except pa.ArrowException as error:
            raise InputError(f"{self.where}, column {name}: {error}", _AGAIN) from None
        if texts.dtype != object:
            texts = present(texts, self.missing)
        return texts, pd.Series(False, texts.index)

    def _reject(
        self, batch: Any, name: str, kind: Kind, lines: pd.Series[Any], rejects: Rejects
    ) -> None:
        said = "is not a whole number" if kind == "integer" else "is not a number"
        for place, line in lines.items():
            value = str(batch.column(name)[place].as_py())
            reason = f"column {name}: '{value}' {said}"
            rejects.add(self.where, int(line), reason, value, f"column {name} {said}")


def is_there(path: Path) -> bool:
    """Whether :func:`open_file` finds something at ``path``."""
    return path.is_file() or is_zip(path.parent) or _is_parquet_folder(path)


def open_file(path: Path, format: Format, missing: tuple[str, ...] = ()) -> DataFile:
    """The file at ``path``, by what its first bytes say; a folder of Parquet parts is one file."""
    if _is_parquet_folder(path) or (path.is_file() and _is_parquet(path)):
        return ParquetFile(path, missing)
    return TextFile(path, format, missing)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _is_parquet_folder(path: Path) -> bool:
    if not path.is_dir():
        return False
    parts = (one for one in path.rglob("*") if one.is_file() and one.name[0] not in "._")
    return (first := next(parts, None)) is not None and _is_parquet(first)
