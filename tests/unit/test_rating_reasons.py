"""What a predicted rating is made of: the parts add up, come from whom they say, and are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reelgraph.cli.reasons import rating_explanation_lines
from reelgraph.errors import ModelError
from reelgraph.model.base import Model, TrainingOptions
from reelgraph.model.data import Query
from reelgraph.model.dataset import Folds
from reelgraph.model.frames import split_frame
from reelgraph.model.guard import guarded, new_model
from reelgraph.model.needs import TrainingData
from reelgraph.model.rating_reasons import RatingReasons
from reelgraph.model.zoo.bias import Bias, BiasConfig
from reelgraph.model.zoo.drifting_svdpp import DriftingSVDPP
from reelgraph.model.zoo.ease import EASE
from reelgraph.model.zoo.item_knn import ItemKNN, ItemKNNConfig
from reelgraph.model.zoo.user_knn import UserKNN

ITEMS = 20


def split(users: int = 40) -> Folds:
    """Tastes go far up and down, so that some predictions end at the scale's ends."""
    random = np.random.default_rng(5)
    rows = []
    for user in range(users):
        for place, item in enumerate(random.permutation(ITEMS)[:12]):
            rating = 3 + 2.5 * np.sin(user) + 2 * np.cos(item) + random.normal()
            rows.append((user, int(item), float(np.clip(np.round(rating), 1, 5)), place))
    return split_frame(pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp"]))


@pytest.fixture(scope="module")
def folds() -> Folds:
    return split()


def fitted(cls: type[Model], folds: Folds) -> Model:
    model = new_model(cls, cls.config_class())
    model.fit(TrainingData(folds.train), TrainingOptions())
    return model


@pytest.mark.parametrize("cls", [Bias, ItemKNN, UserKNN, DriftingSVDPP])
def test_the_parts_add_up_to_the_prediction(cls: type[Model], folds: Folds) -> None:
    model, limited, with_neighbours = fitted(cls, folds), 0, 0
    for user in range(len(folds.train.users)):
        query = folds.train.query(user)
        asked = np.setdiff1d(np.arange(ITEMS), query.items)
        (expected,) = model.predict_rating([query], [asked])
        found = [model.explain_rating(query, item) for item in asked.tolist()]
        assert [one.rating for one in found] == pytest.approx(expected.tolist(), abs=1e-5)
        limited += sum("limit of the scale" in one.parts for one in found)
        with_neighbours += sum(len(one.neighbours) > 1 for one in found)
    assert limited > 10
    assert (with_neighbours > 100) is (cls is not Bias)


def test_neighbours_are_those_who_can_say_something(folds: Folds) -> None:
    of_items, of_users = fitted(ItemKNN, folds), fitted(UserKNN, folds)
    owners = np.repeat(np.arange(len(folds.train.users)), np.diff(folds.train.offsets))
    for user in range(10):
        query = folds.train.query(user)
        for item in np.setdiff1d(np.arange(ITEMS), query.items).tolist():
            found = of_items.explain_rating(query, item)
            assert found.of == "items" and set(found.neighbours) <= set(query.items)
            found = of_users.explain_rating(query, item)
            raters = set(owners[folds.train.items == item])
            assert found.of == "users" and set(found.neighbours) <= raters


def test_what_a_neighbour_adds_is_its_own_rating(folds: Folds) -> None:
    """Another rating of one neighbour moves the bias of the user and that neighbour's part."""
    model = fitted(ItemKNN, folds)
    query = folds.train.query(0)
    item = next(i for i in range(ITEMS) if len(model.explain_rating(query, i).neighbours) > 2)
    before = model.explain_rating(query, item)
    nearest = int(before.neighbours[np.argmax(np.abs(before.contributions))])
    assert query.ratings is not None
    better = np.where(query.items == nearest, query.ratings + 2, query.ratings)
    after = model.explain_rating(Query(query.user, query.items, better), item)
    moved = after.contributions - before.contributions
    assert moved[before.neighbours == nearest][0] == moved.max() > 0
    assert after.parts["this user"] > before.parts["this user"]
    assert after.parts["this item"] == before.parts["this item"]


def test_without_history_or_ratings_there_are_no_neighbours(folds: Folds) -> None:
    for cls in (ItemKNN, UserKNN):
        model = fitted(cls, folds)
        nobody = Query("new", np.zeros(0, np.int64), np.zeros(0, np.float32))
        found = model.explain_rating(nobody, 3)
        assert len(found.neighbours) == 0 and found.parts["this user"] == 0
        unrated = Query("new", np.array([1, 2]), None)
        assert not model.explain_rating(unrated, 3).contributions.any()


def test_models_that_cannot_say_say_so(folds: Folds) -> None:
    with pytest.raises(ModelError, match="'ease' cannot say what a predicted rating is made of"):
        fitted(EASE, folds).explain_rating(folds.train.query(0), 1)
    unrated = ItemKNN(ItemKNNConfig())
    with pytest.raises(ModelError, match="fitted without ratings"):
        unrated.explain_rating(folds.train.query(0), 1)


def test_parts_that_do_not_add_up_are_refused(folds: Folds) -> None:
    class Boastful(Bias):
        def explain_rating(self, query: Query, item: int) -> RatingReasons:
            return RatingReasons({"because": 9.0})

    model = Boastful(BiasConfig())
    model.fit(TrainingData(folds.train), TrainingOptions())
    with pytest.raises(ModelError, match="explain_rating returned parts that add up to 9, not to"):
        guarded(model).explain_rating(folds.train.query(0), 1)


def test_lines_add_up_too() -> None:
    because = [{"userId": n, "rating": 4.0, "contribution": 0.25} for n in range(4)]
    parts = [{"part": "mean of all ratings", "contribution": 3.0}]
    head = {"itemId": 3, "title": "Heat", "year": 1995, "predictedRating": 4.0}
    lines = list(rating_explanation_lines({**head, "parts": parts, "because": because}, most=2))
    assert [line.split()[-1] for line in lines] == ["4.000", "+3.000", "+0.250", "+0.250", "+0.500"]
    assert "user 0, rated 4 " in lines[2] and "2 more" in lines[4]
    assert {len(line) for line in lines} == {80}
