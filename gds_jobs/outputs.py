"""Outputs of a split's jobs: a file each, and a record of it in the split's manifest."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from ..artifacts import SplitFolder, file_digest, write_arrow, write_manifest, write_parquet
from ..locks import held
from .base import JobOutput


@contextmanager
def split_lock(split: SplitFolder) -> Iterator[None]:
    """Hold a split's outputs for this process; waits, and says so, while another one does."""
    wait = partial(tqdm.write, file=sys.stderr)
    with held(split.path, f"split {split.split_id}", wait):
        yield


def is_done(split: SplitFolder, name: str, fingerprint: str) -> bool:
    """Whether an output is there and was made by the job with this fingerprint."""
    record = _records(split).get(name)
    return (
        record is not None
        and record["fingerprint"] == fingerprint
        and (split.path / record["file"]).is_file()
    )


def write_output(
    split: SplitFolder, name: str, output: JobOutput, began: float, **facts: Any
) -> None:
    """Write an output's table, then its record; its old record goes first.

    Interrupted in between, the output has no record and counts as not made.

    :param began: ``time.monotonic()`` when the job began.
    :param facts: what the record says beside the output's own facts; ``fingerprint`` is
        the digest of all that can change the output.
    """
    _write_records(split, {key: one for key, one in _records(split).items() if key != name})
    path = split.output(output.kind, name)
    rows = _write_table(path, output.table)
    record = {
        "kind": output.kind,
        "file": path.relative_to(split.path).as_posix(),
        "rows": rows,
        "digest": file_digest(path),
        **output.facts,
        **facts,
        "seconds": round(time.monotonic() - began, 2),
        "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _write_records(split, {**_records(split), name: record})


def _write_table(path: Path, table: pd.DataFrame | pa.Table | pa.RecordBatchReader) -> int:
    if not isinstance(table, pd.DataFrame):
        return write_arrow(path, table)
    write_parquet(path, table)
    return len(table)


def _records(split: SplitFolder) -> Mapping[str, Any]:
    records: Mapping[str, Any] = split.manifest().get("jobs", {})
    return records


def _write_records(split: SplitFolder, records: Mapping[str, Any]) -> None:
    write_manifest(split.path, {**split.manifest(), "jobs": dict(records)})
