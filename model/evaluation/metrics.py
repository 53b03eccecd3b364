"""Ranking metrics, each for all users at once.

``hits`` is ``(users, k)``: whether the item at rank 1…k is in the user's test set;
``relevant`` is ``(users,)``: the size of the user's **whole** test set, at least 1. Every
accuracy metric returns one value per user; the mean over users is what a report shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ..data import IntArray

Hits = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]


def find_hits(ranked: IntArray, tests: Sequence[IntArray]) -> Hits:
    """Whether each ranked item is in the user's test set.

    Each pair of user and item is one number, so that all are looked up at once.

    :param ranked: ``(users, k)`` item indices, best first; -1 where the list is short.
    """
    if len(ranked) != len(tests):
        raise ValueError(f"{len(ranked)} lists and {len(tests)} test sets")
    items = np.concatenate([np.zeros(0, np.int64), *tests])
    users = np.repeat(np.arange(len(tests)), [len(test) for test in tests])
    if not ranked.size or not len(items):
        return np.zeros(ranked.shape, np.bool_)
    width = int(max(ranked.max(), items.max())) + 1
    known = np.sort(users[items >= 0] * width + items[items >= 0])
    if not len(known):
        return np.zeros(ranked.shape, np.bool_)
    asked = np.arange(len(ranked))[:, None] * width + ranked
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.asarray((known[place] == asked) & (ranked >= 0))


def hit_rate(hits: Hits, relevant: IntArray) -> Values:
    """HR@k: 1 when any of the top k is a hit."""
    return np.asarray(hits.any(axis=1), np.float64)


def recall(hits: Hits, relevant: IntArray) -> Values:
    """Recall@k: hits in the top k divided by the number of test items."""
    return np.asarray(hits.sum(axis=1) / relevant)


def precision(hits: Hits, relevant: IntArray) -> Values:
    """Precision@k: hits in the top k divided by k."""
    return np.asarray(hits.mean(axis=1))


def ndcg(hits: Hits, relevant: IntArray) -> Values:
    """NDCG@k: gain 1/log2(rank + 1), ideal list from the user's whole test set."""
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(discounts)[np.minimum(relevant, hits.shape[1]) - 1]
    return np.asarray(hits @ discounts / ideal)


def average_precision(hits: Hits, relevant: IntArray) -> Values:
    """MAP@k: precision at each hit's rank, summed, divided by min(k, number of test items)."""
    ranks = np.arange(1, hits.shape[1] + 1)
    at_hits = np.cumsum(hits, axis=1) / ranks * hits
    return np.asarray(at_hits.sum(axis=1) / np.minimum(relevant, hits.shape[1]))


def reciprocal_rank(hits: Hits, relevant: IntArray) -> Values:
    """MRR@k: 1/rank of the first hit in the top k, 0 without one."""
    return np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)


def sum_reciprocal_ranks(hits: Hits, relevant: IntArray) -> Values:
    """ΣRR@k: sum of 1/rank over all hits in the top k; RKGE and DaisyRec call it "MRR"."""
    return np.asarray(hits @ (1 / np.arange(1, hits.shape[1] + 1)))


def sum_rr_of_lists(lists: IntArray, tests: Sequence[IntArray]) -> Values:
    """ΣRR@k of lists ``(queries, k)``, whose right answers are ``tests``."""
    relevant = np.array([len(test) for test in tests])
    return sum_reciprocal_ranks(find_hits(lists, tests), relevant)


ACCURACY: dict[str, Callable[[Hits, IntArray], Values]] = {
    "hr": hit_rate,
    "recall": recall,
    "precision": precision,
    "ndcg": ndcg,
    "map": average_precision,
    "mrr": reciprocal_rank,
    "sum_rr": sum_reciprocal_ranks,
}


def accuracy(hits: Hits, relevant: IntArray, cutoffs: Sequence[int]) -> dict[str, Values]:
    """All accuracy metrics at all cut-offs; names such as ``precision@10``.

    A cut-off beyond the width of ``hits`` counts the missing ranks as misses.
    """
    missing = max(0, max(cutoffs) - hits.shape[1])
    padded = np.pad(hits, ((0, 0), (0, missing)))
    return {
        f"{name}@{k}": metric(padded[:, :k], relevant)
        for k in cutoffs
        for name, metric in ACCURACY.items()
    }


def coverage(ranked: IntArray, n_items: int) -> float:
    """Share of the catalogue that at least one list shows."""
    return len(np.unique(ranked[ranked >= 0])) / n_items


def gini(ranked: IntArray, n_items: int) -> float:
    """Gini coefficient of how often each item is shown: 0 all alike, near 1 only a few."""
    shown = np.sort(np.bincount(ranked[ranked >= 0], minlength=n_items))
    if not shown.sum():
        return 0.0
    ranks = np.arange(1, n_items + 1)
    return float(((2 * ranks - n_items - 1) * shown).sum() / (n_items * shown.sum()))


def novelty(ranked: IntArray, popularity: IntArray, n_users: int) -> float:
    """Mean self-information -log2(share of users who have the item) of what is shown.

    :param popularity: ``(items,)`` users per item in the rows that the fit read; an item
        without any counts as one user's.
    """
    shown = ranked[ranked >= 0]
    share = np.clip(popularity, 1, None) / n_users
    return float(-np.log2(share[shown]).mean()) if len(shown) else 0.0


def serendipity(ranked: IntArray, hits: Hits, expected: IntArray) -> Values:
    """Serendipity@k per user: hits that are not among the expected items, divided by k.

    :param expected: ``(users, k)`` what everybody would be shown, such as the most popular of the
        user's candidates; -1 where the list is short.
    """
    return np.asarray((hits & ~find_hits(ranked, list(expected))).mean(axis=1))


def diversity(ranked: IntArray, vectors: npt.NDArray[np.floating]) -> Values:
    """Intra-list diversity per user: the mean of 1 - cosine over all pairs of items shown.

    Pairs are not made: the squared length of a sum of unit vectors has the cosines of all pairs
    twice, and each vector's own 1.

    :param vectors: ``(items, dim)``, such as an embedding or a column per genre; an item with
        zeros alone is unknown and left out.
    :returns: ``(users,)``, NaN for a list with fewer than two known items.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    known = (ranked >= 0) & (lengths[:, 0] > 0)[ranked]
    total = np.zeros((len(ranked), vectors.shape[1]))
    for rank in range(ranked.shape[1]):  # a rank at a time needs no (users, k, dim)
        total += np.where(known[:, rank, None], unit[ranked[:, rank]], 0)
    count = known.sum(axis=1)
    pairs = count * (count - 1) / 2
    cosines = ((total**2).sum(axis=1) - count) / 2
    return np.where(pairs > 0, 1 - cosines / np.maximum(pairs, 1), np.nan)
