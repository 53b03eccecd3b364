"""The models of [AttnGraphRec]: their equations written out; no rating is in its prediction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import torch
from audited import audited, config, make_run, small_split

from reelgraph.model.base import Model, Sizes, TrainingOptions
from reelgraph.model.data import Interactions, interactions_from_frame
from reelgraph.model.needs import TrainingData
from reelgraph.model.rating_context import train_histories
from reelgraph.model.training.rated import RatedSequences
from reelgraph.model.zoo.attn_graph_rec import AttnGraphRec, AttnGraphRecConfig
from reelgraph.model.zoo.attn_graph_rec_network import AttnGraphRecNetwork, FeatureAttention
from reelgraph.model.zoo.graph_convolution import TrainGraph, of_history
from reelgraph.model.zoo.lstm_recommender import LSTMRecommender, LSTMRecommenderConfig
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import CATALOGUE, ITEMS, events, query

Floats = npt.NDArray[np.float64]
SMALL = {"learning_rate": 0.02, "batch_size": 8, "epochs": 9}


def attn_graph_rec(**options: Any) -> AttnGraphRec:
    sizes = {"embedding_size": 5, "hidden_size": 8, "graph_dropout": 0.1}
    return AttnGraphRec(AttnGraphRecConfig(**{**SMALL, **sizes, **options}))


def lstm_recommender(**options: Any) -> LSTMRecommender:
    sizes = {"embedding_size": 5, "hidden_size": 7, "layers": (8, 4)}
    return LSTMRecommender(LSTMRecommenderConfig(**{**SMALL, **sizes, **options}))


made_by = pytest.mark.parametrize("make", [attn_graph_rec, lstm_recommender])


class _Suite(ModelSuite):
    """Items 9 and 4 have the highest ratings."""

    answers = (((1, 4), 9), ((9,), 4))


class TestAttnGraphRec(_Suite):
    def make(self) -> AttnGraphRec:
        return attn_graph_rec()


class TestLSTMRecommender(_Suite):
    def make(self) -> LSTMRecommender:
        return lstm_recommender()


def train() -> Interactions:
    return interactions_from_frame(events(), CATALOGUE)


def uneven() -> Interactions:
    """Users with 0 to 9 events, ratings at random; item 11 has none."""
    random, rows = np.random.default_rng(5), []
    for user in range(25):
        for seq, item in enumerate(random.permutation(ITEMS - 1)[: user % 10], start=1):
            rows.append((user, 100 + item, seq, float(random.integers(1, 6))))
    frame = pd.DataFrame(rows, columns=["user", "item", "seq", "rating"])
    return interactions_from_frame(frame, CATALOGUE, users=np.arange(25))


def array(values: Any) -> Floats:
    return np.asarray(values.detach().numpy(), np.float64)


def linear(layer: Any, x: Floats) -> Floats:
    return x @ array(layer.weight).T + array(layer.bias)


def convolution(edges: list[tuple[int, int]], x: Floats) -> Floats:
    """``D^-½ (A + I) D^-½ X``, an edge at a time."""
    degrees = np.ones(len(x))
    for first, second in edges:
        degrees[first] += 1
        degrees[second] += 1
    found = x / degrees[:, None]
    for first, second in edges:
        weight = 1 / np.sqrt(degrees[first] * degrees[second])
        found[first] += weight * x[second]
        found[second] += weight * x[first]
    return found


def small_graph() -> tuple[list[tuple[int, int]], Floats]:
    """Users 0…5 and items 0…3; user 2 and item 3 have no edge."""
    edges = [(0, 0), (0, 1), (1, 1), (3, 0), (3, 1), (3, 2), (4, 2), (5, 0)]
    return edges, np.random.default_rng(3).normal(size=len(edges))


def as_graph(edges: list[tuple[int, int]], ratings: Floats) -> TrainGraph:
    users, items = torch.tensor(edges).T
    return TrainGraph(users, items, torch.from_numpy(ratings).float(), (6, 4))


class TestConvolution:
    def test_it_is_the_product_with_the_normalised_adjacency(self) -> None:
        """Against the matrices of the paper, and an edge at a time."""
        edges, ratings = small_graph()
        x = np.random.default_rng(0).normal(size=(10, 3))
        joined = [(user, 6 + item) for user, item in edges]
        matrix = np.eye(10)
        for first, second in joined:
            matrix[first, second] = matrix[second, first] = 1
        root = np.diag(matrix.sum(1) ** -0.5)
        expected = root @ matrix @ root @ x
        np.testing.assert_allclose(convolution(joined, x), expected)
        graph, kept = as_graph(edges, ratings), torch.ones(6)
        degrees = graph.item_degrees(kept)
        assert degrees.tolist() == [3, 3, 2, 0]
        items, users = torch.from_numpy(x[6:]).float(), torch.from_numpy(x[:6]).float()
        to_items, to_users = graph.convolve(items, users, kept, degrees)
        np.testing.assert_allclose(array(to_items), expected[6:], atol=1e-6)
        np.testing.assert_allclose(array(to_users), expected[:6], atol=1e-6)

    def test_users_left_out_are_as_if_their_edges_were_not_there(self) -> None:
        edges, ratings = small_graph()
        x = np.random.default_rng(1).normal(size=(10, 3))
        left = {3, 5}
        others = [(user, 6 + item) for user, item in edges if user not in left]
        expected = convolution(others, x)[6:]
        graph = as_graph(edges, ratings)
        kept = torch.tensor([float(user not in left) for user in range(6)])
        items, users = torch.from_numpy(x[6:]).float(), torch.from_numpy(x[:6]).float()
        found, _ = graph.convolve(items, users, kept, graph.item_degrees(kept))
        np.testing.assert_allclose(array(found), expected, atol=1e-6)

    def test_a_user_joined_afterwards_is_a_row_of_the_product(self) -> None:
        """Where items count edges to users of the graph only."""
        edges, ratings = small_graph()
        graph, random = as_graph(edges, ratings), np.random.default_rng(2)
        degrees = array(graph.item_degrees(torch.ones(6)))
        x_items, own = random.normal(size=(4, 3)), random.normal(size=(1, 4, 3))
        history = [2, 3, 0]
        sent = x_items[history] / np.sqrt(degrees[history] + 1)[:, None]
        found = array(of_history(torch.from_numpy(own), torch.from_numpy(sent)[None]))[0]
        for place in range(4):
            expected = own[0, place] / (place + 1)
            for item in history[:place]:
                expected = expected + x_items[item] / np.sqrt((degrees[item] + 1) * (place + 1))
            np.testing.assert_allclose(found[place], expected)

    def test_a_user_of_the_graph_begins_as_after_the_history(self) -> None:
        edges, ratings = small_graph()
        random = np.random.default_rng(4)
        having, rated = random.normal(size=(2, 4, 3))
        expected = np.zeros((6, 3))
        for (user, item), rating in zip(edges, ratings, strict=True):
            expected[user] += having[item] + rating * rated[item]
        for user in range(6):
            expected[user] /= np.sqrt(max(1, sum(one == user for one, _ in edges)))
        given = (torch.from_numpy(one).float() for one in (having, rated))
        found = as_graph(edges, ratings).users(*given)
        np.testing.assert_allclose(array(found), expected, atol=1e-6)

    def test_its_gradient(self) -> None:
        """Against differences, of both products."""
        edges, ratings = small_graph()
        graph = as_graph(edges, ratings).double()
        items, users = (torch.randn(n, 2, dtype=torch.float64, requires_grad=True) for n in (4, 6))
        kept = torch.tensor([1, 1, 1, 0, 1, 1], dtype=torch.float64)
        degrees = graph.item_degrees(kept)
        assert torch.autograd.gradcheck(
            lambda one, two: graph.convolve(one, two, kept, degrees), (items, users)
        )
        others = items.detach().clone().requires_grad_()
        assert torch.autograd.gradcheck(graph.users, (items, others))


def attended(attention: FeatureAttention, z: Floats) -> Floats:
    """Each feature of one ``z`` times its weight, one at a time."""
    hidden = np.tanh(array(attention.first.weight) @ z + array(attention.first.bias))
    logits = [
        sum(w * h for w, h in zip(row, hidden, strict=True)) + bias
        for row, bias in zip(
            array(attention.second.weight), array(attention.second.bias), strict=True
        )
    ]
    total = sum(np.exp(one) for one in logits)
    return np.array([len(z) * np.exp(one) / total * x for one, x in zip(logits, z, strict=True)])


def test_attention_weighs_features() -> None:
    torch.manual_seed(0)
    attention = FeatureAttention(6, 4)
    z = torch.randn(3, 2, 6)
    found = array(attention(z))
    for place in np.ndindex(3, 2):
        np.testing.assert_allclose(found[place], attended(attention, array(z[place])), rtol=1e-5)
    for one in attention.parameters():
        torch.nn.init.zeros_(one)
    torch.testing.assert_close(attention(z), z)


def mlp(network: Any, z: Floats) -> float:
    layers = [layer for layer in network.layers if isinstance(layer, torch.nn.Linear)]
    for layer in layers[:-1]:
        z = np.maximum(linear(layer, z), 0)
    return float(linear(layers[-1], z)[0])


def test_a_rating_is_the_equations_on_the_whole_graph() -> None:
    """Embeddings, two convolutions and the rest over a dense matrix of all train users."""
    model, data = attn_graph_rec(), uneven()
    model.fit(TrainingData(data), TrainingOptions(seed=1, epochs=3))
    network, size = model.network, 25 + ITEMS
    having, rated = (array(one.weight) for one in (network.users.having, network.users.rated))

    def beginning(items: Any, ratings: Any) -> Floats:
        r = (ratings - model.scale.mean) / model.scale.spread
        total = (having[items] + r[:, None] * rated[items]).sum(0)
        return np.asarray(total / np.sqrt(max(len(items), 1)))

    each = [data.query(user) for user in range(25)]
    x = np.stack([beginning(one.items, one.ratings) for one in each])
    x = np.concatenate([x, array(network.items.weight)])
    edges = [(user, 25 + item) for user, one in enumerate(each) for item in one.items.tolist()]
    h = np.maximum(linear(network.first, convolution(edges, x)), 0)
    g = linear(network.second, convolution(edges, h))
    degrees = np.ones(size)
    for _, item in edges:
        degrees[item] += 1

    for history in ((1, 4, 7), (11,), ()):
        asked = query(*history, user=999)
        x_u = beginning(asked.items, asked.ratings)
        nodes = [25 + item for item in history]
        n = len(history) + 1

        def joined(own: Floats, others: Floats, nodes: list[int] = nodes, n: int = n) -> Floats:
            return own / n + sum((others[j] / np.sqrt(n * degrees[j]) for j in nodes), 0 * own)

        h_u = np.maximum(linear(network.first, joined(x_u, x)), 0)
        u = x_u + linear(network.second, joined(h_u, h))
        found = model.score([asked])[0]
        for item in (0, 4, 11):
            z = np.concatenate([u, x[25 + item] + g[25 + item]])
            right = mlp(network, attended(network.attention, z))
            assert found[item] == pytest.approx(right, abs=1e-4)


def test_a_rating_of_train_does_not_depend_on_itself() -> None:
    """The graph of a batch has none of its users' edges: another rating changes nothing."""
    data = uneven()
    assert data.ratings is not None
    event = int(data.offsets[19]) + 3
    other = data.ratings.copy()
    other[event] = 6 - other[event] if other[event] != 3 else 5
    answers = []
    for ratings in (data.ratings, other):
        model = attn_graph_rec(graph_dropout=0.0, dropout=0.0)
        given = replace(data, ratings=ratings)
        torch.manual_seed(0)
        model.fit(TrainingData(data), TrainingOptions(seed=1, epochs=1))  # the same weights
        network: AttnGraphRecNetwork = model.network
        network.set_knowledge(
            {"events": torch.from_numpy(model.read(TrainingData(given))["events"])}
        )
        network.train()
        histories = train_histories(given, model.scale)
        profiles = model.train_profiles(TrainingData(given))
        sequences = RatedSequences(histories, ratings, 100, torch.device("cpu"), profiles)
        piece = int(np.searchsorted(sequences.offsets, data.offsets[19]))
        batch = sequences.batch(np.array([piece]))
        with torch.no_grad():
            answers.append(network(batch.histories, batch.asked)[0])
    torch.testing.assert_close(answers[0][:4], answers[1][:4], rtol=0, atol=0)
    assert not torch.allclose(answers[0][4:], answers[1][4:])


def test_others_of_the_graph_are_read_and_nobody_is_left_after_the_fit(tmp_path: Path) -> None:
    model = attn_graph_rec()
    model.fit(TrainingData(train()), TrainingOptions(seed=1, epochs=2))
    assert model.network.graph is None
    plain = [torch.zeros_like(model.network.vectors)]
    before = model.score([query(1, 2)])
    model.save(tmp_path)
    kept = {name: len(one) for name, one in model.network.state_dict().items() if one.dim()}
    assert 60 not in kept.values(), "no array has a row per user"
    model.network.vectors.copy_(plain[0])
    assert not np.allclose(model.score([query(1, 2)]), before)
    np.testing.assert_array_equal(
        AttnGraphRec.load(tmp_path, CATALOGUE).score([query(1, 2)]), before
    )


def test_the_best_epoch_is_what_is_kept() -> None:
    """Tables of items are those of the weights that were chosen on valid."""
    frame = events()
    held = frame["seq"] > frame.groupby("user")["seq"].transform("max") - 2
    users = np.arange(60)
    folds = [interactions_from_frame(frame[part], CATALOGUE, users) for part in (~held, held)]
    data, model = TrainingData(*folds), attn_graph_rec(learning_rate=0.2, patience=3)
    result = model.fit(data, TrainingOptions(seed=3))
    figures = [row["valid"] for row in result.history]
    assert result.epochs < len(figures), "the last epoch was not the best"
    assert model._figure(data) == pytest.approx(figures[result.epochs - 1], abs=1e-5)


def lstm_states(lstm: torch.nn.LSTM, x: Floats) -> list[Floats]:
    """``h`` after 0, 1, … events, by torch's published equations; gates i, f, g, o."""
    of_x, of_h = array(lstm.weight_ih_l0), array(lstm.weight_hh_l0)
    bias = array(lstm.bias_ih_l0) + array(lstm.bias_hh_l0)
    h, c = np.zeros(lstm.hidden_size), np.zeros(lstm.hidden_size)
    found = [h]
    for event in x:
        i, f, g, o = np.split(of_x @ event + of_h @ h + bias, 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        found.append(h)
    return found


def test_a_rating_of_the_lstm_recommender_is_the_equations() -> None:
    model = lstm_recommender()
    model.fit(TrainingData(uneven()), TrainingOptions(seed=1, epochs=3))
    network: Any = model.network
    items, having, rated = (
        array(one.weight) for one in (network.items, network.users.having, network.users.rated)
    )
    for history in ((3, 1, 4, 7), (2,), ()):
        asked = query(*history)
        assert asked.ratings is not None
        r = (asked.ratings - model.scale.mean) / model.scale.spread
        x = np.concatenate([items[asked.items], r[:, None]], axis=1)
        h = lstm_states(network.lstm, x)[-1]
        e_u = (having[asked.items] + r[:, None] * rated[asked.items]).sum(0)
        e_u = e_u / np.sqrt(max(len(history), 1))
        found = model.score([asked])[0]
        for item in (0, 4, 11):
            right = mlp(network, np.concatenate([h, e_u, items[item]]))
            assert found[item] == pytest.approx(right, abs=1e-4)


def test_order_matters_to_the_lstm_only() -> None:
    for make, same in ((attn_graph_rec, True), (lstm_recommender, False)):
        model: Model = make()
        model.fit(TrainingData(train()), TrainingOptions(seed=1, epochs=2))
        forward, back = query(1, 2, 3, 4), query(4, 3, 2, 1)
        assert np.allclose(model.score([forward]), model.score([back]), atol=1e-5) == same


@made_by
def test_it_learns_a_tiny_set_by_heart(make: Any) -> None:
    """Ratings at random, which only who is asked and which film together can tell."""
    frame = events()[lambda rows: rows["user"] < 6].copy()
    frame["rating"] = np.random.default_rng(2).integers(1, 6, len(frame)).astype(float)
    data = interactions_from_frame(frame, CATALOGUE)
    still = {"dropout": 0.0, "reg": 0.0, "embedding_size": 16, "hidden_size": 32}
    if make is attn_graph_rec:
        still |= {"graph_dropout": 0.0}
    model = make(**still)
    result = model.fit(TrainingData(data), TrainingOptions(seed=1, epochs=200))
    assert data.ratings is not None
    first = frame[frame["seq"] == 1]["rating"].to_numpy()  # nobody is known before
    least = first.var() * len(first) / len(frame)
    assert result.history[0]["loss"] > 1
    assert result.history[-1]["loss"] < least + 0.1 * data.ratings.var()


def test_memory_grows_with_users_and_events() -> None:
    model = attn_graph_rec()
    least = model.memory(Sizes(10, 100, 100))
    assert model.memory(Sizes(10**6, 100, 100)) - least > 10**6 * 4 * 13
    assert model.memory(Sizes(10, 100, 10**6)) - least > 96 * 10**6 - 10**5


@pytest.mark.parametrize(
    ("model", "protocol"), [("attn-graph-rec", "user-time"), ("lstm-recommender", "global-time")]
)
@pytest.mark.slow
def test_a_full_audit_passes(model: str, protocol: str, tmp_path: Path) -> None:
    split = small_split(tmp_path, protocol)
    options = {"embedding_size": 4, "epochs": 2}
    report = audited(split, make_run(split, config(model, options=options)), full=True)
    assert report.passed, report.failed
