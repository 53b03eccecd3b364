"""Outputs of a split's jobs: a file each, and a record of it in the split's manifest."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from ..artifacts import (
    SHUFFLED,
    SplitFolder,
    file_digest,
    write_arrow,
    write_manifest,
    write_parquet,
)
from ..errors import ArtifactError
from ..locks import held
from .base import JobOutput


@contextmanager
def split_lock(split: SplitFolder) -> Iterator[None]:
    """Hold a split's outputs for this process; waits, and says so, while another one does."""
    wait = partial(tqdm.write, file=sys.stderr)
    with held(split.path, f"split {split.split_id}", wait):
        yield


def records(split: SplitFolder) -> Mapping[str, Any]:
    """The records of a split's outputs, by name."""
    found: Mapping[str, Any] = split.manifest().get("jobs", {})
    return found


def output_name(split: SplitFolder, name: str, shuffled: bool) -> str:
    """The output that takes the place of ``name`` where the knowledge is shuffled.

    An output over train edges has no knowledge that could be shuffled.
    """
    of_train = records(split).get(name, {}).get("edges") == "train"
    return f"{name}{SHUFFLED}" if shuffled and not of_train else name


def read_digests(split: SplitFolder, names: Iterable[str]) -> dict[str, str]:
    """Digests of the files of outputs that another job reads.

    :raises ArtifactError: when one was not made; names it.
    """
    made = records(split)
    for name in names:
        if name not in made:
            raise ArtifactError(
                f"the output {name} of a graph job is missing", f"reelgraph gds run {name}"
            )
    return {name: made[name]["digest"] for name in names}


def is_done(split: SplitFolder, name: str, fingerprint: str) -> bool:
    """Whether an output is there and was made by the job with this fingerprint.

    It is no more when an output that the job read was made anew and is another one.
    """
    made = records(split)
    record = made.get(name)
    return (
        record is not None
        and record["fingerprint"] == fingerprint
        and (split.path / record["file"]).is_file()
        and all(
            made.get(read, {}).get("digest") == digest
            for read, digest in record.get("reads", {}).items()
        )
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
    _write_all(split, {key: one for key, one in records(split).items() if key != name})
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
    _write_all(split, {**records(split), name: record})


def _write_table(path: Path, table: pd.DataFrame | pa.Table | pa.RecordBatchReader) -> int:
    if not isinstance(table, pd.DataFrame):
        return write_arrow(path, table)
    write_parquet(path, table)
    return len(table)


def _write_all(split: SplitFolder, records: Mapping[str, Any]) -> None:
    write_manifest(split.path, {**split.manifest(), "jobs": dict(records)})
