"""The held-out part of triples, and what is known to be true of a query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..triples import Triples

IntArray = npt.NDArray[np.int64]


def hold_out(
    triples: Triples, valid: float = 0.05, test: float = 0.1, seed: int = 42
) -> tuple[Triples, Triples, Triples]:
    """Train, valid and test at random; every node and relation of the latter two is in train.

    All triples between two nodes are in one part: a reverse relation in train would give the
    answer away (Toutanova & Chen, 2015, on FB15k, https://doi.org/10.18653/v1/W15-4007). The
    only triple of a node or relation stays in train, with those between the same nodes, so
    the held-out parts can be a little smaller than asked for, of a few triples even empty.
    """
    ends = np.sort(triples.rows[:, [0, 2]], axis=1)
    pairs, pair = np.unique(ends[:, 0] * triples.nodes + ends[:, 1], return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(pairs))[pair]
    order = np.argsort(place, kind="stable")
    rows, place = triples.rows[order], place[order]
    needed = np.zeros(len(pairs), dtype=bool)  # a pair with one triple of each node, relation
    for values in (np.concatenate([rows[:, 0], rows[:, 2]]), rows[:, 1]):
        needed[place[np.unique(values, return_index=True)[1] % len(rows)]] = True
    free = ~needed[place]
    last = np.searchsorted(place, place, "right") - 1  # of the pair's rows
    counted = np.cumsum(free)[last]
    held = free & (counted <= round(len(rows) * (valid + test)))
    is_test = held & (counted <= round(held.sum() * test / (valid + test)))
    parts = (rows[~held], rows[held & ~is_test], rows[is_test])
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
