"""Relationships for the writer, as columns: the ids of a batch once, and places in them.

A statement that gets them looks each node up once in a transaction, however many relationships
it has there, and there is less to send than with a map per node.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .values import to_bytes, to_list


@dataclass(frozen=True)
class ColumnBatch:
    """Some relationships, for :func:`~reelgraph.graph.writer.write_batches`.

    ``parameters`` has the lists ``startIds`` and ``endIds`` of distinct ids, ``starts`` and
    ``ends`` with a place in them (from 0) per row, and a list per further column.
    """

    key: int
    parameters: Mapping[str, Any]
    checksum: str
    rows: int


def column_batches(
    frame: pd.DataFrame, start: str, end: str, columns: Mapping[str, str], rows: int
) -> Iterator[ColumnBatch]:
    """Cut relationships into batches; those of one start node are never divided.

    Two transactions that write to one start node would wait for each other.

    :param frame: rows in which those of one start node follow each other.
    :param start: column with the ids of the start nodes, ``end`` of the end nodes.
    :param columns: the name to send it under for each further column. Missing values become
        None, which Neo4j stores as an absent property.
    :param rows: how many a batch has at least, the last one excepted.
    """
    for key, (first, last) in enumerate(_cuts(frame[start].to_numpy(), rows)):
        yield _batch(key, frame.iloc[first:last], start, end, columns)


def _cuts(starts: Any, rows: int) -> Iterator[tuple[int, int]]:
    """The first row of each batch, and the one after its last."""
    firsts = np.flatnonzero(starts[1:] != starts[:-1]) + 1
    first = 0
    while first < len(starts):
        later = np.searchsorted(firsts, first + rows)
        last = int(firsts[later]) if later < len(firsts) else len(starts)
        yield first, last
        first = last


def _batch(
    key: int, part: pd.DataFrame, start: str, end: str, columns: Mapping[str, str]
) -> ColumnBatch:
    starts, start_ids = pd.factorize(part[start])
    ends, end_ids = pd.factorize(part[end])
    parameters: dict[str, Any] = {
        "startIds": start_ids.tolist(),
        "endIds": end_ids.tolist(),
        "starts": starts.tolist(),
        "ends": ends.tolist(),
    }
    sha = hashlib.sha256(repr(list(parameters.values())).encode())
    for name, column in columns.items():
        parameters[name] = to_list(part[column])
        sha.update(name.encode())
        sha.update(to_bytes(part[column], parameters[name]))
    return ColumnBatch(key, parameters, sha.hexdigest()[:16], len(part))
