"""Stored comparisons with their intervals, and models beside how long they take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...model.evaluation.significance import ERRORS
from ..comparison.formats import left_out, metric_name
from ..comparison.table import Comparison, Figure, Row
from .chart import BLUE, GREY, SKY, Chart, Missing, interval_ends, log_axis, new_figure, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANELS = 3


def comparison_charts(table: Comparison, name: str) -> Iterator[Chart | Missing]:
    """The figures, three metrics to a chart, and the times.

    :param name: what the files of its charts are called by.
    """
    rows = [row for row in table.rows if row.figures is not None]
    heading = f"Comparison: {table.title}"
    if not rows:
        yield Missing(heading, "; ".join(left_out(table)) or "it has no rows")
        return
    for first in range(0, len(table.metrics), _PANELS):
        number = f"-{first // _PANELS + 1}" if len(table.metrics) > _PANELS else ""
        metrics = table.metrics[first : first + _PANELS]
        yield _figures(table, rows, metrics, f"{name}-figures{number}", heading)
    yield _times(table, rows, name)


def _figures(
    table: Comparison, rows: list[Row], metrics: tuple[str, ...], name: str, heading: str
) -> Chart:
    figure, panels = new_figure(1.2 + 0.3 * len(rows), columns=len(metrics), sharey=True)
    for axes, metric in zip(panels, metrics, strict=True):
        _panel(axes, rows, metric)
    best = {
        metric_name(metric): next(row.name for row in rows if _figure(row, metric).best)
        for metric in metrics
    }
    listed = ", ".join(f"{metric}: {model}" for metric, model in best.items())
    text = (
        f"{table.fold.capitalize()} fold, {table.users:,} users; mean over seeds with its 95 % "
        f"interval over users. Best in {listed}. Dark blue is the best, light blue not told from "
        "it by the corrected test, grey worse."
    )
    if any(metric in ERRORS for metric in metrics):
        text += " Less is better, and the axes do not begin at 0."
    if missing := left_out(table):
        text += f" Left out: {'; '.join(missing)}."
    return Chart(name, heading, " ".join([text, *table.notes]), figure)


def _panel(axes: Axes, rows: list[Row], metric: str) -> None:
    """A bar per row, the first on top; points for errors, whose differences are small."""
    found = [_figure(row, metric) for row in rows]
    places, means = range(len(rows)), [one.mean for one in found]
    ends = interval_ends([(one.mean, one.low, one.high) for one in found])
    colors = [BLUE if one.best else SKY if one.tied else GREY for one in found]
    if metric in ERRORS:
        axes.scatter(means, places, c=colors, zorder=3)
        axes.errorbar(means, places, xerr=ends, fmt="none", ecolor="black", capsize=2)
    else:
        axes.barh(places, means, xerr=ends, color=colors, capsize=2, height=0.7)
    axes.set_yticks(places, [shortened(row.name, 28) for row in rows], fontsize=8)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=True, axis="x")
    axes.set(xlabel=metric_name(metric))


def _figure(row: Row, metric: str) -> Figure:
    return (row.figures or {})[metric]


def _times(table: Comparison, rows: list[Row], name: str) -> Chart | Missing:
    """How good each model is beside how long its fit takes."""
    metric, heading = table.metrics[0], f"Quality and time: {table.title}"
    timed = [(row, row.fit_seconds) for row in rows if row.fit_seconds]
    if len(timed) < 2:
        return Missing(heading, "fewer than two rows have a time of their fit")
    figure, (axes,) = new_figure(height=4.2)
    for row, seconds in timed:
        place = (seconds, _figure(row, metric).mean)
        axes.plot(*place, marker="o", color=BLUE)
        axes.annotate(row.name, place, xytext=(5, 4), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlabel="seconds of a fit", ylabel=metric_name(metric))
    axes.margins(0.15)
    log_axis(axes.xaxis)
    axes.grid(visible=True)
    slowest, longest = max(timed, key=lambda one: one[1])
    text = (
        f"{metric_name(metric)} beside the time of one fit with its choice of epochs. The longest: "
        f"{slowest.name}, {longest:,.0f} s."
    )
    if untimed := [row.name for row in rows if not row.fit_seconds]:
        text += f" Without a time: {', '.join(untimed)}."
    return Chart(f"{name}-times", heading, text, figure)
