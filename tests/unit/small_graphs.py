"""Small histories and knowledge for the tests of models that walk over both."""

from __future__ import annotations

import numpy as np

from reelgraph.model.data import Catalogue, Interactions
from reelgraph.model.needs import Supplied, TriplesNeed
from reelgraph.model.triples import Triples
from reelgraph.testing.model_suite import ITEMS

HISTORIES = [[0, 1, 2], [2, 3], [4], [], [1, 5, 6], [7, 8]]
ROWS = [(0, 0, 10), (3, 0, 10), (9, 0, 10), (11, 1, 4), (11, 1, 8), (5, 2, 9)]


def interactions(histories: list[list[int]], items: int = 10) -> Interactions:
    found = [item for history in histories for item in history]
    offsets = np.cumsum([0, *map(len, histories)])
    users = np.arange(len(histories))
    return Interactions(Catalogue(np.arange(items)), users, offsets, np.array(found, np.int64))


def known(rows: list[tuple[int, int, int]], nodes: int, *relations: str) -> Supplied:
    return Supplied({TriplesNeed(): Triples(np.array(rows, np.int64), nodes, relations)})


def groups() -> Supplied:
    """Each item has the genre of its group, but for the last, of which nothing is known."""
    return known([(item, 0, ITEMS + item // 6) for item in range(ITEMS - 1)], ITEMS + 2, "GENRE")
