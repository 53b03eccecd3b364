"""Meta-paths from items to items: by what knowledge says of both, or by users who have both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..data import Interactions
from ..histories import user_matrix
from ..similarities import nearest, path_similarities
from ..triples import Triples


@dataclass(frozen=True)
class MetaPath:
    """``similar`` ``(items, items)`` has the [PathSim] of items along a path, 1 with themselves."""

    name: str
    similar: sparse.csr_array


def meta_paths(train: Interactions, triples: Triples | None, neighbours: int) -> list[MetaPath]:
    """Item–User–Item first, then Item–Entity–Item by each relation, along it and against it.

    A relation between items is one with items in the place of entities. Paths that join no two
    items are left out; if none is left, the first is there without any. They are named ``users``,
    ``along GENRE`` and ``against ACTED_IN``, which differ whatever a relation is called.

    :param neighbours: how many similar items are kept for each.
    """
    found: list[MetaPath] = []
    for name, links in _links(train, triples):
        similar = nearest(path_similarities(links), min(neighbours, links.shape[0]))
        if similar.nnz or not found:
            linked = sparse.diags_array((np.diff(links.indptr) > 0).astype(np.float32))
            found.append(MetaPath(name, sparse.csr_array(similar + linked)))
    return found


def _links(train: Interactions, triples: Triples | None) -> Iterator[tuple[str, sparse.csr_array]]:
    """By the name of a meta-path, ones between items and what lies between them."""
    yield "users", sparse.csr_array(user_matrix(train).T)
    if triples is None:
        return
    items = len(train.catalogue)
    for number, relation in enumerate(triples.relations):
        rows = triples.rows[triples.rows[:, 1] == number]
        for way, item, other in (("along", 0, 2), ("against", 2, 0)):
            own = rows[(rows[:, item] < items) & (rows[:, item] != rows[:, other])]
            ones, places = np.ones(len(own), np.float32), (own[:, item], own[:, other])
            links = sparse.csr_array((ones, places), shape=(items, triples.nodes))
            yield f"{way} {relation}", links
