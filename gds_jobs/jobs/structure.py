"""Structure: degree, PageRank and community of items and users, as features."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ...artifacts import Edges
from ..base import GraphJob, JobOutput, Kind
from ..config import SeededConfig, WeightedConfig
from ..projection import Projection


class StructureConfig(SeededConfig, WeightedConfig):
    """Parameters of the structure features."""

    edges: Edges = Field("train", description="edges that count: train, knowledge or both")
    communities: Literal["louvain", "leiden"] = Field(
        "leiden", description="algorithm that finds communities"
    )
    damping: float = Field(0.85, ge=0, lt=1, description="PageRank: chance of another step")
    iterations: int = Field(50, ge=1, description="PageRank: steps at most")


class Structure(GraphJob):
    """How connected a node is, how central, and which nodes it belongs with.

    The degree counts edges, PageRank and communities use weights where there are some. A
    node without edges has degree 0, the PageRank ``1 - damping`` of any node that nothing
    leads to, and no community. Communities are numbered 0, 1, … by falling size.

    Brin & Page, WWW 1998, https://doi.org/10.1016/S0169-7552(98)00110-X; Traag, Waltman & van
    Eck, From Louvain to Leiden, 2019, https://doi.org/10.1038/s41598-019-41695-z; Blondel et
    al., 2008, https://doi.org/10.1088/1742-5468/2008/10/P10008
    """

    name: ClassVar[str] = "structure"
    description: ClassVar[str] = "degree, PageRank and community of items and users"
    kind: ClassVar[Kind] = "structure"
    consumer: ClassVar[str] = "structure-vectors, analysts (--write)"
    cost: ClassVar[str] = "linear in edges x iterations"
    config_class = StructureConfig
    default_config: ClassVar[dict[str, object]] = {"edges": "train"}
    config: StructureConfig

    def run(self, projection: Projection) -> JobOutput:
        config = self.config
        handle, gds = projection.handle(), projection.gds
        where: dict[str, Any] = {
            "relationship_types": projection.types(config.edges),
            "node_labels": projection.labels(config.edges),
            "concurrency": config.concurrency,
        }
        weight = {"relationship_weight_property": projection.weight}
        degree = gds.degree.stream(handle, **where)
        rank = gds.page_rank.stream(
            handle,
            damping_factor=config.damping,
            max_iterations=config.iterations,
            **where,
            **weight,
        )
        if config.communities == "leiden":
            found = gds.leiden.stream(handle, random_seed=config.seed, **where, **weight)
        else:
            found = gds.louvain.stream(handle, **where, **weight)
        return JobOutput(self.kind, self._table(projection, degree, rank, found))

    def _table(
        self, projection: Projection, degree: pd.DataFrame, rank: pd.DataFrame, found: pd.DataFrame
    ) -> pd.DataFrame:
        """One row for each item, then for each user, in the order of node indices."""
        inputs = projection.inputs
        items, users = len(inputs.item_ids), inputs.users
        nodes = np.r_[0:items, inputs.nodes - users : inputs.nodes]
        connected = inputs.only(self.config.edges).connected()
        found = found[connected[found["nodeId"]]].set_index("nodeId")
        columns = {
            "degree": degree.set_index("nodeId")["score"],
            "pageRank": rank.set_index("nodeId")["score"],
            "community": _numbered(found["communityId"]),
        }
        table = pd.DataFrame({name: column.reindex(nodes) for name, column in columns.items()})
        table["degree"] = table["degree"].fillna(0).astype("int32")
        table["pageRank"] = table["pageRank"].fillna(1 - self.config.damping)
        table["community"] = table["community"].astype("Int32")
        return table.rename_axis("node").reset_index().astype({"node": "int32"})


def _numbered(found: pd.Series[Any]) -> pd.Series[Any]:
    """Communities numbered by falling size; of equal ones that of the smallest node first."""
    found = found.sort_index()
    sizes = found.value_counts()
    order = sorted(found.drop_duplicates(), key=lambda name: -sizes[name])  # stable
    return found.map({name: number for number, name in enumerate(order)})
