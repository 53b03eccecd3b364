"""Random walks, by default over knowledge edges, as node indices of the data set."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from .base import GraphJob, JobConfig, JobOutput, Kind
from .projection import Projection


class WalksConfig(JobConfig):
    """Parameters of the walks."""

    start: Literal["items", "all"] = Field("items", description="nodes that walks start from")
    walk_length: int = Field(20, ge=2, description="nodes of a walk; a dead end makes it shorter")
    walks_per_node: int = Field(20, ge=1, description="walks from each starting node")
    return_factor: float = Field(1.0, gt=0, description="p: above 1, walks go back less")
    in_out_factor: float = Field(1.0, gt=0, description="q: above 1, walks stay near the start")
    deduplicate: bool = Field(False, description="keep one of equal walks")


class Walks(GraphJob):
    """Second-order random walks (node2vec's p and q), for skip-gram vectors or samples."""

    name: ClassVar[str] = "walks"
    description: ClassVar[str] = "random walks from each item"
    kind: ClassVar[Kind] = "walks"
    consumer: ClassVar[str] = "skip-gram vectors in the fusion of the attention-lstm"
    config_class: ClassVar[type[JobConfig]] = WalksConfig
    default_config: ClassVar[dict[str, object]] = {"edges": "knowledge"}
    config: WalksConfig

    def run(self, projection: Projection) -> JobOutput:
        """Walks of two nodes or more, sorted, so that equal walks make equal files."""
        config = self.config
        rows = projection.graph.stream(
            "gds/random_walks",
            name=projection.name,
            sources=self._sources(projection),
            types=projection.types(config.edges),
            labels=projection.labels(config.edges),
            walkLength=config.walk_length,
            walksPerNode=config.walks_per_node,
            returnFactor=config.return_factor,
            inOutFactor=config.in_out_factor,
            seed=config.seed,
            concurrency=config.concurrency,
        )
        walks = sorted(tuple(row["nodes"]) for row in rows if len(row["nodes"]) > 1)
        if config.deduplicate:
            walks = list(dict.fromkeys(walks))
        nodes = [np.asarray(walk, dtype=np.int32) for walk in walks]
        return JobOutput(self.kind, pd.DataFrame({"nodes": pd.Series(nodes, dtype="object")}))

    def _sources(self, projection: Projection) -> list[int]:
        """Starting nodes that have an edge; an empty list means all nodes."""
        if self.config.start == "all":
            return []
        inputs = projection.inputs
        known = inputs.only(self.config.edges).connected()
        return np.flatnonzero(known[: len(inputs.item_ids)]).tolist()
