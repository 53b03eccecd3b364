"""The Python API on frames; the page that documents it is run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from reelgraph.errors import InputError
from reelgraph.model.evaluation.rating import evaluate_ratings
from reelgraph.model.frames import explain, fit_model, recommend, recommend_for, split_frame
from reelgraph.model.splits.protocols.user_time import UserTime
from reelgraph.model.zoo.bias import Bias
from reelgraph.model.zoo.ease import EASE
from reelgraph.model.zoo.most_popular import MostPopular

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def ratings(users: int = 30, items: int = 20) -> pd.DataFrame:
    random = np.random.default_rng(5)
    rows = [
        (f"u{user}", int(item), float(random.integers(1, 6)), 1000 + int(random.integers(500)))
        for user in range(users)
        for item in random.permutation(items)[: random.integers(5, 12)]
    ]
    return pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp"])


def test_the_page_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ratings().to_csv("ratings.csv", index=False)
    page = PAGE.read_text(encoding="utf-8").partition("## From a graph")[0]
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 4
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    assert "contribution" in printed and "mean=" in printed and "'mine'" in printed


def test_the_split_is_by_time_and_nothing_seen_is_recommended() -> None:
    frame = ratings()
    folds = split_frame(frame)
    model = fit_model(EASE, folds)
    lists = recommend(model, folds, ["u3", "u4"], n=4)
    assert lists.groupby("user")["rank"].apply(list).to_dict() == {
        "u3": [1, 2, 3, 4],
        "u4": [1, 2, 3, 4],
    }
    for user in ("u3", "u4"):
        mine = frame[frame["user"] == user].sort_values("timestamp", kind="stable")
        train = mine["item"].iloc[: int(len(mine) * 0.8)]
        assert not set(lists.loc[lists["user"] == user, "item"]) & set(train)
    best = lists.iloc[0]
    reasons = explain(model, folds, best["user"], best["item"])
    total = reasons["contribution"].sum() + reasons.attrs["bias"]
    assert total == pytest.approx(best["score"], abs=1e-5)
    assert reasons["contribution"].is_monotonic_decreasing


def test_a_list_for_liked_items_is_that_of_a_user_with_this_history() -> None:
    folds = split_frame(ratings())
    model = fit_model(EASE, folds)
    mine = folds.history.query(3)
    ids = model.catalogue.item_ids[mine.items].tolist()
    expected = recommend(model, folds, [mine.user], n=4).drop(columns="user")
    pd.testing.assert_frame_equal(recommend_for(model, folds, ids, n=4), expected)
    with pytest.raises(InputError, match="no item 99"):
        recommend_for(model, folds, [3, 99])
    with pytest.raises(InputError, match="no item is given"):
        recommend_for(model, folds, [])


def test_the_weights_of_train_can_be_kept() -> None:
    folds = split_frame(ratings())
    kept = fit_model(MostPopular, folds, refit=False)
    fitted = fit_model(MostPopular, folds)
    assert kept.counts.sum() == len(folds.train)
    assert fitted.counts.sum() == len(folds.history)


def test_what_cannot_be_split_is_told() -> None:
    frame = ratings()
    with pytest.raises(InputError, match="no column 'item'"):
        split_frame(frame.drop(columns="item"))
    with pytest.raises(InputError, match="missing values"):
        split_frame(frame.assign(user=frame["user"].where(frame["item"] > 3)))
    with pytest.raises(InputError, match="no rows"):
        split_frame(frame.iloc[:0])
    with pytest.raises(InputError, match="no timestamps"):
        split_frame(frame.drop(columns="timestamp"))
    assert len(split_frame(frame.drop(columns="timestamp"), order="rows").test)
    with pytest.raises(InputError, match="unknown protocol"):
        split_frame(frame, "nonsense")
    folds = split_frame(frame, "random", seed=3)
    model = fit_model(EASE, folds)
    with pytest.raises(InputError, match="no user 'nobody'"):
        recommend(model, folds, ["nobody"])
    with pytest.raises(InputError, match="no item 99"):
        explain(model, folds, "u1", 99)


def test_what_a_frame_may_hold() -> None:
    frame = ratings()
    folds = split_frame(frame)
    dates = frame.assign(timestamp=pd.to_datetime(frame["timestamp"], unit="s"), fold="mine")
    found = split_frame(dates)
    assert found.train.timestamps is not None
    np.testing.assert_array_equal(found.train.timestamps, folds.train.timestamps)
    with pytest.raises(InputError, match="neither numbers nor dates"):
        split_frame(frame.assign(timestamp=frame["timestamp"].astype(str)))
    assert recommend(fit_model(EASE, folds), folds, []).empty


def test_a_protocol_is_a_name_a_class_or_bound() -> None:
    frame = ratings()
    wanted = len(split_frame(frame, "user-time", train=0.5).test)
    assert len(split_frame(frame, UserTime, train=0.5).test) == wanted
    assert len(split_frame(frame, UserTime.bound({"train": 0.5})).test) == wanted
    with pytest.raises(InputError, match="bound to its parameters already"):
        split_frame(frame, UserTime.bound({}), train=0.5)


def test_nothing_to_predict_is_no_perfect_score() -> None:
    folds = split_frame(ratings(), "all")
    with pytest.raises(InputError, match="no test rows"):
        evaluate_ratings(fit_model(Bias, folds), folds)
