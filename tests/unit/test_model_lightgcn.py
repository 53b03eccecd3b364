"""LightGCN: its propagation, its loss and its answers against dense algebra."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from set_suite import SumSuite

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.needs import TrainingData
from reelgraph.model.training.pairwise import DrawBatch
from reelgraph.model.zoo.lightgcn import LightGCN, LightGCNConfig
from reelgraph.model.zoo.lightgcn_network import LightGCNNetwork

SMALL = {"embedding_size": 4, "layers": 3, "batch_size": 16}
HISTORIES = [[0, 1, 2], [2, 3], [4], [], [1, 5, 5, 6], list(range(10))]
CPU = torch.device("cpu")


class TestLightGCN(SumSuite):
    def make(self) -> LightGCN:
        return LightGCN(LightGCNConfig(embedding_size=8, layers=2, batch_size=64))


class TestWithOwnVectors(TestLightGCN):
    def make(self) -> LightGCN:
        return LightGCN(LightGCNConfig(embedding_size=8, layers=2, batch_size=64, own_vectors=True))


def interactions(histories: list[list[int]], items: int = 10) -> Interactions:
    lengths = [len(history) for history in histories]
    return Interactions(
        Catalogue(np.arange(items)),
        np.arange(len(histories)),
        np.concatenate([[0], np.cumsum(lengths)]),
        np.array([item for history in histories for item in history], np.int64),
    )


def dense_layers(
    histories: list[list[int]], items: np.ndarray, users: np.ndarray, layers: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Neighbour by neighbour, as the paper's equation is written."""
    sets = [set(history) for history in histories]
    having = [[user for user, one in enumerate(sets) if item in one] for item in range(len(items))]
    of_users, of_items = [users], [items]
    for _ in range(layers):
        next_users, next_items = np.zeros_like(users), np.zeros_like(items)
        for user, one in enumerate(sets):
            for item in one:
                share = 1 / np.sqrt(len(one) * len(having[item]))
                next_users[user] += share * of_items[-1][item]
                next_items[item] += share * of_users[-1][user]
        of_users.append(next_users)
        of_items.append(next_items)
    return of_users, of_items


@pytest.mark.parametrize("own", [True, False])
def test_layers_are_sums_over_neighbours(own: bool) -> None:
    torch.manual_seed(0)
    network = LightGCNNetwork(interactions(HISTORIES), 4, 3, own)
    first = [one.detach().numpy().astype(np.float64) for one in (network.items, network.users)]
    expected = dense_layers(HISTORIES, *first, 3)
    with torch.inference_mode():
        found = network()
    for of_one, wanted in zip(found, expected, strict=True):
        assert len(of_one) == 4
        stacked = torch.stack(of_one).detach().numpy()
        np.testing.assert_allclose(stacked, np.stack(wanted), rtol=1e-4, atol=1e-6)
    assert bool(network.users.any()) is own


@pytest.mark.parametrize("own", [True, False])
def test_a_query_is_a_node_that_is_added_to_the_graph(own: bool) -> None:
    """Its layers are one step from those that the items have without it; its own are 0."""
    config = LightGCNConfig(**SMALL, own_vectors=own)
    model, data = LightGCN(config), TrainingData(interactions(HISTORIES))
    learner = model.learner(data, TrainingOptions(), CPU)
    list(learner.epoch(1))
    model.take(learner.network)
    items = learner.network.items.detach().numpy().astype(np.float64)
    users = learner.network.users.detach().numpy().astype(np.float64)
    _, layers = dense_layers(HISTORIES, items, users, 3)
    having = np.array([sum(item in history for history in HISTORIES) for item in range(10)])
    asked = [2, 4, 7]
    steps = [
        sum(layer[item] / np.sqrt(len(asked) * having[item]) for item in asked)
        for layer in layers[:-1]
    ]
    user = np.sum(steps, axis=0) / 4
    expected = np.mean(layers, axis=0) @ user
    found = model.score([Query(0, np.array(asked))])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_a_train_user_is_told_what_the_fit_said_of_them() -> None:
    model, data = LightGCN(LightGCNConfig(**SMALL)), TrainingData(interactions(HISTORIES))
    learner = model.learner(data, TrainingOptions(), CPU)
    list(learner.epoch(1))
    model.take(learner.network)
    with torch.inference_mode():
        users, items = (torch.stack(one).mean(0) for one in learner.network())
    queries = [Query(-1, np.array(history, np.int64)) for history in HISTORIES]
    np.testing.assert_allclose(model.score(queries), (users @ items.T).numpy(), atol=1e-6)


def test_the_loss_and_its_gradient() -> None:
    config = LightGCNConfig(**SMALL, own_vectors=True, reg=0.3)
    data = TrainingData(interactions(HISTORIES))
    learner = LightGCN(config).learner(data, TrainingOptions(), CPU)
    learner.network.double()
    batch = DrawBatch(torch.tensor([0, 1, 4]), torch.tensor([0, 3, 6]), torch.tensor([9, 9, 2]))
    first = [one.detach().numpy().copy() for one in (learner.network.items, learner.network.users)]
    users, items = (np.mean(one, axis=0) for one in dense_layers(HISTORIES, *first, 3))
    expected = 0.0
    for user, liked, other in zip(*(one.tolist() for one in vars(batch).values()), strict=True):
        apart = users[user] @ (items[liked] - items[other])
        lengths = sum((one**2).sum() for one in (first[1][user], first[0][liked], first[0][other]))
        expected += (np.log1p(np.exp(-apart)) + 0.15 * lengths) / 3
    assert learner.loss(batch).item() == pytest.approx(expected, rel=1e-6)

    def loss(of_items: torch.Tensor, of_users: torch.Tensor) -> torch.Tensor:
        return torch.func.functional_call(
            _Loss(learner, batch), {"network.items": of_items, "network.users": of_users}, ()
        )

    given = [torch.from_numpy(one).requires_grad_() for one in first]
    assert torch.autograd.gradcheck(loss, given)


class _Loss(torch.nn.Module):
    def __init__(self, learner, batch) -> None:
        super().__init__()
        self.network, self.learner, self.batch = learner.network, learner, batch

    def forward(self) -> torch.Tensor:
        return self.learner.loss(self.batch)


def test_edges_are_no_part_of_what_is_saved() -> None:
    network = LightGCNNetwork(interactions(HISTORIES), 4, 3, True)
    assert list(network.state_dict()) == ["items", "users"]
    assert network.to_users.is_sparse


def test_unusable_settings_are_refused() -> None:
    for wrong in ({"layers": 0}, {"reg": -1}, {"clip": 2}):
        with pytest.raises(ValidationError):
            LightGCNConfig(**wrong)
