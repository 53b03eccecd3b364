"""The figure on valid by which rankers choose their epochs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..base import Ranking
from ..data import Query
from ..evaluation.metrics import sum_rr_of_lists
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
