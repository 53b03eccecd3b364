"""Splits, folds, catalogue, and evaluation on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from folder_manifests import dataset_manifest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.artifacts import DatasetFolder, read_parquet, write_manifest, write_parquet
from reelgraph.errors import ArtifactError, InputError, ModelError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.dataset import load_catalogue, load_folds, read_vectors
from reelgraph.model.evaluation.ranking import evaluate, per_user
from reelgraph.model.needs import TrainingData
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import make_split, redraw_ties, write_split
from reelgraph.model.zoo.ease import EASE
from reelgraph.model.zoo.most_popular import MostPopular


def interactions(counts, seed=0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    rows = [
        (user, 10 + item, seq + 1)
        for user, count in enumerate(counts)
        for seq, item in enumerate(generator.permutation(40)[:count])
    ]
    frame = pd.DataFrame(rows, columns=["user", "item", "seq"])
    frame["timestamp"] = 1000 + frame["seq"] // 3
    return frame


@pytest.fixture
def dataset(tmp_path) -> DatasetFolder:
    folder = DatasetFolder(tmp_path / "datasets" / "abc")
    write_parquet(folder.interactions, interactions([20, 1, 7, 30, 2]))
    write_parquet(folder.items, pd.DataFrame({"itemId": range(10, 50), "index": range(40)}))
    write_manifest(folder.path, dataset_manifest())
    return folder


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=5))
@pytest.mark.slow
def test_user_time(counts):
    split = make_split(interactions(counts), bound("user-time"))
    assert split["seq"].is_monotonic_increasing or len(counts) > 1
    for user, count in enumerate(counts):
        folds = split[split["user"] == user].sort_values("seq")["fold"].tolist()
        kept = count * 8 // 10
        held = max(kept // 10, 1) if kept > 1 else 0
        assert folds == ["train"] * (kept - held) + ["valid"] * held + ["test"] * (count - kept)


def test_leave_one_out():
    split = make_split(interactions([1, 2, 3, 5]), bound("leave-one-out"))
    folds = split.groupby("user")["fold"].agg(list).tolist()
    assert folds == [
        ["train"],
        ["train"] * 2,
        ["train", "valid", "test"],
        ["train"] * 3 + ["valid", "test"],
    ]


def test_all_is_train():
    assert set(make_split(interactions([1, 5]), bound("all"))["fold"]) == {"train"}


def test_order_of_rows_does_not_matter():
    frame = interactions([9, 4])
    shuffled = frame.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(
        make_split(frame, bound("user-time")), make_split(shuffled, bound("user-time"))
    )


def test_split_ids():
    assert bound("user-time").split_id == bound("user-time", {"train": 0.8}).split_id == "user-time"
    assert bound("user-time", {"train": 0.9, "valid": 0}).split_id == "user-time-train0.9-valid0"


@pytest.mark.parametrize(
    ("protocol", "parameters", "message"),
    [
        ("by-mood", {}, "by-mood"),
        ("user-time", {"share": 0.5}, "share"),
        ("user-time", {"train": 80}, "train is 80"),
    ],
)
def test_wrong_protocols_are_refused(protocol, parameters, message):
    with pytest.raises(InputError, match=message):
        make_split(interactions([5]), bound(protocol, parameters))


def test_write_split_once(dataset):
    split = write_split(dataset, bound("user-time"))
    manifest = split.manifest()
    assert manifest.counts.dump() == read_parquet(split.split)["fold"].value_counts().to_dict()
    assert manifest.jobs == {}
    split.split.unlink()
    assert write_split(dataset, bound("user-time")) == split
    assert not split.split.exists()


def test_ties_are_drawn_anew_only_within_a_second():
    frame = interactions([30, 20])
    drawn = redraw_ties(frame, seed=1)
    assert not drawn["item"].equals(frame["item"])
    pd.testing.assert_frame_equal(drawn, redraw_ties(frame, seed=1))
    for _, rows in drawn.groupby("user"):
        assert rows["seq"].tolist() == list(range(1, len(rows) + 1))
        assert rows["timestamp"].is_monotonic_increasing
    with pytest.raises(InputError):
        redraw_ties(frame.drop(columns="timestamp"), seed=1)


def test_folds_have_the_same_users(dataset):
    split = write_split(dataset, bound("user-time"))
    folds = load_folds(split, load_catalogue(split))
    parts = (folds.train, folds.valid, folds.test, folds.history)
    assert all(part.users.tolist() == [0, 1, 2, 3, 4] for part in parts)
    for user in range(5):
        train, valid, _, history = (part.history(user).tolist() for part in parts)
        assert history == train + valid
    assert len(folds.history) + len(folds.test) == 60
    assert folds.test.history(1).size == 1
    assert folds.train.timestamps is not None


def test_a_split_of_other_rows_is_refused(dataset):
    split = write_split(dataset, bound("user-time"))
    write_parquet(split.split, read_parquet(split.split).iloc[:-1])
    with pytest.raises(ArtifactError, match="59 of 60"):
        load_folds(split, load_catalogue(split))


def test_catalogue_reads_vectors_in_its_own_order(dataset):
    split = write_split(dataset, bound("user-time"))
    given = pd.DataFrame({"itemId": [12, 10], "vector": [[1.0, 2.0], [3.0, 4.0]]})
    write_parquet(split.output("embeddings", "fastrp"), given)
    write_parquet(split.output("embeddings", "fastrp-shuffled"), given.iloc[:1])
    ids = load_catalogue(split).item_ids
    real = read_vectors(split, "fastrp", False, ids)
    assert real[:3].tolist() == [[3, 4], [0, 0], [1, 2]]
    shuffled = read_vectors(split, "fastrp", True, ids)
    assert shuffled[:3].tolist() == [[0, 0], [0, 0], [1, 2]]
    with pytest.raises(ArtifactError, match="node2vec"):
        read_vectors(split, "node2vec", False, ids)


def test_evaluate(dataset):
    split = write_split(dataset, bound("user-time"))
    folds = load_folds(split, load_catalogue(split))
    model = MostPopular()
    model.fit(TrainingData(folds.history), TrainingOptions())
    found = evaluate(model, folds, n=10)
    assert found.users == 5
    assert {"precision@1", "precision@5", "precision@10", "sum_rr@10"} <= set(found.metrics)
    users = per_user(model, folds, n=10)
    assert found.metrics["recall@10"].mean == pytest.approx(users["recall@10"].mean())
    assert found.metrics["hr@1"].low <= found.metrics["hr@1"].high
    valid = evaluate(model, folds, n=10, fold="valid")
    assert valid.users == 3


def test_test_rows_are_never_read(dataset):
    split = write_split(dataset, bound("user-time"))
    catalogue = load_catalogue(split)

    def ranking():
        folds = load_folds(split, catalogue)
        model = EASE()
        model.fit(TrainingData(folds.history), TrainingOptions())
        return model.recommend([folds.history.query(user) for user in range(5)], 10)

    before = ranking()
    rows, cut = read_parquet(dataset.interactions), read_parquet(split.split)
    test = (cut["fold"] == "test").to_numpy()
    for path, frame in ((dataset.interactions, rows), (split.split, cut)):
        frame.loc[test, "item"] = 49 - (frame.loc[test, "item"] - 10)
        write_parquet(path, frame)
    after = ranking()
    np.testing.assert_array_equal(before.items, after.items)
    np.testing.assert_array_equal(before.scores, after.scores)


def test_items_outside_the_catalogue_are_refused(dataset):
    split = write_split(dataset, bound("user-time"))
    write_parquet(dataset.items, read_parquet(dataset.items).iloc[:5])
    with pytest.raises(ModelError, match="not in the catalogue"):
        load_folds(split, load_catalogue(split))
