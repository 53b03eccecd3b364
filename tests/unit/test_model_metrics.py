"""Metrics against ir-measures, against brute force, and the paired test."""

from __future__ import annotations

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test
from sklearn.metrics import ndcg_score, pairwise_distances

from reelgraph.model.evaluation.metrics import (
    accuracy,
    coverage,
    diversity,
    find_hits,
    gini,
    novelty,
    serendipity,
)
from reelgraph.model.evaluation.ranking import bootstrap, compare

K = 5
N = 12


@st.composite
def cases(draw):
    """Rankings of K of N items and non-empty test sets of a few users."""
    users = draw(st.integers(1, 4))
    ranked = [draw(st.permutations(range(N)))[:K] for _ in range(users)]
    tests = [draw(st.sets(st.integers(0, N - 1), min_size=1)) for _ in range(users)]
    return np.array(ranked), [np.array(sorted(test)) for test in tests]


def ours(ranked, tests, k=K):
    relevant = np.array([len(test) for test in tests])
    return {
        name.split("@")[0]: values
        for name, values in accuracy(find_hits(ranked, tests), relevant, [k]).items()
    }


@settings(deadline=None, max_examples=60)
@given(cases())
def test_against_brute_force(case):
    ranked, tests = case
    found = ours(ranked, tests)
    for user, (row, test) in enumerate(zip(ranked.tolist(), map(set, tests), strict=True)):
        ranks = [rank for rank, item in enumerate(row, 1) if item in test]
        precisions = [sum(r <= rank for r in ranks) / rank for rank in ranks]
        ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(K, len(test)) + 1))
        expected = {
            "hr": float(bool(ranks)),
            "recall": len(ranks) / len(test),
            "precision": len(ranks) / K,
            "ndcg": sum(1 / np.log2(rank + 1) for rank in ranks) / ideal,
            "map": sum(precisions) / min(K, len(test)),
            "mrr": 1 / ranks[0] if ranks else 0,
            "sum_rr": sum(1 / rank for rank in ranks),
        }
        assert {name: values[user] for name, values in found.items()} == pytest.approx(expected)


@settings(deadline=None, max_examples=25)
@given(cases())
def test_against_ir_measures(case):
    ranked, tests = case
    found = ours(ranked, tests)
    qrels = [ir_measures.Qrel(str(u), str(i), 1) for u, test in enumerate(tests) for i in test]
    run = [
        ir_measures.ScoredDoc(str(u), str(item), float(-rank))
        for u, row in enumerate(ranked)
        for rank, item in enumerate(row)
    ]
    measures = {
        "hr": ir_measures.Success @ K,
        "recall": ir_measures.R @ K,
        "precision": ir_measures.P @ K,
        "ndcg": ir_measures.nDCG @ K,
        "mrr": ir_measures.RR @ K,
    }
    for metric in ir_measures.iter_calc(measures.values(), qrels, run):
        name = next(n for n, measure in measures.items() if measure == metric.measure)
        assert found[name][int(metric.query_id)] == pytest.approx(metric.value)


def test_average_precision_against_ir_measures_when_few_are_relevant():
    ranked = np.array([[3, 1, 4, 0, 5]])
    found = ours(ranked, [np.array([1, 5, 9])])["map"][0]
    qrels = [ir_measures.Qrel("0", str(item), 1) for item in (1, 5, 9)]
    run = [ir_measures.ScoredDoc("0", str(i), float(-r)) for r, i in enumerate(ranked[0])]
    expected = ir_measures.calc_aggregate([ir_measures.AP @ K], qrels, run)
    assert found == pytest.approx(expected[ir_measures.AP @ K])


def test_short_lists_and_cut_offs_beyond_the_list_are_misses():
    found = ours(np.array([[2, -1, -1]]), [np.array([2])], k=10)
    assert found["precision"][0] == pytest.approx(0.1)
    assert found["ndcg"][0] == 1


def test_beyond_accuracy():
    assert coverage(np.array([[0, 1], [1, -1]]), 4) == 0.5
    assert gini(np.array([[0, 1], [2, 3]]), 4) == 0
    assert gini(np.array([[0], [0]]), 4) == pytest.approx(0.75)
    assert gini(np.full((1, 2), -1), 4) == 0
    assert novelty(np.array([[0, 1]]), np.array([4, 1]), 4) == pytest.approx(1)


def test_bootstrap_interval_holds_the_mean_and_repeats():
    values = {"a": np.random.default_rng(0).random(200), "b": np.zeros(200)}
    found = bootstrap(values, seed=1)
    assert found["a"].low < found["a"].mean < found["a"].high
    assert found["a"].high - found["a"].low == pytest.approx(4 * 0.289 / 200**0.5, rel=0.2)
    assert dict(found["b"]) == {"mean": 0, "low": 0, "high": 0}
    assert found == bootstrap(values, seed=1)


def test_paired_test():
    generator = np.random.default_rng(0)
    first = generator.random(300)
    better = compare(first, first + 0.05 + generator.normal(0, 0.1, 300))
    assert better["low"] > 0
    assert better["p"] < 0.001
    assert compare(first, first)["p"] == 1
    assert compare(first, first + generator.normal(0, 0.1, 300))["p"] > 0.01
    with pytest.raises(ValueError):
        compare(first, first[1:])


def test_hits_of_short_lists_and_empty_test_sets():
    ranked = np.array([[2, -1], [0, 1], [-1, -1]])
    tests = [np.array([2, 7]), np.zeros(0, np.int64), np.array([3])]
    assert find_hits(ranked, tests).tolist() == [[True, False], [False, False], [False, False]]
    assert find_hits(ranked[:0], []).shape == (0, 2)
    with pytest.raises(ValueError, match="3 lists and 2"):
        find_hits(ranked, tests[:2])


@settings(deadline=None, max_examples=25)
@given(cases())
def test_ndcg_against_scikit_learn(case):
    ranked, tests = case
    truth = np.zeros((len(tests), N))
    scores = np.zeros((len(tests), N))
    for user, test in enumerate(tests):
        truth[user, test] = 1
        scores[user, ranked[user]] = np.arange(K, 0, -1)  # strict where it counts: at the top k
    for user, value in enumerate(ours(ranked, tests)["ndcg"]):
        assert value == pytest.approx(ndcg_score(truth[[user]], scores[[user]], k=K))


def test_serendipity_counts_hits_that_popularity_would_not_have_shown():
    ranked, expected = np.array([[4, 1, 2, -1]]), np.array([[1, 0, -1, -1]])
    hits = find_hits(ranked, [np.array([1, 4, 9])])
    assert serendipity(ranked, hits, expected).tolist() == [0.25]


def test_diversity_is_the_mean_distance_of_all_pairs():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(N, 3))
    vectors[3] = 0  # unknown
    ranked = np.array([[0, 1, 2, 4], [3, 5, 6, -1], [3, 7, -1, -1]])
    found = diversity(ranked, vectors)
    for row, known in enumerate(([0, 1, 2, 4], [5, 6])):
        distances = pairwise_distances(vectors[known], metric="cosine")
        assert found[row] == pytest.approx(distances[np.triu_indices(len(known), 1)].mean())
    assert np.isnan(found[2])


def test_paired_test_against_scipy():
    generator = np.random.default_rng(3)
    first = generator.random(11)
    second = first + generator.normal(0.05, 0.2, 11)
    exact = permutation_test(  # all 2**11 flips of signs
        (first, second),
        lambda one, other, axis: (other - one).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
    )
    assert compare(first, second)["p"] == pytest.approx(exact.pvalue, abs=0.02)
