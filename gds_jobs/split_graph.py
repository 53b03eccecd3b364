"""What a projection is made of: nodes and edges from the files of one split, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..artifacts import Edges, SplitFolder, digest, frame_digest, read_parquet
from ..errors import ArtifactError
from ..model.knowledge.shuffle import SHUFFLE_SEED, shuffle_triples

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SplitGraph:
    """Nodes and edges of a split, in the data set's node indices.

    Items are ``0 … len(item_ids) - 1``, then ``entities`` entities, then ``users`` users.
    ``train`` has the columns ``user, item`` and, in a weighted projection, ``weight``;
    ``knowledge`` has the columns ``head, relation, tail``. All but ``relation`` and
    ``weight`` are node indices.
    """

    item_ids: pd.Series[Any]
    entities: int
    users: int
    train_type: str
    train: pd.DataFrame
    knowledge: pd.DataFrame

    @property
    def nodes(self) -> int:
        return len(self.item_ids) + self.entities + self.users

    @property
    def types(self) -> tuple[str, ...]:
        """Relationship types that have edges, that of train last."""
        train = (self.train_type,) if len(self.train) else ()
        return (*sorted(self.knowledge["relation"].unique()), *train)

    @property
    def weighted(self) -> bool:
        return "weight" in self.train

    def only(self, edges: Edges) -> SplitGraph:
        """The same nodes with the edges that jobs over ``edges`` read."""
        train = self.train if edges != "knowledge" else self.train.iloc[:0]
        knowledge = self.knowledge if edges != "train" else self.knowledge.iloc[:0]
        return replace(self, train=train, knowledge=knowledge)

    def without_edges(self) -> SplitGraph:
        """The nodes alone."""
        return replace(self, train=self.train.iloc[:0], knowledge=self.knowledge.iloc[:0])

    def of_types(self, types: tuple[str, ...]) -> SplitGraph:
        """The same nodes with the edges of some relationship types."""
        train = self.train if self.train_type in types else self.train.iloc[:0]
        return replace(
            self, train=train, knowledge=self.knowledge[self.knowledge["relation"].isin(types)]
        )

    def merged(self) -> SplitGraph:
        """The same nodes with knowledge of one type: a pair of nodes has one edge at most."""
        ends = np.sort(self.knowledge[["head", "tail"]].to_numpy(dtype=np.int64), axis=1)
        knowledge = pd.DataFrame(ends, columns=["head", "tail"]).drop_duplicates(ignore_index=True)
        name = "KNOWLEDGE" if self.train_type != "KNOWLEDGE" else "KNOWLEDGE_"
        knowledge.insert(1, "relation", name)
        return replace(self, knowledge=knowledge.sort_values(["head", "tail"], ignore_index=True))

    def fingerprint(self) -> str:
        """Digest of the nodes and edges; it changes with each thing that a job can see."""
        content = frame_digest(self.item_ids.to_frame(), self.train, self.knowledge)
        return digest([self.entities, self.users, self.train_type, content])

    def connected(self) -> npt.NDArray[np.bool_]:
        """``(nodes,)``: which nodes have an edge."""
        found = np.zeros(self.nodes, dtype=bool)
        for frame, columns in ((self.train, ("user", "item")), (self.knowledge, ("head", "tail"))):
            for column in columns:
                found[frame[column].to_numpy()] = True
        return found


def read_split_graph(split: SplitFolder, shuffled: bool = False) -> SplitGraph:
    """Read a split's train rows (fold ``train``) and the data set's knowledge triples.

    :param shuffled: take the degree-preserving shuffled triples instead of the real ones.
    :raises ArtifactError: when a file is missing or the split names unknown ids.
    """
    dataset = split.dataset
    items = read_parquet(dataset.items).sort_values("index")
    users = read_parquet(dataset.users)
    entities = len(read_parquet(dataset.entities))
    rows = train_rows(split)
    train = pd.DataFrame(
        {
            "user": _indices(rows["user"], users, "userId", split),
            "item": _indices(rows["item"], items, "itemId", split),
        }
    ).sort_values(["user", "item"], ignore_index=True)
    triples = read_parquet(dataset.triples)
    triples = triples[triples["head"] != triples["tail"]]  # a node tells nothing about itself
    if shuffled:
        triples = shuffle_triples(triples, SHUFFLE_SEED)
    return SplitGraph(
        item_ids=items["itemId"].reset_index(drop=True),
        entities=entities,
        users=len(users),
        train_type=dataset.manifest().interaction_type,
        train=train,
        knowledge=triples.astype({"head": "int64", "tail": "int64"}),
    )


def train_rows(split: SplitFolder) -> pd.DataFrame:
    """``user, item, seq, fold`` of the rows that are train, ids as in the source."""
    rows = read_parquet(split.split)
    return rows[rows["fold"] == "train"]


def _indices(ids: pd.Series[Any], nodes: pd.DataFrame, key: str, split: SplitFolder) -> IntArray:
    row = pd.Index(nodes[key]).get_indexer(pd.Index(ids))
    if (row < 0).any():
        raise ArtifactError(
            f"{split.split} names a {key} that is not in the data set: {ids.iloc[row.argmin()]}",
            "Delete the split and make it again: reelgraph export",
        )
    found: IntArray = nodes["index"].to_numpy(dtype=np.int64)[row]
    return found
