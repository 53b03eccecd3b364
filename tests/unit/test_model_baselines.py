"""The baselines: what all models must do, what is special, and what they do with odd input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy import sparse

from reelgraph.errors import MemoryNeedError, ModelError, SettingsError
from reelgraph.model import gibbs, memory, pairwise_fold_in
from reelgraph.model.base import Model, Sizes, TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query, interactions_from_frame
from reelgraph.model.needs import TrainingData
from reelgraph.model.training.descent import passes, stable_batch
from reelgraph.model.training.draws import Draws
from reelgraph.model.zoo import svdpp
from reelgraph.model.zoo.bayesian_svdpp import BayesianSVDPP, BayesianSVDPPConfig
from reelgraph.model.zoo.bias import Bias
from reelgraph.model.zoo.bpr_mf import BPRMF, BPRConfig
from reelgraph.model.zoo.cke import CKE
from reelgraph.model.zoo.drifting_svdpp import DriftingSVDPP
from reelgraph.model.zoo.ials import IALS, IALSConfig
from reelgraph.model.zoo.item_knn import ItemKNN, ItemKNNConfig
from reelgraph.model.zoo.libfm import LibFM
from reelgraph.model.zoo.random import Random
from reelgraph.model.zoo.recent_popular import RecentPopular, RecentPopularConfig
from reelgraph.model.zoo.svd import SVD, SVDConfig
from reelgraph.model.zoo.svdpp import SVDPP, SVDPPConfig
from reelgraph.model.zoo.user_knn import UserKNN, UserKNNConfig
from reelgraph.pipeline.config import RunConfig
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import CATALOGUE, ITEMS, events, query

RATING = (Bias, ItemKNN, UserKNN, SVD, SVDPP, BayesianSVDPP, DriftingSVDPP)
RANKING = (Random, RecentPopular, ItemKNN, UserKNN, IALS, BPRMF, LibFM, CKE)


class TestRandom(ModelSuite):
    answers = ()

    def make(self) -> Random:
        return Random()

    def test_all_orders_are_equally_likely(self, model: Model) -> None:
        scores = model.score([query(*range(n)) for n in range(11)])
        assert 0 <= scores.min() < 0.1
        assert 0.9 < scores.max() < 1
        assert abs(scores.mean() - 0.5) < 0.1

    def test_a_seed_has_its_own_order(self, model: Model) -> None:
        other = self.make()
        other.fit(self.data(), replace(self.options, seed=4))
        assert not np.array_equal(other.score([query(1)]), model.score([query(1)]))


class TestRecentPopular(ModelSuite):
    """Item 0, which both groups like; of the moments, the day on which most began."""

    answers = (((1, 2), 0), ((), 0))

    def make(self) -> RecentPopular:
        return RecentPopular(RecentPopularConfig(half_life=30))

    def test_only_earlier_events_count(self, model: Model) -> None:
        first = int(events()["timestamp"].min())
        assert model.score([Query(1, np.zeros(0, np.int64), at=first)]).max() == 0

    def test_sums_decay(self, model: Model) -> None:
        """Each event counts .5^(age / half-life), as a sum over all of them says."""
        frame, at = events(), int(events()["timestamp"].max()) + 1
        age = (frame["timestamp"].max() - frame["timestamp"]) / 86_400
        expected = (0.5 ** (age / 30)).groupby(frame["item"]).sum().to_numpy()
        asked = Query(1, np.zeros(0, np.int64), at=at)
        np.testing.assert_allclose(model.score([asked])[0], expected, rtol=1e-5)

    def test_the_half_life_is_chosen_by_train(self) -> None:
        model = RecentPopular()
        model.fit(self.data(), self.options)
        assert "days" in model.summary()["half-life"]

    def test_without_times_it_counts(self) -> None:
        model, train = RecentPopular(), replace(self.data().train, timestamps=None)
        model.fit(TrainingData(train), self.options)
        counts = np.bincount(train.items, minlength=ITEMS)
        np.testing.assert_array_equal(model.score([query()])[0], counts)
        assert "no timestamps" in model.summary()["half-life"]


class TestItemKNN(ModelSuite):
    def make(self) -> ItemKNN:
        return ItemKNN(ItemKNNConfig(neighbours=6, rating_shrinkage=1))

    def test_similarities(self) -> None:
        """By the formula, in which two items share two users."""
        model = ItemKNN(ItemKNNConfig(shrinkage=1))
        model.fit(TrainingData(_small([[0, 1], [0, 1, 2], [0]])), self.options)
        expected = 2 / (np.sqrt(3 * 2) + 1)
        assert model.score([query(0)])[0, 1] == pytest.approx(expected)

    def test_an_event_that_is_repeated_counts_once(self, model: Model) -> None:
        np.testing.assert_array_equal(model.score([query(1, 1, 2)]), model.score([query(1, 2)]))
        (found,) = model.explain([query(1, 1, 2)], [np.arange(ITEMS)])
        np.testing.assert_allclose(
            found.contributions.sum(1), model.score([query(1, 2)])[0], rtol=1e-5
        )


class TestUserKNN(ModelSuite):
    def make(self) -> UserKNN:
        return UserKNN(UserKNNConfig(neighbours=20, shrinkage=1, rating_shrinkage=1))

    def test_similarities(self) -> None:
        model = UserKNN(UserKNNConfig(shrinkage=1))
        model.fit(TrainingData(_small([[0, 1], [0, 2, 3]])), self.options)
        scores = model.score([query(0, 1)])[0]
        assert scores[3] == pytest.approx(1 / (np.sqrt(2 * 3) + 1))
        assert scores[1] == pytest.approx(2 / (2 + 1))


class TestIALS(ModelSuite):
    def make(self) -> IALS:
        return IALS(IALSConfig(factors=4, sweeps=6, unobserved=0.2))

    def test_a_sweep_minimises_the_loss(self) -> None:
        """The items' half of a sweep, against the normal equations over all cells."""
        model = IALS(IALSConfig(factors=3, unobserved=0.5, reg=0.1, reg_exponent=0.5))
        cells = (np.random.default_rng(0).random((5, 7)) < 0.4).astype(np.float32)
        other = np.random.default_rng(1).normal(size=(7, 3)).astype(np.float32)
        found = model._solve(sparse.csr_array(cells), other)
        for row, one in zip(cells, found, strict=True):
            reg = 0.1 * (row.sum() + 0.5 * 7) ** 0.5
            weights = np.diag(row + 0.5)
            left = other.T @ weights @ other + reg * np.eye(3)
            np.testing.assert_allclose(one, np.linalg.solve(left, other.T @ row), rtol=1e-4)


class TestBPRMF(ModelSuite):
    options = TrainingOptions(seed=3, epochs=100)

    def make(self) -> BPRMF:
        return BPRMF(BPRConfig(factors=4, batch_size=32, learning_rate=0.1))

    def test_no_draw_takes_what_the_user_has(self) -> None:
        train = _small([[0, 1], [0, 2, 3], list(range(ITEMS)), []])
        draws, generator = Draws(train), torch.Generator().manual_seed(0)
        batches = [batch for _ in range(50) for batch in draws.epoch(2, generator)]
        user, liked, other = (torch.cat(one).numpy() for one in zip(*batches, strict=True))
        assert set(zip(user.tolist(), liked.tolist(), strict=True)) == {
            (0, 0), (0, 1), (1, 0), (1, 2), (1, 3)
        }  # fmt: skip
        assert set(other[user == 0].tolist()) == set(range(2, ITEMS))
        assert set(other[user == 1].tolist()) == set(range(ITEMS)) - {0, 2, 3}

    def test_a_step_follows_the_gradient(self) -> None:
        """Against torch's own derivative of the loss that the docstring has."""
        model, generator = self.make(), torch.Generator().manual_seed(0)
        tables = [torch.randn(6, 4, generator=generator) for _ in range(2)]
        tables.append(torch.randn(6, generator=generator))
        draws = [torch.tensor(one) for one in ([0, 1, 1], [0, 2, 3], [1, 0, 0])]
        leaves = [one.clone().requires_grad_() for one in tables]
        p, q, bias = leaves
        user, liked, other = draws
        apart = (p[user] * (q[liked] - q[other])).sum(1) + bias[liked] - bias[other]
        used = (p[user], q[liked], q[other], bias[liked], bias[other])
        squares = sum((one**2).sum() for one in used)
        (-torch.nn.functional.logsigmoid(apart).sum() + 0.005 * squares).backward()
        expected = [(leaf - 0.1 * leaf.grad).detach() for leaf in leaves]  # type: ignore[operator]
        model._step(*tables, *draws)
        for found, right in zip(tables, expected, strict=True):
            torch.testing.assert_close(found, right)

    def test_a_history_is_folded_in_towards_the_minimum(
        self, model: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With many steps the loss's gradient is 0."""
        monkeypatch.setattr(pairwise_fold_in, "STEPS", 1000)
        history = np.array([1, 2, 3])
        p = torch.tensor(model._users([query(*history)])[0, :-1], dtype=torch.float64)
        p.requires_grad_()
        factors = torch.from_numpy(model.item_factors).double()
        values = factors[:, :-1] @ p + factors[:, -1]
        others = np.setdiff1d(model.negatives, history)
        apart = values[history][:, None] - values[others][None]
        loss = -torch.nn.functional.logsigmoid(apart).mean(1).sum()
        (loss + 3 * model.config.reg / 2 * (p**2).sum()).backward()
        assert p.grad is not None
        assert p.grad.abs().max() < 1e-3


class TestSVD(ModelSuite):
    """Items 9 and 4 have the highest ratings."""

    answers = (((1, 4), 9), ((9,), 4))
    options = TrainingOptions(seed=3, epochs=30)

    def make(self) -> SVD:
        return SVD(SVDConfig(factors=5, learning_rate=0.02, batch_size=64))

    @pytest.mark.slow
    def test_batches_are_nearly_one_row_after_another(self, model: Any) -> None:
        one = SVD(model.config.model_copy(update={"batch_size": 1}))
        one.fit(self.data(), self.options)
        asked = [query(1, 2, 3), query()]
        np.testing.assert_allclose(one.score(asked), model.score(asked), atol=0.1)

    def test_a_step_follows_the_gradient(self, model: Any) -> None:
        """Against torch's own derivative of the loss that the docstring has."""
        p, q = model._tables(torch.Generator().manual_seed(0), 3, 4)
        user, item = torch.tensor([0, 1, 1]), torch.tensor([2, 2, 3])
        rest = torch.tensor([1.0, -2.0, 0.5])
        leaves = [one.clone().requires_grad_() for one in (p, q)]
        of_user, of_item = leaves[0][user], leaves[1][item]
        error = rest - of_user[:, 0] - of_item[:, 0] - (of_user * of_item)[:, 1:].sum(1)
        pull = 0.02 * ((of_user**2).sum() + (of_item**2).sum())
        (0.5 * ((error**2).sum() + pull)).backward()
        expected = [(one - 0.02 * one.grad).detach() for one in leaves]  # type: ignore[operator]
        model._step(p, q, user, item, rest, p[user])
        torch.testing.assert_close(p, expected[0])
        torch.testing.assert_close(q, expected[1])

    def test_a_history_is_folded_in_as_small_steps_would(self, model: Any) -> None:
        """Plain gradient descent with steps 100 times smaller comes to the same user."""
        asked = query(1, 2, 9)
        x = model.item_factors[asked.items].astype(np.float64)
        left = np.asarray(asked.ratings) - model.mean - x[:, 0]
        x[:, 0] = 1
        theta, rate = np.zeros(x.shape[1]), 0.02 / 100
        for _ in range(100 * model.epochs):
            theta += rate * (x.T @ (left - x @ theta) - 0.02 * len(x) * theta)
        np.testing.assert_allclose(model._users([asked])[0], theta, rtol=0.02, atol=0.005)

    def test_ratings_of_the_history_count(self, model: Model) -> None:
        low = Query(1, np.array([1, 2]), np.array([1, 1], np.float32))
        high = Query(1, np.array([1, 2]), np.array([5, 5], np.float32))
        assert (model.score([high]) > model.score([low])).all()


class TestSVDPP(TestSVD):
    def make(self) -> SVDPP:
        return SVDPP(SVDPPConfig(factors=5, learning_rate=0.02, reg=0.02, batch_size=64))

    @pytest.mark.slow
    def test_batches_are_nearly_one_row_after_another(self, model: Any) -> None:
        one = SVDPP(model.config.model_copy(update={"batch_size": 1}))
        one.fit(self.data(), self.options)
        asked = [query(1, 2, 3), query()]
        np.testing.assert_allclose(one.score(asked), model.score(asked), atol=0.1)

    def test_a_history_is_folded_in_as_small_steps_would(self, model: Any) -> None:
        """Without ratings, a user is what the items of the history say."""
        unrated = Query(1, np.array([1, 2]))
        expected = (model.implicit[1] + model.implicit[2]) / np.sqrt(2)
        np.testing.assert_allclose(model._users([unrated])[0], expected, rtol=1e-5)

    def test_all_vectors_follow_the_gradient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One epoch of one row per user, in one batch: against torch's derivative."""
        model = SVDPP(SVDPPConfig(factors=3, learning_rate=0.01, reg=0.5))
        monkeypatch.setattr(svdpp, "_GROUP", 10)
        train = replace(
            _small([[0], [1]]), ratings=np.array([5, 1], np.float32), users=np.array([0, 1])
        )
        model.mean, model.epochs, model.catalogue = 3.0, 1, CATALOGUE
        first = model._tables(torch.Generator().manual_seed(3), 2, ITEMS, ITEMS)
        model._descend(train, np.array([2, -2], np.float32), TrainingOptions(seed=3))
        _, q, y = (one.clone().requires_grad_() for one in first)
        p = first[0].clone()
        of_user, of_item = p + y[:2], q[:2]
        error = torch.tensor([2.0, -2.0]) - of_user[:, 0] - of_item[:, 0]
        error = error - (of_user * of_item)[:, 1:].sum(1)
        (0.5 * ((error**2).sum() + 0.5 * ((of_item**2).sum() + (y[:2] ** 2).sum()))).backward()
        for found, leaf in ((model.item_factors, q), (model.implicit, y)):
            right = (leaf - 0.01 * leaf.grad).detach().numpy()  # type: ignore[operator]
            right[:, 0] = found[:, 0] if leaf is y else right[:, 0]  # y has no bias
            np.testing.assert_allclose(found[:2], right[:2], rtol=1e-3, atol=1e-4)


class TestBayesianSVDPP(ModelSuite):
    """Items 9 and 4 have the highest ratings."""

    answers = (((1, 4), 9), ((9,), 4))

    def make(self) -> BayesianSVDPP:
        return BayesianSVDPP(BayesianSVDPPConfig(factors=2, sweeps=30, burn_in=10, thin=5))

    def test_four_samples_are_kept(self, model: Any) -> None:
        assert model.samples.items.shape == (4, ITEMS, 3)
        assert model._kept() == 4

    def test_some_sweeps_must_be_kept(self) -> None:
        with pytest.raises(SettingsError, match="burn_in"):
            RunConfig(model="bayesian-svd++", options={"sweeps": 30}).check()

    def test_a_prediction_is_a_mean_over_samples(self, model: Any) -> None:
        """By the formula, for one query, in double precision."""
        asked, total = query(1, 2, 9), 0.0
        for n in range(4):
            one = model.samples.number(n)
            implicit = one.implicit[asked.items].astype(np.float64).sum(0) / np.sqrt(3)
            x = one.items[asked.items].astype(np.float64)
            left = asked.ratings - model.mean - x[:, 0]  # type: ignore[operator]
            x[:, 0] = 1
            system = np.diag(one.precision) + one.noise * x.T @ x
            pull = one.precision * one.centre + one.noise * x.T @ (left - x @ implicit)
            theta = implicit + np.linalg.solve(system, pull)
            total += model.mean + theta[0] + one.items[5, 0] + theta[1:] @ one.items[5, 1:]
        assert model.score([asked])[0, 5] == pytest.approx(total / 4, rel=1e-4)

    def test_ratings_of_the_history_count(self, model: Model) -> None:
        low = Query(1, np.array([1, 2]), np.array([1, 1], np.float32))
        high = Query(1, np.array([1, 2]), np.array([5, 5], np.float32))
        assert model.score([high]).mean() > model.score([low]).mean()


class TestGibbs:
    """The conditional distributions, against dense algebra without the noise of draws."""

    @pytest.fixture
    def side(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        generator = np.random.default_rng(0)
        dense = generator.normal(size=(5, 4)) * (generator.random((5, 4)) < 0.7)
        made = gibbs._Side(sparse.csr_array(dense), 3, generator)
        made.priors[0].centre = np.array([0.1, -0.2, 0.3])
        made.generator = Silent()
        return made

    def test_own_vectors(self, side: Any) -> None:
        other = np.random.default_rng(1).normal(size=(4, 3))
        precision, implicit = side.priors[0].precision, side.having @ side.parts
        squares, towards, _ = _sums(side, other)
        side._draw_own(squares, towards, 2.0)
        for row in range(5):
            columns = side.rest[[row]].indices
            x = other[columns].copy()
            left = side.rest[[row]].data - x[:, 0]
            x[:, 0] = 1
            system = np.diag(precision) + 2 * x.T @ x
            pull = precision * [0.1, -0.2, 0.3] + 2 * x.T @ (left - x @ implicit[row])
            np.testing.assert_allclose(side.own[row], np.linalg.solve(system, pull))

    def test_parts_go_to_the_joint_maximum(self, side: Any) -> None:
        """Means in turn, again and again, are Gauss-Seidel for all parts at once."""
        other = np.random.default_rng(1).normal(size=(4, 3))
        for _ in range(300):
            squares, towards, _ = _sums(side, other)
            side._draw_parts(squares, towards, 2.0)
        _, _, features = _sums(side, other)
        gradient = side.priors[1].precision * (side.priors[1].centre - side.parts)
        left = side.left_over(other)
        for owner, column, error in zip(side.owners, side.rest.indices, left, strict=True):
            share = side.having[[owner]]
            gradient[share.indices] += 2 * error * np.outer(share.data, features[column])
        np.testing.assert_allclose(gradient, 0, atol=1e-6)

    def test_what_was_planted_is_found(self) -> None:
        """Ratings of one factor with noise of .1: what is held out is predicted to about that."""
        generator = np.random.default_rng(0)
        truth = np.outer(generator.normal(size=80), generator.normal(size=40))
        shown = generator.random(truth.shape) < 0.5
        rest = sparse.csr_array(shown * (truth + 0.1 * generator.normal(size=truth.shape)))
        sampler, total = gibbs.Sampler(rest, 2, seed=1), np.zeros(truth.shape)
        for sweep in range(60):
            sampler.sweep()
            users, items = sampler.users.vectors, sampler.items.vectors
            if sweep >= 30:
                total += users[:, :1] + items[:, 0] + users[:, 1:] @ items[:, 1:].T
        error = np.sqrt(((total / 30 - truth)[~shown] ** 2).mean())
        assert error < 0.15
        assert 1 / np.sqrt(sampler.noise) == pytest.approx(0.1, abs=0.02)

    def test_what_is_taken_away_is_not_explained_on_either_side(self) -> None:
        """Columns of a row in any order; taken away anew, not on top of what was before."""
        dense = np.array([[1.0, 2, 0], [0, 3, 4]])
        rest = sparse.csr_array(([2.0, 1, 4, 3], [1, 0, 2, 1], [0, 2, 4]), shape=(2, 3))
        sampler = gibbs.Sampler(rest, 2, seed=1)
        sampler.take_away(np.full(4, 9.0))
        sampler.take_away(np.array([0.2, 0.1, 0.4, 0.3]))
        np.testing.assert_allclose(sampler.users.rest.toarray(), 0.9 * dense)
        np.testing.assert_allclose(sampler.items.rest.toarray(), 0.9 * dense.T)


class Silent:
    """A generator whose draws are the means."""

    def standard_normal(self, shape: Any) -> Any:
        return np.zeros(shape)


def _sums(side: Any, other: Any) -> tuple[Any, Any, Any]:
    """What a side's draws start from, as its ``draw`` makes it, and the features."""
    features = other.copy()
    features[:, 0] = 1
    left = side.rest.copy()
    left.data = side.left_over(other)
    return gibbs.outer_sums(side.rest, features, np.float64), left @ features, features


def _small(histories: list[list[int]], rating: float | None = None) -> Interactions:
    items = [item for history in histories for item in history]
    offsets = np.cumsum([0, *(len(history) for history in histories)])
    ratings = None if rating is None else np.full(len(items), rating, np.float32)
    users = np.arange(len(histories))
    return Interactions(CATALOGUE, users, offsets, np.array(items, np.int64), ratings)


def _fitted(cls: type[Model], train: Interactions) -> Model:
    few = {"sweeps": 40, "burn_in": 10}
    model = cls(cls.config_class(**few)) if issubclass(cls, BayesianSVDPP) else cls()
    model.fit(TrainingData(train), TrainingOptions(epochs=30))
    return model


@pytest.mark.parametrize("cls", RANKING)
def test_data_without_ratings_are_ranked(cls: type[Model]) -> None:
    """And a user with one event, items that nobody has, and users without events."""
    model = _fitted(cls, _small([[0], [0, 1], []]))
    assert np.isfinite(model.score([query(0), query(), query(11)])).all()
    assert not model.predicts_ratings()
    if "rating" in model.provides:
        with pytest.raises(ModelError, match="without ratings"):
            model.predict_rating([query(0)], [np.array([1])])


@pytest.mark.parametrize("cls", RATING)
def test_constant_ratings_are_predicted(cls: type[Model]) -> None:
    model = _fitted(cls, _small([[0], [0, 1], [2, 3, 4]], rating=3))
    unrated = Query(5, np.array([0, 1]))
    found = model.predict_rating([query(0), query(), unrated], [np.arange(ITEMS)] * 3)
    assert all(np.array_equal(one, np.full(ITEMS, 3)) for one in found)


@pytest.mark.parametrize("cls", RATING)
def test_ratings_that_are_no_numbers_are_refused(cls: type[Model]) -> None:
    train = _small([[0], [0, 1]], rating=np.nan)
    with pytest.raises(ModelError, match="not finite"):
        _fitted(cls, train)


@pytest.mark.parametrize("cls", RATING)
def test_ratings_are_better_than_their_mean(cls: type[Model]) -> None:
    """Two tastes: who rates low items high rates high ones low."""
    frame = events()
    likes = (frame["item"] % 2 == frame["user"] % 2).to_numpy()
    frame["rating"] = np.where(likes, 5.0, 1.0)
    train = interactions_from_frame(frame, CATALOGUE)
    model = _fitted(cls, train)
    every = [train.query(user) for user in range(len(train.users))]
    found = np.concatenate(model.predict_rating(every, [one.items for one in every]))
    error = np.abs(found - np.concatenate([one.ratings for one in every])).mean()  # type: ignore[arg-type]
    assert error < (2.5 if cls is Bias else 1.5)


@pytest.mark.parametrize("cls", sorted({*RANKING, *RATING}, key=str))
def test_a_large_catalogue_is_refused_or_bounded(
    cls: type[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    """200,000 items on a machine with 8 GB: most fit, and what does not says how much it needs."""
    monkeypatch.setattr(memory, "available", lambda: 8 * 10**9)
    sizes = Sizes(users=100_000, items=200_000, interactions=10_000_000)
    model: Any = cls()
    assert 0 < model.memory(sizes) < 8 * 10**9
    small = Interactions(Catalogue(np.arange(3)), np.arange(1), np.array([0, 1]), np.array([0]))
    memory.need_memory(model, small)
    monkeypatch.setattr(memory, "available", lambda: 1000)
    with pytest.raises(MemoryNeedError, match=model.name):
        memory.need_memory(model, small)


def test_a_batch_is_small_where_one_row_comes_often() -> None:
    often, seldom = torch.tensor([0, 0, 0, 0, 0, 1, 2, 3, 4, 5]), torch.arange(10)
    assert stable_batch(512, often, seldom) == 40  # 20 of them are expected to be row 0
    assert stable_batch(8, often, seldom) == 8
    assert stable_batch(512, torch.zeros(0, dtype=torch.int64)) == 1


def test_a_long_fit_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    numbers = list(passes(3, "svd", TrainingOptions(progress=True, threads=1)))
    assert numbers == [0, 1, 2]
    assert torch.get_num_threads() == threads
    list(passes(3, "svd", TrainingOptions()))
    assert capsys.readouterr().out == ""
