"""Triples as arrays, their held-out part, and what is known to be true of a query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import InputError

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Triples:
    """``rows`` is ``(n, 3)``: head, relation, tail; heads and tails are node indices.

    ``nodes`` is the number of nodes (items, then entities); ``relations`` are the names.
    """

    rows: IntArray
    nodes: int
    relations: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, rows: IntArray) -> Triples:
        return Triples(rows, self.nodes, self.relations)


def triples_from_frame(frame: pd.DataFrame, nodes: int) -> Triples:
    """From the columns ``head, relation, tail`` of ``triples.parquet``.

    :raises InputError: when there are none.
    """
    if frame.empty:
        raise InputError(
            "the data set has no knowledge triples", "Load a source that has them, or credits."
        )
    names = sorted(frame["relation"].unique())
    codes = pd.Categorical(frame["relation"], names).codes.astype(np.int64)
    rows = np.stack([frame["head"].to_numpy(np.int64), codes, frame["tail"].to_numpy(np.int64)], 1)
    return Triples(np.unique(rows, axis=0), nodes, tuple(map(str, names)))


def hold_out(
    triples: Triples, valid: float = 0.05, test: float = 0.1, seed: int = 42
) -> tuple[Triples, Triples, Triples]:
    """Train, valid and test at random; every node and relation of the latter two is in train.

    A triple that is the only one of a node or relation stays in train, so the held-out
    parts can be a little smaller than asked for.
    """
    rows = triples.rows[np.random.default_rng(seed).permutation(len(triples))]
    needed = np.zeros(len(rows), dtype=bool)
    ends = np.concatenate([rows[:, 0], rows[:, 2]])
    needed[np.unique(ends, return_index=True)[1] % len(rows)] = True  # one triple of each node
    needed[np.unique(rows[:, 1], return_index=True)[1]] = True
    free = np.flatnonzero(~needed)[: round(len(rows) * (valid + test))]
    n_test = round(len(free) * test / (valid + test))
    is_train = np.ones(len(rows), dtype=bool)
    is_train[free] = False
    parts = (rows[is_train], rows[free[n_test:]], rows[free[:n_test]])
    train, chosen, held_out = (triples.only(part) for part in parts)
    return train, chosen, held_out


@dataclass(frozen=True)
class Known:
    """All true answers of a query (node, relation), to leave them out of its ranking."""

    keys: IntArray
    answers: IntArray
    relations: int

    @classmethod
    def tails(cls, triples: Triples) -> Known:
        return cls._of(triples, 0, 2)

    @classmethod
    def heads(cls, triples: Triples) -> Known:
        return cls._of(triples, 2, 0)

    @classmethod
    def _of(cls, triples: Triples, given: int, asked: int) -> Known:
        relations = len(triples.relations)
        keys = triples.rows[:, given] * relations + triples.rows[:, 1]
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], triples.rows[order, asked], relations)

    def of(self, nodes: IntArray, relations: IntArray) -> tuple[IntArray, IntArray]:
        """Row numbers and answers of a batch of queries, as parallel arrays."""
        keys = nodes * self.relations + relations
        first = np.searchsorted(self.keys, keys, "left")
        counts = np.searchsorted(self.keys, keys, "right") - first
        row = np.repeat(np.arange(len(keys)), counts)
        within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        return row, self.answers[np.repeat(first, counts) + within]
