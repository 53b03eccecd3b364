"""SASRec: its block against a plain loop, what it looks at, and that it learns what follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.needs import TrainingData
from reelgraph.model.zoo.sasrec import SASRec, SASRecConfig
from reelgraph.model.zoo.sasrec_network import AttentionBlock, SASRecNetwork
from reelgraph.testing import ModelSuite

SMALL = {"embedding_size": 8, "heads": 2, "dropout": 0.1, "batch_size": 8, "max_length": 50}
N = 30


class TestSASRec(ModelSuite):
    def make(self) -> SASRec:
        config = {"heads": 4, "blocks": 1, "dropout": 0.1, "ahead": 1, "max_length": 20}
        return SASRec(SASRecConfig(embedding_size=16, **config))


def interactions(lengths: list[int], seed: int = 0) -> Interactions:
    generator = np.random.default_rng(seed)
    items = [generator.permutation(N)[:length] for length in lengths]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Interactions(
        Catalogue(np.arange(N)), np.arange(len(lengths)), offsets, np.concatenate(items)
    )


def norm(x: np.ndarray, layer: torch.nn.LayerNorm) -> np.ndarray:
    scaled = (x - x.mean()) / np.sqrt(x.var() + layer.eps)
    return scaled * layer.weight.detach().numpy() + layer.bias.detach().numpy()


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_a_block_is_what_its_equations_say(heads: int) -> None:
    """Position by position and head by head."""
    torch.manual_seed(1)
    block = AttentionBlock(8, heads, dropout=0.5).double().eval()
    for parameter in block.parameters():
        parameter.data += 0.3 * torch.randn_like(parameter)
    x = torch.randn(2, 6, 8, dtype=torch.float64)
    weights = {name: one.detach().numpy() for name, one in block.named_parameters()}
    width, expected = 8 // heads, np.zeros((2, 6, 8))
    for row in range(2):
        entered = [
            weights["enter.weight"] @ norm(one, block.attention_norm) + weights["enter.bias"]
            for one in x[row].numpy()
        ]
        for t in range(6):
            mixed = []
            for head in range(heads):
                part = slice(head * width, (head + 1) * width)
                asking = entered[t][:8][part]
                sizes = np.exp(
                    [asking @ one[8:16][part] / np.sqrt(width) for one in entered[: t + 1]]
                )
                values = np.array([one[16:][part] for one in entered[: t + 1]])
                mixed.append(sizes / sizes.sum() @ values)
            left = weights["leave.weight"] @ np.concatenate(mixed) + weights["leave.bias"]
            y = x[row, t].numpy() + left
            inner = weights["first.weight"] @ norm(y, block.map_norm) + weights["first.bias"]
            expected[row, t] = (
                y + weights["second.weight"] @ np.maximum(inner, 0) + weights["second.bias"]
            )
    with torch.inference_mode():
        np.testing.assert_allclose(block(x).numpy(), expected, rtol=1e-9, atol=1e-12)


def test_the_gradient_of_a_block() -> None:
    torch.manual_seed(0)
    block = AttentionBlock(4, 2, dropout=0.0).double()
    x = torch.randn(1, 3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(block, (x,))


def network(places: int = 100, blocks: int = 2) -> SASRecNetwork:
    torch.manual_seed(0)
    return SASRecNetwork(N, 8, blocks=blocks, heads=2, dropout=0.3, places=places).eval()


def test_what_comes_later_changes_no_earlier_position() -> None:
    made = network()
    first = torch.randint(0, N, (3, 70))
    second = first.clone()
    second[:, 50:] = (first[:, 50:] + torch.randint(1, N, (3, 20))) % N
    inputs = made.item_inputs()
    before, after = made(first, inputs), made(second, inputs)
    torch.testing.assert_close(before[:, :50], after[:, :50])
    assert not torch.allclose(before[:, 50:], after[:, 50:])
    torch.testing.assert_close(made(first[:, :50], inputs), before[:, :50])


def test_the_order_counts_and_places_beyond_the_last_share_it() -> None:
    made = network(places=4, blocks=1)  # in a second block, the order of these would count
    inputs = made.item_inputs()
    items = torch.tensor([[1, 2, 3, 4, 5, 6, 7]])
    swapped = torch.tensor([[2, 1, 3, 4, 5, 6, 7]])
    late = torch.tensor([[1, 2, 3, 5, 4, 6, 7]])  # both at places that share their vector
    last = made(items, inputs)[:, -1]
    assert not torch.allclose(last, made(swapped, inputs)[:, -1])
    torch.testing.assert_close(last, made(late, inputs)[:, -1])


def test_only_the_last_events_are_looked_at() -> None:
    data = TrainingData(interactions([9, 4, 12, 7]))
    model = SASRec(SASRecConfig(**{**SMALL, "max_length": 5}))
    model.fit(data, TrainingOptions(epochs=1))
    long, short = (Query(0, np.array(items)) for items in ([9, 8, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5]))
    np.testing.assert_array_equal(model.score([long]), model.score([short]))
    learner = model.learner(data, TrainingOptions(), torch.device("cpu"))
    assert learner.lengths.tolist() == [5, 4, 5, 5]
    assert learner.histories.items[:5].tolist() == data.train.history(0)[-5:].tolist()


def test_the_last_events_of_all_users() -> None:
    data = replace(
        interactions([3, 0, 1, 5]),
        ratings=np.arange(9, dtype=np.float32),
        timestamps=np.arange(9) * 10,
    )
    found = data.last(2)
    assert found.offsets.tolist() == [0, 2, 2, 3, 5]
    for user in range(4):
        assert found.history(user).tolist() == data.history(user)[-2:].tolist()
    assert found.ratings is not None and found.ratings.tolist() == [1, 2, 3, 7, 8]
    assert found.timestamps is not None and found.timestamps.tolist() == [10, 20, 30, 70, 80]


def test_an_order_is_learnt_by_heart() -> None:
    """Each item has one that follows: it comes first, and only the first item stays chance."""
    cycle = np.random.default_rng(3).permutation(10)
    sequences = [np.roll(cycle, -start)[:6] for start in range(10)]
    data = Interactions(
        Catalogue(np.arange(10)), np.arange(10), np.arange(0, 61, 6), np.concatenate(sequences)
    )
    options = {**SMALL, "dropout": 0, "learning_rate": 0.01, "schedule": "constant", "ahead": 1}
    model = SASRec(SASRecConfig(**options))
    result = model.fit(TrainingData(data), TrainingOptions(epochs=80))
    asked = [Query(0, sequence[:-1]) for sequence in sequences]
    found = model.recommend(asked, 1).items[:, 0]
    assert found.tolist() == [int(sequence[-1]) for sequence in sequences]
    least = np.log(10) / 6  # one in ten of the first, sure of the five that follow
    assert least < result.history[-1]["loss"] < 1.2 * least


def test_gradient_reaches_every_parameter() -> None:
    model = SASRec(SASRecConfig(**{**SMALL, "max_length": 11}))
    data = TrainingData(interactions([9, 4, 12, 7]))
    learner = model.learner(data, TrainingOptions(), torch.device("cpu"))
    next(learner.epoch(1))
    parameters = model.network.named_parameters()
    assert [name for name, one in parameters if one.grad is None or not one.grad.any()] == []
    assert model.network.places.grad[:10].abs().sum(1).all()  # the eleventh is asked by nobody


def test_unusable_settings_are_refused() -> None:
    with pytest.raises(ValidationError, match="multiple of heads"):
        SASRecConfig(embedding_size=10, heads=4)
    with pytest.raises(ValidationError):
        SASRecConfig(max_length=0)
