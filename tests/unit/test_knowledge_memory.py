"""What models of knowledge say of their memory, against what fits take."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from small_graphs import interactions

from reelgraph.model.base import Model, Sizes, TrainingOptions
from reelgraph.model.needs import (
    AdjacencyNeed,
    Paths,
    PathsNeed,
    Supplied,
    TrainingData,
    TriplesNeed,
)
from reelgraph.model.training.batch_learner import BatchLearner
from reelgraph.model.triples import Triples
from reelgraph.model.zoo.cke import CKE, CKEConfig
from reelgraph.model.zoo.graphlf import GraphLF, GraphLFConfig
from reelgraph.model.zoo.heterec import HeteRec, HeteRecConfig
from reelgraph.model.zoo.heters import HeteRS, HeteRSConfig
from reelgraph.model.zoo.rkan import RKAN
from reelgraph.model.zoo.rkge import RKGE

ITEMS, USERS = 50, 40
CPU = torch.device("cpu")


def data(triples: int = 100, relations: int = 2, entities: int = 10) -> TrainingData:
    random = np.random.default_rng(0)
    histories = [random.permutation(ITEMS)[:5].tolist() for _ in range(USERS)]
    columns = ((0, ITEMS), (0, relations), (ITEMS, ITEMS + entities))
    rows = np.stack([random.integers(low, high, triples) for low, high in columns], 1)
    names = tuple(f"R{n}" for n in range(relations))
    graph = Triples(np.unique(rows, axis=0), ITEMS + entities, names)
    return TrainingData(interactions(histories, ITEMS), None, Supplied({TriplesNeed(): graph}))


def stated(model: Model, given: TrainingData) -> int:
    return model.memory(Sizes.of(given.train, given.supplied))


def peak(model: Model, given: TrainingData) -> int:
    """Bytes that a fit holds at most in arrays."""
    tracemalloc.start()
    try:
        model.fit(given, TrainingOptions(epochs=1))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_graph_is_counted() -> None:
    given = data(triples=1000, relations=3, entities=200)
    sizes = Sizes.of(given.train, given.supplied)
    assert (sizes.users, sizes.items, sizes.interactions) == (USERS, ITEMS, 5 * USERS)
    assert (sizes.relations, sizes.nodes, sizes.known) == (3, ITEMS + 200, ITEMS + 200)
    assert sizes.triples == len(given.supplied[TriplesNeed()]) > 900
    adjacency = Supplied({AdjacencyNeed("both"): sparse.csr_array((300, 300), dtype=np.float32)})
    assert Sizes.of(given.train, adjacency).nodes == 300
    for nodes, count in (([[260, 1, 57], [261, 3, 9]], 262), ([], 0)):
        paths = Paths(pd.DataFrame({"nodes": pd.Series(nodes, dtype=object)}), ())
        assert Sizes.of(given.train, Supplied({PathsNeed(): paths})).nodes == count
    assert Sizes.of(given.train, Supplied()).known == ITEMS


@pytest.mark.parametrize(
    ("model", "less", "more"),
    [
        (HeteRS(HeteRSConfig(searched=0)), {}, {"triples": 60_000, "entities": 1000}),
        (HeteRec(HeteRecConfig(factors=4)), {}, {"triples": 60_000, "entities": 1000}),
        (HeteRec(HeteRecConfig(sweeps=2)), {}, {"relations": 30}),
    ],
)
def test_a_larger_graph_takes_no_more_than_is_stated(
    model: Model, less: dict[str, Any], more: dict[str, Any]
) -> None:
    small, large = data(**less), data(**more)
    peak(model, small)  # what is loaded once
    grown = peak(model, large) - peak(model, small)
    assert 1_000_000 < grown < stated(model, large) - stated(model, small) < 8 * grown


def held(learner: BatchLearner[Any, Any]) -> int:
    """Bytes of a learner after an epoch: gradients, and weights and optimizer twice."""
    list(learner.epoch(1))
    state = learner.state()
    kept = [*state["network"].values()]
    kept += [one for of in state["optimizer"]["state"].values() for one in of.values()]
    gradients = [one.grad for one in learner.network.parameters() if one.grad is not None]
    return sum(2 * one.nbytes for one in kept) + sum(one.nbytes for one in gradients)


def cke(given: TrainingData) -> tuple[Model, BatchLearner[Any, Any]]:
    model = CKE(CKEConfig(text=""))
    return model, model.learner(given, TrainingOptions(), CPU)


def graphlf(given: TrainingData) -> tuple[Model, BatchLearner[Any, Any]]:
    model = GraphLF(GraphLFConfig())
    model.catalogue = given.catalogue
    model.walks = sparse.eye_array(ITEMS, format="csr", dtype=np.float32)
    seeds = sparse.eye_array(ITEMS, given.supplied[TriplesNeed()].nodes, dtype=np.float32)
    return model, model.learner(seeds.tocsr(), given, TrainingOptions(), CPU)


@pytest.mark.parametrize("make", [cke, graphlf])
def test_vectors_of_nodes_are_stated(make: Any) -> None:
    small, large = data(), data(triples=2000, entities=3000)
    (_, few), (model, many) = make(small), make(large)
    grown = held(many) - held(few)
    assert 5_000_000 < grown < stated(model, large) - stated(model, small) < 2 * grown


@pytest.mark.parametrize("cls", [RKGE, RKAN])
def test_models_of_paths_state_the_nodes_of_their_graph(cls: Any) -> None:
    model, found = cls(), []
    for nodes in (1000, 51_000):
        model.catalogue = data().catalogue
        model._build(nodes)
        held = 7 * sum(one.nbytes for one in model.network.parameters())
        found.append((held, model.memory(Sizes(USERS, ITEMS, 5 * USERS, nodes=nodes))))
    (less, first), (more, second) = found
    assert 4_000_000 < more - less < second - first < 2 * (more - less)
