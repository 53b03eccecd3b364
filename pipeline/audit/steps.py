"""Check 4, stored walks and paths: each step is a train edge or a knowledge edge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from ...gds_jobs.inputs import Inputs
from .report import Row, row
from .subject import Subject

Ints = npt.NDArray[np.int64]


def check_steps(subject: Subject, name: str, record: Mapping[str, Any], inputs: Inputs) -> Row:
    """All steps of a job's walks or paths, part by part, in constant memory.

    The first step of a path is a rating that must be older than the pair's event.
    """
    what = f"steps of {record['kind']} {name}"
    known, held_out = _edges(inputs), _held_out(subject, inputs)
    seq = _train_seq(subject, inputs)
    steps = wrong = of_test = late = rows = 0
    for nodes, offsets, place in _parts(subject, record):
        first, second = steps_of(nodes, offsets)
        keys = _keys(first, second, inputs.nodes)
        bad = ~np.isin(keys, known)
        steps, wrong, rows = steps + len(keys), wrong + int(bad.sum()), rows + len(offsets) - 1
        of_test += int(np.isin(keys[bad], held_out).sum())
        if place is not None:
            starts = _keys(nodes[offsets[:-1]], nodes[offsets[:-1] + 1], inputs.nodes)
            late += _not_older(starts, place, seq)
    text = f"{steps:,} steps of {rows:,} {record['kind']}"
    if not wrong and not late:
        told = "all over train or knowledge edges"
        return row(4, what, True, f"{text}: {told}{_older(record)}")
    problems = f"{wrong:,} over other edges, {of_test:,} of them valid or test rows"
    problems += f"; {late:,} paths begin at or after their event" if late else ""
    return row(4, what, False, f"{text}: {problems}")


def _older(record: Mapping[str, Any]) -> str:
    return ", each path begins before its event" if record["kind"] == "paths" else ""


def _edges(inputs: Inputs) -> Ints:
    """Keys of train and knowledge edges, without direction."""
    knowledge, train = inputs.knowledge, inputs.train
    parts = [
        _keys(knowledge["head"].to_numpy(), knowledge["tail"].to_numpy(), inputs.nodes),
        _keys(train["user"].to_numpy(), train["item"].to_numpy(), inputs.nodes),
    ]
    return np.unique(np.concatenate(parts))


def _held_out(subject: Subject, inputs: Inputs) -> Ints:
    held = (subject.rows["fold"] != "train").to_numpy()
    return _row_keys(subject, inputs)[held]


def _train_seq(subject: Subject, inputs: Inputs) -> tuple[Ints, Ints]:
    """Keys of train rows in order, and the place of each in its user's history."""
    train = (subject.rows["fold"] == "train").to_numpy()
    keys, seq = _row_keys(subject, inputs)[train], subject.rows["seq"].to_numpy(np.int64)[train]
    order = np.argsort(keys)
    return keys[order], seq[order]


def _row_keys(subject: Subject, inputs: Inputs) -> Ints:
    joined = subject.edge_keys(inputs.nodes)
    return _keys(joined // inputs.nodes, joined % inputs.nodes, inputs.nodes)


def _parts(subject: Subject, record: Mapping[str, Any]) -> Iterator[tuple[Ints, Ints, Ints | None]]:
    """Nodes and offsets of the lists, and the event's place for paths."""
    file = pq.ParquetFile(subject.work.split.path / record["file"])
    paths = record["kind"] == "paths"
    for batch in file.iter_batches(columns=["nodes", "seq"] if paths else ["nodes"]):
        if not len(batch):
            continue
        lists = batch.column("nodes")
        offsets = np.concatenate([[0], np.cumsum(lists.value_lengths().to_numpy())])
        place = batch.column("seq").to_numpy().astype(np.int64) if paths else None
        yield lists.flatten().to_numpy().astype(np.int64), offsets.astype(np.int64), place


def steps_of(nodes: Ints, offsets: Ints) -> tuple[Ints, Ints]:
    """Both ends of each step; none from the end of one list to the next.

    :param offsets: list ``n`` is ``nodes[offsets[n]:offsets[n + 1]]``; none is empty.
    """
    inside = np.ones(max(len(nodes) - 1, 0), bool)
    inside[offsets[1:-1] - 1] = False
    return nodes[:-1][inside], nodes[1:][inside]


def _keys(first: Ints, second: Ints, nodes: int) -> Ints:
    low, high = np.minimum(first, second), np.maximum(first, second)
    found: Ints = low.astype(np.int64) * nodes + high.astype(np.int64)
    return found


def _not_older(starts: Ints, place: Ints, train: tuple[Ints, Ints]) -> int:
    """Paths whose first rating is not before the event; unknown ratings are counted elsewhere."""
    keys, seq = train
    if not len(keys):
        return 0
    row = np.minimum(np.searchsorted(keys, starts), len(keys) - 1)
    return int(((keys[row] == starts) & (seq[row] >= place)).sum())
