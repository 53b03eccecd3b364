"""Paths to items that are drawn beside each event: what is drawn, as of when, and whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from reelgraph.artifacts import SplitFolder, read_parquet
from reelgraph.gds_jobs.paths import PathsJob, with_negatives
from reelgraph.gds_jobs.paths.job import PathsConfig
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.testing.small_split import make_split_folder


def events(rows: list[tuple[int, int]]) -> pd.DataFrame:
    """Pairs of user and item (nodes) in their order, ids ten times the nodes."""
    frame = pd.DataFrame(rows, columns=["user", "item"])
    frame["seq"] = frame.groupby("user").cumcount() + 1
    frame["time"] = 100 * frame["user"] + frame["seq"]
    return frame.assign(userId=frame["user"] * 10, itemId=frame["item"] * 10)


def items(count: int) -> pd.DataFrame:
    shuffled = np.random.default_rng(0).permutation(count)
    return pd.DataFrame({"itemId": shuffled * 10, "index": shuffled})


def test_what_is_drawn_is_not_the_users_and_has_the_moment_of_its_event() -> None:
    had = events([(50, item) for item in range(0, 20, 2)] + [(51, 3), (51, 4)])
    found = with_negatives(had, items(20), 3, seed=1)
    drawn = found[found["sampled"]]
    train = set(zip(had["user"], had["item"], strict=True))
    assert train.isdisjoint(zip(drawn["user"], drawn["item"], strict=True))
    assert (drawn["itemId"] == drawn["item"] * 10).all()
    per_event = drawn.groupby(["user", "seq", "time"]).size()
    assert per_event.between(1, 3).all() and (per_event == 3).sum() > 6
    keys = ["user", "seq", "time", "userId"]
    assert set(per_event.index) == set(zip(had["user"], had["seq"], had["time"], strict=True))
    assert not drawn.duplicated([*keys, "item"]).any()
    pd.testing.assert_frame_equal(
        found[~found["sampled"]].drop(columns="sampled").reset_index(drop=True),
        had,
        check_dtype=False,
    )
    order = found[["user", "seq", "item"]]
    assert order.equals(order.sort_values(["user", "seq", "item"], ignore_index=True))


def test_draws_are_uniform_and_repeat_with_their_seed() -> None:
    had = events([(user, 0) for user in range(50, 4050)])
    found = with_negatives(had, items(5), 1, seed=1)
    counts = found.loc[found["sampled"], "item"].value_counts()
    assert set(counts.index) == {1, 2, 3, 4}
    assert counts.between(900, 1100).all()
    assert found.equals(with_negatives(had, items(5), 1, seed=1))
    assert not found.equals(with_negatives(had, items(5), 1, seed=2))


def test_a_user_with_all_items_gets_none() -> None:
    had = events([(50, item) for item in range(4)] + [(51, 2)])
    found = with_negatives(had, items(4), 5, seed=1)
    assert set(found.loc[found["sampled"], "user"]) == {51}
    assert not found["sampled"][found["user"] == 50].any()


def test_no_events() -> None:
    assert with_negatives(events([]), items(4), 1, seed=1).empty


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return make_split_folder(tmp_path)


def run(split: SplitFolder, **parameters: Any) -> pd.DataFrame:
    job = PathsJob(PathsConfig.model_validate(parameters))
    run_jobs(None, split, [job], force=True, progress=False)
    return read_parquet(split.output("paths", "paths"))


def test_the_job_adds_paths_of_what_is_drawn(split: SplitFolder) -> None:
    alone, table = run(split), run(split, negatives=3)
    assert not alone["sampled"].any()
    real = table[~table["sampled"]].reset_index(drop=True)
    assert real.astype(str).equals(alone.astype(str))
    rows = read_parquet(split.split).merge(read_parquet(split.dataset.interactions))
    train = rows[rows["fold"] == "train"]
    sampled = table[table["sampled"]]
    pairs = set(sampled[["user", "item"]].itertuples(index=False, name=None))
    assert pairs.isdisjoint(train[["user", "item"]].itertuples(index=False, name=None))
    held = rows[rows["fold"] != "train"]
    assert pairs & set(held[["user", "item"]].itertuples(index=False, name=None))
    facts = split.manifest().jobs["paths"].facts
    assert facts["sampled"] > len(train) * 2
    assert facts["pairs"] == len(train) + facts["sampled"]


def test_paths_of_what_is_drawn_are_older_than_the_event(split: SplitFolder) -> None:
    rows = read_parquet(split.dataset.interactions)
    times = rows.set_index(["user", "seq"])["timestamp"].to_dict()
    own = rows.set_index(["user", "item"])["seq"].to_dict()
    table = run(split, negatives=2, per_pair=None)
    sampled = table[table["sampled"]]
    assert len(sampled) > 50
    others = 0
    for row in sampled.itertuples():
        assert row.nodes[1] != row.nodes[-1] == row.item - 1
        assert own[row.user, row.nodes[1] + 1] < row.seq
        later = [time for time in row.timestamps[1:] if not np.isnan(time)]
        others += len(later)
        assert all(time < times[row.user, row.seq] for time in later)
    assert others


def test_test_rows_change_nothing_that_is_drawn(split: SplitFolder) -> None:
    run(split, negatives=2)
    first = split.output("paths", "paths").read_bytes()
    rows = read_parquet(split.split)
    rows[rows["fold"] == "train"].to_parquet(split.split)
    run(split, negatives=2)
    assert split.output("paths", "paths").read_bytes() == first
    run(split, negatives=2, seed=7)
    assert split.output("paths", "paths").read_bytes() != first
    assert split.manifest().jobs["paths"].config["seed"] == 7


def test_negatives_belong_to_train() -> None:
    with pytest.raises(ValidationError, match="drawn for the pairs of train"):
        PathsConfig(pairs="valid", negatives=1)
