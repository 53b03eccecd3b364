"""Outputs of a split's jobs: a file each, and a record of it in the split's manifest."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from ..artifacts import (
    SHUFFLED,
    JobRecord,
    Provenance,
    SplitFolder,
    file_digest,
    write_arrow,
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


def records(split: SplitFolder) -> Mapping[str, JobRecord]:
    """The records of a split's outputs, by name."""
    return split.manifest().jobs


def output_name(split: SplitFolder, name: str, shuffled: bool) -> str:
    """The output that takes the place of ``name`` where the knowledge is shuffled.

    An output over train edges has no knowledge that could be shuffled.
    """
    record = records(split).get(name)
    of_train = record is not None and record.edges == "train"
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
    return {name: made[name].digest for name in names}


def is_done(split: SplitFolder, name: str, fingerprint: str) -> bool:
    """Whether an output is there and was made by the job with this fingerprint.

    It is not current when an output that the job read was made anew with another content.
    """
    made = records(split)
    record = made.get(name)
    return (
        record is not None
        and record.fingerprint == fingerprint
        and (split.path / record.file).is_file()
        and all(
            read in made and made[read].digest == digest for read, digest in record.reads.items()
        )
    )


def write_output(
    split: SplitFolder, name: str, output: JobOutput, began: float, made: Provenance
) -> None:
    """Write an output's table, then its record; its old record goes first.

    Interrupted in between, the output has no record and counts as not made.

    :param began: ``time.monotonic()`` when the job began.
    """
    split.update(jobs={key: one for key, one in records(split).items() if key != name})
    path = split.output(output.kind, name)
    rows = _write_table(path, output.table)
    record = JobRecord.model_validate(
        {
            "kind": output.kind,
            "file": path.relative_to(split.path).as_posix(),
            "rows": rows,
            "digest": file_digest(path),
            **output.facts,
            **made.dump(),
            "seconds": round(time.monotonic() - began, 2),
            "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )
    split.update(jobs={**records(split), name: record})


def _write_table(path: Path, table: pd.DataFrame | pa.Table | pa.RecordBatchReader) -> int:
    if not isinstance(table, pd.DataFrame):
        return write_arrow(path, table)
    write_parquet(path, table)
    return len(table)
