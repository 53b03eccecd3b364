"""Short digests of values, files and tables: equal content has one digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

_DIGEST_ROWS = 2**16  # of a column, as text in memory at once


def digest(value: Any, length: int = 12) -> str:
    """Short SHA-256 of a JSON-like value; equal values have equal digests."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def file_digest(path: Path) -> str:
    """Short SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def frame_digest(*frames: pd.DataFrame | Path) -> str:
    """Short SHA-256 of the frames' content, column names and order included.

    It depends on values only: int32 or nullable int64, Arrow strings or objects, in memory
    or in row groups of any size give one digest. A path names a Parquet file that holds a
    frame; of it, one column of one row group is in memory at a time.
    """
    sha = hashlib.sha256()
    for frame in frames:
        for part in _file_bytes(frame) if isinstance(frame, Path) else _frame_bytes(frame):
            sha.update(part)
    return sha.hexdigest()[:16]


def _frame_bytes(frame: pd.DataFrame) -> Iterator[bytes]:
    yield f"{len(frame)} {list(frame.columns)}".encode()
    for name in frame.columns:
        column = pa.array(frame[name], from_pandas=True)
        starts = range(0, len(column), _DIGEST_ROWS)
        yield from _content(column.type, [column.slice(row, _DIGEST_ROWS) for row in starts])


def _file_bytes(path: Path) -> Iterator[bytes]:
    with pq.ParquetFile(path) as file:
        yield f"{file.metadata.num_rows} {file.schema_arrow.names}".encode()
        for field in file.schema_arrow:
            yield from _content(field.type, _RowGroups(file, field.name))


@dataclass(frozen=True)
class _RowGroups:
    """A column of a file, read from row group to row group as often as asked."""

    file: pq.ParquetFile
    name: str

    def __iter__(self) -> Iterator[pa.ChunkedArray]:
        for group in range(self.file.num_row_groups):
            yield self.file.read_row_group(group, columns=[self.name]).column(0)


def _content(
    kind: pa.DataType, pieces: Iterable[pa.Array] | Iterable[pa.ChunkedArray]
) -> Iterator[bytes]:
    """A column's values as bytes, and which of them are missing; ``pieces`` is read twice."""
    yield from _missing(pieces)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        yield b"whole"
        yield from (_numbers(piece, pa.int64(), 0) for piece in pieces)
    elif pa.types.is_floating(kind):
        yield b"number"
        yield from (_numbers(piece, pa.float64(), 0.0) for piece in pieces)
    else:
        yield b"other"
        yield from _json(pieces)


def _missing(pieces: Iterable[pa.Array] | Iterable[pa.ChunkedArray]) -> Iterator[bytes]:
    """One bit per row, packed over the borders of the pieces."""
    rest = np.empty(0, np.bool_)
    for piece in pieces:
        missing = np.append(rest, piece.is_null().to_numpy(zero_copy_only=False))
        whole = len(missing) // 8 * 8
        yield np.packbits(missing[:whole]).tobytes()
        rest = missing[whole:]
    yield np.packbits(rest).tobytes()


def _numbers(piece: pa.Array | pa.ChunkedArray, kind: pa.DataType, missing: float) -> bytes:
    values: bytes = piece.cast(kind).fill_null(missing).to_numpy(zero_copy_only=False).tobytes()
    return values


def _json(pieces: Iterable[pa.Array] | Iterable[pa.ChunkedArray]) -> Iterator[bytes]:
    """The text of one JSON list of all values."""
    before = "["
    for piece in pieces:
        if len(piece):
            yield (before + json.dumps(piece.to_pylist(), default=str)[1:-1]).encode()
            before = ", "
    yield b"]" if before == ", " else b"[]"
