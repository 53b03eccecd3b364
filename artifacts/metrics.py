"""``metrics.json``: the test figures of a run's model and of the baselines beside it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .manifests import Record


class Interval(Record):
    """A mean over questions with its 95 % bootstrap interval over users."""

    mean: float
    low: float
    high: float


class Slice(Record):
    """Figures of some users or items, which have between ``least`` and ``most`` events.

    ``users``, ``items`` and ``questions`` are numbers of those that are in the figures. Of an
    item slice only its own items are right answers, among all candidates.
    """

    of: Literal["users", "items"]
    least: int
    most: int
    users: int
    items: int
    questions: int
    metrics: dict[str, Interval]


class ModelMetrics(Record):
    """Figures of one model on one fold.

    ``metrics`` by name and cut-off (``ndcg@10``), ``beyond`` the figures that have no
    interval; ``warm`` are the metrics of the users that the fit has seen, where others are
    ``cold``. ``fallback`` names what answered questions without history. Rankings have lists
    of ``n`` out of ``candidates``; predicted ratings have the number of ``ratings`` instead.
    With ``relevant`` only items with that rating and more are right answers; ``unanswered`` are
    the questions without one, which are left out. ``slices`` are by name.
    """

    fold: Literal["valid", "test"]
    users: int
    cold: int
    questions: int
    n: int | None = None
    history: str
    candidates: Literal["catalogue", "train"] | None = None
    metrics: dict[str, Interval]
    beyond: dict[str, float] = Field({})
    ratings: int | None = None
    fallback: str | None = None
    warm: dict[str, Interval] | None = None
    relevant: float | None = None
    unanswered: int | None = None
    slices: dict[str, Slice] = Field({})


class RunMetrics(Record):
    """Figures by the name of the model, none where the split has no test rows.

    ``left_out`` says why a baseline is missing.
    """

    split: str | None = None
    models: dict[str, ModelMetrics]
    left_out: dict[str, str] = Field({})
