"""What is particular to the attention-LSTM and its network."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from reelgraph.errors import ModelError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.needs import EmbeddingNeed, Supplied, TrainingData
from reelgraph.model.training.batches import by_length, pad
from reelgraph.model.training.next_item import NextItemLearner
from reelgraph.model.training.schedules import best_epoch, half_cosine, scores, should_stop
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig
from reelgraph.model.zoo.attention_network import AttentionLSTM, distance_bucket

SIZES = {"embedding_size": 8, "hidden_size": 16, "heads": 2, "dropout": 0.2}
N = 30  # most data here has no vectors, so the default embeddings are not fused


def random_interactions(users=20, seed=0) -> Interactions:
    generator = np.random.default_rng(seed)
    catalogue = Catalogue(np.arange(N))
    lengths = generator.integers(0, 12, users)
    items = [generator.permutation(N)[:length] for length in lengths]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Interactions(catalogue, np.arange(users), offsets, np.concatenate(items))


def with_knowledge() -> TrainingData:
    facts = np.random.default_rng(1).normal(size=(N, 6)).astype(np.float32)
    facts[5] = 0
    return TrainingData(random_interactions(), None, Supplied({EmbeddingNeed("facts"): facts}))


@pytest.fixture
def network():
    torch.manual_seed(0)
    return AttentionLSTM(N, {"facts": 6}, **SIZES).eval()


def test_no_look_ahead(network):
    fused = network.fusion.weights_and_vectors()[1]
    first = torch.randint(0, N, (3, 140))  # more than two blocks
    second = first.clone()
    second[:, 105:] = torch.randint(0, N, (3, 35))
    before, after = network(first, fused), network(second, fused)
    assert torch.equal(before[:, :105], after[:, :105])
    assert not torch.allclose(before[:, 105:], after[:, 105:])


@pytest.mark.slow
def test_the_last_position_alone_is_the_same_as_all_in_one_pass(network):
    fused = network.fusion.weights_and_vectors()[1]
    items = torch.randint(0, N, (6, 150))
    embedded = fused[:, :-1][items]
    last = torch.tensor([0, 10, 63, 64, 130, 149])
    attention = network.attention(network.states(embedded), last)
    alone = network.read_out(attention, embedded)[:, 0]
    together = network(items, fused)[torch.arange(6), last]
    torch.testing.assert_close(alone, together)


def test_gradient_reaches_every_parameter():
    model = AttentionLSTMRanker(
        AttentionLSTMConfig(**{**SIZES, "dropout": 0}, embeddings=("facts",), batch_size=20)
    )
    data = with_knowledge()
    model.fit(data, TrainingOptions(epochs=1))
    learner = NextItemLearner(
        model.network, model.config, data, TrainingOptions(), 1, model.recommend
    )
    next(learner.epoch(1))
    dead = [
        name
        for name, parameter in model.network.named_parameters()
        if parameter.grad is None or not parameter.grad.abs().sum()
    ]
    assert not dead


def test_fusion_weights_sum_to_one_and_the_unknown_gets_none():
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES, embeddings=("facts",)))
    model.fit(with_knowledge(), TrainingOptions(epochs=2))
    weights, _ = model.network.fusion.weights_and_vectors()
    torch.testing.assert_close(weights.sum(1), torch.ones(N))
    assert weights[5].tolist() == [1, 0]
    fusion = model.summary()["fusion"]
    assert list(fusion) == ["id", "facts"]
    assert sum(fusion.values()) == pytest.approx(1, abs=1e-5)


def test_knowledge_changes_the_scores_and_is_left_out_where_it_is_absent():
    asked = [Query(0, np.array([1, 2]))]

    def scored(data, **config):
        model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES, **config))
        model.fit(data, TrainingOptions(epochs=2))
        return model.score(asked)

    plain = scored(TrainingData(random_interactions()))
    facts = with_knowledge()
    assert not np.allclose(plain, scored(facts, embeddings=("facts",)))
    np.testing.assert_array_equal(plain, scored(facts, embeddings=()))
    without = TrainingData(random_interactions())
    np.testing.assert_array_equal(plain, scored(without, embeddings=("facts",)))


def test_empty_history_is_scored_by_the_biases_alone():
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES, linear_weight=0))
    model.fit(TrainingData(random_interactions()), TrainingOptions(epochs=2))
    empty = Query(0, np.zeros(0, np.int64))
    vectors = model.vectors([empty])
    np.testing.assert_array_equal(vectors.users, [[0] * 8 + [1]])
    np.testing.assert_array_equal(model.score([empty])[0], vectors.items[:, -1])


def test_long_histories():
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES))
    model.fit(TrainingData(random_interactions()), TrainingOptions(epochs=1))
    history = np.random.default_rng(2).integers(0, N, 900)
    found = model.explain([Query(0, history)], [np.arange(N)])[0]
    np.testing.assert_allclose(
        found.contributions.sum(1) + found.bias, model.score([Query(0, history)])[0], atol=1e-4
    )


def test_repeated_events_keep_the_loss_finite():
    items = np.array([1, 1, 2, 1, 2, 2, 3, 1])
    data = Interactions(Catalogue(np.arange(N)), np.arange(1), np.array([0, 8]), items)
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES))
    result = model.fit(TrainingData(data), TrainingOptions(epochs=2))
    assert np.isfinite([row["loss"] for row in result.history]).all()


def test_a_checkpoint_of_other_inputs_is_not_used(tmp_path):
    data = random_interactions()
    config = AttentionLSTMConfig(**SIZES)
    options = TrainingOptions(checkpoint=tmp_path, epochs=2)
    AttentionLSTMRanker(config).fit(TrainingData(data), options)
    seen = []
    other = replace(options, seed=7, report=seen.append)
    AttentionLSTMRanker(config).fit(TrainingData(data), other)
    assert [row["epoch"] for row in seen] == [1, 2]


def test_a_damaged_checkpoint_is_named(tmp_path):
    options = TrainingOptions(checkpoint=tmp_path, epochs=1)
    AttentionLSTMRanker(AttentionLSTMConfig(**SIZES)).fit(
        TrainingData(random_interactions()), options
    )
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"half")
    with pytest.raises(ModelError, match=path.name):
        AttentionLSTMRanker(AttentionLSTMConfig(**SIZES)).fit(
            TrainingData(random_interactions()), options
        )


def test_torch_is_left_as_it_was():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES))
    model.fit(TrainingData(random_interactions()), TrainingOptions(epochs=1))
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


def test_unusable_settings_are_refused():
    with pytest.raises(ValidationError, match="multiple of heads"):
        AttentionLSTMConfig(hidden_size=10, heads=4)
    with pytest.raises(ValidationError):
        AttentionLSTMConfig(unknown=1)


def test_a_missing_device_is_refused():
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device")
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES))
    with pytest.raises(ModelError, match="cuda"):
        model.fit(TrainingData(random_interactions()), TrainingOptions(epochs=1, device="cuda"))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 6000), min_size=1, max_size=80), st.integers(1, 40))
def test_batches_hold_everybody_once_and_are_bounded(lengths, size):
    lengths = np.array(lengths)
    batches = by_length(lengths, size, np.random.default_rng(0))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert max(map(len, batches)) <= size
    assert all(len(b) == 1 or len(b) * lengths[b].max() <= 4096 for b in batches)


def test_padding():
    padded, lengths = pad([np.array([3, 1]), np.array([], np.int64), np.array([2])])
    assert padded.tolist() == [[3, 1], [0, 0], [2, 0]]
    assert lengths.tolist() == [2, 0, 1]


def test_learning_rate_falls():
    shares = [half_cosine(epoch, 10) for epoch in range(1, 13)]
    assert shares[0] == 1
    assert all(first >= second for first, second in itertools.pairwise(shares))
    assert shares[-1] == pytest.approx(0.05)


def test_early_stopping_is_a_pure_function():
    assert best_epoch([]) == 0
    assert best_epoch([0.1, 0.3, 0.3]) == 2
    assert not should_stop([], 2)
    assert not should_stop([0.3, 0.1], 2)
    assert should_stop([0.3, 0.1, 0.3], 2)
    rows = [{"valid": value} for value in (0.3, 0.1, 0.2, 0.6)]
    assert scores(rows) == pytest.approx([0.3, 0.2, 0.2, 0.3])
    assert scores([{"loss": 1.0}]) == []


def test_distance_buckets_grow():
    buckets = distance_bucket(torch.arange(2000))
    assert buckets[:16].tolist() == list(range(16))
    assert (buckets.diff() >= 0).all()
    assert buckets[-1] == 31


def test_recency_is_what_the_weights_would_be_if_all_states_were_alike() -> None:
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES, embeddings=()))
    model.fit(with_knowledge(), TrainingOptions(epochs=1))
    with torch.no_grad():
        model.network.queries.weight.mul_(100)  # what is short of that much training
    query = Query(0, np.array([3, 1, 4]))
    found = model.explain([query], [np.array([5])])[0]
    assert found.recency is not None and found.recency.shape == (3,)
    assert found.recency.sum() == pytest.approx(1, abs=1e-6)
    assert np.abs(found.recency - found.weights).max() > 1e-3
    other = model.explain([Query(1, np.array([5, 2, 0]))], [np.array([6])])[0]
    np.testing.assert_array_equal(other.recency, found.recency)  # of places alone
    with torch.no_grad():
        model.network.queries.weight.zero_()
    alike = model.explain([query], [np.array([5])])[0]
    np.testing.assert_allclose(alike.weights, found.recency, atol=1e-6)
