"""LibFM: the factorization machine, its loss and its answers against sums over all pairs."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy import sparse
from set_suite import SetSuite

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.needs import NOTHING, Facts, FactsNeed, Supplied, TrainingData
from reelgraph.model.training.draws import Draws
from reelgraph.model.training.pairwise import DrawBatch
from reelgraph.model.zoo.factorization_machine import FactorizationMachine, FMLearner
from reelgraph.model.zoo.libfm import LibFM, LibFMConfig
from reelgraph.testing.model_suite import ITEMS, query

SMALL = {"factors": 4, "batch_size": 16}
HISTORIES = [[0, 1, 2], [2, 3], [4], [], [1, 5, 5, 6], list(range(8))]
N, COLD, UNKNOWN = 10, 8, 9  # nobody has items 8 and 9; nothing is known of 9
CPU = torch.device("cpu")


def told() -> Facts:
    """Two kinds, and a topic that some items have beside."""
    rows = np.zeros((N, 3), np.float32)
    rows[:5, 0] = rows[5:UNKNOWN, 1] = rows[[0, 3, COLD], 2] = 1
    return Facts(sparse.csr_array(rows), ("kind a", "kind b", "topic"))


def interactions(histories: list[list[int]], items: int = N) -> Interactions:
    lengths = [len(history) for history in histories]
    return Interactions(
        Catalogue(np.arange(items)),
        np.arange(len(histories)),
        np.concatenate([[0], np.cumsum(lengths)]),
        np.array([item for history in histories for item in history], np.int64),
    )


def data(knowledge: bool = True) -> TrainingData:
    supplied = Supplied({FactsNeed(): told()}) if knowledge else NOTHING
    return TrainingData(interactions(HISTORIES), None, supplied)


def random_learner(model: LibFM, given: TrainingData) -> FMLearner:
    """All parameters drawn at random, also those that begin with 0, in double precision."""
    learner = model.learner(given, TrainingOptions(), CPU)
    torch.manual_seed(1)
    with torch.no_grad():
        for one in learner.network.parameters():
            one.normal_()
    learner.network.double()
    return learner


def machine(network: FactorizationMachine, history: list[int], item: int, facts: Facts) -> float:
    """``ŷ`` by the equation of the paper: a sum over all pairs of features that are not 0."""
    w_item, v_item, y, w_fact, z = (
        one.detach().numpy()
        for one in (
            network.weights,
            network.items,
            network.history,
            network.fact_weights,
            network.facts,
        )
    )
    features = [(1 / np.sqrt(len(history)), 0.0, y[one]) for one in history]
    if any(item in one for one in HISTORIES):
        features.append((1.0, w_item[item], v_item[item]))
    of_item = facts.rows[[item]].indices
    features += [(1 / np.sqrt(len(of_item)), w_fact[one], z[one]) for one in of_item]
    linear = sum(x * w for x, w, _ in features)
    pairs = sum(v @ u * x * t for (x, _, v), (t, _, u) in combinations(features, 2))
    return float(linear + pairs)


class TestLibFM(SetSuite):
    def make(self) -> LibFM:
        return LibFM(LibFMConfig(factors=8, batch_size=64, learning_rate=0.02))


class TestWithFacts(TestLibFM):
    """Items of a group share a fact, and neighbours share one."""

    def supplied(self) -> Supplied:
        rows = np.zeros((ITEMS, 8), np.float32)
        for item in range(ITEMS - 1):  # of the last nothing is known
            rows[item, item // 6] = rows[item, 2 + item // 2] = 1
        names = tuple(f"fact {n}" for n in range(8))
        return Supplied({FactsNeed(): Facts(sparse.csr_array(rows), names)})


def test_scores_differ_as_the_sum_over_all_pairs_says() -> None:
    model, facts = LibFM(LibFMConfig(**SMALL)), told()
    network = random_learner(model, data()).network
    model.take(network)
    for history in ([0, 3, 7], [5], [1, 2, 4, 6]):
        found = model.score([Query(0, np.array(history))])[0]
        expected = np.array([machine(network, history, item, facts) for item in range(UNKNOWN)])
        np.testing.assert_allclose(np.diff(found[:UNKNOWN]), np.diff(expected), rtol=1e-6)


def test_without_facts_it_is_items_of_a_history_with_items() -> None:
    model = LibFM(LibFMConfig(**SMALL))
    network = random_learner(model, data(knowledge=False)).network
    model.take(network)
    none = Facts(sparse.csr_array((N, 0)), ())
    expected = np.array([machine(network, [2, 5], item, none) for item in range(COLD)])
    found = model.score([Query(0, np.array([2, 5]))])[0, :COLD]
    np.testing.assert_allclose(np.diff(found), np.diff(expected), rtol=1e-6)


def test_facts_that_are_not_asked_for_are_not_read() -> None:
    given = data()
    left_out = LibFM(LibFMConfig(**SMALL, facts=False))
    left_out.fit(given, TrainingOptions(epochs=2))
    without = LibFM(LibFMConfig(**SMALL))
    without.fit(data(knowledge=False), TrainingOptions(epochs=2))
    np.testing.assert_array_equal(left_out.score([query(1, 2)]), without.score([query(1, 2)]))
    assert LibFM.needs(left_out.config) == ()


def test_the_loss_and_its_gradient() -> None:
    """The user of a draw is the history without the item that is drawn."""
    learner, facts = random_learner(LibFM(LibFMConfig(**SMALL)), data()), told()
    drawn = [(0, 0, 7), (1, 3, 0), (4, 6, 2), (4, 1, 0)]
    batch = DrawBatch(*torch.tensor(drawn).T)
    expected = 0.0
    for user, liked, other in drawn:
        rest = sorted(set(HISTORIES[user]) - {liked})
        apart = machine(learner.network, rest, liked, facts)
        apart -= machine(learner.network, rest, other, facts)
        expected += np.log1p(np.exp(-apart)) / len(batch.users)
    assert learner.loss(batch).item() == pytest.approx(expected, rel=1e-6)
    names, given = zip(*learner.network.named_parameters(), strict=True)

    def loss(*parameters: torch.Tensor) -> torch.Tensor:
        named = {f"network.{name}": one for name, one in zip(names, parameters, strict=True)}
        return torch.func.functional_call(_Loss(learner, batch), named, ())

    assert torch.autograd.gradcheck(loss, [one.detach().requires_grad_() for one in given])


class _Loss(torch.nn.Module):
    def __init__(self, learner: FMLearner, batch: DrawBatch) -> None:
        super().__init__()
        self.network, self.learner, self.batch = learner.network, learner, batch

    def forward(self) -> torch.Tensor:
        return self.learner.loss(self.batch)


def test_an_item_without_events_is_its_facts_alone() -> None:
    """Items 3 and 8 share the topic, 8 and those of kind b the kind; 9 shares nothing."""
    histories = [[0, 3, one] for one in (1, 2, 4)] * 4 + [[5, 6], [6, 7], [5, 7]] * 4
    train = interactions(histories)
    given = TrainingData(train, None, Supplied({FactsNeed(): told()}))
    model = LibFM(LibFMConfig(factors=4, learning_rate=0.02, batch_size=16))
    model.fit(given, TrainingOptions(epochs=60))
    found = model.score([Query(0, np.array([0, 1])), Query(0, np.array([5]))])
    assert found[0, 3] == found[0].max(), "what was learned"
    assert found[1, COLD] > found[1, [1, 2, 4]].max(), "kind b after an item of kind b"
    assert model.ranked[UNKNOWN, -1] == model.ranked[:, -1].min()
    assert not model.ranked[UNKNOWN, :-1].any()
    assert not model.history[[COLD, UNKNOWN]].any(), "in a history they say nothing"


def test_a_tiny_set_is_learned_by_heart() -> None:
    model = LibFM(LibFMConfig(factors=8, learning_rate=0.05, reg=0, batch_size=8))
    result = model.fit(data(knowledge=False), TrainingOptions(epochs=200))
    first, last = result.history[0]["loss"], result.history[-1]["loss"]
    assert first > 0.5
    assert last < 0.15, "users 2 and 5 of one event and of all teach little"


def test_negatives_are_items_of_train_and_users_stand_together() -> None:
    draws, generator = Draws(interactions(HISTORIES), True), torch.Generator().manual_seed(0)
    for _ in range(20):
        batches = list(draws.epoch(3, generator, by_user=True))
        users, liked, others = (torch.cat(one).numpy() for one in zip(*batches, strict=True))
        assert others.max() < COLD
        changes = np.count_nonzero(np.diff(users)) + 1
        assert changes == len(set(users.tolist())) == 4, "user 5 has every item of train"
        pairs = sorted(zip(users.tolist(), liked.tolist(), strict=True))
        assert pairs == [(0, 0), (0, 1), (0, 2), (1, 2), (1, 3), (2, 4), (4, 1), (4, 5), (4, 6)]
    epochs = [list(draws.epoch(9, generator, by_user=True)) for _ in range(20)]
    assert len({tuple(epoch[0][0].tolist()) for epoch in epochs}) > 5, "in another order each time"


def test_unusable_settings_are_refused() -> None:
    for wrong in ({"factors": 0}, {"reg": -1}, {"clip": 2}):
        with pytest.raises(ValidationError):
            LibFMConfig(**wrong)
