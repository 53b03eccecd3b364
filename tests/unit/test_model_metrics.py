"""Metrics against ir-measures, against brute force, and the paired test."""

from __future__ import annotations

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.model.evaluation.metrics import accuracy, coverage, find_hits, gini, novelty
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
