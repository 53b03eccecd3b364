"""Random walks along metapaths, over the files of a split."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator

from ...artifacts import Edges, SplitFolder, digest
from ..base import FileJob, FileWork, JobOutput, Kind
from ..config import EdgesConfig, SeededConfig
from ..csr import Csr, edge_list
from ..metapath import label_masks, parse, resolve
from ..split_graph import SplitGraph
from ..walk_table import NO_NODE, walk_table
from ..walk_table import Walks as Matrix

Ints = npt.NDArray[np.int64]


class MetapathConfig(SeededConfig, EdgesConfig):
    """Parameters of walks along metapaths."""

    edges: Edges = Field("both", description="edges that walks may take: knowledge, train or both")
    paths: tuple[str, ...] = Field(
        ("User-Item-Entity-Item",),
        min_length=1,
        description="metapaths, such as 'User RATED> Movie <DIRECTED Person DIRECTED> Movie'; "
        "several are separated by commas",
    )
    walk_length: int = Field(20, ge=2, description="nodes of a walk; paths are repeated up to it")
    walks_per_node: int = Field(20, ge=1, description="walks from each starting node and path")
    dead_ends: Literal["keep", "drop"] = Field(
        "keep", description="walks that end early: keep them shorter, or drop them"
    )
    deduplicate: bool = Field(
        True,
        description="keep one of equal walks; default: yes, because a metapath can leave little "
        "choice (58 % of ML-100K's walks of 8 nodes along DIRECTED repeat another), and "
        "skip-gram vectors would learn most from films of directors with few films",
    )

    @field_validator("paths", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


class MetapathWalks(FileJob):
    """Walks that follow a sequence of relationship types, which GDS does not have.

    A walker at a node takes each relationship that the metapath allows there with equal
    probability. A path that ends on the label it began with is walked round and round,
    another one forth and back. Same seed, same walks (with one version of numpy).

    Dong, Chawla & Swami, metapath2vec: Scalable Representation Learning for Heterogeneous
    Networks, KDD 2017, https://doi.org/10.1145/3097983.3098036
    """

    name: ClassVar[str] = "metapath"
    description: ClassVar[str] = "random walks along metapaths, over train ratings and knowledge"
    kind: ClassVar[Kind] = "walks"
    consumer: ClassVar[str] = "walk-vectors-metapath"
    cost: ClassVar[str] = "a second for 250,000 walks of 8 nodes"
    config_class = MetapathConfig
    config: MetapathConfig

    def sees(self, split: SplitFolder, inputs: SplitGraph) -> str:
        """Its edges, and the labels, which are part of the data set's fingerprint."""
        return digest([split.dataset.fingerprint, super().sees(split, inputs)])

    def compute(self, work: FileWork) -> JobOutput:
        """:raises InputError: for a metapath that cannot be read or walked; says why."""
        config = self.config
        edges = edge_list(work.inputs.only(config.edges))
        masks = label_masks(work.split, work.inputs)
        parts, starts = [], 0
        for number, text in enumerate(config.paths):
            path = parse(text)
            steps = resolve(path, edges, masks)
            begin = np.flatnonzero(masks[path.start] & (steps[0].degrees() > 0))
            random = np.random.default_rng([config.seed, number])
            repeated = np.repeat(begin, config.walks_per_node)
            parts.append(walk(steps, repeated, config.walk_length, random))
            starts += len(begin)
        walked = sum(map(len, parts))
        if config.dead_ends == "drop":
            parts = [part[part[:, -1] != NO_NODE] for part in parts]
        table = walk_table(parts, config.deduplicate)
        return JobOutput(self.kind, table, {"starts": starts, "walked": walked})


def walk(steps: tuple[Csr, ...], starts: Ints, length: int, random: np.random.Generator) -> Matrix:
    """All walkers take step 1, then all step 2, … round and round.

    :returns: ``(walkers, length)`` of nodes, ``NO_NODE`` behind a dead end.
    """
    walks = np.full((length, len(starts)), NO_NODE, np.int32)
    walks[0] = starts
    walkers = np.arange(len(starts))
    for place in range(1, length):
        step = steps[(place - 1) % len(steps)]
        at = walks[place - 1, walkers].astype(np.int64)
        free = step.offsets[at] < step.offsets[at + 1]
        walkers = walkers[free]
        walks[place, walkers] = step.draw(at[free], random)
    return np.ascontiguousarray(walks.T)
