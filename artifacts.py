"""The files that stages hand to each other: data sets, splits and runs.

::

    datasets/<fingerprint>/
      manifest.json  interactions.parquet  users.parquet  items.parquet
      entities.parquet  triples.parquet
      splits/<splitId>/
        manifest.json  split.parquet  embeddings/  similarity/  walks/  paths/
    runs/<runId>/
      manifest.json  model/  predictions.parquet  attention.parquet  metrics.json

A file is written under a temporary name and then renamed, so that a half-written
one is never read; a folder counts as complete when its ``manifest.json`` is there.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from .errors import ArtifactError

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
SHUFFLED = "-shuffled"  # ends names of outputs on the shuffled knowledge graph
_DIGEST_ROWS = 2**16  # of a column, as text in memory at once


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it to ``path`` when the block succeeds.

    :raises ArtifactError: when the disk is full; what was there stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except Exception as error:
        if _is_full(error):
            raise _full(path) from None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _is_full(error: Exception) -> bool:
    """Whether it says that the disk is full, in the words of Python, Arrow, safetensors, torch."""
    known = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    text = str(error).lower()
    words = ("no space left", "os error 28", "os error 27", "file too large", "failed writing file")
    return known or any(one in text for one in words)


def _full(path: Path) -> ArtifactError:
    folder = next(one for one in path.parents if one.exists())
    free = shutil.disk_usage(folder).free / 2**20
    return ArtifactError(
        f"{path} cannot be written: the disk is full ({free:,.0f} MiB free in {folder})",
        "Free some space and give the same command again; what was finished before stays.",
    )


def write_json(path: Path, value: Any) -> None:
    with atomic(path) as temporary:
        temporary.write_text(json.dumps(value, indent=2, sort_keys=False, default=str) + "\n")


def read_json(path: Path) -> Any:
    """:raises ArtifactError: when the file is missing or is not JSON."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        raise ArtifactError(f"{path} does not exist", "Run the stage that writes it.") from None
    except json.JSONDecodeError as error:
        raise ArtifactError(
            f"{path} is not JSON: {error}", "Delete it and run the stage that writes it."
        ) from None


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    with atomic(path) as temporary:
        frame.to_parquet(temporary, index=False)


def write_arrow(path: Path, table: pa.Table | pa.RecordBatchReader) -> int:
    """Write an Arrow table, or the batches of a reader as they come; returns the rows."""
    reader = table.to_reader() if isinstance(table, pa.Table) else table
    rows = 0
    with atomic(path) as temporary, pq.ParquetWriter(temporary, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def read_parquet(path: Path) -> pd.DataFrame:
    """:raises ArtifactError: when the file is missing or damaged."""
    try:
        return pd.read_parquet(path)
    except FileNotFoundError:
        raise ArtifactError(f"{path} does not exist", "Run the stage that writes it.") from None
    except (OSError, ValueError) as error:
        raise ArtifactError(
            f"{path} cannot be read: {error}", "Delete it and run the stage that writes it."
        ) from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a data set, split or run.

    :raises ArtifactError: when it is missing or of another schema version.
    """
    manifest: dict[str, Any] = read_json(folder / MANIFEST)
    version = manifest.get("schemaVersion")
    if version != SCHEMA_VERSION:
        raise ArtifactError(
            f"{folder / MANIFEST} has schema version {version}, this program reads "
            f"{SCHEMA_VERSION}",
            "Make it again with this version: reelgraph run --from export",
        )
    return manifest


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    write_json(folder / MANIFEST, {"schemaVersion": SCHEMA_VERSION, **manifest})


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
    """A bit a row, packed over the borders of the pieces."""
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


@dataclass(frozen=True)
class DatasetFolder:
    """One exported data set: ``datasets/<fingerprint>``."""

    path: Path

    @property
    def fingerprint(self) -> str:
        return self.path.name

    @property
    def interactions(self) -> Path:
        return self.path / "interactions.parquet"

    @property
    def users(self) -> Path:
        return self.path / "users.parquet"

    @property
    def items(self) -> Path:
        return self.path / "items.parquet"

    @property
    def entities(self) -> Path:
        return self.path / "entities.parquet"

    @property
    def triples(self) -> Path:
        return self.path / "triples.parquet"

    def manifest(self) -> dict[str, Any]:
        return read_manifest(self.path)

    def split(self, split_id: str) -> SplitFolder:
        return SplitFolder(self, split_id)


@dataclass(frozen=True)
class SplitFolder:
    """One split of a data set, with what graph jobs made from its train rows."""

    dataset: DatasetFolder
    split_id: str

    @property
    def path(self) -> Path:
        return self.dataset.path / "splits" / self.split_id

    @property
    def split(self) -> Path:
        return self.path / "split.parquet"

    @property
    def exported(self) -> Path:
        """When an export made or found the split last, so that it is the default one."""
        return self.path / "exported.json"

    def output(self, kind: str, job: str) -> Path:
        """Parquet file of a job's output, in the folder of its kind."""
        return self.path / kind / f"{job}.parquet"

    def manifest(self) -> dict[str, Any]:
        return read_manifest(self.path)


@dataclass(frozen=True)
class RunFolder:
    """One training run: ``runs/<runId>``."""

    path: Path

    @property
    def run_id(self) -> str:
        return self.path.name

    @property
    def model(self) -> Path:
        return self.path / "model"

    @property
    def predictions(self) -> Path:
        return self.path / "predictions.parquet"

    @property
    def attention(self) -> Path:
        return self.path / "attention.parquet"

    @property
    def vectors(self) -> Path:
        return self.path / "vectors"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.json"

    def manifest(self) -> dict[str, Any]:
        return read_manifest(self.path)

    def update(self, **values: Any) -> dict[str, Any]:
        """Merge values into the manifest and return it."""
        manifest = {**self.manifest(), **values}
        write_json(self.path / MANIFEST, manifest)
        return manifest
