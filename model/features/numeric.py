"""Features that are numbers, from known rows before each event's reference only.

Names are those of [KG-LSTM], section 3.2.2, where 'movie' is any item:

- time: ``review_year, review_month, quarter, day_of_week, week_of_year`` of the event (UTC),
  ``days_since_last_review``: days since the user's last known row
- interaction: ``user_rating_count, movie_rating_count``, ``user_movie_rating_diff``: the
  user's mean minus the movie's, ``user_genre_avg_rating``: the user's mean for each genre of
  the movie, averaged over those genres that the user has rated
- statistics: ``user_rating_std``, ``movie_rating_mean`` (for the paper's ``averageRating``),
  ``user_rating_ewma, movie_rating_ewma``; the paper's ``numVotes`` is ``movie_rating_count``
- cyclical: ``hour_sin, hour_cos`` and the same of weekday and month

A movie's moving average takes ratings of one second in the order of user ids. A figure that
nothing earlier tells is NaN here, and 0, the mean, after scaling. What needs timestamps (time,
cyclical, and all figures of the movie, which come from other users) is left out without them;
what needs ratings is left out without these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..data import IntArray
from .config import FeatureConfig
from .earlier_rows import Floats, Mask, Past, passes
from .facts import Bags, Facts

GROUPS = {
    "time": (
        "review_year",
        "review_month",
        "quarter",
        "day_of_week",
        "week_of_year",
        "days_since_last_review",
    ),
    "interaction": (
        "user_rating_count",
        "movie_rating_count",
        "user_movie_rating_diff",
        "user_genre_avg_rating",
    ),
    "statistics": (
        "user_rating_std",
        "movie_rating_mean",
        "user_rating_ewma",
        "movie_rating_ewma",
    ),
    "cyclical": ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos", "month_sin", "month_cos"),
    "raw": ("movie_year",),
    "demographics": ("age",),
}
_OF_RATINGS = {
    "user_movie_rating_diff",
    "user_genre_avg_rating",
    *GROUPS["statistics"],
}
_OF_TIMES = {
    *GROUPS["time"],
    *GROUPS["cyclical"],
    "movie_rating_count",
    "user_movie_rating_diff",
    "movie_rating_mean",
    "movie_rating_ewma",
}
_DAY = 86_400


def feature_names(config: FeatureConfig, rows: pd.DataFrame, facts: Facts) -> tuple[str, ...]:
    """Names of the numbers that these rows allow, in their order."""
    absent: set[str] = set() if has(rows, "timestamp") else set(_OF_TIMES)
    if not has(rows, "rating"):
        absent |= _OF_RATINGS
    if "genres" not in config.lists:
        absent.add("user_genre_avg_rating")
    if "year" not in facts.items:
        absent.add("movie_year")
    if "age" not in facts.users:
        absent.add("age")
    return tuple(name for name in wanted_names(config) if name not in absent)


def wanted_names(config: FeatureConfig) -> tuple[str, ...]:
    """Names of the numbers that the configuration asks for."""
    return tuple(
        name for group, names in GROUPS.items() if getattr(config, group) for name in names
    )


def has(rows: pd.DataFrame, column: str) -> bool:
    """Whether there are ratings (some rows may have none), or timestamps (all rows have one)."""
    return column in rows and (column == "rating" or not rows[column].isna().any())


def numeric_features(rows: pd.DataFrame, config: FeatureConfig, facts: Facts) -> dict[str, Floats]:
    """Every number for every row, those that were not asked for included.

    :param rows: ``user, item, seq, fold, cut_seq, cut_time`` and what there is of ``rating,
        timestamp``.
    """
    found: dict[str, Floats] = {**_static(rows, facts)}
    if has(rows, "timestamp"):
        found |= calendar(rows["timestamp"])
    genres = facts.bags({"genres": config.lists.get("genres", ())})["genres"]
    for asked, known in passes(rows["fold"], config.history):
        part = _earlier(rows, asked, known, config, facts, genres)
        for name, values in part.items():
            found.setdefault(name, np.full(len(rows), np.nan))[asked] = values
    return found


def calendar(timestamps: pd.Series[Any]) -> dict[str, Floats]:
    """What the calendar says of the events' own moments, UTC."""
    moments = pd.to_datetime(timestamps.astype("int64"), unit="s", utc=True).dt
    turns: dict[str, Any] = {
        "hour": moments.hour / 24,
        "weekday": moments.day_of_week / 7,
        "month": (moments.month - 1) / 12,
    }
    found: dict[str, Any] = {
        "review_year": moments.year,
        "review_month": moments.month,
        "quarter": moments.quarter,
        "day_of_week": moments.day_of_week,
        "week_of_year": moments.isocalendar().week,
    }
    for name, turn in turns.items():
        found[f"{name}_sin"] = np.sin(2 * np.pi * turn)
        found[f"{name}_cos"] = np.cos(2 * np.pi * turn)
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def _static(rows: pd.DataFrame, facts: Facts) -> dict[str, Floats]:
    """Numbers of the movie and the user that do not change."""
    found = {}
    if "year" in facts.items:
        found["movie_year"] = _numbers(facts.items["year"])[facts.item_rows(rows["item"])]
    if "age" in facts.users:
        found["age"] = _numbers(facts.users["age"])[facts.user_rows(rows["user"])]
    return found


def _numbers(column: pd.Series[Any]) -> Floats:
    """The column as numbers, NaN where it is none, and NaN behind the last for unknown ids."""
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.append(numbers, np.nan)


def _earlier(
    rows: pd.DataFrame,
    asked: Mask,
    known: Mask,
    config: FeatureConfig,
    facts: Facts,
    genres: Bags,
) -> Mapping[str, Floats]:
    """Figures of the events ``asked`` over the rows ``known``."""
    users = pd.factorize(rows["user"], sort=True)[0]  # in the order of ids, which settles ties
    items = pd.factorize(rows["item"])[0]
    seq = rows["seq"].to_numpy(dtype=np.int64)
    cut_seq = rows["cut_seq"].to_numpy(dtype=np.int64)[asked]
    past = Past(users[known], seq[known])
    mine = past.before(users[asked], cut_seq)
    found = {"user_rating_count": mine.counts}
    times = cut_time = None
    if has(rows, "timestamp"):
        times = rows["timestamp"].to_numpy(dtype=np.int64)
        cut_time = rows["cut_time"].to_numpy(dtype=np.int64)[asked]
        last = mine.last(times[known][past.order].astype(np.float64))
        found["days_since_last_review"] = (times[asked] - last) / _DAY
        others = Past(items[known], times[known])
        found["movie_rating_count"] = others.before(items[asked], cut_time).counts
    if not has(rows, "rating"):
        return found
    ratings = rows["rating"].to_numpy(dtype=np.float64, na_value=np.nan)
    rated = known & ~np.isnan(ratings)
    past = Past(users[rated], seq[rated])
    mine = past.before(users[asked], cut_seq)
    figures = past.figures(ratings[rated], config.ewma_alpha)
    found["user_rating_std"] = figures.deviation(mine)
    found["user_rating_ewma"] = figures.moving_average(mine)
    item_rows = facts.item_rows(rows["item"])
    found["user_genre_avg_rating"] = _by_genre(
        (users[rated], item_rows[rated], seq[rated], ratings[rated]),
        (users[asked], item_rows[asked], cut_seq),
        genres,
    )
    if times is not None and cut_time is not None:
        past = Past(items[rated], times[rated], users[rated])
        others_rated = past.before(items[asked], cut_time)
        of_movie = past.figures(ratings[rated], config.ewma_alpha)
        found["movie_rating_mean"] = of_movie.mean(others_rated)
        found["movie_rating_ewma"] = of_movie.moving_average(others_rated)
        found["user_movie_rating_diff"] = figures.mean(mine) - found["movie_rating_mean"]
    return found


def _by_genre(
    known: tuple[IntArray, IntArray, IntArray, Floats],
    asked: tuple[IntArray, IntArray, IntArray],
    genres: Bags,
) -> Floats:
    """The user's mean for each genre of the movie, averaged over the genres that have one."""
    users, items, seq, ratings = known
    row, genre = genres.explode(items)
    size = int(genres.values.max(initial=0)) + 1
    past = Past(users[row] * size + genre, seq[row])
    asking, wanted = genres.explode(asked[1])
    before = past.before(asked[0][asking] * size + wanted, asked[2][asking])
    means = past.figures(ratings[row], 1.0).mean(before)
    some = ~np.isnan(means)
    sums = np.bincount(asking[some], means[some], minlength=len(asked[0]))
    counts = np.bincount(asking[some], minlength=len(asked[0]))
    with np.errstate(invalid="ignore"):
        return np.asarray(sums / np.where(counts, counts, np.nan))
