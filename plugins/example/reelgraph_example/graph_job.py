"""The graph job ``cores``: how deep in the dense part of the graph an item lies."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from reelgraph.gds_jobs.base import GraphJob, JobOutput, Kind
from reelgraph.gds_jobs.projection import Projection


class Cores(GraphJob):
    """Vectors of one number: log(1 + core number) of each item.

    The k-core of a graph is what stays when nodes with fewer than k relationships are removed
    until none is left; a core number is the largest k whose k-core holds the node. It tells
    items rated by heavy raters from those that as many casual ones have rated.

    Seidman, Network structure and minimum degree, 1983,
    https://doi.org/10.1016/0378-8733(83)90028-X
    """

    name: ClassVar[str] = "cores"
    description: ClassVar[str] = "core numbers of items, as vectors of one number"
    kind: ClassVar[Kind] = "embeddings"
    consumer: ClassVar[str] = "fusion of the attention-lstm, analysts (--write)"
    cost: ClassVar[str] = "linear in edges"
    default_config: ClassVar[dict[str, object]] = {"edges": "train"}

    def run(self, projection: Projection) -> JobOutput:
        rows = projection.graph.run(
            "example/cores",
            name=projection.name,
            types=projection.types(self.config.edges),
            labels=projection.labels(self.config.edges),
            concurrency=self.config.concurrency,
        ).rows
        inputs = projection.inputs
        cores = np.zeros(inputs.nodes, np.float32)
        cores[[row["node"] for row in rows]] = [row["core"] for row in rows]
        vectors = np.log1p(cores[: len(inputs.item_ids), None])
        table = pd.DataFrame({"itemId": inputs.item_ids, "vector": list(vectors)})
        return JobOutput(self.kind, table, {"largestCore": int(cores.max())})
