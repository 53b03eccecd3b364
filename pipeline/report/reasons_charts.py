"""A user's list with its reasons: as a heat map over the history, and as a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...model.data import FloatArray, IntArray
from .chart import BLUE, GREEN, GREY, ORANGE, PINK, Chart, Missing, new_figure, shortened
from .reasons import Ties, UserReasons

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_EVENTS = 40  # of a history, in the heat map
_DRAWN = 5  # recommendations in the network
_REASONS = 2  # events for each of them


def heat_map(reasons: UserReasons) -> Chart | Missing:
    """What each event adds to each recommendation's score; above it, the attention."""
    heading = f"What the history of user {reasons.user} says for the recommendations"
    if not len(reasons.items):
        return Missing(heading, "the run recommends nothing to this user")
    places = _strongest(reasons.contributions, _EVENTS)
    parts, weights = reasons.contributions[:, places], reasons.weights[places]
    figure, _ = new_figure(height=6.5)
    figure.clear()
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 5))
    top.bar(np.arange(len(places)), weights, color=BLUE)
    top.set(ylabel="weight")
    edge = float(np.abs(parts).max()) or 1.0
    image = below.imshow(parts, cmap="PuOr_r", vmin=-edge, vmax=edge, aspect="auto")
    below.set_yticks(range(len(reasons.items)), _titles(reasons, reasons.items), fontsize=8)
    below.set_xticks(range(len(places)), _events(reasons, places), rotation=90, fontsize=6)
    below.tick_params(length=0)
    figure.colorbar(image, ax=below, label="contribution to the score", shrink=0.8)
    whole = len(places) == len(reasons.events)
    events = (
        f"All {len(places)} events of the history"
        if whole
        else f"The {len(places)} events, of {len(reasons.events)}, that count most for the list"
    )
    rated = "; the number before a title is its rating" if reasons.ratings is not None else ""
    best = int(reasons.contributions[0].argmax())
    text = (
        f"{events}, from the first to the last{rated}. Above: the weight of each event, which is "
        "the attention where the model has one. Below: what it adds to the score of each "
        "recommendation, the best on top; orange speaks for it, violet against. For "
        f"{_title(reasons, int(reasons.items[0]))} most comes from "
        f"{_title(reasons, int(reasons.events[best]))} "
        f"({reasons.contributions[0, best]:+.2f} of {reasons.scores[0]:.2f})."
    )
    return Chart("attention", heading, text, figure)


def network(reasons: UserReasons, ties: Sequence[Ties]) -> Chart | Missing:
    """The user, events that count most, what they share with recommendations, and these.

    :param ties: between items that :func:`drawn_items` names.
    """
    heading = f"User {reasons.user}, movies and features"
    if not len(reasons.items):
        return Missing(heading, "the run recommends nothing to this user")
    figure, (axes,) = new_figure(height=6)
    axes.set_axis_off()
    axes.set(xlim=(-0.04, 1.02), ylim=(-0.04, 1.04))
    events, found = drawn_items(reasons)
    user = _Column(0.0, ("",), BLUE)
    left = _Column(0.2, tuple(f"e{one}" for one in events), BLUE)
    right = _Column(0.78, tuple(f"i{one}" for one in found), ORANGE)
    names = _ordered(ties, left, right)
    middle = _Column(0.56, names, GREEN)
    for event in events:
        _line(axes, user.at(""), left.at(f"e{event}"), GREY)
    for one in ties:
        _line(axes, left.at(f"e{one.first}"), middle.at(one.name), GREEN)
        _line(axes, middle.at(one.name), right.at(f"i{one.second}"), GREEN)
    _contributions(axes, reasons, left, right)
    user.draw(axes, [f"user {reasons.user}"])
    left.draw(axes, _titles(reasons, events, 26))
    middle.draw(axes, [shortened(name, 22) for name in names])
    right.draw(axes, _titles(reasons, found, 28))
    text = (
        f"The first {len(found)} recommendations (right), the events of the history that add most "
        "to their scores (left; the thicker the line, the more; pink where it speaks against), "
        f"and what both have in common (green{'' if names else '; nothing named here'})."
    )
    return Chart("network", heading, text, figure)


def drawn_items(reasons: UserReasons) -> tuple[IntArray, IntArray]:
    """The events and the recommendations that the network shows, each once."""
    parts = reasons.contributions[:_DRAWN]
    best = np.argsort(-parts, axis=1, kind="stable")[:, :_REASONS]
    return np.unique(reasons.events[best]), reasons.items[:_DRAWN]


@dataclass(frozen=True)
class _Column:
    """Nodes below each other, by name."""

    x: float
    names: tuple[str, ...]
    color: str

    def at(self, name: str) -> tuple[float, float]:
        place = self.names.index(name)
        return self.x, 1 - (place + 0.5) / len(self.names)

    def draw(self, axes: Axes, texts: Sequence[str]) -> None:
        for name, text in zip(self.names, texts, strict=True):
            x, y = self.at(name)
            axes.plot(x, y, marker="o", markersize=11, color=self.color, markeredgecolor="white")
            axes.annotate(
                text,
                (x, y),
                xytext=(0, 9),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"},
            )


def _ordered(ties: Sequence[Ties], left: _Column, right: _Column) -> tuple[str, ...]:
    """Names from top to bottom as what they tie together is, so that few lines cross."""
    heights: dict[str, list[float]] = {}
    for one in ties:
        ends = left.at(f"e{one.first}"), right.at(f"i{one.second}")
        heights.setdefault(one.name, []).extend(y for _, y in ends)
    return tuple(sorted(heights, key=lambda name: -float(np.mean(heights[name]))))


def _contributions(axes: Axes, reasons: UserReasons, left: _Column, right: _Column) -> None:
    """A line from each event to the recommendations that it is a first reason of."""
    parts = reasons.contributions[:_DRAWN]
    most = float(np.abs(parts).max()) or 1.0
    for row, item in zip(parts, reasons.items, strict=False):
        for place in np.argsort(-row, kind="stable")[:_REASONS]:
            color = ORANGE if row[place] >= 0 else PINK
            ends = left.at(f"e{reasons.events[place]}"), right.at(f"i{item}")
            _line(axes, *ends, color, 0.5 + 4 * abs(float(row[place])) / most)


def _line(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], color: str, width: float = 1
) -> None:
    axes.plot(*zip(start, end, strict=True), color=color, linewidth=width, alpha=0.5, zorder=0)


def _strongest(contributions: FloatArray, most: int) -> IntArray:
    """Places of the events that count most for the list, in the order of the history."""
    sums = np.abs(contributions).sum(axis=0)
    return np.sort(np.argsort(-sums, kind="stable")[:most])


def _events(reasons: UserReasons, places: IntArray) -> list[str]:
    titles = _titles(reasons, reasons.events[places], 24)
    if reasons.ratings is None:
        return titles
    return [f"{reasons.ratings[n]:g} {title}" for n, title in zip(places, titles, strict=True)]


def _titles(reasons: UserReasons, items: IntArray, most: int = 34) -> list[str]:
    return [shortened(_title(reasons, int(one)), most) for one in items]


def _title(reasons: UserReasons, item: int) -> str:
    return " ".join(str(reasons.titles.iloc[item]).split())
