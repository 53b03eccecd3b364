"""What is added to the scores of new items, and what a protocol asks of valid."""

from __future__ import annotations

import numpy as np
import pytest
from test_model_cold_items import CONFIG, FACTS, facts, interactions

from reelgraph.model.base import Evidence, TrainingOptions, Vectors
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.needs import Supplied, TrainingData
from reelgraph.model.targets import Asked, ask_about
from reelgraph.model.training.next_item import events_ahead
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.new_items import NewItems, choose_offset

ITEMS = 30
NEW = np.arange(ITEMS) >= 25


def asked_of(share_new: float, users: int = 200) -> Asked:
    """Users without a history, of whom this share takes item 25, others item 0."""
    answers = np.where(np.arange(users) < share_new * users, 25, 0)
    queries = [Query(user, np.zeros(0, np.int64)) for user in range(users)]
    return Asked(queries, [answers[n : n + 1] for n in range(users)])


def ranker(new: float):
    """Everybody gets the same scores: 1 … 0 for the others, ``new`` and less for new items."""
    scores = np.concatenate([np.linspace(1, 0, 25), new - 0.01 * np.arange(5)])

    def ask(queries) -> Vectors:
        return Vectors(np.ones((len(queries), 1), np.float32), scores[:, None].astype(np.float32))

    return ask


@pytest.mark.parametrize("level", [-6.0, 0.0, 4.0])
def test_new_items_rise_or_fall_to_where_their_answers_are(level: float) -> None:
    """However far the ranker is off, ΣRR@10 is as high as one number can make it."""
    ask = ranker(level)
    offset = choose_offset(ask, NEW, asked_of(0.5))
    # item 25, which half of the users take, is first: above 1, the best of the others
    assert level + offset > 1


def test_new_items_that_nobody_takes_are_not_shown() -> None:
    offset = choose_offset(ranker(0.5), NEW, asked_of(0))
    assert 0.5 + offset < np.linspace(1, 0, 25)[9]
    assert offset > -50  # finite


def test_there_is_nothing_to_choose_without_new_items_or_others() -> None:
    none = np.zeros(ITEMS, bool)
    assert choose_offset(ranker(0), none, asked_of(0.5)) == 0
    assert choose_offset(ranker(0), ~none, asked_of(0.5)) == 0


def test_the_offset_is_in_vectors_and_evidence_alike() -> None:
    drawn = np.random.default_rng(0)
    users = drawn.normal(size=(2, 3)).astype(np.float32)
    items = drawn.normal(size=(ITEMS, 3)).astype(np.float32)
    items /= np.linalg.norm(items, axis=1, keepdims=True)
    added = NewItems(NEW, -1.5)
    with_offset = added.add_vectors(Vectors(users, items))
    expected = users @ items.T + np.float32(-1.5) * NEW
    np.testing.assert_allclose(with_offset.users @ with_offset.items.T, expected, atol=1e-6)
    lengths = np.linalg.norm(with_offset.items, axis=1)
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-6)
    np.testing.assert_array_equal(added.add_new(items[NEW]), with_offset.items[NEW])
    asked = np.array([3, 27])
    none = Evidence(np.ones(1, np.float32), np.zeros((2, 1), np.float32), np.zeros(2, np.float32))
    assert added.add_evidence([none], [asked])[0].bias.tolist() == [0, -1.5]


def test_the_final_fit_takes_the_offset_of_the_choice(tmp_path) -> None:
    train = interactions()
    # on valid, the users of the first kind take its cold item
    taken = np.arange(len(train.users)) % 2 == 0
    offsets = np.concatenate([[0], np.cumsum(taken)])
    valid = Interactions(train.catalogue, train.users, offsets, np.zeros(taken.sum(), np.int64))
    supplied = Supplied({FACTS: facts()})
    model = AttentionLSTMRanker(CONFIG.model_copy(update={"epochs": 3}))
    chosen = model.fit(TrainingData(train, valid, supplied), TrainingOptions())
    offset = chosen.settings["new_item_offset"]
    assert offset == model.new_items.offset != 0
    assert model.recommend([train.query(0)], 1).items[0, 0] == 0
    final = AttentionLSTMRanker(model.config)
    final.fit(TrainingData(train, None, supplied), chosen.final(TrainingOptions()))
    assert final.summary()["new_item_offset"] == offset
    final.save(tmp_path)
    loaded = AttentionLSTMRanker.load(tmp_path, train.catalogue)
    queries = [train.query(0)]
    np.testing.assert_array_equal(loaded.score(queries), final.score(queries))
    new = loaded.new_items.new
    assert new[[0, 20]].all() and not new[40] and new.sum() == 2  # nothing is known of item 40
    given = AttentionLSTMRanker(CONFIG.model_copy(update={"epochs": 1, "new_item_offset": 0.25}))
    fitted = given.fit(TrainingData(train, valid, supplied), TrainingOptions())
    assert fitted.settings["new_item_offset"] == 0.25


def test_valid_is_asked_as_test_is() -> None:
    catalogue, users = Catalogue(np.arange(9)), np.arange(3)
    ratings = np.array([1.0, 2, 3, 4, 5], np.float32)
    train = Interactions(catalogue, users, np.array([0, 2, 3, 3]), np.array([0, 1, 2]), ratings[:3])
    valid = Interactions(
        catalogue, users, np.array([0, 3, 3, 5]), np.array([3, 4, 5, 6, 7]), ratings
    )

    def shown(targets, most=None):
        asked = ask_about(train, valid, targets, most)
        found = zip(asked.queries, asked.answers, strict=True)
        return [(query.items.tolist(), answers.tolist()) for query, answers in found]

    assert shown("all") == [([0, 1], [3, 4, 5]), ([], [6, 7])]
    assert shown("last") == [([0, 1, 3, 4], [5]), ([6], [7])]
    assert shown("successive") == [
        ([0, 1], [3]), ([0, 1, 3], [4]), ([0, 1, 3, 4], [5]), ([], [6]), ([6], [7]),
    ]  # fmt: skip
    assert shown("successive", most=2) == [([0, 1], [3]), ([6], [7])]
    asked = ask_about(train, valid, "last")
    assert asked.queries[0].ratings.tolist() == [1, 2, 1, 2]
    assert [len(part.queries) for part in asked.parts(1)] == [1, 1]
    assert TrainingData(train, valid, targets="last").asked.answers[0].tolist() == [5]
    assert TrainingData(train).asked is None


def test_a_position_learns_as_many_events_as_are_asked_for_at_once() -> None:
    queries = [Query(0, np.zeros(0, np.int64))] * 3
    found = [
        events_ahead(Asked(queries, [np.arange(n) for n in sizes]))
        for sizes in ([1, 1, 1], [1, 3, 9], [7, 8, 9])
    ]
    assert found == [1, 3, 5]
    assert events_ahead(None) == 5
