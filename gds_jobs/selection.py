"""Which edges a job's projection holds, and what they weigh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..artifacts import Edges, SplitFolder, read_parquet
from ..errors import InputError
from .base import GraphJob
from .config import Weight, WeightedConfig
from .split_graph import SplitGraph, train_rows

SMALLEST = 1e-6  # a weight of nothing would cut an edge out of random walks

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Selection:
    """What jobs share one projection: relationship types (None: all), weights, and whether
    knowledge is one type."""

    types: tuple[str, ...] | None = None
    weight: Weight = "none"
    half_life: float = 0.0
    merged: bool = False

    @classmethod
    def of(cls, job: GraphJob) -> Selection:
        config = job.config
        types = config.types
        if not isinstance(config, WeightedConfig) or config.weight == "none":
            return cls(types, merged=job.merges_types)
        half_life = config.half_life if config.weight == "recency" else 0.0
        return cls(types, config.weight, half_life, job.merges_types)

    def apply(self, split: SplitFolder, inputs: SplitGraph) -> SplitGraph:
        """The selected edges, with the column ``weight`` of train where there are weights.

        :raises InputError: when the data set has no ratings to weigh with.
        """
        if self.weight != "none":
            weights = train_weights(split, self.weight, self.half_life)
            inputs = replace(inputs, train=inputs.train.assign(weight=weights))
        if self.types is not None:
            inputs = inputs.of_types(self.types)
        return inputs.merged() if self.merged else inputs


def check_types(job: GraphJob, inputs: SplitGraph) -> None:
    """:raises InputError: for a relationship type that the job's edges do not have."""
    known = inputs.only(job.edges).types
    unknown = [name for name in job.config.types or () if name not in known]
    if unknown:
        raise InputError(
            f"job {job.output_name}: there are no {unknown[0]} relationships among the "
            f"{_named(job.edges)} edges of the split",
            f"Relationship types there: {', '.join(known) or 'none'}",
        )


def train_weights(split: SplitFolder, weight: Weight, half_life: float) -> Floats:
    """Weights of the train rows in the order of their user's and item's node index.

    ``rating`` is the rating itself, ``recency`` is 0.5^(age / half_life), where age counts
    the user's own train events that are later; at least :data:`SMALLEST`.

    :raises InputError: when ratings are wanted and missing, or not above 0.
    """
    rows = train_rows(split)[["user", "item", "seq"]]
    if weight == "rating":
        rows = rows.assign(weight=_ratings(split, rows))
    else:
        age = rows.groupby("user")["seq"].rank(ascending=False, method="first") - 1
        rows = rows.assign(weight=np.maximum(0.5 ** (age / half_life), SMALLEST))
    for column, nodes, key in (
        ("user", split.dataset.users, "userId"),
        ("item", split.dataset.items, "itemId"),
    ):
        index = read_parquet(nodes).set_index(key)["index"]
        rows[column] = rows[column].map(index)
    weights: Floats = rows.sort_values(["user", "item"])["weight"].to_numpy(np.float64)
    return weights


def _ratings(split: SplitFolder, rows: pd.DataFrame) -> pd.Series[Any]:
    events = read_parquet(split.dataset.interactions)
    if "rating" not in events:
        raise InputError(
            "the data set has no ratings to weigh edges with",
            "Choose weight=recency or weight=none.",
        )
    found = rows.merge(events[["user", "item", "rating"]], on=["user", "item"], how="left")
    ratings = found["rating"].astype("float64").set_axis(rows.index)
    if not (ratings > 0).all():
        raise InputError(
            f"{int((~(ratings > 0)).sum()):,} train rows have no rating above 0 to weigh with",
            "Choose weight=recency or weight=none.",
        )
    return ratings


def _named(edges: Edges) -> str:
    return "train and knowledge" if edges == "both" else edges
