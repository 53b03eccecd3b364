"""Link prediction on held-out triples: filtered ranks, beside chance and degree.

For each triple the tail is looked for among all nodes that have triples, and the head too;
other answers that are known to be true are left out of the ranking ("filtered", Bordes et al.,
NeurIPS 2013).
Equal scores count half ("realistic rank", Berrendorf et al. 2020), so a model that gives one
score to all nodes is no better than chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ..data import IntArray
from ..evaluation.ranking import bootstrap
from ..triples import Triples
from .held_out import Known

_QUERIES = 256  # at a time; (256, nodes) scores are in memory
_HITS = (1, 3, 10)

Values = npt.NDArray[np.float64]


class Ranker(Protocol):
    """What can be evaluated."""

    def rank_against(
        self, given: IntArray, relations: IntArray, tails: bool
    ) -> npt.NDArray[np.float32]:
        """Scores ``(B, nodes)`` of all nodes as tails (or heads) of the queries."""


class Chance:
    """Random scores."""

    def __init__(self, nodes: int, seed: int = 42) -> None:
        self.nodes = nodes
        self.generator = np.random.default_rng(seed)

    def rank_against(
        self, given: IntArray, relations: IntArray, tails: bool
    ) -> npt.NDArray[np.float32]:
        return self.generator.random((len(given), self.nodes), dtype=np.float32)


class Degree:
    """The node's number of train triples of the asked relation, at the asked end."""

    def __init__(self, train: Triples) -> None:
        self.counts = {
            end: np.zeros((len(train.relations), train.nodes), np.float32) for end in (0, 2)
        }
        for end, counts in self.counts.items():
            np.add.at(counts, (train.rows[:, 1], train.rows[:, end]), 1)

    def rank_against(
        self, given: IntArray, relations: IntArray, tails: bool
    ) -> npt.NDArray[np.float32]:
        return self.counts[2 if tails else 0][relations]


def ranks(ranker: Ranker, asked: Triples, known: Sequence[Triples]) -> Values:
    """Filtered ranks ``(2 n,)`` of the tails and then of the heads, from 1.

    :param known: triples whose answers are left out; the asked ones belong to them.
    """
    everything = asked.only(np.concatenate([part.rows for part in known]))
    without = np.ones(asked.nodes, dtype=bool)  # nothing is asked of nodes without triples
    without[everything.rows[:, [0, 2]]] = False
    found = []
    for tails, given, answer in ((True, 0, 2), (False, 2, 0)):
        filters = Known.tails(everything) if tails else Known.heads(everything)
        for rows in _batches(asked.rows):
            scores = ranker.rank_against(rows[:, given], rows[:, 1], tails)
            right = scores[np.arange(len(rows)), rows[:, answer]][:, None]
            above, equal = scores > right, scores == right
            for better in (above, equal):
                better[filters.of(rows[:, given], rows[:, 1])] = False
                better[:, without] = False
            found.append(1 + above.sum(1) + equal.sum(1) / 2)
    return np.concatenate(found)


def reciprocal_ranks(ranker: Ranker, asked: Triples, known: Sequence[Triples]) -> Values:
    """``1 / rank`` of each query; their mean is the MRR."""
    return 1 / ranks(ranker, asked, known)


def link_prediction(
    ranker: Ranker, asked: Triples, known: Sequence[Triples], seed: int = 42
) -> dict[str, dict[str, float]]:
    """MRR and Hits@1, 3, 10, each with its 95 % bootstrap interval over the queries."""
    found = ranks(ranker, asked, known)
    hits = {f"hits@{n}": (found <= n).astype(np.float64) for n in _HITS}
    intervals = bootstrap({"mrr": 1 / found, **hits}, seed)
    return {name: dict(interval) for name, interval in intervals.items()}


def _batches(rows: IntArray) -> Iterable[IntArray]:
    for start in range(0, len(rows), _QUERIES):
        yield rows[start : start + _QUERIES]
