"""Orders of evidence and what taking it away does, on a model whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.evaluation import faithfulness
from reelgraph.model.needs import TrainingData
from reelgraph.model.zoo.ease import EASE, EASEConfig

N = 12


@pytest.fixture(scope="module")
def model() -> EASE:
    drawn = np.random.default_rng(0)
    items = np.concatenate([drawn.permutation(N)[:6] for _ in range(30)])
    data = Interactions(Catalogue(np.arange(N)), np.arange(30), np.arange(31) * 6, items)
    found = EASE(EASEConfig(reg=2))
    found.fit(TrainingData(data), TrainingOptions())
    return found


QUERIES = [Query(0, np.array([3, 7, 1, 5, 8, 2])), Query(1, np.array([4, 0]))]
ITEMS = np.array([9, 6])


def test_an_event_goes_with_its_rating_and_time():
    query = Query(0, np.array([3, 7, 1]), np.array([1, 2, 3], np.float32), np.array([10, 20, 30]))
    left = faithfulness.without(query, np.array([2, 0]))
    assert [left.items.tolist(), left.ratings.tolist(), left.timestamps.tolist()] == [
        [7],
        [2],
        [20],
    ]
    assert len(query.items) == 3


def test_of_a_sum_what_contributes_most_is_what_is_missed_most(model):
    """EASE is linear: without an event its score falls by its contribution, no more, no less."""
    evidence = model.explain(QUERIES, [ITEMS[:1], ITEMS[1:]])
    orders = faithfulness.by_contribution(evidence)
    for order, one in zip(orders, evidence, strict=True):
        assert (np.diff(one.contributions[0][order]) <= 0).all()
    fall = faithfulness.comprehensiveness(model, QUERIES, ITEMS, orders, most=2)
    first, second = evidence[0].contributions[0][orders[0]][:2]
    assert fall[0] == pytest.approx((first + (first + second)) / 2, rel=1e-4)
    alone = faithfulness.leave_one_out(model, QUERIES, ITEMS)
    best = faithfulness.greedy(model, QUERIES, ITEMS, most=3)
    for order, other, chosen in zip(orders, alone, best, strict=True):
        assert order.tolist() == other.tolist()
        assert chosen.tolist() == order[:3].tolist()


def test_no_order_is_more_missed_than_the_greedy_one_of_a_sum(model):
    def fall(orders):
        return faithfulness.comprehensiveness(model, QUERIES, ITEMS, orders).mean()

    ceiling = fall(faithfulness.greedy(model, QUERIES, ITEMS))
    assert ceiling > fall(faithfulness.at_random(QUERIES, seed=1))
    assert ceiling > fall(faithfulness.most_recent(QUERIES))


def test_orders_that_read_no_model():
    assert [order.tolist() for order in faithfulness.most_recent(QUERIES)] == [
        [5, 4, 3, 2, 1, 0],
        [1, 0],
    ]
    drawn = faithfulness.at_random(QUERIES, seed=3)
    assert sorted(drawn[0]) == [0, 1, 2, 3, 4, 5]
    vectors = np.zeros((N, 2), np.float32)
    vectors[[9, 1, 5]] = [[1, 0], [3, 3], [2, 0]]  # of the others nothing is known
    near = faithfulness.most_similar(QUERIES, ITEMS, vectors)
    assert near[0].tolist()[:2] == [3, 2]  # item 5, then item 1
    assert near[1].tolist() == [1, 0]  # equal ones: the later first
