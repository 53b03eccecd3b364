"""Personalised PageRank and the typed graph that it walks, against dense algebra."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import sparse

from reelgraph.model import personalised_pagerank as module
from reelgraph.model.data import Catalogue, Interactions
from reelgraph.model.personalised_pagerank import arrivals, personalised_pagerank, steps_needed
from reelgraph.model.triples import Triples
from reelgraph.model.typed_graph import TypedGraph


def random_weights(nodes: int, seed: int = 0) -> sparse.csr_array:
    """Directed edges with weights; the last node has none that leaves it."""
    random = np.random.default_rng(seed)
    dense = random.random((nodes, nodes)) * (random.random((nodes, nodes)) < 0.3)
    dense[-1] = 0
    dense[0, -1] = 1
    return sparse.csr_array(dense)


def solved(weights: np.ndarray, sources: np.ndarray, damping: float) -> np.ndarray:
    """``π = (1 - d) (I - d Pᵀ)⁻¹ s`` for each row of sources."""
    totals = weights.sum(axis=1, keepdims=True)
    steps = weights / np.where(totals > 0, totals, 1)
    system = np.eye(len(weights)) - damping * steps.T
    return (1 - damping) * np.linalg.solve(system, sources.T).T


@pytest.mark.parametrize("damping", [0.2, 0.85])
def test_it_solves_the_equation(damping: float) -> None:
    weights = random_weights(15)
    sources = np.zeros((4, 15))
    sources[0, 3], sources[1, [2, 7]], sources[2] = 1, 0.5, 1 / 15
    found = personalised_pagerank(
        arrivals(weights), sparse.csr_array(sources), damping, tolerance=1e-7
    )
    ((part, reached),) = found
    assert part == slice(0, 4)
    np.testing.assert_allclose(
        reached, solved(weights.toarray(), sources, damping), rtol=1e-4, atol=1e-6
    )


def test_what_is_left_out_is_below_the_tolerance() -> None:
    weights = sparse.csr_array(np.ones((5, 5)))
    sources = sparse.eye_array(5, format="csr")
    for tolerance in (0.3, 0.1, 1e-3):
        ((_, reached),) = personalised_pagerank(arrivals(weights), sources, 0.6, tolerance)
        assert (1 - tolerance - 1e-6 <= reached.sum(axis=1)).all()
    assert steps_needed(0.6, 0.1) < steps_needed(0.6, 1e-3)


def test_parts_and_neighbours_in_a_part_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    steps, sources = arrivals(random_weights(15)), sparse.eye_array(15, format="csr")
    ((_, whole),) = personalised_pagerank(steps, sources, 0.7, 1e-4)
    monkeypatch.setattr(module, "CELLS", 4 * 15)
    parts = list(personalised_pagerank(steps, sources, 0.7, 1e-4))
    assert [part for part, _ in parts] == [slice(n, min(n + 4, 15)) for n in range(0, 15, 4)]
    np.testing.assert_array_equal(np.concatenate([reached for _, reached in parts]), whole)


HISTORIES = [[0, 1, 1], [1, 2], []]
TRIPLES = Triples(
    np.array(
        [[0, 0, 4], [1, 0, 4], [5, 1, 0], [5, 1, 2], [4, 2, 5], [0, 3, 1], [2, 3, 2], [1, 3, 0]]
    ),
    6,
    ("GENRE", "ACTED", "ABOUT", "SEQUEL"),
)


def train() -> Interactions:
    items = [item for history in HISTORIES for item in history]
    offsets = np.cumsum([0, *map(len, HISTORIES)])
    return Interactions(Catalogue(np.arange(4)), np.arange(3), offsets, np.array(items))


def literal_steps(weights: dict[str, float], triples: Triples | None) -> np.ndarray:
    """``P``, node by node and type by type; nodes are 4 items, 2 entities, 3 users."""
    known = 4 if triples is None else 6
    edges = {("interactions", known + user, item) for user, h in enumerate(HISTORIES) for item in h}
    if triples is not None:
        edges |= {(triples.relations[r], h, t) for h, r, t in triples.rows.tolist() if h != t}
    edges |= {(name, end, start) for name, start, end in edges}
    found = np.zeros((known + 3, known + 3))
    for node in range(len(found)):
        types = {name for name, start, _ in edges if start == node}
        total = sum(weights[name] for name in types)
        for name, end in product(types, range(len(found))):
            leaving = [edge for edge in edges if edge[:2] == (name, node)]
            if (name, node, end) in edges and total:
                found[node, end] += weights[name] / total / len(leaving)
    return found


@pytest.mark.parametrize("given", [(1, 1, 1, 1, 1), (1, 0.3, 0, 2, 5), (1, 0, 0, 0, 0)])
def test_a_step_chooses_a_type_and_then_an_edge(given: tuple[float, ...]) -> None:
    graph = TypedGraph.of(train(), TRIPLES)
    assert graph.relations == ("GENRE", "ACTED", "ABOUT", "SEQUEL")
    assert graph.counts.tolist() == [4, 2, 2, 1, 2]
    found = arrivals(graph.weighted(given)).toarray().T
    expected = literal_steps(
        dict(zip(("interactions", *graph.relations), given, strict=True)), TRIPLES
    )
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_without_weights_each_edge_is_as_likely() -> None:
    dense = TypedGraph.of(train(), TRIPLES).weighted().toarray()
    assert dense[0].tolist() == [0, 1, 0, 0, 1, 1, 1, 0, 0], "sequels of each other are one edge"
    assert (dense == dense.T).all()


def test_without_users_or_knowledge() -> None:
    alone = TypedGraph.of(train(), None)
    assert (alone.items, alone.known, alone.nodes, alone.relations) == (4, 4, 7, ())
    found = arrivals(alone.weighted([1])).toarray().T
    np.testing.assert_allclose(found, literal_steps({"interactions": 1}, None), rtol=1e-6)
    known = TypedGraph.of(train(), TRIPLES, users=False)
    assert known.nodes == 6
    assert known.counts[0] == 0
    assert not TypedGraph.of(train(), None, users=False).weighted().nnz
