"""The table of graph work compares what both ways found: a wrong value shows."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from reelgraph.gds_jobs.split_graph import SplitGraph

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCH))
    return importlib.import_module("gds")


@pytest.fixture
def inputs() -> SplitGraph:
    """Four items, three entities, two users."""
    knowledge = [(4, "A", 0), (4, "A", 1), (5, "A", 1), (5, "A", 2), (6, "A", 3)]
    return SplitGraph(
        item_ids=pd.Series([10, 11, 12, 13]),
        entities=3,
        users=2,
        train_type="RATED",
        train=pd.DataFrame({"user": [7, 7, 8], "item": [0, 1, 2]}),
        knowledge=pd.DataFrame(knowledge, columns=["head", "relation", "tail"]),
    )


def test_scores_of_similar_items_are_compared(bench: ModuleType, inputs: SplitGraph) -> None:
    found = bench.client_similarity(inputs.only("knowledge"))
    assert found == {10: [1 / 2], 11: [1 / 2, 1 / 2], 12: [1 / 2], 13: []}
    pairs = [(item, score) for item, scores in found.items() for score in scores]
    table = pd.DataFrame(pairs, columns=["itemId", "score"]).astype({"score": "float32"})
    assert bench.same_scores(table, found, inputs)
    wrong = table.assign(score=[0.3, *table["score"][1:]])
    for other in (wrong, table.iloc[:-1], pd.concat([table, table.iloc[:1]])):
        assert not bench.same_scores(other, found, inputs)


def test_structure_is_compared_by_node(bench: ModuleType, inputs: SplitGraph) -> None:
    found = bench.client_structure(inputs.only("train"))
    nodes = [0, 1, 2, 3, 7, 8]
    table = pd.DataFrame(
        {
            "node": nodes,
            "degree": [1, 1, 1, 0, 2, 1],
            "pageRank": [5 * found.ranks.get(node, 0.03) for node in nodes],
            "community": pd.array([0, 0, 1, None, 0, 1], dtype="Int32"),
        }
    )
    assert bench.same_structure(table, found, inputs)
    for column, value in (
        ("degree", 3),
        ("pageRank", 1.1 * table["pageRank"][0]),
        ("community", 1),
    ):
        wrong = table.copy()
        wrong.loc[0, column] = value
        assert not bench.same_structure(wrong, found, inputs), column


def test_a_step_that_is_no_edge_shows(bench: ModuleType, inputs: SplitGraph) -> None:
    walks = importlib.import_module("walks")
    steps = walks._rounds(inputs)
    walk = [7, 1, 5, 2, 5, 1, 7, 0]
    assert walks._are_steps([walk], steps)
    assert not walks._are_steps([[*walk[:3], 3]], steps)
    assert np.shape(bench.edges_of(inputs)) == (8, 2)
