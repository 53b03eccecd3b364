"""[KG-LSTM]'s features as written. LEAKS THE TARGET: they are made from the answer.

The difference to the movie's mean takes the rating that is to be predicted, moving averages
include it, and means and deviations are those of the whole file. With the movie's mean
beside the difference, a sum of two features is the answer. They exist to show what figures
made with them are worth, on protocol ``seed-leaky`` only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .config import FeatureConfig
from .earlier_rows import Floats
from .facts import Facts


def leaky_features(rows: pd.DataFrame, config: FeatureConfig, facts: Facts) -> dict[str, Floats]:
    """The figures that replace the honest ones of the same names."""
    ratings = rows["rating"].astype("float64")
    by_user, by_movie = ratings.groupby(rows["user"]), ratings.groupby(rows["item"])
    movie_mean = by_movie.transform("mean")
    found = {
        "user_rating_count": by_user.transform("size"),
        "movie_rating_count": by_movie.transform("size"),
        "user_movie_rating_diff": ratings - movie_mean,
        "user_genre_avg_rating": _by_genre(rows, ratings, config, facts),
        "user_rating_std": by_user.transform("std"),
        "movie_rating_mean": movie_mean,
        "user_rating_ewma": _moving(rows, "user", config.ewma_alpha),
        "movie_rating_ewma": _moving(rows, "item", config.ewma_alpha),
    }
    return {name: np.asarray(values, np.float64) for name, values in found.items()}


def _moving(rows: pd.DataFrame, key: str, alpha: float) -> Floats:
    """Moving averages in the order of time that include the current rating."""
    position = np.arange(len(rows))
    ordered = rows.assign(position=position).sort_values([key, "timestamp", "user", "seq"])
    groups = ordered["rating"].astype("float64").groupby(ordered[key].to_numpy())
    found = np.empty(len(rows))
    found[ordered["position"].to_numpy()] = groups.ewm(alpha=alpha, adjust=False).mean().to_numpy()
    return found


def _by_genre(
    rows: pd.DataFrame, ratings: pd.Series[Any], config: FeatureConfig, facts: Facts
) -> Floats:
    """The user's mean over the whole file for each genre of the movie, averaged."""
    bags = facts.bags({"genres": config.lists.get("genres", ())})["genres"]
    row, genre = bags.explode(facts.item_rows(rows["item"]))
    pairs = pd.DataFrame({"user": rows["user"].to_numpy()[row], "genre": genre})
    pairs["rating"] = ratings.to_numpy()[row]
    means = pairs.groupby(["user", "genre"])["rating"].transform("mean")
    found = means.groupby(row).mean().reindex(np.arange(len(rows)))
    return np.asarray(found, np.float64)
