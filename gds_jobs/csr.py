"""Edges of a split as CSR arrays: all neighbours of a node are one slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from .ranges import Ints
from .split_graph import SplitGraph


@dataclass(frozen=True)
class EdgeList:
    """Relationships in their own direction, with the type's number in ``types``."""

    types: tuple[str, ...]
    source: Ints
    target: Ints
    kind: npt.NDArray[np.int16]

    def of(self, kinds: tuple[str, ...]) -> EdgeList:
        """Only relationships of these types; the numbers stay."""
        wanted = np.isin(self.kind, [self.types.index(kind) for kind in kinds])
        return EdgeList(self.types, self.source[wanted], self.target[wanted], self.kind[wanted])


def edge_list(inputs: SplitGraph) -> EdgeList:
    """The train and knowledge edges of ``inputs``; types in the order of names."""
    train = pd.DataFrame(
        {"head": inputs.train["user"], "relation": inputs.train_type, "tail": inputs.train["item"]}
    )
    edges = pd.concat([inputs.knowledge[["head", "relation", "tail"]], train], ignore_index=True)
    types = tuple(sorted({*edges["relation"].unique(), inputs.train_type}))
    kind = pd.Index(types).get_indexer(pd.Index(edges["relation"]))
    return EdgeList(
        types,
        edges["head"].to_numpy(np.int64),
        edges["tail"].to_numpy(np.int64),
        kind.astype(np.int16),
    )


@dataclass(frozen=True)
class Csr:
    """Neighbours of node ``n``: ``targets[offsets[n]:offsets[n + 1]]``."""

    offsets: Ints
    targets: npt.NDArray[np.int32]

    @classmethod
    def build(cls, nodes: int, source: Ints, target: Ints) -> Csr:
        """From directed edges; the neighbours of a node come in rising order."""
        order = np.lexsort((target, source))
        return cls(offsets(nodes, source), target[order].astype(np.int32))

    def degrees(self) -> Ints:
        return np.diff(self.offsets)

    def draw(self, nodes: Ints, random: np.random.Generator) -> npt.NDArray[np.int32]:
        """For each node one of its neighbours, each relationship equally likely.

        Every node needs a neighbour.
        """
        first = self.offsets[nodes]
        return self.targets[random.integers(first, self.offsets[nodes + 1])]


def offsets(nodes: int, source: Ints) -> Ints:
    """Where each node's edges begin when edges are sorted by source; ``(nodes + 1,)``."""
    counts = np.bincount(source, minlength=nodes)
    found: Ints = np.concatenate([[0], np.cumsum(counts)])
    return found
