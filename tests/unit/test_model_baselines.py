"""The baselines: what all models must do, what is special, and what they do with odd input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from reelgraph.errors import MemoryNeedError, ModelError
from reelgraph.model import memory
from reelgraph.model.base import Model, Sizes, TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query, interactions_from_frame
from reelgraph.model.needs import TrainingData
from reelgraph.model.zoo.bias import Bias
from reelgraph.model.zoo.item_knn import ItemKNN, ItemKNNConfig
from reelgraph.model.zoo.random import Random
from reelgraph.model.zoo.recent_popular import RecentPopular, RecentPopularConfig
from reelgraph.model.zoo.user_knn import UserKNN, UserKNNConfig
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import CATALOGUE, ITEMS, events, query

RATING = (Bias, ItemKNN, UserKNN)
RANKING = (Random, RecentPopular, ItemKNN, UserKNN)


class TestRandom(ModelSuite):
    answers = ()

    def make(self) -> Random:
        return Random()

    def test_all_orders_are_equally_likely(self, model: Model) -> None:
        scores = model.score([query(*range(n)) for n in range(11)])
        assert 0 <= scores.min() < 0.1
        assert 0.9 < scores.max() < 1
        assert abs(scores.mean() - 0.5) < 0.1

    def test_a_seed_has_its_own_order(self, model: Model) -> None:
        other = self.make()
        other.fit(self.data(), replace(self.options, seed=4))
        assert not np.array_equal(other.score([query(1)]), model.score([query(1)]))


class TestRecentPopular(ModelSuite):
    """Item 0, which both groups like; of the moments, the day on which most began."""

    answers = (((1, 2), 0), ((), 0))

    def make(self) -> RecentPopular:
        return RecentPopular(RecentPopularConfig(half_life=30))

    def test_only_earlier_events_count(self, model: Model) -> None:
        first = int(events()["timestamp"].min())
        assert model.score([Query(1, np.zeros(0, np.int64), at=first)]).max() == 0

    def test_sums_decay(self, model: Model) -> None:
        """Each event counts .5^(age / half-life), as a sum over all of them says."""
        frame, at = events(), int(events()["timestamp"].max()) + 1
        age = (frame["timestamp"].max() - frame["timestamp"]) / 86_400
        expected = (0.5 ** (age / 30)).groupby(frame["item"]).sum().to_numpy()
        asked = Query(1, np.zeros(0, np.int64), at=at)
        np.testing.assert_allclose(model.score([asked])[0], expected, rtol=1e-5)

    def test_the_half_life_is_chosen_by_train(self) -> None:
        model = RecentPopular()
        model.fit(self.data(), self.options)
        assert "days" in model.summary()["half-life"]

    def test_without_times_it_counts(self) -> None:
        model, train = RecentPopular(), replace(self.data().train, timestamps=None)
        model.fit(TrainingData(train), self.options)
        counts = np.bincount(train.items, minlength=ITEMS)
        np.testing.assert_array_equal(model.score([query()])[0], counts)
        assert "no timestamps" in model.summary()["half-life"]


class TestItemKNN(ModelSuite):
    def make(self) -> ItemKNN:
        return ItemKNN(ItemKNNConfig(neighbours=6, rating_shrinkage=1))

    def test_similarities(self) -> None:
        """By the formula, in which two items share two users."""
        model = ItemKNN(ItemKNNConfig(shrinkage=1))
        model.fit(TrainingData(_small([[0, 1], [0, 1, 2], [0]])), self.options)
        expected = 2 / (np.sqrt(3 * 2) + 1)
        assert model.score([query(0)])[0, 1] == pytest.approx(expected)

    def test_an_event_that_is_repeated_counts_once(self, model: Model) -> None:
        np.testing.assert_array_equal(model.score([query(1, 1, 2)]), model.score([query(1, 2)]))
        (found,) = model.explain([query(1, 1, 2)], [np.arange(ITEMS)])
        np.testing.assert_allclose(
            found.contributions.sum(1), model.score([query(1, 2)])[0], rtol=1e-5
        )


class TestUserKNN(ModelSuite):
    def make(self) -> UserKNN:
        return UserKNN(UserKNNConfig(neighbours=20, shrinkage=1, rating_shrinkage=1))

    def test_similarities(self) -> None:
        model = UserKNN(UserKNNConfig(shrinkage=1))
        model.fit(TrainingData(_small([[0, 1], [0, 2, 3]])), self.options)
        scores = model.score([query(0, 1)])[0]
        assert scores[3] == pytest.approx(1 / (np.sqrt(2 * 3) + 1))
        assert scores[1] == pytest.approx(2 / (2 + 1))


def _small(histories: list[list[int]], rating: float | None = None) -> Interactions:
    items = [item for history in histories for item in history]
    offsets = np.cumsum([0, *(len(history) for history in histories)])
    ratings = None if rating is None else np.full(len(items), rating, np.float32)
    users = np.arange(len(histories))
    return Interactions(CATALOGUE, users, offsets, np.array(items, np.int64), ratings)


def _fitted(cls: type[Model], train: Interactions) -> Model:
    model = cls()
    model.fit(TrainingData(train), TrainingOptions(epochs=2))
    return model


@pytest.mark.parametrize("cls", RANKING)
def test_data_without_ratings_are_ranked(cls: type[Model]) -> None:
    """And a user with one event, items that nobody has, and users without events."""
    model = _fitted(cls, _small([[0], [0, 1], []]))
    assert np.isfinite(model.score([query(0), query(), query(11)])).all()
    assert not model.predicts_ratings()
    if "rating" in model.provides:
        with pytest.raises(ModelError, match="without ratings"):
            model.predict_rating([query(0)], [np.array([1])])


@pytest.mark.parametrize("cls", RATING)
def test_constant_ratings_are_predicted(cls: type[Model]) -> None:
    model = _fitted(cls, _small([[0], [0, 1], [2, 3, 4]], rating=3))
    unrated = Query(5, np.array([0, 1]))
    found = model.predict_rating([query(0), query(), unrated], [np.arange(ITEMS)] * 3)
    assert all(np.array_equal(one, np.full(ITEMS, 3)) for one in found)


@pytest.mark.parametrize("cls", RATING)
def test_ratings_that_are_no_numbers_are_refused(cls: type[Model]) -> None:
    train = _small([[0], [0, 1]], rating=np.nan)
    with pytest.raises(ModelError, match="not finite"):
        _fitted(cls, train)


@pytest.mark.parametrize("cls", RATING)
def test_ratings_are_better_than_their_mean(cls: type[Model]) -> None:
    """Two tastes: who rates low items high rates high ones low."""
    frame = events()
    likes = (frame["item"] % 2 == frame["user"] % 2).to_numpy()
    frame["rating"] = np.where(likes, 5.0, 1.0)
    train = interactions_from_frame(frame, CATALOGUE)
    model = _fitted(cls, train)
    every = [train.query(user) for user in range(len(train.users))]
    found = np.concatenate(model.predict_rating(every, [one.items for one in every]))
    error = np.abs(found - np.concatenate([one.ratings for one in every])).mean()  # type: ignore[arg-type]
    assert error < (2.5 if cls is Bias else 1.5)


@pytest.mark.parametrize("cls", [*RANKING, Bias])
def test_a_large_catalogue_is_refused_or_bounded(
    cls: type[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    """200,000 items on a machine with 8 GB: most fit, and what does not says how much it needs."""
    monkeypatch.setattr(memory, "available", lambda: 8 * 10**9)
    sizes = Sizes(users=100_000, items=200_000, interactions=10_000_000)
    model: Any = cls()
    assert 0 < model.memory(sizes) < 8 * 10**9
    small = Interactions(Catalogue(np.arange(3)), np.arange(1), np.array([0, 1]), np.array([0]))
    memory.need_memory(model, small)
    monkeypatch.setattr(memory, "available", lambda: 1000)
    with pytest.raises(MemoryNeedError, match=model.name):
        memory.need_memory(model, small)
