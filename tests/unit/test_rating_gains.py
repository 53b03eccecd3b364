"""What events count by their rating, in the factors and in the models that use them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.needs import TrainingData
from reelgraph.model.rating_gains import RatingGains
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig
from reelgraph.model.zoo.ease_recency import RecencyEASE, RecencyEASEConfig

N = 12
KNOTS = (0.2, 0.6, 1.0)


def rated(seed=0) -> Interactions:
    drawn = np.random.default_rng(seed)
    items = np.concatenate([drawn.permutation(N)[:6] for _ in range(20)])
    ratings = drawn.integers(1, 6, len(items)).astype(np.float32)
    return Interactions(Catalogue(np.arange(N)), np.arange(20), np.arange(21) * 6, items, ratings)


def test_a_factor_is_linear_between_knots():
    gains = RatingGains.fitted(KNOTS, rated())
    assert (gains.lowest, gains.highest) == (1, 5)
    found = gains.of(np.array([1, 2, 3, 4.5, 5, 9, 0], np.float32))
    assert found.tolist() == pytest.approx([0.2, 0.4, 0.6, 0.9, 1, 1, 0.2])
    assert RatingGains.loaded(gains.saved()) == gains


@pytest.mark.parametrize(
    "data",
    [replace(rated(), ratings=None), replace(rated(), ratings=np.full(120, 3, np.float32))],
)
def test_without_two_ratings_all_count_the_same(data):
    assert RatingGains.fitted(KNOTS, data).of(np.ones(3, np.float32)) is None


def test_a_history_without_ratings_counts_in_full():
    gains = RatingGains.fitted(KNOTS, rated())
    low = Query(0, np.array([1, 2]), np.array([1, 1], np.float32))
    (found, unrated) = gains.of_queries([low, Query(0, np.array([1, 2]))])
    assert found.tolist() == pytest.approx([0.2, 0.2])
    assert unrated.tolist() == [1, 1]


@pytest.mark.parametrize("knots", [[1.0], [0.5, -1.0]])
def test_knots_that_are_none(knots):
    with pytest.raises(ValidationError, match="at least two"):
        RecencyEASEConfig(gains=knots)


MODELS = [
    lambda: RecencyEASE(RecencyEASEConfig(reg=1, gains=KNOTS)),
    lambda: AttentionLSTMRanker(
        AttentionLSTMConfig(embedding_size=8, hidden_size=8, heads=2, embeddings=(), gains=KNOTS)
    ),
]


@pytest.mark.parametrize("make", MODELS)
def test_a_disliked_item_speaks_less(make):
    """Attention and recency do not read ratings, so the contribution is multiplied."""
    model = make()
    model.fit(TrainingData(rated()), TrainingOptions(epochs=1))
    history, items = np.array([3, 7, 1]), [np.array([4, 9])]
    liked = model.explain([Query(0, history, np.array([5, 5, 5], np.float32))], items)[0]
    mixed = model.explain([Query(0, history, np.array([5, 1, 4], np.float32))], items)[0]
    factors = np.array([1, 0.2, 0.8], np.float32)
    np.testing.assert_allclose(mixed.contributions, liked.contributions * factors, rtol=1e-4)
    np.testing.assert_array_equal(mixed.weights, liked.weights)
