"""GraphLF: its score, loss and gradient against literal algebra, and odd input."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy import sparse
from set_suite import SumSuite
from small_graphs import HISTORIES, ROWS, groups, interactions, known

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Query
from reelgraph.model.needs import NOTHING, Supplied, TrainingData
from reelgraph.model.training.pairwise import DrawBatch
from reelgraph.model.typed_graph import TypedGraph
from reelgraph.model.zoo.graphlf import TRIPLES, GraphLF, GraphLFConfig

SMALL = {"factors": 4, "batch_size": 8, "tolerance": 1e-7}
CPU = torch.device("cpu")


class TestGraphLF(SumSuite):
    def make(self) -> GraphLF:
        return GraphLF(GraphLFConfig(factors=8, damping=0.6, seeds=9, batch_size=64, users=False))

    def supplied(self) -> Supplied:
        return groups()


class TestWithUsers(TestGraphLF):
    def make(self) -> GraphLF:
        return GraphLF(GraphLFConfig(factors=8, popularity=0.2, batch_size=64))


class TestWithoutKnowledge(TestGraphLF):
    def supplied(self) -> Supplied:
        return NOTHING


SUPPLIED = known(ROWS, 12, "GENRE", "ACTED", "SEQUEL")


def dense_walks(users: bool, damping: float) -> np.ndarray:
    """``π`` of each item, ``(items, nodes)``, by the inverse."""
    dense = TypedGraph.of(interactions(HISTORIES), SUPPLIED[TRIPLES], users).weighted().toarray()
    totals = dense.sum(axis=1, keepdims=True)
    steps = dense / np.where(totals > 0, totals, 1)
    return (1 - damping) * np.linalg.inv(np.eye(len(dense)) - damping * steps.T).T[:10]


@pytest.mark.parametrize("users", [True, False])
def test_scores_are_of_both_rules(users: bool) -> None:
    model = GraphLF(GraphLFConfig(**SMALL, damping=0.7, popularity=0.5, users=users))
    captured = []
    made = model.learner

    def learner(seeds: sparse.csr_array, *others: object) -> object:
        captured.append(made(seeds, *others))
        return captured[0]

    model.learner = learner  # type: ignore[method-assign]
    model.fit(TrainingData(interactions(HISTORIES), supplied=SUPPLIED), TrainingOptions(epochs=3))
    walks = dense_walks(users, 0.7)
    values = captured[0].network.values.detach().numpy().astype(np.float64)
    z = walks[:, :12] @ values
    having = np.array([sum(item in history for history in HISTORIES) for item in range(10)])
    asked = [0, 5, 7]
    graph = walks[asked, :10].mean(axis=0) * 10 / np.sqrt(np.maximum(having, 1))
    expected = model.weight * graph + z @ z[asked].mean(axis=0)
    found = model.score([Query(0, np.array(asked))])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert model.weight == pytest.approx(np.log1p(np.exp(captured[0].network.rule.item())))


def small_learner() -> tuple[GraphLF, object, np.ndarray, np.ndarray]:
    """A model with random walks, its learner in double precision, walks and seeds."""
    random = np.random.default_rng(0)
    model = GraphLF(GraphLFConfig(**SMALL, reg=0.3))
    walks = random.random((10, 10)).astype(np.float32)
    seeds = (random.random((10, 12)) * (random.random((10, 12)) < 0.5)).astype(np.float32)
    data = TrainingData(interactions(HISTORIES))
    model.catalogue, model.walks = data.catalogue, sparse.csr_array(walks)
    learner = model.learner(sparse.csr_array(seeds), data, TrainingOptions(), CPU)
    learner.network.double()
    for name in ("histories", "lengths", "walks", "walked"):
        setattr(learner, name, getattr(learner, name).double())
    return model, learner, walks.astype(np.float64), seeds.astype(np.float64)


class _Loss(torch.nn.Module):
    def __init__(self, learner, batch) -> None:
        super().__init__()
        self.network, self.learner, self.batch = learner.network, learner, batch

    def forward(self) -> torch.Tensor:
        return self.learner.loss(self.batch)


def test_the_loss_and_its_gradient() -> None:
    _, learner, walks, seeds = small_learner()
    learner.network.rule.data.fill_(0.4)
    batch = DrawBatch(torch.tensor([0, 1, 2]), torch.tensor([0, 3, 4]), torch.tensor([9, 8, 2]))
    z = seeds @ learner.network.values.detach().numpy()
    expected = 0.0
    for user, liked, other in zip(*(one.tolist() for one in vars(batch).values()), strict=True):
        rest = [item for item in HISTORIES[user] if item != liked]
        of_user = z[rest].sum(axis=0) / max(len(rest), 1)
        graph = walks[rest].sum(axis=0) / max(len(rest), 1)
        x = np.log1p(np.exp(0.4)) * graph + z @ of_user
        lengths = sum((one**2).sum() for one in (of_user, z[liked], z[other]))
        expected += (np.log1p(np.exp(-(x[liked] - x[other]))) + 0.15 * lengths) / 3
    assert learner.loss(batch).item() == pytest.approx(expected, rel=1e-6)

    def loss(values: torch.Tensor, rule: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(
            _Loss(learner, batch), {"network.values": values, "network.rule": rule}, ()
        )

    first = [one.detach().clone().requires_grad_() for one in learner.network.parameters()]
    assert torch.autograd.gradcheck(loss, first)


def test_a_user_of_one_item_teaches_nothing() -> None:
    """Without the item that is asked for there is no history, so nothing is compared."""
    _, learner, _, _ = small_learner()
    one = torch.tensor([2])
    batch = DrawBatch(one, torch.tensor([4]), torch.tensor([1]))
    learner.config = learner.config.model_copy(update={"reg": 0})
    loss = learner.loss(batch)
    assert loss.item() == pytest.approx(np.log(2), rel=1e-6)
    torch.autograd.backward(loss)
    assert not learner.network.values.grad.any()


def test_it_learns_by_heart() -> None:
    model = GraphLF(GraphLFConfig(factors=16, reg=0, learning_rate=0.05, batch_size=16))
    histories = [[0, 1, 2], [0, 1, 2], [3, 4, 5], [3, 4, 5], [6, 7, 8], [6, 7, 8], [9, 6]]
    data = TrainingData(interactions(histories), supplied=SUPPLIED)
    model.fit(data, TrainingOptions(epochs=40))
    queries = [Query(0, np.array(items)) for items in ([0, 1], [4, 5], [6, 8])]
    assert model.recommend(queries, 1).items.ravel().tolist() == [2, 3, 7]


def test_an_item_without_events_is_near_what_it_shares() -> None:
    """Item 9 has no event, and the genre of one group."""
    histories = [[0, 1, 2], [0, 2, 1], [1, 2, 0], [3, 4, 5], [4, 5, 3], [5, 3, 4]]
    rows = [(item, 0, 10 + item // 3) for item in range(6)] + [(9, 0, 10), (8, 0, 11)]
    supplied = known(rows, 12, "GENRE")
    model = GraphLF(GraphLFConfig(factors=8, learning_rate=0.03, batch_size=16))
    model.fit(TrainingData(interactions(histories), supplied=supplied), TrainingOptions(epochs=40))
    first, second = model.score([Query(0, np.array([0, 1])), Query(0, np.array([3, 4]))])
    assert first[9] > first[8] and second[8] > second[9]


def test_unusable_settings_are_refused() -> None:
    for wrong in ({"damping": 0}, {"seeds": 0}, {"clip": 2}):
        with pytest.raises(ValidationError):
            GraphLFConfig(**wrong)
