"""The table of what knowledge is worth, from lists that are made here."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from bench_script import bench_script

from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.evaluation.questions import Questions
from reelgraph.model.evaluation.slices import parts

USERS, ITEMS, COLD = 12, 20, 19


@pytest.fixture
def bench() -> ModuleType:
    return bench_script("cold_items")


def test_a_slice_counts_its_own_questions_and_pairs_users(bench: ModuleType) -> None:
    """Each user is asked twice: for item 0, which all lists have first, and for a cold one."""
    known = Interactions(
        Catalogue(np.arange(ITEMS)), np.arange(USERS), np.arange(USERS + 1), np.zeros(USERS, int)
    )
    owners = np.repeat(np.arange(USERS), 2)
    tests = [np.array([item]) for _ in range(USERS) for item in (1, COLD)]
    queries = [Query(int(user), np.array([0])) for user in owners]
    asked = Questions(queries, tests, owners, np.zeros(0, np.int64), several=True)
    without = np.tile(np.arange(1, 11), (2 * USERS, 1))
    third = without.copy()
    third[:, 2] = COLD
    shown = {"none": [without], "shuffled": [without], "real": [third]}
    cold = {one.name: one for one in parts(known, np.arange(USERS), True)}["cold items"]
    assert cold.mask[COLD] and not cold.mask[0]
    cells = bench.row(asked, shown, known, None).split("|")
    # ndcg@10: 1 for the first place, 1 / log2(4) for the third
    assert [one.strip() for one in cells[1:7]] == ["all", "12", "24", "0.5000", "0.5000", "0.7500"]
    # items 1 to 19 are all cold but for item 0, which is known
    cold.mask[:COLD] = False
    cells = bench.row(asked, shown, known, cold).split("|")
    assert [one.strip() for one in cells[1:7]] == [
        "cold items", "12", "12", "0.0000", "0.0000", "0.5000",
    ]  # fmt: skip
    assert "+0.5000 [+0.5000, +0.5000], p = 0.000" in cells[7]
    users = {one.name: one for one in parts(known, np.arange(USERS), True)}
    assert "cold users" not in users  # all have a history
