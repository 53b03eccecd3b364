"""What the similarity jobs share: pairs of nodes as a table of items."""

from __future__ import annotations

import pandas as pd

from ..artifacts import Edges
from .base import GraphJob
from .projection import Projection


def method_of(job: GraphJob, words: str) -> str:
    """``SIMILAR_TO.method``: what was done, and over which edges when not the default ones."""
    edges = {"knowledge": "knowledge", "train": "train ratings", "both": "ratings and knowledge"}
    usual = not job.variant()
    return words if usual else f"{words} over {edges[job.edges]}"


def similar_items(projection: Projection, pairs: pd.DataFrame, edges: Edges) -> pd.DataFrame:
    """``itemId, otherId, score``: pairs of items that have edges, by item and falling score.

    :param pairs: ``node1, node2, similarity`` as GDS streams them.
    """
    inputs = projection.inputs
    known = inputs.only(edges).connected()
    pairs = pairs[known[pairs["node1"]] & known[pairs["node2"]]]
    pairs = pairs.sort_values(["node1", "similarity", "node2"], ascending=[True, False, True])
    ids = inputs.item_ids
    return pd.DataFrame(
        {
            "itemId": ids.take(pairs["node1"].to_numpy()).reset_index(drop=True),
            "otherId": ids.take(pairs["node2"].to_numpy()).reset_index(drop=True),
            "score": pairs["similarity"].to_numpy(dtype="float32"),
        }
    )
