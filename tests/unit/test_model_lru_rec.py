"""LRURec: its recurrence and blocks against plain loops, and that it learns what follows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy.special import erf

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.needs import TrainingData
from reelgraph.model.training.next_item import NextItemLearner
from reelgraph.model.zoo.lru_network import LRUNetwork, RecurrentBlock, linear_recurrence
from reelgraph.model.zoo.lru_rec import LRURec, LRURecConfig
from reelgraph.testing import ModelSuite

SMALL = {"embedding_size": 8, "blocks": 2, "dropout": 0.1, "batch_size": 8}
N = 30


class TestLRURec(ModelSuite):
    def make(self) -> LRURec:
        return LRURec(LRURecConfig(embedding_size=16, blocks=1, dropout=0.1, ahead=1))


def interactions(lengths: list[int], seed: int = 0) -> Interactions:
    generator = np.random.default_rng(seed)
    items = [generator.permutation(N)[:length] for length in lengths]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Interactions(
        Catalogue(np.arange(N)), np.arange(len(lengths)), offsets, np.concatenate(items)
    )


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 100])
def test_the_recurrence_in_parallel_equals_step_by_step(length: int) -> None:
    generator = np.random.default_rng(length)
    z = generator.normal(size=(2, 3, length, 4)).astype(np.float32)
    given = z[0] + 1j * z[1]  # (3, length, 4)
    factor = 0.95 * np.exp(1j * generator.uniform(0, 6, 4))
    expected, state = [], np.zeros((3, 4), np.complex128)
    for step in range(length):
        state = factor * state + given[:, step]
        expected.append(state)
    found = linear_recurrence(
        torch.from_numpy(given.astype(np.complex64)), torch.from_numpy(factor.astype(np.complex64))
    )
    np.testing.assert_allclose(found.numpy(), np.stack(expected, 1), rtol=2e-4, atol=2e-5)


def test_the_gradient_of_the_recurrence() -> None:
    torch.manual_seed(0)
    given = torch.randn(2, 5, 3, dtype=torch.complex128, requires_grad=True)
    factor = (0.9 * torch.exp(1j * torch.rand(3, dtype=torch.float64))).requires_grad_()
    assert torch.autograd.gradcheck(linear_recurrence, (given, factor))


def norm(x: np.ndarray, layer: torch.nn.LayerNorm) -> np.ndarray:
    scaled = (x - x.mean()) / np.sqrt(x.var() + layer.eps)
    return scaled * layer.weight.detach().numpy() + layer.bias.detach().numpy()


def test_a_block_is_what_its_equations_say() -> None:
    """One event after the other, with complex matrices."""
    torch.manual_seed(1)
    size, states = 4, 8
    block = RecurrentBlock(size, dropout=0.5).double().eval()
    for parameter in block.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    x = torch.randn(2, 6, size, dtype=torch.float64)
    weights = {name: one.detach().numpy() for name, one in block.named_parameters()}
    decay, angle, scale = np.exp(weights["rates"])
    factor = np.exp(-decay + 1j * angle)
    enter = weights["enter.weight"][:states] + 1j * weights["enter.weight"][states:]
    enter_bias = weights["enter.bias"][:states] + 1j * weights["enter.bias"][states:]
    leave = weights["leave.weight"][:, :states] - 1j * weights["leave.weight"][:, states:]
    expected = np.zeros((2, 6, size))
    for row in range(2):
        h = np.zeros(states, np.complex128)
        for t in range(6):
            given = x[row, t].numpy()
            h = factor * h + scale * (enter @ given + enter_bias)
            y = norm(given + (leave @ h).real + weights["leave.bias"], block.recurrence_norm)
            inner = weights["widen.weight"] @ y + weights["widen.bias"]
            inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
            mapped = weights["narrow.weight"] @ inner + weights["narrow.bias"]
            expected[row, t] = norm(y + mapped, block.map_norm)
    with torch.inference_mode():
        found = block(x).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)  # what enters is float32


def test_states_begin_in_the_ring_and_as_large_as_what_comes_in() -> None:
    torch.manual_seed(0)
    decay, _, scale = RecurrentBlock(200, 0.0).rates.detach().exp()
    sizes = torch.exp(-decay)
    assert 0.8 <= float(sizes.min()) < 0.81 and 0.98 < float(sizes.max()) <= 0.99
    torch.testing.assert_close(scale**2 + sizes**2, torch.ones(400))


def test_what_comes_later_changes_no_earlier_position() -> None:
    torch.manual_seed(0)
    network = LRUNetwork(N, 8, blocks=2, dropout=0.3).eval()
    first = torch.randint(0, N, (3, 70))
    second = first.clone()
    second[:, 50:] = (first[:, 50:] + torch.randint(1, N, (3, 20))) % N
    inputs = network.item_inputs()
    before, after = network(first, inputs), network(second, inputs)
    assert torch.equal(before[:, :50], after[:, :50])
    assert not torch.allclose(before[:, 50:], after[:, 50:])
    torch.testing.assert_close(network(first[:, :50], inputs), before[:, :50])


def test_what_was_long_ago_still_counts() -> None:
    torch.manual_seed(0)
    network = LRUNetwork(N, 8, blocks=1, dropout=0.0).eval()
    items = torch.arange(20)[None]
    other = items.clone()
    other[0, 0] = 25
    inputs = network.item_inputs()
    assert not torch.equal(network(items, inputs)[:, -1], network(other, inputs)[:, -1])


def test_an_order_is_learnt_by_heart() -> None:
    """Each item has one that follows: it comes first, and only the first item stays chance."""
    cycle = np.random.default_rng(3).permutation(10)
    sequences = [np.roll(cycle, -start)[:6] for start in range(10)]
    data = Interactions(
        Catalogue(np.arange(10)), np.arange(10), np.arange(0, 61, 6), np.concatenate(sequences)
    )
    options = {**SMALL, "dropout": 0, "learning_rate": 0.01, "schedule": "constant", "ahead": 1}
    model = LRURec(LRURecConfig(**options))
    result = model.fit(TrainingData(data), TrainingOptions(epochs=60))
    asked = [Query(0, sequence[:-1]) for sequence in sequences]
    found = model.recommend(asked, 1).items[:, 0]
    assert found.tolist() == [int(sequence[-1]) for sequence in sequences]
    least = np.log(10) / 6  # one in ten of the first, sure of the five that follow
    assert least < result.history[-1]["loss"] < 1.2 * least


def test_gradient_reaches_every_parameter() -> None:
    model = LRURec(LRURecConfig(**SMALL))
    data = TrainingData(interactions([9, 4, 12, 7]))
    learner = model.learner(data, TrainingOptions(), torch.device("cpu"))
    assert isinstance(learner, NextItemLearner)
    next(learner.epoch(1))
    parameters = model.network.named_parameters()
    assert [name for name, one in parameters if one.grad is None or not one.grad.any()] == []


def test_no_history_is_scored_by_the_biases() -> None:
    model = LRURec(LRURecConfig(**SMALL))
    model.fit(TrainingData(interactions([9, 4, 12, 7])), TrainingOptions(epochs=2))
    found = model.score([Query(0, np.zeros(0, np.int64))])[0]
    np.testing.assert_array_equal(found, model.network.bias.detach().numpy())
    assert found.any()


def test_how_far_ahead_it_learns_is_chosen_on_valid_and_kept() -> None:
    data, valid = interactions([9, 4, 12, 7]), interactions([2, 5, 1, 3], seed=9)
    result = LRURec(LRURecConfig(**SMALL, epochs=1)).fit(
        TrainingData(data, valid), TrainingOptions()
    )
    assert result.settings == {"ahead": 2}  # the median of 2, 5, 1 and 3, rounded down
    final = LRURec(LRURecConfig(**SMALL)).fit(TrainingData(data), result.final(TrainingOptions()))
    assert final.settings == {"ahead": 2}


def test_loading_leaves_the_random_state_alone(tmp_path: Path) -> None:
    model = LRURec(LRURecConfig(**SMALL))
    model.fit(TrainingData(interactions([9, 4])), TrainingOptions(epochs=1))
    model.save(tmp_path)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    LRURec.load(tmp_path, model.catalogue)
    assert torch.equal(torch.rand(3), expected)


def test_unusable_settings_are_refused() -> None:
    for wrong in ({"blocks": 0}, {"dropout": 1}, {"heads": 2}):
        with pytest.raises(ValidationError):
            LRURecConfig(**wrong)
