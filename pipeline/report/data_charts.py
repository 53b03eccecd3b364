"""What a data set looks like: figures 1 to 5 of [KG-LSTM], from all of its interactions."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .chart import BLUE, ORANGE, Chart, Missing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEW_YEARS = 4  # with fewer, months are shown
_BINS = 30

Floats = npt.NDArray[np.float64]


def data_charts(rows: pd.DataFrame) -> Iterator[Chart | Missing]:
    """:param rows: ``user, item`` and, where there are any, ``rating`` and ``timestamp``
    (seconds since 1970, UTC)."""
    rated = "rating" in rows and bool(rows["rating"].notna().any())
    timed = "timestamp" in rows and bool(rows["timestamp"].notna().any())
    if rated:
        yield _ratings(rows["rating"].dropna())
    else:
        yield Missing("Ratings", "the interactions have no ratings")
    yield _counts(rows, "user", "activity", "Ratings per user")
    yield _counts(rows, "item", "popularity", "Ratings per item")
    if rated and timed:
        told = rows.dropna(subset=["rating", "timestamp"])
        yield _trend(told)
        yield _seasons(told)
    else:
        lacking = "timestamps" if rated else "ratings"
        yield Missing("Ratings over time", f"the interactions have no {lacking}")


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
        f"{len(ratings):,} ratings: mean {ratings.mean():.2f}, standard deviation "
        f"{ratings.std(ddof=0):.2f}, median {middle:g}, half of them from {low:g} to {high:g}."
    )
    return Chart("ratings", "Ratings", text, figure)


def _counts(rows: pd.DataFrame, of: str, name: str, heading: str) -> Chart:
    """How many have how many rows, and how much of the rows the most active ones have."""
    counts = np.sort(rows[of].value_counts().to_numpy())
    figure, (left, right) = new_figure(columns=2)
    top = max(int(counts.max()), 2)
    bins = np.unique(np.geomspace(1, top + 1, _BINS).round())
    left.hist(counts, bins=bins.tolist(), color=BLUE)
    left.set(xscale="log", xlabel=heading.lower(), ylabel=f"{of}s")
    left.xaxis.set_major_formatter("{x:,.0f}")
    share = np.cumsum(counts[::-1]) / counts.sum()
    right.plot(np.arange(1, len(share) + 1) / len(share), share, color=ORANGE)
    right.set(xlabel=f"share of the {of}s, the most active first", ylabel="share of the ratings")
    right.set(xlim=(0, 1), ylim=(0, 1))
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter("{x:.0%}")
    right.grid(visible=True)
    tenth = share[max(len(share) // 10 - 1, 0)]
    text = (
        f"{len(counts):,} {of}s: {counts.min():,} to {counts.max():,} ratings each, median "
        f"{np.median(counts):g}, mean {counts.mean():.1f}. A tenth of the {of}s has "
        f"{tenth:.0%} of the ratings."
    )
    return Chart(name, heading, text, figure)


def _trend(rows: pd.DataFrame) -> Chart:
    """The mean rating of each year, or of each month where there are few years."""
    times = pd.to_datetime(rows["timestamp"], unit="s")
    years = times.dt.year
    unit = "Y" if years.max() - years.min() >= _FEW_YEARS else "M"
    mean, error, count = _means(rows["rating"], times.dt.to_period(unit))
    figure, (axes,) = new_figure()
    places = np.arange(len(mean), dtype=float)
    axes.errorbar(places, mean.to_numpy(), yerr=error, marker="o", color=BLUE, capsize=3)
    _number_behind(axes, places, count)
    step = max(len(mean) // 12, 1)
    axes.set_xticks(places[::step], [str(one) for one in mean.index[::step]], rotation=45)
    axes.set(ylabel="mean rating")
    span = "year" if unit == "Y" else "month"
    text = (
        f"Mean rating of each {span} with its 95 % interval; bars are the number of ratings. "
        f"{mean.index[0]}: {mean.iloc[0]:.2f}, {mean.index[-1]}: {mean.iloc[-1]:.2f}."
    )
    return Chart("ratings-over-time", "Ratings over time", text, figure)


def _seasons(rows: pd.DataFrame) -> Chart | Missing:
    """The mean rating of each month of the year, all years together."""
    months = pd.to_datetime(rows["timestamp"], unit="s").dt.month
    mean, error, count = _means(rows["rating"], months)
    figure, (axes,) = new_figure()
    places = mean.index.to_numpy(float)
    axes.errorbar(places, mean.to_numpy(), yerr=error, fmt="o", color=BLUE, capsize=3)
    _number_behind(axes, places, count)
    axes.set_xticks(range(1, 13), [calendar.month_abbr[one] for one in range(1, 13)])
    axes.set(xlim=(0.4, 12.6), ylabel="mean rating")
    high, low = (int(mean.index[int(one)]) for one in (mean.argmax(), mean.argmin()))
    text = (
        "Mean rating of each month, all years together, with its 95 % interval; bars are the "
        f"number of ratings. Highest in {calendar.month_name[high]} ({mean[high]:.2f}), lowest in "
        f"{calendar.month_name[low]} ({mean[low]:.2f})."
    )
    if len(mean) < 12:
        text += f" {len(mean)} months have ratings."
    return Chart("ratings-by-month", "Ratings by month of the year", text, figure)


def _means(
    ratings: pd.Series[float], groups: pd.Series[Any]
) -> tuple[pd.Series[float], Floats, Floats]:
    """Mean, half width of its 95 % interval, and number of ratings of each group."""
    grouped = ratings.astype(float).groupby(groups)
    count = np.asarray(grouped.count(), np.float64)
    error = 1.96 * grouped.std(ddof=0).to_numpy(float) / np.sqrt(count)
    return grouped.mean(), error, count


def _number_behind(axes: Axes, places: Floats, count: Floats) -> None:
    """Bars of the number of ratings, with an axis of their own, behind the points."""
    behind = axes.twinx()
    behind.bar(places, count, color=BLUE, alpha=0.15, width=0.8)
    behind.set(ylabel="ratings", ylim=(0, count.max() * 2.5))
    behind.spines["right"].set_visible(True)
    behind.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_zorder(behind.get_zorder() + 1)
    axes.patch.set_visible(False)
