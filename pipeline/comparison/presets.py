"""Rows that are known as a set, such as the systems of the papers.

Each model has its defaults, whose source stands in its module: its paper's settings, others chosen
on valid, some that are plausible and were not searched for, or, for the learners of the next item,
those of the attention-LSTM. What differs from the defaults stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...artifacts import Task
from .grid import Entry

_PAPERS: Mapping[Task, tuple[Entry, ...]] = {
    "ranking": (
        Entry("most-popular", "most-popular"),
        Entry("recent-popular", "recent-popular"),
        Entry("bpr-mf", "bpr-mf"),
        Entry("libfm", "libfm"),
        Entry("cke", "cke"),
        Entry("ials", "ials"),
        Entry("item-knn", "item-knn"),
        Entry("user-knn", "user-knn"),
        Entry("ease", "ease"),
        Entry("ease-recency", "ease-recency"),
        Entry("lightgcn", "lightgcn"),
        Entry("heters", "heters"),
        Entry("heterec", "heterec"),
        Entry("graphlf", "graphlf"),
        Entry("sasrec", "sasrec"),
        Entry("lru-rec", "lru-rec"),
        Entry("rkge", "rkge"),
        Entry("rkge-max", "rkge", {"pooling": "max"}),
        Entry("rkan", "rkan"),
        Entry("attention-lstm", "attention-lstm"),
    ),
    "rating": (
        Entry("bias", "bias"),
        Entry("svd", "svd"),
        Entry("svd++", "svd++"),
        Entry("item-knn", "item-knn"),
        Entry("user-knn", "user-knn"),
        Entry("ncf", "ncf"),
        Entry("ffnn", "ffnn"),
        Entry("rating-lstm", "rating-lstm"),
        Entry("rating-attention-lstm", "rating-attention-lstm"),
        Entry("lstm-cnn", "lstm-cnn"),
        Entry("cnn", "lstm-cnn", {"lstm": False}),
        Entry("lstm-recommender", "lstm-recommender"),
        Entry("attn-graph-rec", "attn-graph-rec"),
        Entry("bayesian-svd++", "bayesian-svd++"),
        Entry("drifting-svd++", "drifting-svd++"),
    ),
}
_SHORT: Mapping[str, Mapping[str, Any]] = {  # of models that have no epochs to cut short
    "ials": {"sweeps": 1},
    "bayesian-svd++": {"sweeps": 8, "burn_in": 4},
    "drifting-svd++": {"sweeps": 8, "burn_in": 4},
}


@dataclass(frozen=True)
class Preset:
    """Rows by task; ``epochs`` and ``seeds`` hold unless others are asked for."""

    description: str
    rows: Mapping[Task, tuple[Entry, ...]]
    epochs: int | None = None
    seeds: int = 3


def _short(rows: tuple[Entry, ...]) -> tuple[Entry, ...]:
    return tuple(replace(one, options={**one.options, **_SHORT.get(one.model, {})}) for one in rows)


PRESETS: Mapping[str, Preset] = {
    "papers": Preset("the systems of the papers and what they compare with", _PAPERS),
    "papers-quick": Preset(
        "the same rows, trained for one epoch with one seed, to see that all of them run",
        {task: _short(rows) for task, rows in _PAPERS.items()},
        epochs=1,
        seeds=1,
    ),
}

NO_PRESET = Preset("no rows", {"ranking": (), "rating": ()})
