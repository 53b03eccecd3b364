"""The shuffled knowledge graph: random, with the degrees of the real one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.model.knowledge.shuffle import shuffle_triples

triples = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["HAS_GENRE", "DIRECTED"]), st.integers(10, 15)),
    unique=True,
    max_size=60,
).map(lambda rows: pd.DataFrame(rows, columns=["head", "relation", "tail"]).astype(TYPES))
TYPES = {"head": "int32", "relation": "str", "tail": "int32"}


def degrees(frame: pd.DataFrame, end: str) -> dict[tuple[str, int], int]:
    return frame.groupby(["relation", end]).size().to_dict()


@settings(deadline=None)
@given(triples, st.integers(0, 100))
@pytest.mark.slow
def test_keeps_degrees_of_each_relation_and_stays_simple(frame: pd.DataFrame, seed: int) -> None:
    shuffled = shuffle_triples(frame, seed)
    assert degrees(shuffled, "head") == degrees(frame, "head")
    assert degrees(shuffled, "tail") == degrees(frame, "tail")
    assert not shuffled.duplicated().any()
    assert shuffled.dtypes.to_dict() == frame.dtypes.to_dict()


def test_no_node_gets_an_edge_to_itself() -> None:
    ring = pd.DataFrame(
        {"head": range(30), "relation": "HAS_SEQUEL", "tail": np.roll(range(30), 1)}
    )
    for seed in range(20):
        shuffled = shuffle_triples(ring, seed)
        assert (shuffled["head"] != shuffled["tail"]).all()


def test_repeats_for_a_seed_and_leaves_little_in_place() -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "head": random.integers(0, 500, 4000),
            "relation": "ACTED_IN",
            "tail": random.integers(500, 1500, 4000),
        }
    ).drop_duplicates()
    first, second = shuffle_triples(frame, 1), shuffle_triples(frame, 1)
    pd.testing.assert_frame_equal(first, second)
    assert not first.equals(shuffle_triples(frame, 2))
    kept = first.merge(frame, on=["head", "relation", "tail"])
    assert len(kept) < 0.05 * len(frame)
