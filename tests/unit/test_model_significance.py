"""Tests of several models: corrections and permutations against SciPy and values by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reelgraph.model.evaluation.ranking import bootstrap, compare
from reelgraph.model.evaluation.significance import (
    against_best,
    benjamini_hochberg,
    figure,
    holm,
    point,
)

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@given(P_VALUES)
def test_benjamini_hochberg_is_scipys(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))


def test_holm_by_hand() -> None:
    """m = 5: .005·5, .011·4, .02·3, .04·2, .13·1; each at least the one before."""
    given_p = [0.04, 0.005, 0.13, 0.011, 0.02]
    assert holm(given_p) == pytest.approx([0.08, 0.025, 0.13, 0.044, 0.06])
    # 4·.01 = .04, 3·.02 = .06, 2·.022 = .044 is raised to .06, 1·.09
    assert holm([0.01, 0.02, 0.022, 0.09]) == pytest.approx([0.04, 0.06, 0.06, 0.09])
    assert holm([0.6, 0.7]) == [1, 1] and holm([]) == []


@given(P_VALUES)
def test_holm_is_between_the_p_value_and_bonferroni(p: list[float]) -> None:
    for raw, corrected in zip(p, holm(p), strict=True):
        assert raw <= corrected <= min(1, raw * len(p)) + 1e-12
    assert all(a >= b - 1e-12 for a, b in zip(holm(p), benjamini_hochberg(p), strict=True))


@pytest.mark.parametrize(("users", "effect"), [(10, 0.1), (12, 0.0), (60, 0.06), (200, 0.02)])
def test_the_permutation_test_is_scipys(users: int, effect: float) -> None:
    random = np.random.default_rng(users)
    first = random.random(users)
    second = first + effect + 0.2 * random.standard_normal(users)
    theirs = stats.permutation_test(
        (second, first),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(1),
    )
    p = compare(first, second)["p"]
    error = 4 * np.sqrt(theirs.pvalue * (1 - theirs.pvalue) * (1 / 10_000 + 1 / 20_000))
    assert p == pytest.approx(theirs.pvalue, abs=error + 2e-4)


def test_one_model_is_better_and_the_others_are_corrected_together() -> None:
    random = np.random.default_rng(3)
    best = random.random(300)
    noise = 0.01 * random.standard_normal(300)
    values = {
        "equal": best + noise - noise.mean() - 0.0001,
        "best": best,
        "worse": best - 0.05,
        "bad": best - 0.2 * random.random(300),
    }
    weights = np.ones(300)
    name, found = against_best("ndcg@10", values, weights)
    assert name == "best" and set(found) == {"equal", "worse", "bad"}
    assert found["equal"].corrected > 0.05
    assert found["worse"].difference == pytest.approx(-0.05) and found["worse"].corrected < 0.001
    assert [one.corrected for one in found.values()] == holm([one.p for one in found.values()])
    _, by_choice = against_best("ndcg@10", values, weights, "bh")
    assert by_choice["worse"].corrected == pytest.approx(found["worse"].p * 3 / 2)


def test_an_error_is_better_when_it_is_less_and_pools_rows() -> None:
    random = np.random.default_rng(4)
    rows = random.integers(1, 30, 80).astype(float)
    squares = [random.random(int(n)) for n in rows]
    values = np.array([one.mean() for one in squares])
    assert point("mse", values, rows) == pytest.approx(np.concatenate(squares).mean())
    assert point("rmse", values, rows) == pytest.approx(np.sqrt(np.concatenate(squares).mean()))
    best, found = against_best("rmse", {"a": values + 0.1, "b": values}, rows)
    assert best == "b" and found["a"].low > 0 and found["a"].p < 0.001


def test_with_one_question_per_user_it_is_the_plain_mean_and_its_interval() -> None:
    values = np.random.default_rng(5).random(50)
    mine, theirs = figure("hr@10", values, np.ones(50)), bootstrap({"x": values})["x"]
    assert (mine.mean, mine.low, mine.high) == pytest.approx((theirs.mean, theirs.low, theirs.high))
