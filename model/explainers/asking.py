"""Questions with a changed history, and what a model says to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..base import Model, chunks
from ..data import FloatArray, IntArray, Query

_AT_ONCE = 4096  # questions


def only(query: Query, positions: IntArray) -> Query:
    """The same question with these events of the history alone, in their order."""
    kept = np.sort(positions)
    return replace(
        query,
        items=query.items[kept],
        ratings=None if query.ratings is None else query.ratings[kept],
        timestamps=None if query.timestamps is None else query.timestamps[kept],
    )


def without(query: Query, positions: IntArray) -> Query:
    """The same question with these events of the history gone."""
    return only(query, np.delete(np.arange(len(query.items)), positions))


def scores_of(model: Model, queries: Sequence[Query], items: IntArray) -> FloatArray:
    """The score of one item per question, ``(queries,)``."""
    found = []
    for start in range(0, len(queries), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        wanted, place = np.unique(items[part], return_inverse=True)
        scores = model.score(queries[part], wanted)
        found.append(scores[np.arange(len(scores)), place])
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def places_of(
    model: Model, queries: Sequence[Query], items: IntArray, excluded: Sequence[IntArray]
) -> tuple[FloatArray, IntArray]:
    """Score and rank (from 1) of one item per question; equal scores are ranked by index.

    :param excluded: what is no candidate, per question.
    """
    scores, ranks = [], []
    for part in chunks(len(queries), len(model.catalogue), _AT_ONCE):
        every = model.score(queries[part])
        rows = np.arange(len(every))
        own = every[rows, items[part]]
        before = every > own[:, None]
        ties = every == own[:, None]
        before |= ties & (np.arange(every.shape[1]) < items[part][:, None])
        for row, gone in enumerate(excluded[part]):
            before[row, gone] = False
        scores.append(own)
        ranks.append(before.sum(axis=1) + 1)
    return np.concatenate(scores), np.concatenate(ranks)


def falls_without_each(model: Model, queries: Sequence[Query], items: IntArray) -> list[FloatArray]:
    """By how much the score falls without each event alone, ``(history,)`` per question."""
    sizes = [len(query.items) for query in queries]
    asked = [
        without(query, np.array([event]))
        for query, size in zip(queries, sizes, strict=True)
        for event in range(size)
    ]
    left = scores_of(model, asked, np.repeat(items, sizes))
    whole = scores_of(model, queries, items)
    parts = np.split(left, np.cumsum(sizes)[:-1])
    return [score - part for score, part in zip(whole, parts, strict=True)]


def descending(values: FloatArray) -> IntArray:
    """Positions of the largest value first; of equal ones the later event."""
    last = len(values) - 1
    return last - np.argsort(-values[::-1], kind="stable")
