"""Features of MovieLens 100K: checked events, and what a joint linear fit of them says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reelgraph.model.features.audit import WARNING_R2, joint_fit, recompute_check
from reelgraph.model.features.builder import FeatureBuilder
from reelgraph.model.features.config import FeatureConfig
from reelgraph.model.features.facts import Facts
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import make_split


@pytest.fixture(scope="module")
def facts(ml100k_path: Path) -> Facts:
    """Users, movies and genres, read by pandas and not by the loader."""
    items = pd.read_csv(ml100k_path / "ml-100k.item", sep="\t", dtype=str)
    items.columns = ["itemId", "title", "year", "genres"]
    items["itemId"] = items["itemId"].astype(int)
    items = items.sort_values("itemId", ignore_index=True).assign(index=range(len(items)))
    genres = items.assign(genre=items["genres"].str.split()).explode("genre")
    entity = pd.factorize(genres["genre"])[0] + len(items)
    triples = pd.DataFrame({"head": genres["index"], "relation": "HAS_GENRE", "tail": entity})
    users = pd.read_csv(ml100k_path / "ml-100k.user", sep="\t")
    users.columns = ["userId", "age", "gender", "occupation", "zip"]
    return Facts(users, items, triples, "ml-100k")


@pytest.fixture(scope="module")
def interactions(ml100k_path: Path) -> pd.DataFrame:
    rows = pd.read_csv(ml100k_path / "ml-100k.inter", sep="\t")
    rows.columns = ["user", "item", "rating", "timestamp"]
    rows = rows.sort_values(["user", "timestamp"], kind="stable", ignore_index=True)
    return rows.assign(seq=rows.groupby("user").cumcount() + 1)


def made(
    interactions: pd.DataFrame, facts: Facts, protocol: str, **settings
) -> tuple[FeatureBuilder, pd.DataFrame, float]:
    """The fitted builder, its rows, and the held-out R² of a joint linear fit."""
    rows = make_split(interactions, bound(protocol)).merge(interactions, on=["user", "item", "seq"])
    builder = FeatureBuilder(FeatureConfig(**settings), facts, bound(protocol)).fit(rows)
    table = builder.transform(rows)
    ratings = rows["rating"].to_numpy(np.float64)
    return builder, rows, joint_fit(table.numeric, ratings, rows["fold"].to_numpy())


@pytest.mark.parametrize("protocol", ["user-time", "global-time"])
def test_honest_features_are_from_the_past_and_fit_no_more_than_they_should(
    interactions, facts, protocol
):
    builder, rows, fit = made(interactions, facts, protocol)
    assert 0 < fit < WARNING_R2  # .27 per user, .12 with one cut in time
    done = recompute_check(builder, rows, events=25)
    assert done.passed, done.differences


def test_the_paper_s_features_contain_the_answer(interactions, facts):
    builder, rows, fit = made(interactions, facts, "seed-leaky", leaky=True)
    assert fit > 0.999  # 1.0000
    assert "user_movie_rating_diff" in recompute_check(builder, rows, events=3).features
