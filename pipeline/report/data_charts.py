"""What a data set looks like: figures 1 to 5 of [KG-LSTM], from all of its interactions."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .chart import BLUE, ORANGE, Chart, Missing, log_axis, new_figure, several

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW_YEARS = 4  # with fewer, months are shown
_BINS = 30
_TIMES = "Ratings over time"

Floats = npt.NDArray[np.float64]


def data_charts(rows: pd.DataFrame) -> Iterator[Chart | Missing]:
    """The charts of interactions.

    :param rows: ``user, item`` and, where there are any, ``rating`` and ``timestamp`` (seconds
        since 1970, UTC).
    """
    if rows.empty:
        yield Missing("Ratings", "there are no interactions")
        return
    rated = "rating" in rows and bool(rows["rating"].notna().any())
    timed = "timestamp" in rows and bool(rows["timestamp"].notna().any())
    if rated:
        yield _ratings(rows["rating"].dropna())
    else:
        yield Missing("Ratings", "the interactions have no ratings")
    what = "rating" if rated else "interaction"
    yield _counts(rows, "user", "activity", what)
    yield _counts(rows, "item", "popularity", what)
    if rated and timed:
        told = rows.dropna(subset=["rating", "timestamp"])
        yield _trend(told)
        yield _seasons(told)
    else:
        yield Missing(_TIMES, f"the interactions have no {'timestamps' if rated else 'ratings'}")


def _ratings(ratings: pd.Series[float]) -> Chart:
    figure, (axes,) = new_figure()
    values, counts = np.unique(ratings.to_numpy(float), return_counts=True)
    if len(values) <= _BINS:
        apart = float(np.diff(values).min()) if len(values) > 1 else 1.0
        axes.bar(values, counts / counts.sum(), width=0.8 * apart, color=BLUE)
        axes.set_xticks(values)
    else:
        weights = np.full(len(ratings), 1 / len(ratings))
        axes.hist(ratings, bins=_BINS, weights=weights, color=BLUE)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.set(xlabel="rating", ylabel="share of the ratings")
    low, middle, high = np.quantile(ratings, [0.25, 0.5, 0.75])
    text = (
        f"{several(len(ratings), 'rating')}: mean {ratings.mean():.2f}, standard deviation "
        f"{ratings.std(ddof=0):.2f}, median {middle:g}, half of them from {low:g} to {high:g}."
    )
    return Chart("ratings", "Ratings", text, figure)


def _counts(rows: pd.DataFrame, of: str, name: str, what: str) -> Chart:
    """How many have how many rows, and how much of the rows those with most have."""
    counts = np.sort(rows[of].value_counts().to_numpy())
    figure, (left, right) = new_figure(columns=2)
    top = max(int(counts.max()), 2)
    bins = np.unique(np.geomspace(1, top + 1, _BINS).round())
    left.hist(counts, bins=bins.tolist(), color=BLUE)
    left.set(xscale="log", xlabel=f"{what}s per {of}", ylabel=f"{of}s")
    log_axis(left.xaxis)
    share = np.cumsum(counts[::-1]) / counts.sum()
    right.plot(np.arange(1, len(share) + 1) / len(share), share, color=ORANGE)
    right.set(xlabel=f"share of the {of}s, those with most first", ylabel=f"share of the {what}s")
    right.set(xlim=(0, 1), ylim=(0, 1))
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter("{x:.0%}")
    right.grid(visible=True)
    first = -(-len(share) // 10)
    text = (
        f"{several(len(counts), of)}: {counts.min():,} to {several(int(counts.max()), what)} each, "
        f"median {np.median(counts):g}, mean {counts.mean():.1f}. The first tenth, "
        f"{several(first, of)}, has {share[first - 1]:.0%} of the {what}s."
    )
    return Chart(name, f"{what.capitalize()}s per {of}", text, figure)


def _trend(rows: pd.DataFrame) -> Chart:
    """The mean rating of each year, or of each month where there are few years."""
    times = pd.to_datetime(rows["timestamp"], unit="s")
    years = times.dt.year
    unit = "Y" if years.max() - years.min() >= _FEW_YEARS else "M"
    found = _means(rows, times.dt.to_period(unit))
    periods = pd.period_range(found.groups[0], found.groups[-1], freq=unit)
    places = periods.get_indexer(pd.PeriodIndex(found.groups)).astype(float)
    line = np.full(len(periods), np.nan)  # no line over periods without ratings
    line[places.astype(int)] = found.mean
    figure, (axes,) = new_figure()
    axes.plot(line, color=BLUE)
    axes.errorbar(places, found.mean, yerr=found.half, fmt="o", color=BLUE, capsize=3)
    _number_behind(axes, places, found.count)
    step = -(-len(periods) // 12)
    axes.set_xticks(range(0, len(periods), step), map(str, periods[::step]), rotation=45)
    axes.set(ylabel="mean rating")
    text = (
        f"Mean rating of each {'year' if unit == 'Y' else 'month'} with its 95 % interval over "
        f"users; bars are the number of ratings. {found.groups[0]}: {found.mean[0]:.2f}, "
        f"{found.groups[-1]}: {found.mean[-1]:.2f}."
    )
    return Chart("ratings-over-time", _TIMES, text, figure)


def _seasons(rows: pd.DataFrame) -> Chart:
    """The mean rating of each month of the year, all years together."""
    found = _means(rows, pd.to_datetime(rows["timestamp"], unit="s").dt.month)
    places = np.array(found.groups, float)
    figure, (axes,) = new_figure()
    axes.errorbar(places, found.mean, yerr=found.half, fmt="o", color=BLUE, capsize=3)
    _number_behind(axes, places, found.count)
    axes.set_xticks(range(1, 13), calendar.month_abbr[1:])
    axes.set(xlim=(0.4, 12.6), ylabel="mean rating")
    ends = [("Highest", int(found.mean.argmax())), ("lowest", int(found.mean.argmin()))]
    said = ", ".join(
        f"{end} in {calendar.month_name[found.groups[place]]} ({found.mean[place]:.2f})"
        for end, place in ends
    )
    text = (
        "Mean rating of each month, all years together, with its 95 % interval over users; bars "
        f"are the number of ratings. {said}."
    )
    if len(places) < 12:
        text += f" {several(12 - len(places), 'month')} without ratings."
    return Chart("ratings-by-month", "Ratings by month of the year", text, figure)


@dataclass(frozen=True)
class _Means:
    """Mean rating of each group, half the width of its 95 % interval, number of ratings."""

    groups: list[Any]
    mean: Floats
    half: Floats
    count: Floats


def _means(rows: pd.DataFrame, groups: pd.Series[Any]) -> _Means:
    """Ratings of one user are no independent draws, so the intervals are over users.

    The variance of ``Σ_u s_u / Σ_u n_u`` (sum and number of each user's ratings) is that of the
    ratio estimator; with one user it is not known, and the interval is left out.
    """
    by_user = rows["rating"].astype(float).groupby([groups.rename("group"), rows["user"]])
    users = by_user.agg(["sum", "count"]).reset_index()
    total = users.groupby("group")[["sum", "count"]].transform("sum")
    users["off"] = (users["sum"] - users["count"] * total["sum"] / total["count"]) ** 2
    found = users.groupby("group").agg(
        total=("sum", "sum"), count=("count", "sum"), off=("off", "sum"), users=("off", "size")
    )
    count, size, off = (found[name].to_numpy(float) for name in ("count", "users", "off"))
    with np.errstate(invalid="ignore"):
        half = 1.96 * np.sqrt(off * size / (size - 1)) / count
    return _Means(found.index.tolist(), found["total"].to_numpy(float) / count, half, count)


def _number_behind(axes: Axes, places: Floats, count: Floats) -> None:
    """Bars of the number of ratings, with an axis of their own, behind the points."""
    behind = axes.twinx()
    behind.bar(places, count, color=BLUE, alpha=0.15, width=0.8)
    behind.set(ylabel="ratings", ylim=(0, count.max() * 2.5))
    behind.spines["right"].set_visible(True)
    behind.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_zorder(behind.get_zorder() + 1)
    axes.patch.set_visible(False)
