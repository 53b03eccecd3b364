"""Random walks by GDS, by default over knowledge edges, as node indices of the data set."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ...errors import InputError
from ..base import GraphJob, JobOutput, Kind
from ..config import SeededConfig, WeightedConfig
from ..projection import Projection
from ..split_graph import SplitGraph
from ..walk_table import Walks as Matrix
from ..walk_table import walk_table

_AT_ONCE = 100_000  # walks of one call, which the server collects before it sends them

Start = Literal["items", "users", "all"]


class WalksConfig(SeededConfig, WeightedConfig):
    """Parameters of the walks."""

    start: Start = Field("items", description="nodes that walks start from: items, users or all")
    walk_length: int = Field(20, ge=2, description="nodes of a walk; a dead end makes it shorter")
    walks_per_node: int = Field(20, ge=1, description="walks from each starting node")
    return_factor: float = Field(1.0, gt=0, description="p: above 1, walks go back less")
    in_out_factor: float = Field(1.0, gt=0, description="q: above 1, walks stay near the start")
    deduplicate: bool = Field(
        False,
        description="keep one of equal walks; default: all, because few are equal (12 % over the "
        "knowledge of ML-100K) and skip-gram vectors learn from how often nodes meet",
    )


class Walks(GraphJob):
    """Second-order random walks (node2vec's p and q), for skip-gram vectors or samples.

    With p = q = 1 each relationship of a node is equally likely to be walked next:
    P(u|v) = 1 / deg(v) ([KG-LSTM], eq. 3.7); with weights, one with twice the weight is twice
    as likely. GDS draws by seed and starting node, so the walks of a seed are the same ones
    for any ``concurrency``; the file's order is its own.
    """

    name: ClassVar[str] = "walks"
    description: ClassVar[str] = "random walks from items or users"
    kind: ClassVar[Kind] = "walks"
    consumer: ClassVar[str] = "walk-vectors"
    cost: ClassVar[str] = "linear in starts x walks_per_node x walk_length"
    config_class = WalksConfig
    default_config: ClassVar[dict[str, object]] = {"edges": "knowledge"}
    config: WalksConfig

    def run(self, projection: Projection) -> JobOutput:
        """Walks of two nodes or more, sorted, so that equal walks make equal files.

        :raises InputError: when users start and the walks are over knowledge edges.
        :raises ArtifactError: when there are no edges to walk along.
        """
        config = self.config
        types = projection.types(config.edges)
        if config.start == "users" and config.edges == "knowledge":
            raise InputError(
                "users have no knowledge edges to walk along",
                f"Name the job {self.name}-both or {self.name}-train, or set start=items.",
            )
        sources = starting_nodes(projection.inputs.only(config.edges), config.start)
        step = max(1, _AT_ONCE // config.walks_per_node)
        parts = [
            part
            for first in range(0, len(sources), step)
            for part in self._walked(projection, types, sources[first : first + step].tolist())
        ]
        table = walk_table(parts, config.deduplicate)
        walked = sum(map(len, parts))
        return JobOutput(self.kind, table, {"starts": len(sources), "walked": walked})

    def _walked(self, projection: Projection, types: list[str], sources: list[int]) -> list[Matrix]:
        """``(walks, walk_length)`` for each start; few wide records are the fast way."""
        config = self.config
        records = projection.graph.stream(
            "gds/random_walks",
            name=projection.name,
            sources=sources,
            types=types,
            labels=projection.labels(config.edges),
            walkLength=config.walk_length,
            walksPerNode=config.walks_per_node,
            returnFactor=config.return_factor,
            inOutFactor=config.in_out_factor,
            weight=projection.weight,
            seed=config.seed,
            concurrency=config.concurrency,
        )
        return [
            np.array(record["nodes"], np.int32).reshape(-1, config.walk_length)
            for record in records
        ]


def starting_nodes(inputs: SplitGraph, start: Start) -> npt.NDArray[np.intp]:
    """Nodes of a role that have an edge of ``inputs``."""
    items, users = len(inputs.item_ids), inputs.users
    connected = inputs.connected()
    first, last = {
        "items": (0, items),
        "users": (inputs.nodes - users, inputs.nodes),
        "all": (0, inputs.nodes),
    }[start]
    return first + np.flatnonzero(connected[first:last])
