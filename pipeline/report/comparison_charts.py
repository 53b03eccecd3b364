"""Stored comparisons as bars, and models beside how long they take."""

from __future__ import annotations

from collections.abc import Iterator

from ...artifacts import Interval
from ..comparison.formats import left_out, metric_name
from ..comparison.table import Comparison, Row
from .chart import BLUE, GREY, SKY, Chart, Missing, new_figure

_PANELS = 3
_LOWER_IS_BETTER = {"mse", "rmse", "mae", "median_absolute_error"}


def comparison_charts(table: Comparison, name: str) -> Iterator[Chart | Missing]:
    """:param name: what the files of its charts are called by."""
    rows = [row for row in table.rows if row.figures is not None]
    heading = f"Comparison: {table.title}"
    if not rows:
        yield Missing(heading, "; ".join(left_out(table)) or "it has no rows")
        return
    yield _bars(table, rows, name, heading)
    if (chart := _times(table, rows, name)) is not None:
        yield chart


def _bars(table: Comparison, rows: list[Row], name: str, heading: str) -> Chart:
    metrics = table.metrics[:_PANELS]
    figure, panels = new_figure(1.2 + 0.3 * len(rows), columns=len(metrics), sharey=True)
    names = [row.name for row in rows][::-1]
    for axes, metric in zip(panels, metrics, strict=True):
        found = [(row.figures or {})[metric] for row in rows][::-1]
        intervals = [Interval(mean=one.mean, low=one.low, high=one.high) for one in found]
        colors = [BLUE if one.best else SKY if one.tied else GREY for one in found]
        axes.barh(
            names,
            [one.mean for one in intervals],
            xerr=[
                [max(one.mean - one.low, 0) for one in intervals],
                [max(one.high - one.mean, 0) for one in intervals],
            ],
            color=colors,
            capsize=2,
            height=0.7,
        )
        axes.grid(visible=True, axis="x")
        axes.set(xlabel=metric_name(metric))
        if metric in _LOWER_IS_BETTER:  # differences are small beside errors
            axes.set_xlim(left=0.9 * min(one.low for one in intervals))
    best = {
        metric_name(metric): next(row.name for row in rows if (row.figures or {})[metric].best)
        for metric in metrics
    }
    listed = ", ".join(f"{metric}: {model}" for metric, model in best.items())
    text = (
        f"{table.fold.capitalize()} fold, {table.users:,} users; mean over seeds with its 95 % "
        f"interval over users. Best in {listed}. Dark blue is the best, light blue not told from "
        "it by the corrected test, grey worse."
    )
    if missing := left_out(table):
        text += f" Left out: {'; '.join(missing)}."
    if table.notes:
        text += f" {' '.join(table.notes)}"
    return Chart(f"{name}-figures", heading, text, figure)


def _times(table: Comparison, rows: list[Row], name: str) -> Chart | None:
    """How good each model is beside how long its fit takes."""
    metric = table.metrics[0]
    timed = [row for row in rows if row.fit_seconds]
    if len(timed) < 2:
        return None
    figure, (axes,) = new_figure()
    for row in timed:
        place = (float(row.fit_seconds or 0), (row.figures or {})[metric].mean)
        axes.plot(*place, marker="o", color=BLUE)
        axes.annotate(row.name, place, xytext=(5, 4), textcoords="offset points", fontsize=8)
    axes.set(xscale="log", xlabel="seconds of a fit", ylabel=metric_name(metric))
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.margins(0.15)
    axes.grid(visible=True)
    slowest = max(timed, key=lambda row: row.fit_seconds or 0)
    text = (
        f"{metric_name(metric)} beside the time of one fit with its choice of epochs. The longest: "
        f"{slowest.name}, {slowest.fit_seconds:,.0f} s."
    )
    return Chart(f"{name}-times", f"Quality and time: {table.title}", text, figure)
