"""The figure on valid by which rankers choose their epochs and what stands beside the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ..base import Ranking, rank
from ..data import FloatArray, Query
from ..evaluation.metrics import Values, sum_rr_of_lists
from ..targets import Asked

Recommend = Callable[[Sequence[Query], int], Ranking]


def sum_rr_on_valid(asked: Asked | None, recommend: Recommend) -> float | None:
    """ΣRR@10 of the questions of valid; the items of a history are no candidates.

    :param asked: None where nothing is chosen; then there is no figure.
    :param recommend: the model's own, asked for the best 10 of each question.
    """
    if asked is None:
        return None
    return float(sum_rr_of_lists(recommend(asked.queries, 10).items, asked.answers).mean())


def sums_of_rr(parts: Iterable[tuple[Asked, Iterable[FloatArray]]], choices: int) -> Values:
    """ΣRR@10 by each of some choices, summed over the questions: ``(choices,)``.

    :param parts: some questions at a time, and by each choice the scores of all items for them,
        ``(questions, items)``; the items of a history are no candidates.
    """
    found = np.zeros(choices)
    for asked, scores in parts:
        seen = [query.items for query in asked.queries]
        for place, one in enumerate(scores):
            found[place] += sum_rr_of_lists(rank(one, 10, seen).items, asked.answers).sum()
    return found
