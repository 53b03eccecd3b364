"""Features against an oracle that goes through events one by one and sees earlier ones only."""

from __future__ import annotations

import math
import statistics
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.artifacts import read_json, write_json
from reelgraph.errors import ArtifactError, InputError
from reelgraph.model.features import builder as builder_module
from reelgraph.model.features.audit import joint_fit, recompute_check, references
from reelgraph.model.features.builder import FeatureBuilder
from reelgraph.model.features.config import FeatureConfig
from reelgraph.model.features.earlier_rows import with_cuts
from reelgraph.model.features.facts import Facts
from reelgraph.model.splits.folds import FOLDS
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.protocols.seed_leaky import LEAKS
from reelgraph.model.splits.splitting import make_split

MOVIES = 7
GENRES = {0: [0], 1: [0, 1], 2: [1, 2], 3: [], 4: [2], 5: [0, 1, 2], 6: [1]}
DIRECTORS = {0: 10, 1: 10, 2: 11, 4: 12}
PROTOCOLS = ["user-time", "leave-one-out", "global-time", "random"]


def facts() -> Facts:
    """Seven movies with genres (nodes 7…9) and directors (10…12), five users."""
    items = pd.DataFrame(
        {
            "itemId": range(100, 100 + MOVIES),
            "index": range(MOVIES),
            "title": ["Red One (1999)", "The red door", "Door!", "", "Été 42", "One", "One, two"],
            "year": pd.array([1999, None, 1980, 1985, 1990, 2000, 2001], dtype="Int64"),
        }
    )
    users = pd.DataFrame(
        {
            "userId": range(1, 6),
            "age": pd.array([17, 18, 56, None, 40], dtype="Int64"),
            "gender": ["F", "M", None, "M", "F"],
            "occupation": ["artist", "writer", "artist", None, "doctor"],
        }
    )
    edges = [(m, "HAS_GENRE", 7 + g) for m, genres in GENRES.items() for g in genres]
    edges += [(person, "DIRECTED", movie) for movie, person in DIRECTORS.items()]
    triples = pd.DataFrame(edges, columns=["head", "relation", "tail"])
    return Facts(users, items, triples, "abc")


@st.composite
def events(draw, low: int = 1) -> pd.DataFrame:
    """Rows of up to five users; many share a second, and some ratings are no dyadic numbers."""
    rows = []
    for user in range(1, draw(st.integers(low, 5)) + 1):
        times = sorted(draw(st.lists(st.integers(0, 9), min_size=low, max_size=MOVIES)))
        items = np.random.default_rng(user).permutation(MOVIES)
        for n, time in enumerate(times):
            rating = draw(st.sampled_from([1.0, 2.5, 3.0, 4.7, 5.0]))
            rows.append((user, 100 + items[n], rating, 86_000 * time + 900_000_000, n + 1))
    frame = pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp", "seq"])
    return frame.sample(frac=1, random_state=draw(st.integers(0, 3))).reset_index(drop=True)


def split(rows: pd.DataFrame, protocol: str) -> pd.DataFrame | None:
    """The rows with their folds; None when nothing is older than the cut."""
    try:
        return rows.merge(make_split(rows, bound(protocol)), on=["user", "item", "seq"])
    except InputError:
        return None


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def moving(values: list[float], alpha: float) -> float:
    state = math.nan
    for value in values:
        state = value if math.isnan(state) else alpha * value + (1 - alpha) * state
    return state


def reference(event, rows: list, protocol: str, history: str) -> tuple[int, int]:
    """Own rows of a smaller seq and others' rows of an earlier second may be seen."""
    if event.fold == "train" or history == "rolling" or protocol in ("random", "given"):
        return event.seq, event.timestamp
    first = min(
        (row for row in rows if row.fold == event.fold and row.user == event.user),
        key=lambda row: row.seq,
    )
    if protocol == "global-time":
        return first.seq, min(row.timestamp for row in rows if row.fold == event.fold)
    return first.seq, first.timestamp


def oracle(event, rows: list, protocol: str, history: str, alpha: float) -> dict[str, float]:
    """The features of one event by going through all rows."""
    seq, time = reference(event, rows, protocol, history)
    seen = FOLDS if history == "rolling" else FOLDS[: max(FOLDS.index(event.fold), 1)]
    known = [row for row in rows if row.fold in seen]
    mine = sorted(
        (row for row in known if row.user == event.user and row.seq < seq), key=lambda row: row.seq
    )
    others = sorted(
        (row for row in known if row.item == event.item and row.timestamp < time),
        key=lambda row: (row.timestamp, row.user),
    )
    own, movie = [row.rating for row in mine], [row.rating for row in others]
    genres = [
        mean([row.rating for row in mine if genre in GENRES[row.item - 100]])
        for genre in GENRES[event.item - 100]
    ]
    moment = datetime.fromtimestamp(event.timestamp, UTC)
    return {
        "review_year": moment.year,
        "review_month": moment.month,
        "quarter": (moment.month + 2) // 3,
        "day_of_week": moment.weekday(),
        "week_of_year": moment.isocalendar().week,
        "days_since_last_review": (
            (event.timestamp - mine[-1].timestamp) / 86_400 if mine else math.nan
        ),
        "user_rating_count": len(own),
        "movie_rating_count": len(movie),
        "user_movie_rating_diff": mean(own) - mean(movie),
        "user_genre_avg_rating": mean([one for one in genres if not math.isnan(one)]),
        "user_rating_std": statistics.stdev(own) if len(own) > 1 else math.nan,
        "movie_rating_mean": mean(movie),
        "user_rating_ewma": moving(own, alpha),
        "movie_rating_ewma": moving(movie, alpha),
        "hour_sin": math.sin(2 * math.pi * moment.hour / 24),
        "hour_cos": math.cos(2 * math.pi * moment.hour / 24),
        "weekday_sin": math.sin(2 * math.pi * moment.weekday() / 7),
        "weekday_cos": math.cos(2 * math.pi * moment.weekday() / 7),
        "month_sin": math.sin(2 * math.pi * (moment.month - 1) / 12),
        "month_cos": math.cos(2 * math.pi * (moment.month - 1) / 12),
        "movie_year": {0: 1999, 1: math.nan, 2: 1980, 3: 1985, 4: 1990, 5: 2000, 6: 2001}[
            event.item - 100
        ],
        "age": {1: 17, 2: 18, 3: 56, 4: math.nan, 5: 40}[event.user],
    }


@settings(deadline=None, max_examples=30)
@given(events(), st.sampled_from(PROTOCOLS), st.sampled_from(["frozen", "rolling"]))
@pytest.mark.slow
def test_every_number_is_that_of_the_oracle(rows, protocol, history):
    rows = split(rows, protocol)
    if rows is None:
        return
    config = FeatureConfig(history=history)
    raw = FeatureBuilder(config, facts(), bound(protocol)).raw(rows)
    listed = list(rows.itertuples())
    expected = [oracle(row, listed, protocol, history, config.ewma_alpha) for row in listed]
    assert list(raw.columns) == list(expected[0])
    found = raw.to_numpy()
    wanted = pd.DataFrame(expected).astype("float64").to_numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=20)
@given(events(2), st.sampled_from(["user-time", "random"]), st.data())
@pytest.mark.slow
def test_rolling_changing_an_event_changes_nothing_at_or_before_it(rows, protocol, data):
    rows = split(rows, protocol)
    builder = FeatureBuilder(FeatureConfig(history="rolling"), facts(), bound(protocol))
    raw = builder.raw(rows)
    event = data.draw(st.integers(0, len(rows) - 1))
    at = rows.iloc[event]
    earlier = (rows["timestamp"] <= at["timestamp"]) & (rows["user"] != at["user"])
    earlier |= (rows["user"] == at["user"]) & (rows["seq"] <= at["seq"])
    changed = rows.copy()
    changed.loc[event, "rating"] += 1
    pd.testing.assert_frame_equal(builder.raw(changed)[earlier], raw[earlier], check_exact=True)
    removed = builder.raw(rows[earlier]).set_index(rows.index[earlier])
    pd.testing.assert_frame_equal(removed, raw[earlier], check_exact=True)


@settings(deadline=None, max_examples=20)
@given(events(2), st.sampled_from(PROTOCOLS), st.data())
@pytest.mark.slow
def test_frozen_changing_or_removing_test_rows_changes_no_feature(rows, protocol, data):
    rows = split(rows, protocol)
    if rows is None:
        return
    rows = with_cuts(rows, bound(protocol), "frozen")
    test = rows["fold"] == "test"
    builder = FeatureBuilder(FeatureConfig(), facts(), bound(protocol)).fit(rows)
    numeric = builder.transform(rows).numeric
    changed = rows.assign(rating=rows["rating"].where(~test, 6 - rows["rating"]))
    other = FeatureBuilder(FeatureConfig(), facts(), bound(protocol)).fit(changed)
    assert other.fingerprint == builder.fingerprint
    np.testing.assert_array_equal(other.transform(changed).numeric, numeric)
    gone = test & (data.draw(st.integers(0, 1)) == rows.index % 2)
    kept = rows[~gone]
    np.testing.assert_array_equal(builder.transform(kept).numeric, numeric[~gone.to_numpy()])


def sample(users: int = 40, seed: int = 0) -> pd.DataFrame:
    """Enough rows for fits: five known users and others, ratings at random."""
    generator = np.random.default_rng(seed)
    rows = [
        (user, 100 + item, float(generator.integers(1, 6)), int(1e9 + generator.integers(1e6)))
        for user in range(1, users)
        for item in range(MOVIES)
    ]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp"])
    frame = frame.sort_values(["user", "timestamp"], ignore_index=True)
    frame["seq"] = frame.groupby("user").cumcount() + 1
    return frame


class Planted(FeatureBuilder):
    """The honest builder with one more column that is made from the answer."""

    leak = ""

    def raw(self, rows: pd.DataFrame) -> pd.DataFrame:
        ratings = rows["rating"].reset_index(drop=True)
        items, users = rows["item"].to_numpy(), rows["user"].to_numpy()
        if self.leak == "difference":
            planted = ratings - ratings.groupby(items).transform("mean")
        else:
            order = rows["timestamp"].to_numpy().argsort(kind="stable")
            ordered = ratings.iloc[order].groupby(users[order])
            planted = ordered.ewm(alpha=0.3).mean().reset_index(0, drop=True).sort_index()
        return super().raw(rows).assign(planted=planted)


@pytest.mark.parametrize("history", ["frozen", "rolling"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.slow
def test_the_check_passes_honest_features(protocol, history):
    rows = split(sample(), protocol)
    builder = FeatureBuilder(FeatureConfig(history=history), facts(), bound(protocol))
    done = recompute_check(builder, rows, events=40)
    assert done.passed and done.events == 40 and done.features == []


@pytest.mark.parametrize("leak", ["difference", "average"])
@pytest.mark.parametrize("history", ["frozen", "rolling"])
@pytest.mark.slow
def test_the_check_finds_planted_leaks(leak, history):
    rows = split(sample(), "user-time")
    builder = Planted(FeatureConfig(history=history), facts(), bound("user-time"))
    builder.leak = leak
    done = recompute_check(builder, rows, events=20, seed=1)
    assert not done.passed
    assert done.features == ["planted"]


@pytest.mark.slow
def test_the_check_finds_features_of_held_out_rows():
    """Rolling features of test events, where frozen ones were promised."""
    rows = split(sample(), "user-time")

    class Rolling(FeatureBuilder):
        def raw(self, rows: pd.DataFrame) -> pd.DataFrame:
            later = FeatureConfig(history="rolling")
            plain = rows.drop(columns=["cut_seq", "cut_time"], errors="ignore")
            return FeatureBuilder(later, self.facts, self.protocol).raw(plain)

    done = recompute_check(Rolling(FeatureConfig(), facts(), bound("user-time")), rows, events=60)
    assert set(done.differences["fold"]) >= {"test"}


@pytest.mark.parametrize("protocol", ["user-time", "leave-one-out"])
@pytest.mark.slow
def test_the_check_finds_cuts_that_lie_too_late(protocol, monkeypatch):
    """Planted where the builder makes its cuts: held-out events see what is after them."""
    rows = split(sample(), protocol)

    def late(rows: pd.DataFrame, *others: Any) -> pd.DataFrame:
        rows = with_cuts(rows, *others)
        return rows.assign(cut_time=rows["cut_time"].where(rows["fold"] == "train", 2**40))

    monkeypatch.setattr(builder_module, "with_cuts", late)
    builder = FeatureBuilder(FeatureConfig(), facts(), bound(protocol))
    done = recompute_check(builder, rows, events=60)
    assert "movie_rating_count" in done.features
    assert not set(done.differences["fold"]) & {"train"}


@settings(deadline=None, max_examples=30)
@given(events(), st.sampled_from(PROTOCOLS), st.sampled_from(["frozen", "rolling"]))
@pytest.mark.slow
def test_the_builder_cuts_where_the_check_does(rows, protocol, history):
    rows = split(rows, protocol)
    if rows is not None:
        pd.testing.assert_frame_equal(
            references(rows, bound(protocol), history), with_cuts(rows, bound(protocol), history)
        )


@pytest.mark.slow
def test_leaky_features_exist_on_seed_leaky_only_and_are_labelled():
    for protocol in PROTOCOLS:
        with pytest.raises(InputError, match="contain the answer"):
            FeatureBuilder(FeatureConfig(leaky=True), facts(), bound(protocol))
    with pytest.raises(InputError, match=r"\[KG-LSTM\] as written"):
        FeatureBuilder(FeatureConfig(), facts(), bound("seed-leaky"))
    rows = split(sample(), "seed-leaky")
    builder = FeatureBuilder(FeatureConfig(leaky=True), facts(), bound("seed-leaky")).fit(rows)
    table = builder.transform(rows)
    assert table.label == builder.label == LEAKS
    ratings, folds = rows["rating"].to_numpy(), rows["fold"].to_numpy()
    assert joint_fit(table.numeric, ratings, folds) > 0.99
    assert "user_rating_ewma" in recompute_check(builder, rows, events=10).features
    honest = split(sample(), "global-time")
    table = (
        FeatureBuilder(FeatureConfig(), facts(), bound("global-time")).fit(honest).transform(honest)
    )
    assert joint_fit(table.numeric, ratings, honest["fold"].to_numpy()) < 0.5


def test_leaky_features_are_those_of_the_paper():
    rows = split(sample(4), "seed-leaky")
    raw = FeatureBuilder(FeatureConfig(leaky=True), facts(), bound("seed-leaky")).raw(rows)
    alpha = FeatureConfig().ewma_alpha
    for place, row in enumerate(rows.itertuples()):
        movie = rows[rows["item"] == row.item]
        until = rows[(rows["user"] == row.user) & (rows["seq"] <= row.seq)].sort_values("seq")
        found = raw.iloc[place]
        assert found["user_movie_rating_diff"] == pytest.approx(row.rating - movie["rating"].mean())
        assert found["user_rating_ewma"] == pytest.approx(moving(until["rating"].tolist(), alpha))
        assert found["movie_rating_count"] == len(movie)


def test_scaling_and_vocabularies_are_fitted_on_train_only():
    rows = split(sample(), "user-time")
    train = rows["fold"] == "train"
    builder = FeatureBuilder(FeatureConfig(), facts(), bound("user-time")).fit(rows)
    alone = FeatureBuilder(FeatureConfig(), facts(), bound("user-time")).fit(rows[train])
    assert builder.fingerprint == alone.fingerprint
    table = builder.transform(rows)
    known = table.numeric[train.to_numpy()]
    raw = builder.raw(rows)[train]
    complete = raw.notna().all().to_numpy()
    np.testing.assert_allclose(known[:, complete].mean(axis=0), 0, atol=1e-4)
    spread = known[:, complete & (raw.std() > 1e-6).to_numpy()].std(axis=0)
    np.testing.assert_allclose(spread, 1, atol=1e-3)
    assert np.isfinite(table.numeric).all()


def test_codes_of_what_train_knows_and_zero_for_the_rest():
    rows = split(sample(7), "user-time")
    rows.loc[(rows["fold"] == "train") & (rows["item"] == 104), "fold"] = "test"
    builder = FeatureBuilder(FeatureConfig(list_length=2), facts(), bound("user-time")).fit(rows)
    new = pd.DataFrame(
        {"user": [1, 99, 3, 4], "item": [100, 999, 104, 105], "rating": 3.0, "seq": 1}
    ).assign(timestamp=1_000_000_000, fold="test")
    table = builder.transform(pd.concat([rows, new], ignore_index=True))
    users, items = table.codes("user")[-4:], table.codes("item")[-4:]
    assert (users == 0).tolist() == [False, True, False, False]
    assert (items == 0).tolist() == [False, True, True, False]
    assert table.codes("age_group")[-4:].tolist() == [1, 0, 7, 0]
    assert table.codes("gender")[-4:].tolist() == [1, 0, 0, 2]
    genres, directors = table.codes("genres")[-4:], table.codes("directors")[-4:]
    assert genres.shape == (4, 2)
    assert (genres > 0).sum(axis=1).tolist() == [1, 0, 1, 2]
    assert directors[2].tolist() == [0, 0]  # the director of a movie that train has not
    words = builder.vocabularies["title"]
    assert words == ["door", "one", "red", "the", "two"]
    title = table.codes("title")[-4]
    assert [words[code - 1] for code in title if code] == ["red", "one"]
    assert len(title) == 15
    assert table.sizes["user"] == len(builder.vocabularies["user"]) + 1
    assert not table.codes("title")[-3].any()


@pytest.mark.slow
def test_without_timestamps_or_ratings_what_needs_them_is_left_out():
    rows = split(sample(), "user-time")
    builder = FeatureBuilder(FeatureConfig(), facts(), bound("user-time"))
    plain = rows.drop(columns="timestamp")
    table = builder.fit(plain).transform(plain)
    assert "movie_rating_mean" in table.left_out and "hour_sin" in table.left_out
    assert set(table.names) == {
        "user_rating_count",
        "user_genre_avg_rating",
        "user_rating_std",
        "user_rating_ewma",
        "movie_year",
        "age",
    }
    assert recompute_check(builder, plain, events=20).passed
    played = rows.drop(columns="rating")
    table = builder.fit(played).transform(played)
    assert "movie_rating_count" in table.names and "user_rating_ewma" in table.left_out
    assert recompute_check(builder, played, events=20).passed
    with pytest.raises(InputError, match="cannot give"):
        FeatureBuilder(FeatureConfig(), facts(), bound("user-time")).fit(rows).transform(plain)
    with pytest.raises(InputError, match="need ratings"):
        FeatureBuilder(FeatureConfig(leaky=True), facts(), bound("seed-leaky")).raw(plain)


@pytest.mark.parametrize("fold", ["train", "test"])
@pytest.mark.parametrize("history", ["frozen", "rolling"])
def test_some_rows_without_a_timestamp_are_as_none_with_one(history, fold):
    rows = split(sample(), "user-time").astype({"timestamp": "Int64"})
    rows.loc[rows.index[rows["fold"] == fold][:3], "timestamp"] = pd.NA
    builder = FeatureBuilder(FeatureConfig(history=history), facts(), bound("user-time"))
    plain = builder.raw(rows.drop(columns="timestamp"))
    pd.testing.assert_frame_equal(builder.raw(rows), plain)
    assert recompute_check(builder, rows, events=20).passed


@pytest.mark.slow
def test_rows_without_a_rating_count_but_have_no_part_in_means():
    rows = split(sample(), "user-time")
    rows.loc[rows["seq"] == 1, "rating"] = np.nan
    builder = FeatureBuilder(FeatureConfig(), facts(), bound("user-time"))
    raw = builder.raw(rows)
    second = (rows["seq"] == 2).to_numpy()
    assert (raw["user_rating_count"][second] == 1).all()
    assert raw["user_rating_ewma"][second].isna().all()
    assert recompute_check(builder, rows, events=20).passed


def test_groups_are_switched_off():
    rows = split(sample(), "user-time")
    off = dict.fromkeys(["time", "cyclical", "raw", "demographics", "title", "statistics"], False)
    table = (
        FeatureBuilder(FeatureConfig(**off), facts(), bound("user-time")).fit(rows).transform(rows)
    )
    assert len(table.names) == 4 and not table.categories and not table.lists
    assert list(table.frame().columns) == list(table.names)


def test_saved_and_loaded_it_gives_the_same(tmp_path):
    rows = split(sample(), "user-time")
    builder = FeatureBuilder(FeatureConfig(ewma_half_life=2), facts(), bound("user-time")).fit(rows)
    builder.save(tmp_path)
    loaded = FeatureBuilder.load(tmp_path, facts(), bound("user-time"))
    assert loaded.fingerprint == builder.fingerprint
    first, second = builder.transform(rows), loaded.transform(rows)
    np.testing.assert_array_equal(first.numeric, second.numeric)
    pd.testing.assert_frame_equal(first.frame(), second.frame())
    for name in first.lists:
        np.testing.assert_array_equal(first.codes(name), second.codes(name))


def test_a_damaged_or_foreign_folder_is_refused(tmp_path):
    rows = split(sample(), "user-time")
    FeatureBuilder(FeatureConfig(), facts(), bound("user-time")).fit(rows).save(tmp_path)
    other = facts()
    with pytest.raises(ArtifactError, match="data set abc, not of xyz"):
        FeatureBuilder.load(
            tmp_path, Facts(other.users, other.items, other.triples, "xyz"), bound("user-time")
        )
    content = read_json(tmp_path / "features.json")
    write_json(tmp_path / "features.json", {**content, "names": content["names"][::-1]})
    with pytest.raises(ArtifactError, match="do not belong together"):
        FeatureBuilder.load(tmp_path, facts(), bound("user-time"))
    (tmp_path / "features.safetensors").write_bytes(b"no")
    with pytest.raises(ArtifactError, match="cannot be loaded"):
        FeatureBuilder.load(tmp_path, facts(), bound("user-time"))


def test_before_a_fit_and_without_train_rows_it_refuses():
    rows = split(sample(), "user-time")
    builder = FeatureBuilder(FeatureConfig(), facts(), bound("user-time"))
    with pytest.raises(InputError, match="nothing was fitted"):
        builder.transform(rows)
    with pytest.raises(InputError, match="no train rows"):
        builder.fit(rows[rows["fold"] == "test"])
