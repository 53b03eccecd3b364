"""The network of paths against slow literal versions of its equations; pools; candidates."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from reelgraph.model.training.path_pairs import HistoryRows, PathBatch, PathRows
from reelgraph.model.zoo.path_candidates import NONE, best_middles, candidate_paths
from reelgraph.model.zoo.path_network import RecurrentPaths, attention, average, maximum

ITEMS, NODES, D, H = 6, 15, 4, 3
HISTORIES = ([0, 2, 5], [1, 3], [])
OWNER, ASKED, TARGETS = [0, 0, 1, 2, 1], [2, 4, 3, 1, 0], [1.0, 0.0, 1.0, 0.0, 0.0]
PATHS = (  # of each pair, without the user
    [[0, 9, 2], [5, 12, 2], [0, 7, 3, 8, 2]],
    [[0, 14, 4]],
    [],
    [[3, 10, 1], [3, 11, 12, 13, 1]],
    [[1, 8, 0], [3, 6, 0]],
)


def network(pooling: Any) -> RecurrentPaths:
    torch.manual_seed(7)
    made = RecurrentPaths(ITEMS, NODES, D, H, pooling)
    with torch.no_grad():
        for one in made.parameters():
            one.normal_(std=0.7)
    return made.eval()


def ones(histories: Any) -> sparse.csr_array:
    found = sparse.lil_array((len(histories), ITEMS), dtype=np.float32)
    for row, items in enumerate(histories):
        found[row, items] = 1
    return found.tocsr()


def batch() -> PathBatch:
    flat = [path for paths in PATHS for path in paths]
    nodes = np.zeros((len(flat), 1 + max(map(len, flat))), np.int64)
    for row, path in enumerate(flat):
        nodes[row, 1 : 1 + len(path)] = path
    counts = np.array([len(paths) for paths in PATHS])
    real = np.arange(counts.max()) < counts[:, None]
    rows = PathRows(
        torch.from_numpy(nodes), torch.tensor([1 + len(p) for p in flat]), torch.from_numpy(real)
    )
    histories = HistoryRows.of(ones(HISTORIES), torch.device("cpu"))
    owner, asked, targets = torch.tensor(OWNER), torch.tensor(ASKED), torch.tensor(TARGETS)
    return PathBatch(histories, owner, asked, targets, rows)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


class Slow:
    """The same in loops, one equation after the other."""

    def __init__(self, made: RecurrentPaths) -> None:
        self.p = {name: one.detach().numpy() for name, one in made.named_parameters()}

    def user(self, pair: int) -> Any:
        items = [i for i in HISTORIES[OWNER[pair]] if not (TARGETS[pair] and i == ASKED[pair])]
        total = np.zeros(D)
        for item in items:
            total += self.p["having.weight"][item]
        return total / np.sqrt(max(len(items), 1))

    def run(self, pair: int, path: list[int]) -> tuple[Any, Any]:
        """Output and cell at the end of a path (eq. 1)."""
        output, cell = np.zeros(H), np.zeros(H)
        for x in [self.user(pair), *(self.p["nodes.weight"][node] for node in path)]:
            gates = self.p["lstm.weight_ih_l0"] @ x + self.p["lstm.bias_ih_l0"]
            gates = gates + self.p["lstm.weight_hh_l0"] @ output + self.p["lstm.bias_hh_l0"]
            update, forget, candidate, out = np.split(gates, 4)
            cell = sigmoid(update) * np.tanh(candidate) + sigmoid(forget) * cell
            output = sigmoid(out) * np.tanh(cell)
        return output, cell

    def pooled(self, pair: int, pooling: str) -> Any:
        runs = [self.run(pair, path) for path in PATHS[pair]]
        if not runs:
            return np.zeros(H)
        if pooling != "attention":
            outputs = np.array([output for output, _ in runs])
            return outputs.mean(0) if pooling == "average" else outputs.max(0)
        d = np.array([cell for _, cell in runs])
        scores = np.zeros((len(d), len(d)))
        for i, j in itertools.product(range(len(d)), repeat=2):
            scores[i, j] = d[i] @ d[j] / H  # eq. 2: by d_k, not by its root
        scores = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        w = scores @ d
        h = np.zeros(H)
        for j in range(H):
            for i in range(len(d)):
                h[j] += w[i, j] * d[i, j]  # eq. 3
        return h

    def closeness(self, pair: int, pooling: str) -> float:
        """eq. 4"""
        h = self.pooled(pair, pooling)
        return float(sigmoid(self.p["closeness.weight"][0] @ h + self.p["closeness.bias"][0]))


@pytest.mark.parametrize("pooling", ["average", "max", "attention"])
def test_closeness_is_that_of_the_equations(pooling: str) -> None:
    made = network(pooling)
    closeness, product = made(batch())
    slow = Slow(made)
    wanted = [slow.closeness(pair, pooling) for pair in range(len(PATHS))]
    np.testing.assert_allclose(torch.sigmoid(closeness).tolist(), wanted, rtol=1e-5)
    of_items = slow.p["nodes.weight"]
    products = [slow.user(pair) @ of_items[ASKED[pair]] for pair in range(len(PATHS))]
    np.testing.assert_allclose(product.tolist(), products, rtol=1e-4, atol=1e-6)


def test_only_real_places_matter() -> None:
    """What pads a path or a batch changes nothing."""
    made, given = network("attention"), batch()
    other = given.paths.nodes.clone()
    other[torch.arange(other.shape[1]) >= given.paths.lengths[:, None]] = 11
    other[:, 0] = 3  # the user's own place is not read
    wider = torch.cat([given.paths.real, torch.zeros(5, 2, dtype=torch.bool)], dim=1)
    paths = PathRows(other, given.paths.lengths, wider)
    again = PathBatch(given.histories, given.owner, given.items, given.targets, paths)
    torch.testing.assert_close(made(again)[0], made(given)[0])


@pytest.mark.parametrize("pooling", ["average", "attention"])
def test_paths_that_begin_alike_have_the_same_states(pooling: str) -> None:
    made = network(pooling)
    user = torch.randn(D)
    begun, owner = torch.tensor([[0, 9], [3, 12]]), torch.tensor([0, 1, 0, 0])
    ends = torch.tensor([2, 4, 5, 1])
    nodes = torch.cat([torch.zeros(4, 1, dtype=torch.int64), begun[owner], ends[:, None]], dim=1)
    paths = PathRows(nodes, torch.full((4,), 4), torch.ones(1, 4, dtype=torch.bool))
    torch.testing.assert_close(
        made.states_from(user, begun, owner, ends), made.states(user.expand(4, -1), paths)
    )
    none = torch.zeros(0, dtype=torch.int64)
    assert made.states_from(user, none.view(0, 2), none, none).shape == (0, H)


STATES = torch.tensor(
    [[[1.0, -2.0], [3.0, -4.0], [9.0, 9.0]], [[5.0, 6.0], [9.0, 9.0], [9.0, 9.0]]]
)
REAL = torch.tensor([[True, True, False], [True, False, False]])
NOBODY = torch.zeros(1, 3, dtype=torch.bool)


def test_average() -> None:
    parts, weights = average(STATES, REAL)
    assert parts.sum(1).tolist() == [[2.0, -3.0], [5.0, 6.0]]
    assert weights.tolist() == [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]


def test_maximum() -> None:
    parts, weights = maximum(STATES, REAL)
    assert parts.sum(1).tolist() == [[3.0, -2.0], [5.0, 6.0]]
    assert parts[0].tolist() == [[0.0, -2.0], [3.0, 0.0], [0.0, 0.0]]
    assert weights.tolist() == [[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]


def test_attention() -> None:
    """One path looks at itself alone; equal ones are looked at alike."""
    parts, weights = attention(STATES, REAL)
    assert parts[1].tolist() == [[25.0, 36.0], [0.0, 0.0], [0.0, 0.0]]
    assert weights[1].tolist() == [1.0, 0.0, 0.0]
    equal = torch.tensor([[[1.0, 2.0], [1.0, 2.0], [7.0, 7.0]]])
    parts, weights = attention(equal, REAL[:1])
    torch.testing.assert_close(parts.sum(1), torch.tensor([[2.0, 8.0]]))
    torch.testing.assert_close(weights, torch.tensor([[0.5, 0.5, 0.0]]))


@pytest.mark.parametrize("pool", [average, maximum, attention])
def test_no_path_is_nothing(pool: Any) -> None:
    parts, weights = pool(STATES[:1], NOBODY)
    assert not parts.any() and not weights.any()
    parts, weights = pool(STATES[:, :0], REAL[:, :0])
    assert parts.shape == (2, 0, 2) and weights.shape == (2, 0)


def test_without_a_path_gradients_are_finite() -> None:
    made, given = network("attention"), batch()
    made(given)[0].sum().backward()
    assert all(torch.isfinite(one.grad).all() for one in made.parameters() if one.grad is not None)


@st.composite
def graphs(draw: st.DrawFn) -> sparse.csr_array:
    nodes = draw(st.integers(4, 10))
    pairs = [(a, b) for a in range(nodes) for b in range(a)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=25, unique=True))
    found = np.zeros((nodes, nodes), np.float32)
    for a, b in chosen:
        found[a, b] = found[b, a] = 1
    return sparse.csr_array(found)


@settings(max_examples=50, deadline=None)
@given(graphs(), st.data())
def test_candidate_paths_are_those_of_loops(graph: sparse.csr_array, data: st.DataObject) -> None:
    items = data.draw(st.integers(1, graph.shape[0]))
    dense, degrees = graph.toarray(), graph.toarray().sum(1)
    middles = best_middles(graph, items)
    for one, other in itertools.product(range(items), repeat=2):
        between = [n for n in range(len(dense)) if dense[one, n] and dense[n, other]]
        between = sorted(between, key=lambda n: (degrees[n], n)) if one != other else []
        assert middles[one, other] == (between[0] if between else NONE)
    item = st.integers(0, items - 1)
    history = np.array(data.draw(st.lists(item, max_size=6)), np.int64)
    asked = np.array(data.draw(st.lists(item, min_size=1, max_size=4)), np.int64)
    per_pair = data.draw(st.integers(1, 3))
    wanted = []
    for place, candidate in enumerate(asked):
        last = sorted({int(i): n for n, i in enumerate(history)}.values(), reverse=True)
        joined = [n for n in last if middles[history[n], candidate] != NONE]
        wanted += [(n, place) for n in joined[:per_pair]]
    event, place = candidate_paths(middles, history, asked, per_pair)
    assert list(zip(event.tolist(), place.tolist(), strict=True)) == wanted


def test_no_path_goes_through_the_item_itself() -> None:
    """Items 0 and 1 share node 2; who has only item 1 has no path to it."""
    graph = sparse.csr_array(np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]], np.float32))
    middles = best_middles(graph, 2)
    event, place = candidate_paths(middles, np.array([1]), np.array([0, 1]), 5)
    assert (event.tolist(), place.tolist()) == ([0], [0])
