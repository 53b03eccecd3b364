"""``explanations.json``: how true and how faithful a run's explanations are."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from .manifests import Record
from .metrics import Interval


class ExplainerFigures(Record):
    """Figures of one way to explain, each a mean over users with its interval.

    ``comprehensiveness`` and ``sufficiency`` are AOPC over the first events, ``pos`` the share
    of questions without these in which the item stays in the list. ``tau`` is the agreement
    with leaving one out, ``jaccard`` that of the first events over seeds. ``closed`` is the
    share of the way from random to greedy comprehensiveness.
    """

    comprehensiveness: Interval
    sufficiency: Interval
    pos: Interval
    closed: float | None
    tau: Interval | None = None
    jaccard: Interval | None = None


class RunExplanations(Record):
    """Figures of a run's explanations.

    ``users`` were drawn by ``seed``; of each, the best item was explained with ``most`` events
    taken away and lists of ``n``. ``coverage``, ``path_validity`` and ``time_validity`` are
    shares of the run's ``recommendations`` and of the ``edges`` of their paths, over all users;
    ``time_validity`` is None without times or test rows. ``with_path`` is the share of
    recommendations whose evidence knowledge ties to the item, ``paths`` their LIR, SEP and ETD.
    ``first`` says what the strongest reasons of the best items are. ``beside`` are runs of other
    seeds. ``left_out`` says why something is missing.
    """

    again: ClassVar[str] = "measure again: reelgraph evaluate --explanations"

    model: str
    seed: int
    users: int
    most: int
    n: int
    recommendations: int
    coverage: float
    edges: int
    path_validity: float | None
    time_validity: float | None
    with_path: float
    paths: dict[str, Interval]
    first: dict[str, float]
    explainers: dict[str, ExplainerFigures]
    beside: tuple[str, ...] = ()
    left_out: dict[str, str] = Field({})
