"""Explainers and what taking their events away does, on a model whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.evaluation import faithfulness
from reelgraph.model.explainers.asking import only, places_of, scores_of, without
from reelgraph.model.explainers.attention import Attention
from reelgraph.model.explainers.counterfactual import Counterfactual, greedy, minimal_set
from reelgraph.model.explainers.knowledge_paths import KnowledgePaths
from reelgraph.model.explainers.path_integration import PathIntegration
from reelgraph.model.needs import Supplied, TrainingData, TriplesNeed
from reelgraph.model.triples import Triples
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


def test_an_event_goes_with_its_rating_and_time() -> None:
    query = Query(0, np.array([3, 7, 1]), np.array([1, 2, 3], np.float32), np.array([10, 20, 30]))
    left = without(query, np.array([2, 0]))
    assert [left.items.tolist(), left.ratings.tolist(), left.timestamps.tolist()] == [
        [7],
        [2],
        [20],
    ]
    assert only(query, np.array([2, 0])).items.tolist() == [3, 1]  # in their order
    assert len(query.items) == 3


def test_places_are_those_among_all_that_is_not_excluded(model: EASE) -> None:
    excluded = [query.items for query in QUERIES]
    scores, ranks = places_of(model, QUERIES, ITEMS, excluded)
    every = model.recommend(QUERIES, N).items
    assert [every[n].tolist().index(item) + 1 for n, item in enumerate(ITEMS)] == ranks.tolist()
    assert scores == pytest.approx(scores_of(model, QUERIES, ITEMS))


def test_of_a_sum_all_explainers_that_ask_the_model_agree(model: EASE) -> None:
    """EASE is linear: without an event its score falls by its contribution, no more, no less."""
    found = [
        explainer().contributions(model, QUERIES, ITEMS)
        for explainer in (Attention, Counterfactual, PathIntegration)
    ]
    for attention, alone, path in zip(*found, strict=True):
        assert alone == pytest.approx(attention, abs=1e-5)
        assert path == pytest.approx(attention, abs=1e-5)
    assert faithfulness.agreement(found[0], found[1])[0] == pytest.approx(1)
    orders = faithfulness.orders_of(found[0])
    falls, _ = faithfulness.comprehensiveness(model, QUERIES, ITEMS, orders, most=2)
    first, second = found[0][0][orders[0]][:2]
    assert falls[0] == pytest.approx((first + (first + second)) / 2, rel=1e-4)
    for order, chosen in zip(orders, greedy(model, QUERIES, ITEMS, most=3), strict=True):
        assert chosen.tolist() == order[:3].tolist()


def test_an_answer_depends_on_its_question_alone(model: EASE) -> None:
    for explainer in (PathIntegration, Counterfactual):
        together = explainer(seed=3).contributions(model, QUERIES, ITEMS)
        alone = explainer(seed=3).contributions(model, QUERIES[1:], ITEMS[1:])
        assert together[1] == pytest.approx(alone[0], abs=1e-6)
    drawn = faithfulness.at_random(QUERIES, 3)
    assert drawn[1].tolist() == faithfulness.at_random(QUERIES[1:], 3)[0].tolist()


def test_what_is_enough_alone(model: EASE) -> None:
    """With all events the score is whole; the best events lose less than the worst ones."""
    values = Attention().contributions(model, QUERIES, ITEMS)
    orders = faithfulness.orders_of(values)
    worst = [order[::-1] for order in orders]
    assert (
        faithfulness.sufficiency(model, QUERIES[1:], ITEMS[1:], orders[1:], 2)[0]
        < (faithfulness.sufficiency(model, QUERIES[1:], ITEMS[1:], worst[1:], 2)[0])
    )
    gone, kept = values[0][orders[0]].sum(), values[0][orders[0][:1]].sum()
    found = faithfulness.sufficiency(model, QUERIES[:1], ITEMS[:1], orders[:1], 1)[0]
    assert found == pytest.approx(gone - kept, rel=1e-3, abs=1e-5)


def test_no_order_is_more_missed_than_the_greedy_one_of_a_sum(model: EASE) -> None:
    def fall(orders: list[np.ndarray]) -> float:
        return faithfulness.comprehensiveness(model, QUERIES, ITEMS, orders)[0].mean()

    ceiling = fall(greedy(model, QUERIES, ITEMS))
    for values in (faithfulness.at_random(QUERIES, seed=1), faithfulness.most_recent(QUERIES)):
        assert ceiling > fall(faithfulness.orders_of(values))


def test_a_minimal_set_takes_the_item_out_and_has_nothing_to_spare(model: EASE) -> None:
    query = QUERIES[0]
    best = int(model.recommend([query], 1).items[0, 0])
    gone = minimal_set(model, query, best, n=2)
    assert gone is not None and len(gone)

    def rank(positions: np.ndarray) -> int:
        asked = [without(query, positions)]
        return int(places_of(model, asked, np.array([best]), [query.items])[1][0])

    assert rank(gone) > 2
    assert all(rank(np.delete(gone, n)) <= 2 for n in range(len(gone)))
    assert minimal_set(model, query, best, n=N) is None


def test_knowledge_paths_count_rare_things_more(model: EASE) -> None:
    # 9, 3 and 7 have a director (node 12), 9 and 1 a genre (14), all items another one (13)
    rows = [[3, 0, 12], [9, 0, 12], [7, 0, 12], [9, 1, 14], [1, 1, 14], [5, 2, 9]]
    rows += [[item, 1, 13] for item in range(N)]
    triples = Triples(np.array(rows), 15, ("DIRECTED", "HAS_GENRE", "HAS_SEQUEL"))
    explainer = KnowledgePaths(Supplied({TriplesNeed(): triples}))
    (found,) = explainer.contributions(model, QUERIES[:1], ITEMS[:1])
    by_item = dict(zip(QUERIES[0].items.tolist(), found.tolist(), strict=True))
    assert by_item[3] == by_item[7] == pytest.approx(np.log(N / 3))
    assert by_item[1] == pytest.approx(np.log(N / 2))
    assert by_item[5] == pytest.approx(np.log(N))  # a sequel
    assert by_item[8] == by_item[2] == 0


def test_orders_that_read_no_model() -> None:
    recent = faithfulness.orders_of(faithfulness.most_recent(QUERIES))
    assert [order.tolist() for order in recent] == [[5, 4, 3, 2, 1, 0], [1, 0]]
    vectors = np.zeros((N, 2), np.float32)
    vectors[[9, 1, 5]] = [[1, 0], [3, 3], [2, 0]]  # of the others nothing is known
    near = faithfulness.orders_of(faithfulness.most_similar(QUERIES, ITEMS, vectors))
    assert near[0].tolist()[:2] == [3, 2]  # item 5, then item 1
    assert near[1].tolist() == [1, 0]  # equal ones: the later first


def test_agreement_and_overlap() -> None:
    up, down = np.arange(4, dtype=np.float32), np.arange(4, dtype=np.float32)[::-1]
    found = faithfulness.agreement([up, up, up[:1], up], [up, down, up[:1], np.ones(4)])
    assert found[:2].tolist() == [1, -1] and np.isnan(found[2:]).all()
    several = [[np.array([0, 1, 2])], [np.array([1, 0, 3])], [np.array([1, 0, 2])]]
    assert faithfulness.overlap(several, most=2)[0] == 1
    assert faithfulness.overlap(several, most=3)[0] == pytest.approx((0.5 + 1 + 0.5) / 3)
