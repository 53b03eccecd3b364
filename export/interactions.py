"""Writing interactions as Parquet while they are read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..artifacts import write_arrow

_GROUP_ROWS = 2**17
_OPTIONAL = ("rating", "timestamp")


def write_interactions(path: Path, blocks: Iterator[pd.DataFrame]) -> None:
    """Write blocks of any sizes as row groups of one size, of which two are in memory at most.

    Which columns the file has is known at the end: ``rating`` and ``timestamp`` are left out
    where no row has one, and ``timestamp`` is marked as nullable only where some rows have
    none. Where that differs from five full columns the file is written a second time.

    :param blocks: one at least, as of :func:`~.histories.read_histories`.
    """
    first = next(blocks)
    none = first.head(0)
    full = _schema(none.astype({"timestamp": "int64"}))
    unsettled = path.with_name(f".{path.name}.first")
    try:
        groups = _groups(chain([first], blocks), full)
        write_arrow(unsettled, pa.RecordBatchReader.from_batches(full, groups))
        settled = _settled(unsettled, none)
        if settled.equals(full, check_metadata=True):
            unsettled.replace(path)
        else:
            again = _again(unsettled, settled)
            write_arrow(path, pa.RecordBatchReader.from_batches(settled, again))
    finally:
        unsettled.unlink(missing_ok=True)


def _groups(blocks: Iterator[pd.DataFrame], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    rest = schema.empty_table()
    for block in blocks:
        table = pa.Table.from_pandas(block, preserve_index=False)
        rest = pa.concat_tables([rest, table.replace_schema_metadata(schema.metadata)])
        while rest.num_rows >= _GROUP_ROWS:
            yield _batch(rest.slice(0, _GROUP_ROWS))
            rest = rest.slice(_GROUP_ROWS)
    if rest.num_rows:
        yield _batch(rest)


def _settled(path: Path, frame: pd.DataFrame) -> pa.Schema:
    """The schema that fits the rows of a file of all columns, which ``frame`` has."""
    metadata = pq.read_metadata(path)
    missing = dict.fromkeys(frame.columns, 0)
    for group in range(metadata.num_row_groups):
        for place, name in enumerate(frame.columns):
            missing[name] += metadata.row_group(group).column(place).statistics.null_count
    frame = frame.drop(columns=[name for name in _OPTIONAL if missing[name] == metadata.num_rows])
    return _schema(frame if missing["timestamp"] else frame.astype({"timestamp": "int64"}))


def _again(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The row groups of a file with the columns of ``schema``."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=schema.names)
            yield _batch(table.replace_schema_metadata(schema.metadata))


def _schema(frame: pd.DataFrame) -> pa.Schema:
    return pa.Schema.from_pandas(frame, preserve_index=False)


def _batch(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]
