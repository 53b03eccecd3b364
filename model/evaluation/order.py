"""A fitted model whose questions have their history in a random order.

What it then loses is what the order of the history is worth to it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from ..base import Model
from ..data import FloatArray, Query

M = TypeVar("M", bound=Model)

_ASKED = ("score", "recommend", "predict_rating")
_PROBES = 64  # histories by which it is seen whether a model reads the order


def shuffled(query: Query, seed: int = 42) -> Query:
    """The same events in another order; ``timestamps`` stay sorted, so times say nothing of it.

    Items and ratings move together. One history has one order, whoever asks.
    """
    order = np.random.default_rng([seed, *query.items.tolist()]).permutation(len(query.items))
    ratings = None if query.ratings is None else query.ratings[order]
    return replace(query, items=query.items[order], ratings=ratings)


def without_order(model: M, seed: int = 42) -> M:
    """The fitted model; what it is asked comes with shuffled histories."""
    other = copy.copy(model)
    for name in _ASKED:
        setattr(other, name, _asked(getattr(model, name), seed))
    return other


def reads_order(model: Model, queries: Sequence[Query], seed: int = 42) -> bool:
    """Whether the answers to some of these questions differ when histories are shuffled."""
    asked = [query for query in queries if len(query.items) > 1][:_PROBES]
    if not asked:
        return False
    other = without_order(model, seed)
    if "ranking" in model.provides:
        return _differ(model.score(asked), other.score(asked))
    every = [np.arange(len(model.catalogue))] * len(asked)
    return _differ(
        np.stack(model.predict_rating(asked, every)), np.stack(other.predict_rating(asked, every))
    )


def _differ(first: FloatArray, second: FloatArray) -> bool:
    """By more than sums in another order do."""
    return not np.allclose(first, second, rtol=1e-3, atol=1e-4)


def _asked(inner: Callable[..., Any], seed: int) -> Callable[..., Any]:
    def ask(queries: Sequence[Query], *arguments: Any, **named: Any) -> Any:
        return inner([shuffled(query, seed) for query in queries], *arguments, **named)

    return ask
