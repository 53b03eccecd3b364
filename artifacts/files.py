"""Writing files whole or not at all, and reading them with errors that say what to do."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import ArtifactError


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
        text = json.dumps(value, indent=2, sort_keys=False, default=str) + "\n"
        temporary.write_text(text, encoding="utf-8")


def write_json_lines(path: Path, rows: Iterable[Any]) -> None:
    """A line of JSON for each row."""
    with atomic(path) as temporary:
        lines = (f"{json.dumps(row, default=str)}\n" for row in rows)
        temporary.write_text("".join(lines), encoding="utf-8")


def read_json(path: Path) -> Any:
    """:raises ArtifactError: when the file is missing or is not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
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
