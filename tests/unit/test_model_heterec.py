"""HeteRec: similarities, factors, weights and answers against literal algebra."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from set_suite import SumSuite
from sklearn.decomposition import NMF
from small_graphs import HISTORIES, ROWS, groups, interactions, known

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Query
from reelgraph.model.needs import NOTHING, Supplied, TrainingData
from reelgraph.model.nonnegative import nonnegative_factors
from reelgraph.model.similarities import path_similarities
from reelgraph.model.training.draws import Draws
from reelgraph.model.zoo.heterec import TRIPLES, HeteRec, HeteRecConfig
from reelgraph.model.zoo.heterec_weights import cluster_centres, draw_features, path_weights
from reelgraph.model.zoo.meta_paths import meta_paths


class TestHeteRec(SumSuite):
    def make(self) -> HeteRec:
        return HeteRec(HeteRecConfig(factors=4, clusters=0, neighbours=20, sweeps=40, reg=1e-3))

    def supplied(self) -> Supplied:
        return groups()


class TestClusters(TestHeteRec):
    def make(self) -> HeteRec:
        return HeteRec(HeteRecConfig(factors=4, clusters=2, sweeps=40))


class TestWithoutKnowledge(TestHeteRec):
    def supplied(self) -> Supplied:
        return NOTHING


def test_similarity_along_a_path() -> None:
    random = np.random.default_rng(1)
    links = (random.random((9, 5)) < 0.4).astype(np.float32)
    links[4] = 0
    ((_, found),) = path_similarities(sparse.csr_array(links))
    for i in range(9):
        for j in range(9):
            paths = [sum(links[a] * links[b]) for a, b in ((i, j), (i, i), (j, j))]
            expected = 2 * paths[0] / (paths[1] + paths[2]) if paths[1] + paths[2] else 0
            assert found[i, j] == pytest.approx(expected, abs=1e-6)


def test_paths_go_by_each_relation_and_by_users() -> None:
    rows = [*ROWS, (0, 3, 11), (10, 4, 11), (6, 2, 9), (7, 2, 7)]
    triples = known(rows, 12, "GENRE", "ACTED", "SEQUEL", "ALONE", "ABOUT")[TRIPLES]
    found = {
        one.name: one.similar.toarray() for one in meta_paths(interactions(HISTORIES), triples, 9)
    }
    assert list(found) == ["users", "along GENRE", "against ACTED", "along SEQUEL"]
    # two sequels of one film are alike; nobody shares what follows them, nor what is ALONE's
    assert np.argwhere(found["along SEQUEL"]).tolist() == [[5, 5], [5, 6], [6, 5], [6, 6]]
    assert set(map(tuple, np.argwhere(found["along GENRE"]))) == {
        (i, j) for i in (0, 3, 9) for j in (0, 3, 9)
    }
    users = found["users"]
    assert users[0, 1] == pytest.approx(2 * 1 / (1 + 2)), "item 1 has two users, item 0 one of them"
    assert users[9].sum() == 0, "nobody has item 9"
    kept = meta_paths(interactions(HISTORIES), triples, 1)
    assert (np.diff(kept[1].similar.indptr)[[0, 3, 9]] == 2).all(), "itself and one more"


def test_a_relation_may_have_any_name() -> None:
    """Also one that is a word of the model's own: each path keeps a weight of its own."""
    rows = [(0, 0, 11), (3, 0, 11), (11, 1, 4), (11, 1, 8), (2, 2, 10), (7, 2, 10)]
    named = {}
    for names in (("GENRE", "ACTED", "ABOUT"), ("users", "along users", "against users")):
        model = fitted(supplied=known(rows, 12, *names))
        first, second, third = names
        assert model.paths == ("users", f"along {first}", f"against {second}", f"along {third}")
        named[names] = model.summary()["weights"]
        assert list(named[names]) == list(model.paths)
    plain, odd = (list(weights.values()) for weights in named.values())
    assert plain == odd


def test_factors_are_as_near_as_those_of_scikit_learn() -> None:
    random = np.random.default_rng(2)
    rows = sparse.csr_array((random.random((30, 12)) < 0.3).astype(np.float32))
    columns = sparse.csr_array(random.random((12, 12)).astype(np.float32))
    dense = (rows @ columns).toarray()
    losses = []
    for sweeps in (1, 5, 200):
        u, v = nonnegative_factors(rows, columns, 4, sweeps, seed=0)
        assert (u >= 0).all() and (v >= 0).all()
        losses.append(np.linalg.norm(dense - u @ v.T))
    assert losses == sorted(losses, reverse=True)
    other = NMF(4, init="nndsvda", max_iter=2000, tol=1e-5).fit(dense)
    assert losses[-1] == pytest.approx(other.reconstruction_err_, rel=0.02)


def test_weights_are_at_the_lowest_point_of_the_loss() -> None:
    random = np.random.default_rng(3)
    apart = random.normal([0.5, -0.2, 0.0], 1, (400, 3))
    found, reg = path_weights(apart, 0.1), 0.1

    def loss(theta: np.ndarray) -> float:
        return float(np.log1p(np.exp(-apart @ theta)).mean() + reg / 2 * theta @ theta)

    for step in 0.02 * np.concatenate([np.eye(3), -np.eye(3)]):
        assert loss(found + step) > loss(found)
    np.testing.assert_array_equal(path_weights(np.zeros((0, 3)), 0.1), 1)


def fitted(clusters: int = 0, supplied: Supplied | None = None) -> HeteRec:
    supplied = known(ROWS, 12, "GENRE", "ACTED", "SEQUEL") if supplied is None else supplied
    model = HeteRec(HeteRecConfig(factors=3, clusters=clusters, neighbours=400, sweeps=20))
    model.fit(TrainingData(interactions(HISTORIES), supplied=supplied), TrainingOptions())
    return model


def literal_users(model: HeteRec, history: list[int]) -> np.ndarray:
    """Least squares of the history's row along each path: ``(paths, factors)``."""
    triples = known(ROWS, 12, "GENRE", "ACTED", "SEQUEL")[TRIPLES]
    paths = meta_paths(interactions(HISTORIES), triples, 400)
    x = np.zeros(10)
    x[history] = 1
    found = []
    for place, path in enumerate(paths):
        v = model.ranked[:, place].astype(np.float64)
        ridge = 1e-4 * np.trace(v.T @ v) / 3 * np.eye(3)
        found.append(np.linalg.solve(v.T @ v + ridge, v.T @ (x @ path.similar.toarray())))
    return np.array(found)


def test_scores_are_sums_over_paths() -> None:
    model = fitted()
    assert model.paths == ("users", "along GENRE", "against ACTED")
    users = literal_users(model, [0, 5, 7])
    expected = sum(
        weight * model.ranked[:, place] @ user
        for place, (weight, user) in enumerate(zip(model.weights[0], users, strict=True))
    )
    found = model.score([Query(0, np.array([0, 5, 7]))])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_scores_with_clusters_are_shared_by_their_cosines() -> None:
    model = fitted(clusters=2)
    assert model.weights.shape == (2, 3)
    users = literal_users(model, [0, 2])
    near = np.maximum(model.centres @ users[0] / np.linalg.norm(users[0]), 0)
    assert near.any()
    expected = sum(
        cosine * theta[place] * model.ranked[:, place] @ users[place]
        for cosine, theta in zip(near, model.weights, strict=True)
        for place in range(3)
    )
    found = model.score([Query(0, np.array([0, 2]))])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


def test_draws_are_asked_without_their_item() -> None:
    random = np.random.default_rng(4)
    had, ranked = (random.normal(size=(10, 2, 3)).astype(np.float32) for _ in range(2))
    train = interactions(HISTORIES)
    draws = Draws(train)
    ones = np.zeros((6, 10), np.float32)
    for user, history in enumerate(HISTORIES):
        ones[user, history] = 1
    owners, apart = draw_features(sparse.csr_array(ones), had, ranked, draws, seed=0)
    assert sorted(owners.tolist()) == [0, 0, 0, 1, 1, 2, 4, 4, 4, 5, 5]
    # all pairs that a user's draw can be: the one that was drawn is among them
    for user, found in zip(owners.tolist(), apart, strict=True):
        possible = []
        for liked in HISTORIES[user]:
            rest = [item for item in HISTORIES[user] if item != liked]
            for other in set(range(10)) - set(HISTORIES[user]):
                vectors = had[rest].sum(axis=0)
                possible.append(((ranked[liked] - ranked[other]) * vectors).sum(axis=1))
        assert np.abs(np.array(possible) - found).max(axis=1).min() < 1e-4


def test_centres_are_directions_of_users() -> None:
    users = np.array([[1, 0], [5, 0.1], [0, 2], [0.1, 9], [0, 0]], np.float32)
    found = cluster_centres(users, 2, seed=0)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)
    assert sorted(np.round(found[:, 0]).tolist()) == [0, 1]
    assert cluster_centres(np.zeros((3, 2), np.float32), 5, seed=0).tolist() == [[0, 0]]
    assert len(cluster_centres(users[:1], 5, seed=0)) == 1


def test_the_path_that_decides_is_followed() -> None:
    """Users stay with a director; genres say nothing."""
    random = np.random.default_rng(0)
    items = 60
    rows = [(item, 0, items + item % 2) for item in range(items)]
    rows += [(item, 1, items + 2 + item // 3) for item in range(items)]
    firsts = [random.permutation(items // 3)[:4] * 3 for _ in range(40)]
    histories = [[*one, *(one + 1)] for one in firsts]
    supplied = known(rows, items + 2 + items // 3, "GENRE", "DIRECTOR")
    model = HeteRec(HeteRecConfig(factors=20, clusters=0))
    model.fit(TrainingData(interactions(histories, items), supplied=supplied), TrainingOptions())
    assert model.paths == ("users", "along GENRE", "along DIRECTOR")
    assert model.weights[0, 2] > 0
    queries = [Query(0, np.array([3 * n])) for n in range(10)]
    found = model.recommend(queries, 2).items
    same = (found // 3 == np.arange(10)[:, None]).mean()
    assert same > 0.8, "the others of the director come first"
