"""What is known beside ids when a rating is asked for: figures of the past, as numbers.

Figures of a user come from the ratings before the question, those of an item from the train
ratings of others. Nothing comes from the row that is asked about, or from a test row: a question
at test has the history and the fitted figures of the items, and no time unless the query has one.

While a model is trained, an item's figures leave out all users of the asked row's group, one of
ten. An item's mean over all rows would contain the answer; its mean over all rows but one
would, beside the item's own vector, tell what that one was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from .data import FloatArray, IntArray, Interactions, Query

#: of a question; the last two are absent (0) where it has no time
CONTEXT = ("events", "mean", "mean_left", "spread", "popularity", "item_mean", "timed", "gap")
#: of an event of a history
STEP = ("rating", "since", *CONTEXT[:6])
GAP = 6  # the first column of CONTEXT that is about time

_PRIOR = 5  # ratings of a mean that count like none at all
_GROUPS = 10
_SHRINK = 4.0  # brings logarithms to about the size of the rest
_DAY = 86_400

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of the train ratings, their lowest and highest."""

    mean: float
    spread: float
    low: float
    high: float

    @classmethod
    def of(cls, ratings: FloatArray) -> Self:
        values = ratings.astype(np.float64)
        spread = float(values.std())
        return cls(float(values.mean()), spread or 1.0, float(values.min()), float(values.max()))

    def standard(self, ratings: FloatArray | None, size: int) -> Floats:
        """Ratings in standard deviations from the mean; zeros where there are none."""
        if ratings is None:
            return np.zeros(size)
        return (ratings.astype(np.float64) - self.mean) / self.spread


@dataclass(frozen=True)
class Histories:
    """Histories one after the other, in numbers.

    History ``n`` has events ``offsets[n]:offsets[n + 1]`` of ``items``, ``steps`` ``(events,
    len(STEP))``, and of ``context`` ``(events, len(CONTEXT))``, which is that of a question about
    the event before it was rated. ``asking`` ``(histories, len(CONTEXT))`` is that of a question
    after the last event; of both, the columns of the item are those of nothing.
    """

    offsets: IntArray
    items: IntArray
    steps: FloatArray
    context: FloatArray
    asking: FloatArray


def item_figures(items: IntArray, values: Floats, size: int) -> FloatArray:
    """Popularity and mean of each item: ``(items, 2)``."""
    return _figures(np.bincount(items, minlength=size), np.bincount(items, values, minlength=size))


def figures_of_others(train: Interactions, values: Floats) -> FloatArray:
    """Per train event, the item's figures over users of other groups: ``(events, 2)``."""
    size = len(train.catalogue)
    group = _owners(train.offsets) % _GROUPS
    key = group * size + train.items
    counts = np.bincount(key, minlength=size * _GROUPS)
    sums = np.bincount(key, values, minlength=size * _GROUPS)
    rest = [one.reshape(_GROUPS, size).sum(0)[train.items] - one[key] for one in (counts, sums)]
    return _figures(*rest)


def train_histories(train: Interactions, scale: Scale) -> Histories:
    """The train events, each item's figures being those of others."""
    values = scale.standard(train.ratings, len(train))
    of_items = figures_of_others(train, values)
    return _histories(train.offsets, train.items, values, of_items, train.timestamps)


def query_histories(
    queries: Sequence[Query], scale: Scale, of_items: FloatArray, longest: int
) -> Histories:
    """The histories of queries, of each the last ``longest`` events beside figures of all.

    :param of_items: what :func:`item_figures` gave for all items.
    """
    none = [np.zeros(0, np.int64)]
    lengths = np.array([len(query.items) for query in queries], np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    items = np.concatenate([*(query.items for query in queries), *none])
    values = [scale.standard(query.ratings, len(query.items)) for query in queries]
    times = [  # without times, no time passes
        np.zeros(len(query.items), np.int64) if query.timestamps is None else query.timestamps
        for query in queries
    ]
    every = np.concatenate([*values, np.zeros(0)])
    stamps = np.concatenate([*times, *none])
    found = _histories(offsets, items, every, of_items[items], stamps)
    found.asking[:, GAP:] = _gaps(queries)
    return _last(found, longest)


def _figures(counts: npt.NDArray[Any], sums: npt.NDArray[Any]) -> FloatArray:
    columns = [np.log1p(counts) / _SHRINK, sums / (counts + _PRIOR)]
    return np.stack(columns, axis=1).astype(np.float32)


def _histories(
    offsets: IntArray,
    items: IntArray,
    values: Floats,
    of_items: FloatArray,
    timestamps: IntArray | None,
) -> Histories:
    """:param of_items: the figures of each event's item, ``(events, 2)``."""
    before, asking = _user_figures(offsets, values, values - of_items[:, 1])
    known, gap = _since(offsets, timestamps)
    context = np.column_stack([before, of_items, known, gap])
    steps = np.column_stack([values, gap, context[:, :GAP]])
    nothing = np.zeros((len(asking), len(CONTEXT) - asking.shape[1]))
    return Histories(
        offsets,
        items,
        steps.astype(np.float32),
        context.astype(np.float32),
        np.column_stack([asking, nothing]).astype(np.float32),
    )


def _user_figures(offsets: IntArray, values: Floats, left: Floats) -> tuple[Floats, Floats]:
    """Number, mean, mean of what the items leave, and spread of the ratings before each event.

    :returns: before the events ``(events, 4)``, and after the last ones ``(histories, 4)``.
    """
    owners = _owners(offsets)
    places = np.arange(len(values)) - offsets[owners]
    sums = np.zeros((len(values) + 1, 3))
    np.cumsum(np.stack([values, left, values**2], axis=1), axis=0, out=sums[1:])

    def figures(counts: IntArray, of: Floats) -> Floats:
        means = of / (counts + _PRIOR)[:, None]
        spread = np.sqrt(means[:, 2] + _PRIOR / (counts + _PRIOR)) - 1
        return np.column_stack([np.log1p(counts) / _SHRINK, means[:, :2], spread])

    return (
        figures(places, sums[:-1] - sums[offsets[owners]]),
        figures(np.diff(offsets), sums[offsets[1:]] - sums[offsets[:-1]]),
    )


def _since(offsets: IntArray, timestamps: IntArray | None) -> tuple[Floats, Floats]:
    """Whether an event has one before it whose time is known, and the logarithm of the days."""
    events = int(offsets[-1])
    if timestamps is None:
        return np.zeros(events), np.zeros(events)
    known = np.ones(events)
    known[offsets[:-1][np.diff(offsets) > 0]] = 0
    apart = np.diff(timestamps, prepend=timestamps[:1]).astype(np.float64)
    return known, known * _logarithm(apart)


def _gaps(queries: Sequence[Query]) -> FloatArray:
    found = np.zeros((len(queries), 2), np.float32)
    for row, query in enumerate(queries):
        if query.at is not None and query.timestamps is not None and len(query.items):
            found[row] = 1, _logarithm(np.float64(query.at - query.timestamps[-1]))
    return found


def _logarithm(seconds: Any) -> Any:
    return np.log1p(np.maximum(seconds, 0) / _DAY) / _SHRINK


def _last(histories: Histories, longest: int) -> Histories:
    """Of each history the last events."""
    ends, lengths = histories.offsets[1:], np.diff(histories.offsets)
    kept = np.arange(len(histories.items)) >= np.repeat(
        ends - np.minimum(lengths, longest), lengths
    )
    return Histories(
        np.concatenate([[0], np.cumsum(np.minimum(lengths, longest))]),
        histories.items[kept],
        histories.steps[kept],
        histories.context[kept],
        histories.asking,
    )


def _owners(offsets: IntArray) -> IntArray:
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
