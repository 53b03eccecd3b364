"""Rating: the bias model, the metrics, and runs whose task is rating."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audited import audited, config, make_run, quiet, settings_of, small_split
from sklearn import metrics as reference

from reelgraph.artifacts import read_json, read_parquet, write_parquet
from reelgraph.errors import InputError, ModelError, SettingsError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query, interactions_from_frame
from reelgraph.model.dataset import make_folds
from reelgraph.model.evaluation.rating import METRICS, evaluate_ratings, rating_metrics
from reelgraph.model.needs import TrainingData
from reelgraph.model.zoo.bias import Bias, BiasConfig
from reelgraph.pipeline.run import run_stage

ITEMS = 15
REG_USER, REG_ITEM = 3.0, 2.0


def rows(users: int = 40, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    found = []
    for user in range(users):
        items = random.permutation(ITEMS)[: random.integers(2, ITEMS)]
        ratings = np.clip(
            np.round(3 + user % 3 - 1 + items / 9 + random.normal(size=len(items))), 1, 5
        )
        found += [
            (user, int(i), float(r), n)
            for n, (i, r) in enumerate(zip(items, ratings, strict=True), 1)
        ]
    return pd.DataFrame(found, columns=["user", "item", "rating", "seq"])


def data(frame: pd.DataFrame) -> Interactions:
    return interactions_from_frame(frame, Catalogue(np.arange(ITEMS)))


def fitted(frame: pd.DataFrame, **settings: float) -> Bias:
    model = Bias(BiasConfig(**{"reg_user": REG_USER, "reg_item": REG_ITEM, **settings}))
    model.fit(TrainingData(data(frame)), TrainingOptions())
    return model


def test_biases_are_the_solution_of_the_normal_equations() -> None:
    """Against ridge regression on indicators of users and items, solved at once."""
    frame = rows()
    model = fitted(frame)
    users = frame["user"].nunique()
    x = np.zeros((len(frame), users + ITEMS))
    x[np.arange(len(frame)), frame["user"]] = 1
    x[np.arange(len(frame)), users + frame["item"]] = 1
    y = frame["rating"] - frame["rating"].mean()
    penalty = np.diag([REG_USER] * users + [REG_ITEM] * ITEMS)
    expected = np.linalg.solve(x.T @ x + penalty, x.T @ y)
    np.testing.assert_allclose(model.item_bias, expected[users:], atol=1e-5)
    known = data(frame)
    scores = model.score([known.query(user) for user in range(users)])
    wanted = frame["rating"].mean() + expected[:users, None] + expected[None, users:]
    np.testing.assert_allclose(scores, wanted, atol=1e-4)


def test_ratings_stay_on_the_scale_and_cold_users_get_the_items_own() -> None:
    model = fitted(rows().assign(rating=lambda frame: frame["rating"].clip(2, 4)), reg_user=0)
    keen = Query(0, np.arange(6), np.full(6, 4, np.float32))
    found = model.predict_rating([keen], [np.arange(ITEMS)])[0]
    assert found.min() >= 2 and found.max() <= 4
    assert model.score([keen]).max() > 4
    nobody = Query("new", np.zeros(0, np.int64))
    cold = model.predict_rating([nobody], [np.arange(ITEMS)])[0]
    np.testing.assert_allclose(cold, np.clip(model.mean + model.item_bias, 2, 4), rtol=1e-6)


def test_saved_and_loaded_and_refused_without_ratings(tmp_path: Path) -> None:
    model = fitted(rows())
    model.save(tmp_path)
    asked = [data(rows()).query(3)]
    again = Bias.load(tmp_path, model.catalogue)
    np.testing.assert_array_equal(again.score(asked), model.score(asked))
    with pytest.raises(ModelError, match="needs the rating of every train row"):
        fitted(rows().drop(columns="rating"))


@pytest.mark.parametrize("count", [101, 100])
def test_metrics_are_those_of_scikit_learn(count: int) -> None:
    random = np.random.default_rng(1)
    truth = random.integers(1, 6, count).astype(float)
    predicted = truth + random.normal(0.2, 1, count)
    found = rating_metrics(truth, predicted, random.integers(0, 9, count))
    expected = {
        "mse": reference.mean_squared_error(truth, predicted),
        "rmse": reference.root_mean_squared_error(truth, predicted),
        "mae": reference.mean_absolute_error(truth, predicted),
        "r2": reference.r2_score(truth, predicted),
        "explained_variance": reference.explained_variance_score(truth, predicted),
        "median_absolute_error": reference.median_absolute_error(truth, predicted),
    }
    assert list(found) == list(METRICS) == list(expected)
    for name, value in expected.items():
        assert found[name].mean == pytest.approx(value)
        assert found[name].low <= value <= found[name].high


@pytest.mark.slow
def test_intervals_are_over_users_with_all_of_their_rows() -> None:
    """Against resampling by hand: the same draws, rows repeated."""
    random = np.random.default_rng(2)
    owners = np.repeat(np.arange(8), [1, 9, 2, 7, 3, 5, 4, 6])
    truth = random.integers(1, 6, len(owners)).astype(float)
    predicted = truth + random.normal(size=len(owners)) * (1 + owners)
    found = rating_metrics(truth, predicted, owners, seed=7)
    drawn = np.random.default_rng(7).multinomial(8, np.full(8, 1 / 8), size=1000)
    by_hand = {"rmse": [], "r2": [], "median_absolute_error": []}
    for counts in drawn:
        of = np.repeat(np.arange(len(owners)), counts[owners])
        by_hand["rmse"].append(reference.root_mean_squared_error(truth[of], predicted[of]))
        by_hand["r2"].append(reference.r2_score(truth[of], predicted[of]))
        by_hand["median_absolute_error"].append(
            reference.median_absolute_error(truth[of], predicted[of])
        )
    for name, values in by_hand.items():
        low, high = np.percentile(values, [2.5, 97.5])
        assert found[name].low == pytest.approx(low)
        assert found[name].high == pytest.approx(high)


def test_each_test_row_is_predicted_from_train_and_valid() -> None:
    frame = rows()
    last = frame.groupby("user")["seq"].transform("max")
    frame["fold"] = np.where(frame["seq"] == last, "test", "train")
    folds = make_folds(frame, Catalogue(np.arange(ITEMS)))
    train = frame[frame["fold"] == "train"]
    model = fitted(train)
    found = evaluate_ratings(model, folds)
    test = frame[frame["fold"] == "test"]
    known = data(train)
    predicted = [
        float(model.predict_rating([known.query(int(user))], [np.array([item])])[0][0])
        for user, item in zip(test["user"], test["item"], strict=True)
    ]
    expected = reference.root_mean_squared_error(test["rating"], predicted)
    assert found.metrics["rmse"].mean == pytest.approx(expected, rel=1e-6)
    assert (found.users, found.ratings, found.cold) == (40, 40, 0)


# runs


def test_a_rating_run_is_trained_audited_and_evaluated(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    run = make_run(split, config("bias"))
    assert run.manifest().task == "rating"
    predictions = read_parquet(run.predictions)
    assert predictions["predictedRating"].between(1, 5).all()
    assert (predictions.groupby("user")["score"].diff().dropna() <= 0).all()
    seen = read_parquet(split.split).query("fold != 'test'")
    assert predictions.merge(seen, on=["user", "item"]).empty
    assert audited(split, run, full=True).passed
    run_stage("evaluate", settings_of(split), run, quiet)
    metrics = read_json(run.metrics)["models"]
    assert list(metrics) == ["bias"]
    assert metrics["bias"]["metrics"]["rmse"]["mean"] > 0


def test_a_model_for_both_rates_when_told_to(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    with pytest.raises(SettingsError, match=r"'ease' is not for rating\b"):
        config("ease", task="rating").check()
    run = make_run(split, config("bias", baselines=("ease", "bias")))
    run_stage("evaluate", settings_of(split), run, quiet)
    found = read_json(run.metrics)
    assert found["leftOut"] == {"ease": "model 'ease' is not for rating"}


@pytest.mark.slow
def test_a_model_for_both_makes_two_kinds_of_lists(tmp_path: Path) -> None:
    """Evidence adds up to the score of a ranking; a list by predicted ratings has none."""
    split = small_split(tmp_path)
    ranked = read_parquet(make_run(split, config("item-knn")).predictions)
    assert {"predictedRating", "evidenceIds"} <= set(ranked)
    run = make_run(split, config("item-knn", task="rating"))
    rated = read_parquet(run.predictions)
    assert "evidenceIds" not in rated
    assert not run.attention.exists()
    np.testing.assert_allclose(rated["score"], rated["predictedRating"])
    assert audited(split, run).passed
    path = split.dataset.interactions
    write_parquet(path, read_parquet(path).drop(columns="rating"))
    assert "predictedRating" not in read_parquet(make_run(split, config("user-knn")).predictions)


def test_data_without_ratings_are_told(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    path = split.dataset.interactions
    write_parquet(path, read_parquet(path).drop(columns="rating"))
    with pytest.raises(ModelError, match="needs the rating of every train row"):
        make_run(split, config("bias"))
    folds = make_folds(
        rows().drop(columns="rating").assign(fold="test"), Catalogue(np.arange(ITEMS))
    )
    with pytest.raises(InputError, match="without ratings"):
        evaluate_ratings(fitted(rows()), folds)
