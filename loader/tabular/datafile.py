"""One file of a mapping: text with a separator, or Parquet, read in chunks of columns."""

from __future__ import annotations

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
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ...errors import InputError
from ..files import SourceFile
from ..rejects import Rejects
from ..textfile import Kind, Layout, stream_table
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

    def texts(self, columns: Sequence[str], rejects: Rejects, report: Counter[str]) -> pd.DataFrame:
        """All rows: these columns as texts, and ``line``."""
        kinds: dict[str, Kind] = dict.fromkeys(columns, "text")
        return self.all(kinds, rejects, report)

    @abstractmethod
    def head(self, rows: int = 1000) -> pd.DataFrame:
        """The first rows, all columns as texts as they stand there."""


class TextFile(DataFile):
    """CSV, TSV and their like, plain or ``.gz``."""

    def __init__(self, path: Path, format: Format, missing: tuple[str, ...] = ()) -> None:
        super().__init__(path, missing)
        self.format = format

    @cached_property
    def _file(self) -> SourceFile:
        return SourceFile(self.path)

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
        return self.format.columns or tuple(self._fields(self._first_line))

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
            raw = list(itertools.islice(file, rows + skipped))[skipped:]
        texts = (line.decode(self.format.encoding, errors="replace") for line in raw)
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
            return list(csv.reader(lines, delimiter=self.delimiter))
        except csv.Error as error:
            raise InputError(f"{self.where} cannot be read: {error}", _AGAIN) from None


class ParquetFile(DataFile):
    """Parquet, read by batches of rows; ``line`` is the number of the row, from 1."""

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._open().schema_arrow.names)

    def chunks(
        self, kinds: Mapping[str, Kind], rejects: Rejects, report: Counter[str]
    ) -> Iterator[pd.DataFrame]:
        if self._open().metadata.num_rows == 0:
            raise InputError(f"{self.where} holds no rows", _AGAIN)
        first = 1
        for batch in self._batches(list(kinds), _PARQUET_ROWS):
            data = {name: self._values(batch, name, kind) for name, kind in kinds.items()}
            lines = pd.RangeIndex(first, first + batch.num_rows)
            yield pd.DataFrame(data).assign(line=lines.astype("int64"))
            first += batch.num_rows

    def head(self, rows: int = 1000) -> pd.DataFrame:
        batch = next(self._batches(list(self.columns), rows), None)
        if batch is None:
            return pd.DataFrame(columns=list(self.columns), dtype="str")
        return pd.DataFrame({name: self._values(batch, name, "text") for name in self.columns})

    def _open(self) -> Any:
        try:
            return pq.ParquetFile(self.path)
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{self.where} cannot be read: {error}", _AGAIN) from None

    def _batches(self, names: list[str], rows: int) -> Iterator[Any]:
        try:
            yield from self._open().iter_batches(rows, columns=names, use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{self.where} cannot be read: {error}", _AGAIN) from None

    def _values(self, batch: Any, name: str, kind: Kind) -> pd.Series[Any]:
        column = batch.column(name)
        try:
            if kind != "text":
                return _numbers(column, pa.int64() if kind == "integer" else pa.float64())
            texts = _texts(column)
        except pa.ArrowException as error:
            raise InputError(f"{self.where}, column {name}: {error}", _AGAIN) from None
        return texts if texts.dtype == object else present(texts, self.missing)


def _texts(column: Any) -> pd.Series[Any]:
    """Lists stay lists; whole floats (integers with gaps, as pandas writes) lose their point."""
    kind = column.type
    if pa.types.is_nested(kind):
        return pd.Series(column.to_pylist(), dtype="object")
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
    if pa.types.is_floating(kind) and pc.all(pc.equal(pc.floor(column), column)).as_py():
        column = column.cast(pa.int64())
    return pd.Series(column.cast(pa.string()).to_pandas(), dtype="str")


def _numbers(column: Any, kind: Any) -> pd.Series[Any]:
    values = column.cast(kind)
    return pd.Series(values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))


def open_file(path: Path, format: Format, missing: tuple[str, ...] = ()) -> DataFile:
    """The file at ``path``, by what its name or first bytes say."""
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == b"PAR1":
        return ParquetFile(path, missing)
    return TextFile(path, format, missing)
