"""Check 4, stored walks and paths: each step is a train edge or a knowledge edge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from ...artifacts import JobRecord
from ...gds_jobs.split_graph import SplitGraph
from .path_times import Older
from .report import Row, row
from .subject import Subject

Ints = npt.NDArray[np.int64]


def check_steps(subject: Subject, name: str, record: JobRecord, inputs: SplitGraph) -> Row:
    """All steps of a job's walks or paths, part by part, in constant memory.

    Ratings on a path must be older than the pair's event.
    """
    what = f"steps of {record.kind} {name}"
    known, held_out = _edges(inputs), _held_out(subject, inputs)
    older = Older.of(subject, inputs.nodes) if record.kind == "paths" else None
    steps = wrong = of_test = rows = 0
    late = np.zeros(2, int)
    for nodes, offsets, pairs in _parts(subject, record):
        first, second, owner = steps_of(nodes, offsets)
        keys = _keys(first, second, inputs.nodes)
        bad = ~np.isin(keys, known)
        steps, wrong, rows = steps + len(keys), wrong + int(bad.sum()), rows + len(offsets) - 1
        of_test += int(np.isin(keys[bad], held_out).sum())
        if older is not None:
            late += older.late(pairs, first, second, owner)
    text = f"{steps:,} steps of {rows:,} {record.kind}"
    problems = []
    if wrong:
        problems.append(f"{wrong:,} over other edges, {of_test:,} of them valid or test rows")
    if late.any():
        problems.append(f"{late[0]:,} over own and {late[1]:,} over others' ratings not older")
    told = f"all over train or knowledge edges{', ratings older than the event' if older else ''}"
    return row(4, what, not problems, f"{text}: {'; '.join(problems) or told}")


def _edges(inputs: SplitGraph) -> Ints:
    """Keys of train and knowledge edges, without direction."""
    knowledge, train = inputs.knowledge, inputs.train
    parts = [
        _keys(knowledge["head"].to_numpy(), knowledge["tail"].to_numpy(), inputs.nodes),
        _keys(train["user"].to_numpy(), train["item"].to_numpy(), inputs.nodes),
    ]
    return np.unique(np.concatenate(parts))


def _held_out(subject: Subject, inputs: SplitGraph) -> Ints:
    held = (subject.rows["fold"] != "train").to_numpy()
    return _row_keys(subject, inputs)[held]


def _row_keys(subject: Subject, inputs: SplitGraph) -> Ints:
    joined = subject.edge_keys(inputs.nodes)
    return _keys(joined // inputs.nodes, joined % inputs.nodes, inputs.nodes)


def _parts(subject: Subject, record: JobRecord) -> Iterator[tuple[Ints, Ints, Any]]:
    """Nodes and offsets of the lists, and ``user, item, seq`` of paths as a frame."""
    file = pq.ParquetFile(subject.work.split.path / record.file)
    about = ["user", "item", "seq"] if record.kind == "paths" else []
    for batch in file.iter_batches(columns=["nodes", *about]):
        if not len(batch):
            continue
        lists = batch.column("nodes")
        offsets = np.concatenate([[0], np.cumsum(lists.value_lengths().to_numpy())])
        nodes = lists.flatten().to_numpy().astype(np.int64)
        yield nodes, offsets.astype(np.int64), batch.select(about).to_pandas()


def steps_of(nodes: Ints, offsets: Ints) -> tuple[Ints, Ints, Ints]:
    """Both ends of each step, and its list; no step from the end of one list to the next.

    :param offsets: list ``n`` is ``nodes[offsets[n]:offsets[n + 1]]``; none is empty.
    """
    inside = np.ones(max(len(nodes) - 1, 0), bool)
    inside[offsets[1:-1] - 1] = False
    owner = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets) - 1)
    return nodes[:-1][inside], nodes[1:][inside], owner


def _keys(first: Ints, second: Ints, nodes: int) -> Ints:
    low, high = np.minimum(first, second), np.maximum(first, second)
    found: Ints = low.astype(np.int64) * nodes + high.astype(np.int64)
    return found
