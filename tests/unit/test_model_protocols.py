"""Protocols against an oracle that goes through rows one by one, and evaluation on them."""

from __future__ import annotations

import gzip
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from folder_manifests import dataset_manifest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.artifacts import DatasetFolder, read_parquet, write_manifest, write_parquet
from reelgraph.errors import InputError, SettingsError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue
from reelgraph.model.dataset import Folds, load_catalogue, load_folds, make_folds
from reelgraph.model.evaluation.questions import ask
from reelgraph.model.evaluation.ranking import bootstrap, evaluate, per_user
from reelgraph.model.needs import TrainingData
from reelgraph.model.splits.lookup import BUILT_IN_PROTOCOLS, bound
from reelgraph.model.splits.protocols.seed_leaky import LEAKS
from reelgraph.model.splits.rules import Rules
from reelgraph.model.splits.splitting import make_split, write_split
from reelgraph.model.zoo.most_popular import MostPopular
from reelgraph.pipeline.config import RunConfig


@st.composite
def histories(draw) -> pd.DataFrame:
    """Rows of up to six users with many equal seconds."""
    rows = []
    for user in range(draw(st.integers(1, 6))):
        times = sorted(draw(st.lists(st.integers(0, 12), min_size=1, max_size=9)))
        items = np.random.default_rng(user).permutation(12)
        rows += [(user, items[n], 1.0 + n % 5, at, n + 1) for n, at in enumerate(times)]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp", "seq"])
    return frame.sample(frac=1, random_state=draw(st.integers(0, 3)))


def fold_of(split: pd.DataFrame) -> dict[tuple[int, int], str]:
    return {(row.user, row.item): row.fold for row in split.itertuples()}


def first_held(times: list[int], share: str) -> float:
    """The second from which rows are held out, by counting."""
    place = math.floor(Fraction(share) * len(times))
    return sorted(times)[place] if place < len(times) else math.inf


@settings(deadline=None, max_examples=80)
@given(histories(), st.sampled_from(["0.9", "0.5", "1"]), st.sampled_from(["0.1", "0.4", "0"]))
def test_global_time_is_one_cut_for_everybody(rows, train, valid):
    times = rows["timestamp"].tolist()
    test_from = first_held(times, train)
    old = [time for time in times if time < test_from]
    valid_from = first_held(old, str(1 - Fraction(valid))) if old else 0
    parameters = {"train": float(train), "valid": float(valid)}
    if not any(time < valid_from and time < test_from for time in times):
        with pytest.raises(InputError, match="nothing to train on"):
            make_split(rows, bound("global-time", parameters))
        return
    folds = fold_of(make_split(rows, bound("global-time", parameters)))
    for row in rows.itertuples():
        expected = "test" if row.timestamp >= test_from else "train"
        if expected == "train" and row.timestamp >= valid_from:
            expected = "valid"
        assert folds[row.user, row.item] == expected


@settings(deadline=None, max_examples=60)
@given(histories(), st.sampled_from(["user-time", "leave-one-out", "global-time", "seed-leaky"]))
def test_train_is_never_later_than_the_cut(rows, protocol):
    try:
        split = make_split(rows, bound(protocol))
    except InputError:
        return  # all rows of one second
    assert len(split) == len(rows) and not split.duplicated(["user", "item"]).any()
    merged = split.merge(rows, on=["user", "item", "seq"])
    place = merged["fold"].map({"train": 0, "valid": 1, "test": 2})
    ordered = merged.assign(place=place).sort_values(["user", "seq"])
    assert ordered.groupby("user")["place"].is_monotonic_increasing.all()
    if protocol in ("global-time", "seed-leaky"):
        ends = merged.groupby("fold")["timestamp"].agg(["min", "max"])
        names = [name for name in ("train", "valid", "test") if name in ends.index]
        for earlier, later in pairwise(names):
            assert ends.loc[earlier, "max"] < ends.loc[later, "min"]


@settings(deadline=None, max_examples=40)
@given(histories(), st.integers(0, 5))
def test_random_has_the_shares_and_depends_on_the_seed_only(rows, seed):
    split = make_split(rows, bound("random", {"seed": seed}))
    pd.testing.assert_frame_equal(
        split, make_split(rows.iloc[::-1], bound("random", {"seed": seed}))
    )
    kept = len(rows) * 9 // 10
    held = max(kept // 10, 1) if kept > 1 else 0
    counts = split["fold"].value_counts()
    found = [counts.get(fold, 0) for fold in ("train", "valid", "test")]
    assert found == [kept - held, held, len(rows) - kept]


def test_paper_001_is_cut_at_80_percent_of_time_and_labelled():
    rows = pd.DataFrame({"user": 1, "item": range(100), "timestamp": range(100)})
    split = make_split(rows.assign(seq=range(1, 101)), bound("seed-leaky"))
    assert split["fold"].value_counts().to_dict() == {"train": 64, "valid": 16, "test": 20}
    assert bound("seed-leaky").rules.label == LEAKS == "LEAKS THE TARGET"


@pytest.mark.parametrize("protocol", ["global-time", "seed-leaky"])
def test_protocols_by_time_need_timestamps(protocol):
    rows = pd.DataFrame({"user": [1, 1], "item": [1, 2], "seq": [1, 2]})
    for frame in (rows, rows.assign(timestamp=pd.array([1, None], dtype="Int64"))):
        with pytest.raises(InputError, match="without timestamps"):
            make_split(frame, bound(protocol))


ROWS = pd.DataFrame(
    [(u, i, float(1 + (u * i) % 5), 100 * u + i, i) for u in (1, 2, 3) for i in (1, 2, 3, 4)],
    columns=["user", "item", "rating", "timestamp", "seq"],
)


def given_files(folder: Path, train: str, test: str, suffix: str = "") -> dict[str, str]:
    for name, text in (("train", train), ("test", test)):
        content = text.encode()
        path = folder / f"{name}{suffix}"
        path.write_bytes(gzip.compress(content) if suffix == ".gz" else content)
    return {name: str(folder / f"{name}{suffix}") for name in ("train", "test")}


@pytest.mark.parametrize("separator", ["\t", ","])
@pytest.mark.parametrize("header", ["", "itemId:user_id:rating:timestamp", "item_id:x:uid:rating"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_given_files_say_the_folds(tmp_path, separator, header, suffix):
    train = [(1, 1), (1, 2), (1, 4), (2, 3), (3, 1)]
    known = {(row.user, row.item): row for row in ROWS.itertuples()}

    def line(user: int, item: int) -> str:
        row = known[user, item]
        cells = {"user": user, "item": item, "rating": row.rating, "timestamp": row.timestamp}
        order = ["user", "item", "rating", "timestamp"]
        if header.startswith("itemId"):
            order = ["item", "user", "rating", "timestamp"]
        elif header:
            order, cells["x"] = ["item", "x", "user", "rating"], "anything"
        return separator.join(str(cells[name]) for name in order)

    first = [separator.join(header.split(":"))] if header else []
    files = given_files(
        tmp_path,
        "\n".join([*first, *(line(*pair) for pair in train)]) + "\n",
        "\r\n".join([*first, line(1, 3), line(2, 4)]),
        suffix,
    )
    folds = fold_of(make_split(ROWS, bound("given", files)))
    assert folds == {
        **dict.fromkeys(known, "unused"),
        **dict.fromkeys(train, "train"),
        (1, 4): "valid",  # the last of three by seq
        (1, 3): "test",
        (2, 4): "test",
    }


@pytest.mark.parametrize(
    ("train", "test", "message"),
    [
        ("1\t1\n9\t1\n", "1\t2\n", "train, line 2: the row of user 9 and item 1 is not in the"),
        ("1\t1\n1\t2\n1\t1\n", "1\t3\n", "train, line 3: .* occurs twice"),
        ("1\t1\n", "1\t2\n1\t1\n", "test, line 2: .* is in train, too"),
        ("1\t1\t5\n", "1\t2\n", "train, line 1: rating 5 of user 1 and item 1 is 2 in the"),
        ("1\t1\t2\t999\n", "1\t2\n", "line 1: timestamp 999 .* is 101 in the data set"),
        ("1\t1\t\t101\n", "1\t2\n", "line 1: .* has an empty field"),
        ("user,item\n1,1\n\n1,2\n", "1,3\n", "train, line 3: .* has an empty field"),
        ('1,1,2\n"1,2,3\n', "1,3\n", "train cannot be read: "),
        ("user,item\n", "1,3\n", "train has no rows"),
        ("", "1,3\n", "train is empty"),
        ("1 1 2\n", "1,3\n", "is one column"),
    ],
)
def test_given_files_that_do_not_fit_are_refused(tmp_path, train, test, message):
    with pytest.raises(InputError, match=message):
        make_split(ROWS, bound("given", given_files(tmp_path, train, test)))


def test_given_without_files_is_refused(tmp_path):
    with pytest.raises(InputError, match="no train file"):
        make_split(ROWS, bound("given"))
    with pytest.raises(InputError, match="does not exist"):
        make_split(
            ROWS, bound("given", {"train": str(tmp_path / "none"), "test": str(tmp_path / "none")})
        )


def test_split_ids_name_what_is_not_the_default(tmp_path):
    files = given_files(tmp_path, "1\t1\n", "1\t2\n")
    other = given_files(tmp_path, "1\t1\n", "1\t3\n", ".gz")
    assert bound("global-time", {"targets": "last"}).split_id == "global-time"
    assert (
        bound("global-time", {"targets": "all", "train": 0.8}).split_id
        == "global-time-train0.8-all"
    )
    assert bound("random", {"seed": 7}).split_id == "random-seed7"
    assert bound("given", files).split_id.startswith("given-")
    assert bound("given", files).split_id != bound("given", other).split_id


@pytest.mark.parametrize(
    ("protocol", "parameters", "message"),
    [
        ("global-time", {"targets": "first"}, "targets is first"),
        ("random", {"seed": -1}, "seed is -1"),
        ("random", {"seed": 1.5}, "seed is 1.5"),
    ],
)
def test_wrong_parameters_are_refused(protocol, parameters, message):
    with pytest.raises(InputError, match=message):
        make_split(ROWS, bound(protocol, parameters))


@pytest.fixture
def dataset(tmp_path) -> DatasetFolder:
    folder = DatasetFolder(tmp_path / "datasets" / "abc")
    write_parquet(folder.interactions, ROWS)
    write_parquet(folder.items, pd.DataFrame({"itemId": range(1, 6), "index": range(5)}))
    write_manifest(folder.path, dataset_manifest())
    return folder


def test_manifests_say_what_the_figures_mean(dataset, tmp_path):
    manifest = write_split(dataset, bound("global-time", {"train": 0.7})).manifest()
    assert manifest.cuts.dump() == {"valid": 204, "test": 301}
    assert manifest.cold.dump() == {"users": 1, "items": 0}
    assert manifest.history == "all rows of the user before the target"
    assert manifest.label == ""
    random = write_split(dataset, bound("random")).manifest()
    assert (random.task, random.label[:10]) == ("ranking", "optimistic")
    assert write_split(dataset, bound("seed-leaky")).manifest().label == LEAKS
    files = given_files(tmp_path, "1\t1\n", "1\t2\n")
    manifest = write_split(dataset, bound("given", files)).manifest()
    assert manifest.counts.dump() == {"train": 1, "valid": 0, "test": 1, "unused": 10}
    assert manifest.candidates == "train"


def folds_of(dataset: DatasetFolder, protocol: str, **parameters) -> Folds:
    split = write_split(dataset, bound(protocol, parameters))
    return load_folds(split, load_catalogue(split))


@settings(deadline=None, max_examples=60)
@given(histories(), st.sampled_from(["last", "successive", "all"]))
def test_targets_are_asked_with_all_rows_before_them(rows, targets):
    try:
        split = make_split(rows, bound("global-time", {"train": 0.6, "targets": targets}))
    except InputError:
        return
    frame = split.merge(rows, on=["user", "item", "seq"])
    rules = bound("global-time", {"targets": targets}).rules
    asked = ask(make_folds(frame, Catalogue(np.arange(12)), rules), "test")
    expected = []
    for user, mine in frame.sort_values(["user", "seq"]).groupby("user"):
        held = mine[mine["fold"] == "test"]["item"].tolist()
        history = mine["item"].tolist()
        start = len(history) - len(held)
        if not held:
            continue
        if targets == "all":
            expected.append((user, history[:start], held))
        elif targets == "last":
            expected.append((user, history[:-1], history[-1:]))
        else:
            expected += [
                (user, history[:n], history[n : n + 1]) for n in range(start, len(history))
            ]
    found = [
        (query.user, query.items.tolist(), test.tolist())
        for query, test in zip(asked.queries, asked.tests, strict=True)
    ]
    assert found == expected
    for query in asked.queries:
        assert query.ratings is not None and len(query.ratings) == len(query.items)
        assert query.timestamps is not None and (np.diff(query.timestamps) >= 0).all()


def test_successive_means_are_over_targets_and_users_are_drawn_whole(dataset):
    folds = folds_of(dataset, "global-time", train=0.5, targets="successive")
    model = MostPopular()
    model.fit(TrainingData(folds.history), TrainingOptions())
    report = evaluate(model, folds, n=3)
    assert (report.users, report.cold, report.questions) == (2, 1, 6)
    assert report.history == "all rows of the user before the target"
    by_user = per_user(model, folds, n=3)
    assert all(len(values) == 2 for values in by_user.values())
    hits = by_user["hr@3"] * [2, 4]  # user 2 has two targets, user 3 four
    assert report.metrics["hr@3"].mean == pytest.approx(hits.sum() / 6)
    assert report.warm["hr@3"].mean == pytest.approx(by_user["hr@3"][0])
    interval = bootstrap({"x": np.array([1.0, 1.0, 0.0])}, owners=np.array([4, 4, 9]))["x"]
    assert interval.mean == pytest.approx(2 / 3)
    assert (interval.low, interval.high) == (0, 1)


def test_candidates_of_given_are_the_items_of_the_train_file(dataset, tmp_path):
    files = given_files(tmp_path, "1\t1\n1\t2\n2\t2\n2\t3\n", "1\t3\n2\t4\n")
    folds = folds_of(dataset, "given", **files)
    model = MostPopular()
    model.fit(TrainingData(folds.history), TrainingOptions())
    asked = ask(folds, "test")
    ranking = model.recommend(asked.queries, 5, asked.excluded(slice(None)))
    shown = [set(row[row >= 0].tolist()) for row in ranking.items]
    assert shown == [{2}, {0}]  # item 5 and the test item 4 are in no train row
    assert evaluate(model, folds).metrics["recall@10"].mean == 0.5


@pytest.mark.parametrize("protocol", ["seed-leaky"])
def test_ranking_on_a_protocol_for_ratings_is_refused(dataset, protocol):
    folds = folds_of(dataset, protocol)
    model = MostPopular()
    model.fit(TrainingData(folds.history), TrainingOptions())
    with pytest.raises(InputError, match="for rating only"):
        evaluate(model, folds)
    with pytest.raises(InputError, match="for rating only"):
        RunConfig(model="ease", protocol=protocol).check()


def test_other_protocols_are_run():
    for protocol in set(BUILT_IN_PROTOCOLS) - {"seed-leaky"}:
        RunConfig(model="ease", protocol=protocol).check()
    with pytest.raises(SettingsError):
        RunConfig(model="none").check()
    assert Rules().history() == "train + valid"


@pytest.mark.shared_data
def test_movielens_files_u1_are_a_given_split(shared_data, ml100k_path):
    rows = pd.read_csv(ml100k_path / "ml-100k.inter", sep="\t")
    rows.columns = ["user", "item", "rating", "timestamp"]
    rows["seq"] = rows.groupby("user").cumcount() + 1
    folder = shared_data / "ml-100k"
    files = {"train": str(folder / "u1.base.gz"), "test": str(folder / "u1.test")}
    split = make_split(rows, bound("given", {**files, "valid": 0}))
    assert split["fold"].value_counts().to_dict() == {"train": 80_000, "test": 20_000}
    with (folder / "u1.test").open() as file:
        pairs = {tuple(map(int, line.split("\t")[:2])) for line in file}
    test = split[split["fold"] == "test"]
    assert set(zip(test["user"], test["item"], strict=True)) == pairs


def test_a_split_of_given_files_is_read_after_they_are_gone(dataset, tmp_path):
    files = given_files(tmp_path, "1\t1\n", "1\t2\n")
    split = write_split(dataset, bound("given", files))
    for path in files.values():
        Path(path).unlink()
    assert len(load_folds(split, load_catalogue(split)).test) == 1
    assert set(read_parquet(split.split)["fold"]) == {"train", "test", "unused"}
