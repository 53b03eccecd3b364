"""The linear item model beside a ranker of vectors."""

from __future__ import annotations

import numpy as np
import pytest

from reelgraph.model.base import TrainingOptions, Vectors
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.needs import TrainingData
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig
from reelgraph.model.zoo.ease_recency import RecencyEASE, RecencyEASEConfig
from reelgraph.model.zoo.linear_part import DEFAULT_WEIGHT, WEIGHTS, choose_weight, fit_linear

N = 16
CONFIG = RecencyEASEConfig(reg=1, rank=8)


def pairs(users, per_user, seed) -> Interactions:
    """Items 2k and 2k + 1 always come together."""
    drawn = np.random.default_rng(seed)
    firsts = np.concatenate([drawn.permutation(N // 2)[:per_user] for _ in range(users)])
    items = (2 * firsts[:, None] + [0, 1]).ravel()
    offsets = np.arange(users + 1) * per_user * 2
    return Interactions(Catalogue(np.arange(N)), np.arange(users), offsets, items)


def without_last(data: Interactions) -> tuple[Interactions, Interactions]:
    """All but each user's last event, and that event."""
    last = data.offsets[1:] - 1
    rest = np.delete(data.items, last)
    users, steps = data.users, np.arange(len(data.users) + 1)
    train = Interactions(data.catalogue, users, data.offsets - steps, rest)
    return train, Interactions(data.catalogue, users, steps, data.items[last])


def drawn_vectors(queries) -> Vectors:
    """A ranker that knows nothing."""
    drawn = np.random.default_rng(1)
    users = drawn.normal(size=(len(queries), 4)).astype(np.float32)
    return Vectors(users, np.random.default_rng(2).normal(size=(N, 4)).astype(np.float32))


def test_the_weight_follows_valid():
    train, valid = without_last(pairs(60, 3, seed=0))
    linear = RecencyEASE(CONFIG)
    linear.fit(TrainingData(train), TrainingOptions())
    asked = TrainingData(train, valid).asked

    def knows(queries) -> Vectors:
        """Each user's vector points at the item that comes next."""
        users = [valid.items[query.user] for query in queries]
        return Vectors(np.eye(N, dtype=np.float32)[users], np.eye(N, dtype=np.float32))

    assert choose_weight(drawn_vectors, linear, 10.0, asked) == max(WEIGHTS)
    assert choose_weight(knows, linear, 0.001, asked) == 0


def test_what_was_given_or_chosen_goes_before_valid():
    train, valid = without_last(pairs(30, 3, seed=0))
    data, options = TrainingData(train, valid), TrainingOptions()
    part, weight = fit_linear(drawn_vectors, CONFIG, data, options, 0.07)
    assert weight == 0.07
    # with weight 1, both scores vary as much
    queries = [train.query(user) for user in range(30)]
    ranker = drawn_vectors(queries)
    spread = (ranker.users @ ranker.items.T).std()
    assert part.factor * part.model.score(queries).std() == pytest.approx(0.07 * spread)
    assert fit_linear(drawn_vectors, CONFIG, TrainingData(train), options, None)[1] == (
        DEFAULT_WEIGHT
    )
    assert fit_linear(drawn_vectors, CONFIG, data, options, 0.0) == (None, 0.0)


def test_the_final_fit_takes_the_weight_of_the_choice():
    train, valid = without_last(pairs(40, 3, seed=3))
    config = AttentionLSTMConfig(embedding_size=8, hidden_size=8, heads=2, embeddings=(), epochs=2)
    model = AttentionLSTMRanker(config)
    chosen = model.fit(TrainingData(train, valid), TrainingOptions())
    weight = chosen.settings["linear_weight"]
    assert weight in WEIGHTS
    final = AttentionLSTMRanker(config).fit(
        TrainingData(pairs(40, 3, seed=3)), chosen.final(TrainingOptions())
    )
    assert final.settings["linear_weight"] == weight
    none = AttentionLSTMRanker(config.model_copy(update={"linear_weight": 0.0}))
    none.fit(TrainingData(train, valid), TrainingOptions())
    assert none.linear is None


def test_the_sum_has_the_evidence_and_vectors_of_both():
    model = AttentionLSTMRanker(
        AttentionLSTMConfig(
            embedding_size=8, hidden_size=8, heads=2, embeddings=(), epochs=1, linear_weight=0.5
        )
    )
    model.fit(TrainingData(pairs(40, 3, seed=3)), TrainingOptions())
    asked = [Query(0, np.array([3, 6, 0])), Query(1, np.array([2]))]
    scores = model.score(asked)
    part, model.linear = model.linear, None
    alone = model.score(asked)
    np.testing.assert_allclose(
        scores, alone + np.float32(part.factor) * part.model.score(asked), atol=1e-5
    )
    assert np.abs(scores - alone).max() > 0.1
