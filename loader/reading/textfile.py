"""Reading separated text files into columns, in blocks, with errors that say where.

The fast way is pyarrow's CSV reader with declared types. Only where a block fails are its
rows looked at one by one: the bad ones are rejected with line and reason, the others stay.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ...errors import InputError
from . import textlines
from .files import SourceFile
from .ids import BLANKS
from .rejects import Rejects
from .textblocks import (
    Blocks,
    Plain,
    as_utf8,
    plain,
    row_lines,
    well_quoted,
    without_bom,
    without_returns,
)
from .textlines import TextRow

Kind = Literal["text", "integer", "number"]

DAMAGED = "rows with damaged encoding"

_AGAIN = "Get the file again: it is damaged or cut off."
_PIECE = 2**18
_ARROW = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64()}


@dataclass(frozen=True)
class Layout:
    """How a file is written, and which of its columns are wanted.

    - ``columns``: the wanted columns by name, others are ignored; *text* becomes str,
      *integer* int64, *number* float64 (finite)
    - ``separator``: may be several characters, such as ``::``
    - ``names``: the names of all fields in order, for files without a header line
    - ``quoted``: quotes as in RFC 4180; without it they are characters like others
    - ``encoding``: utf-8, with or without byte order mark, or latin-1
    - ``missing``: texts that mean that there is no value, such as ``\\N``; then a text
      column may hold NA, a number NaN, and an integer column is Int64
    """

    columns: Mapping[str, Kind]
    separator: str = ","
    names: tuple[str, ...] | None = None
    quoted: bool = True
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ()


def stream_table(
    file: SourceFile,
    layout: Layout,
    rejects: Rejects,
    block_bytes: int = 2**24,
    report: Counter[str] | None = None,
) -> Iterator[pd.DataFrame]:
    """The wanted columns and ``line``, block by block, in constant memory.

    ``line`` counts from 1 and includes the header; a row over several lines has its first.
    Lines end at ``\\n`` or ``\\r\\n`` only. Text that is not UTF-8 is kept: its line is
    taken for latin-1, and counted in ``report``.

    :param rejects: takes rows with a wrong number of fields or without a number where one
        is wanted.
    :raises InputError: for an empty file, one without rows, a header without a wanted
        column, or more bad rows than ``rejects`` allows.
    """
    with file.open() as raw:
        blocks = Blocks(raw, block_bytes, layout.quoted)
        counts: Counter[str] = Counter() if report is None else report
        yield from _Table(file.where, layout, rejects, blocks, counts).frames()


def read_table(
    file: SourceFile, layout: Layout, rejects: Rejects, report: Counter[str] | None = None
) -> pd.DataFrame:
    """All rows of :func:`stream_table` in one frame."""
    return pd.concat(stream_table(file, layout, rejects, report=report), ignore_index=True)


@dataclass
class _Table:
    """A file that is being read; ``line`` is the first line of what comes next."""

    where: str
    layout: Layout
    rejects: Rejects
    blocks: Blocks
    report: Counter[str]
    line: int = 1
    width: int = 0
    places: dict[str, int] = field(default_factory=dict)

    def frames(self) -> Iterator[pd.DataFrame]:
        first = self.blocks.take()
        if not first:
            raise InputError(f"{self.where} is empty", _AGAIN)
        if self.layout.encoding == "utf-8":
            first = without_bom(first)
        block = self._without_header(first) or self.blocks.take()
        if not block:
            raise InputError(f"{self.where} has a header but no rows", _AGAIN)
        while block:
            yield from self._block(block)
            block = self.blocks.take()

    def _without_header(self, block: bytes) -> bytes:
        """Learn the places of the wanted fields, and take the header off the first block."""
        layout = self.layout
        if layout.names is not None:
            self._place(list(layout.names))
            return block
        text = plain(as_utf8(block, layout.encoding)[0], layout.separator)
        names, lines = textlines.header_of(text.data.decode(), text.separator, layout.quoted)
        self._place([text.restore(name).strip(BLANKS) for name in names])
        self.line += lines
        return block.split(b"\n", lines)[-1] if block.count(b"\n") >= lines else b""

    def _place(self, names: list[str]) -> None:
        for name in self.layout.columns:
            if names.count(name) != 1:
                problem = f"has column '{name}' twice" if name in names else f"no column '{name}'"
                raise InputError(
                    f"{self.where}, line 1: the header has {problem.removeprefix('has ')}",
                    f"Expected: {', '.join(self.layout.columns)}; found: {', '.join(names)}",
                )
            self.places[name] = names.index(name)
        self.width = len(names)

    def _block(self, block: bytes) -> Iterator[pd.DataFrame]:
        """The fast way; where it fails, smaller pieces of the block; of those the rows."""
        data, damaged = as_utf8(block, self.layout.encoding)
        text = plain(data, self.layout.separator)
        quoted = self.layout.quoted
        flat = without_returns(text.data, quoted)
        proper = not quoted or well_quoted(flat, text.separator)
        frame = self._fast(text, flat) if proper else None
        if frame is not None:
            self.report[DAMAGED] += damaged
            yield frame
        elif proper and len(block) > _PIECE:
            pieces = Blocks(io.BytesIO(block), _PIECE, quoted)
            while piece := pieces.take():
                yield from self._block(piece)
        else:
            self.report[DAMAGED] += damaged
            yield self._by_rows(block, text)

    def _fast(self, text: Plain, flat: bytes) -> pd.DataFrame | None:
        """All rows of a block at once, or None where one of them is wrong."""
        layout = self.layout
        if "integer" in layout.columns.values() and b"0x" in flat.lower():
            return None  # the reader would take 0x10 for 16
        try:
            table = csv.read_csv(pa.BufferReader(flat), **self._options(text, len(flat)))
        except pa.ArrowInvalid:
            return None
        lines = row_lines(flat, layout.quoted)
        if len(lines) != table.num_rows or not all(map(_finite, table.columns)):
            return None
        table = table.rename_columns(list(self.places))
        frame: pd.DataFrame = table.to_pandas(types_mapper=self._type_mapper())
        for name, kind in layout.columns.items():
            if kind == "text":
                for stand_in, original in text.stand_ins.items():
                    frame[name] = frame[name].str.replace(stand_in, original, regex=False)
        frame["line"] = lines + self.line
        self.line += flat.count(b"\n")
        return frame

    def _options(self, text: Plain, size: int) -> dict[str, Any]:
        layout = self.layout
        wanted = {str(self.places[name]): _ARROW[kind] for name, kind in layout.columns.items()}
        return {
            "read_options": csv.ReadOptions(
                use_threads=False,
                column_names=[str(place) for place in range(self.width)],
                block_size=size + 1,
            ),
            "parse_options": csv.ParseOptions(
                delimiter=text.separator,
                quote_char='"' if layout.quoted else False,
                newlines_in_values=layout.quoted,
                ignore_empty_lines=False,
            ),
            "convert_options": csv.ConvertOptions(
                include_columns=list(wanted),
                column_types=wanted,
                null_values=list(layout.missing),
                strings_can_be_null=bool(layout.missing),
            ),
        }

    def _type_mapper(self) -> Any:
        return {pa.int64(): pd.Int64Dtype()}.get if self.layout.missing else None

    def _by_rows(self, block: bytes, text: Plain) -> pd.DataFrame:
        """The good rows of a block; the bad ones are rejected, an open one is given back."""
        lines = text.data.decode().split("\n")
        lines = [line + "\n" for line in lines[:-1]] + lines[-1:]
        lines = lines if lines[-1] else lines[:-1]
        values: dict[str, list[Any]] = {name: [] for name in [*self.places, "line"]}
        done = 0
        for row in textlines.rows(
            lines, text.separator, self.width, self.layout.quoted, self.blocks.ended
        ):
            done = row.line + row.lines
            fields, reason, kind = ([], row.reason, "") if row.reason else self._values(row.fields)
            if reason:
                self._reject(row, text, reason, kind, cut_off=not lines[row.line].endswith("\n"))
                continue
            for name, value in zip(self.places, fields, strict=True):
                values[name].append(text.restore(value) if isinstance(value, str) else value)
            values["line"].append(self.line + row.line)
        if done < len(lines):
            self.blocks.give_back(block.split(b"\n", done)[-1])
        self.line += done
        return pd.DataFrame(
            {name: pd.Series(column, dtype=self._dtype(name)) for name, column in values.items()}
        )

    def _values(self, fields: list[str]) -> tuple[list[Any], str, str]:
        """The wanted fields as values, or the reason why one is none, and how to count it."""
        values: list[Any] = []
        for name, kind in self.layout.columns.items():
            text = fields[self.places[name]]
            value: Any = text
            if text in self.layout.missing:
                value = None
            elif kind != "text":
                value = textlines.integer(text) if kind == "integer" else textlines.number(text)
                if value is None:
                    what = "a whole number" if kind == "integer" else "a number"
                    problem = f"is not {what}"
                    return [], f"column {name}: '{text}' {problem}", f"column {name} {problem}"
            values.append(value)
        return values, "", ""

    def _reject(self, row: TextRow, text: Plain, reason: str, kind: str, cut_off: bool) -> None:
        if cut_off:
            reason += "; the last line has no end, so the file may be cut off"
        content = text.restore(row.text)
        self.rejects.add(self.where, self.line + row.line, text.restore(reason), content, kind)

    def _dtype(self, name: str) -> str:
        kind = self.layout.columns.get(name, "integer")
        if kind == "integer":
            return "Int64" if self.layout.missing and name != "line" else "int64"
        return "str" if kind == "text" else "float64"


def _finite(column: pa.ChunkedArray) -> bool:
    return (
        not pa.types.is_floating(column.type) or pc.all(pc.is_finite(column)).as_py() is not False
    )
