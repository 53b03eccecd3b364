"""Bayesian SVD++ with a level that moves: levels, predictions and evidence by dense algebra."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from reelgraph.model.base import Model, TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.moving_level import Levels, solved
from reelgraph.model.needs import TrainingData
from reelgraph.model.targets import Targets
from reelgraph.model.zoo.drifting_svdpp import DriftingSVDPP, DriftingSVDPPConfig
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import query

OFFSETS = np.array([0, 3, 3, 4, 9])


def covariance(events: int, variance: float, memory: float) -> Any:
    apart = np.abs(np.subtract.outer(np.arange(events), np.arange(events)))
    return variance * np.exp(-apart / memory)


def of_all(variance: float, memory: float) -> Any:
    """Of the levels of four histories, one of them without events."""
    found = np.zeros((9, 9))
    for start, end in pairwise(OFFSETS):
        found[start:end, start:end] = covariance(end - start, variance, memory)
    return found


class TestLevels:
    levels = Levels(OFFSETS, memory=4.0)

    def test_what_is_seen_is_smoothed(self) -> None:
        seen = np.random.default_rng(0).normal(size=(9, 2))
        dense = np.linalg.inv(np.linalg.inv(of_all(0.3, 4.0)) + 2.0 * np.eye(9))
        np.testing.assert_allclose(solved(self.levels.root(0.3, 2.0), seen), dense @ seen)

    def test_draws_have_the_conditional_mean_and_covariance(self) -> None:
        generator, seen = np.random.default_rng(0), np.arange(9.0)
        root = self.levels.root(0.3, 2.0)
        drawn = np.array([self.levels.draw(root, 2.0, seen, generator) for _ in range(20_000)])
        dense = np.linalg.inv(np.linalg.inv(of_all(0.3, 4.0)) + 2.0 * np.eye(9))
        np.testing.assert_allclose(drawn.mean(axis=0), dense @ (2 * seen), atol=0.02)
        np.testing.assert_allclose(np.cov(drawn.T), dense, atol=0.01)

    def test_the_variance_of_what_was_drawn_is_found(self) -> None:
        generator = np.random.default_rng(0)
        offsets = np.arange(0, 4001, 40)
        root = np.linalg.cholesky(covariance(40, 0.3, 4.0))
        drawn = np.concatenate([root @ generator.standard_normal(40) for _ in range(100)])
        found = [Levels(offsets, 4.0).draw_variance(drawn, generator) for _ in range(50)]
        assert np.mean(found) == pytest.approx(0.3, abs=0.02)

    def test_without_events_there_is_nothing(self) -> None:
        assert len(solved(np.zeros((2, 0)), np.zeros(0))) == 0


class TestDriftingSVDPP(ModelSuite):
    """Items 9 and 4 have the highest ratings."""

    answers = (((1, 4), 9), ((9,), 4))

    def make(self) -> DriftingSVDPP:
        return DriftingSVDPP(
            DriftingSVDPPConfig(factors=2, sweeps=30, burn_in=10, thin=5, level_memory=7)
        )

    def test_a_prediction_is_that_of_one_normal_distribution(self, model: Any) -> None:
        """Ratings, own vector and level are jointly normal in each sample: by its covariance."""
        asked, target, total = query(1, 2, 9), 5, 0.0
        for n in range(4):
            one = model.samples.number(n)
            x = one.items[[*asked.items, target]].astype(np.float64)
            constant = model.mean + x[:, 0]
            x[:, 0] = 1
            part = one.implicit[asked.items].astype(np.float64).sum(0) / np.sqrt(3)
            mean = constant + x @ (one.centre + part)
            joint = x / one.precision @ x.T + covariance(4, model.variances[n], 7)
            seen = joint[:3, :3] + np.eye(3) / one.noise
            assert asked.ratings is not None
            total += mean[3] + joint[3, :3] @ np.linalg.solve(seen, asked.ratings - mean[:3])
        assert model.next_share == 1
        assert model.score([asked])[0, target] == pytest.approx(total / 4, rel=1e-5)

    def test_late_ratings_count_more_than_early_ones(self, model: Model) -> None:
        items = np.array([1, 2, 3, 6])
        rising = Query(1, items, np.array([1, 1, 5, 5], np.float32))
        falling = Query(1, items[::-1].copy(), np.array([5, 5, 1, 1], np.float32))
        assert model.score([rising]).mean() > model.score([falling]).mean()

    @pytest.mark.parametrize("share", [0.0, 0.4])
    def test_evidence_adds_up_for_any_share(self, model: Any, share: float) -> None:
        other = DriftingSVDPP(model.config)
        other.__dict__.update(model.__dict__ | {"next_share": share})
        twice = Query(1, np.array([3, 1, 3]), np.array([1, 5, 4], np.float32))
        unrated = Query(1, np.array([3, 1]))
        for asked in (twice, unrated, query()):
            found = other.explain([asked], [np.arange(4)])[0]
            rows = found.contributions.sum(axis=1) + found.bias
            np.testing.assert_allclose(rows, other.score([asked])[0, :4], atol=1e-5)
        assert not other.explain([twice], [np.arange(4)])[0].contributions[:, 0].any()

    def test_a_low_rating_speaks_against(self, model: Any) -> None:
        low, high = (
            model.explain([Query(1, np.array([1]), np.array([r], np.float32))], [np.arange(4)])[0]
            for r in (1, 5)
        )
        assert (low.contributions < high.contributions).all()


@pytest.mark.parametrize(
    ("later", "targets"), [(True, "all"), (False, "all"), (True, "successive")]
)
def test_valid_says_whether_the_last_level_counts(later: bool, targets: Targets) -> None:
    """Users whose level moves; valid is what comes next, or rows from anywhere between."""
    generator, users, events = np.random.default_rng(0), 60, 60
    root = np.linalg.cholesky(covariance(events, 0.8, 20.0))
    levels = generator.standard_normal((users, events)) @ root.T
    ratings = (3 + levels + 0.3 * generator.standard_normal(levels.shape)).astype(np.float32)
    items = np.stack([generator.permutation(events) for _ in range(users)])
    places = np.stack([np.sort(generator.permutation(events)[:6]) for _ in range(users)])
    if later:
        places[:] = np.arange(events - 6, events)
    held = np.zeros((users, events), bool)
    held[np.arange(users)[:, None], places] = True
    catalogue = Catalogue(np.arange(events))

    def rows(chosen: Any) -> Interactions:
        offsets = np.concatenate([[0], np.cumsum(chosen.sum(axis=1))])
        return Interactions(
            catalogue, np.arange(users), offsets, items[chosen], ratings[chosen], None
        )

    data = TrainingData(rows(~held), rows(held), targets=targets)
    model = DriftingSVDPP(DriftingSVDPPConfig(factors=1, sweeps=20, burn_in=10, level_memory=20))
    result = model.fit(data, TrainingOptions())
    assert model.next_share == result.settings["next_share"]
    assert (model.next_share > 0.6) == later
    final = DriftingSVDPP(model.config)
    final.fit(replace(data, valid=None), result.final(TrainingOptions()))
    assert final.next_share == model.next_share
