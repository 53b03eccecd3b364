"""What the embedding jobs share: vectors of the items, read back from a projection."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .base import Edges
from .projection import Projection


def item_vectors(projection: Projection, name: str, edges: Edges) -> pd.DataFrame:
    """``itemId, vector`` of all items, from the node property ``name`` of the projection.

    :param edges: what the vectors were computed on; an item without such an edge gets
        zeros, because nothing is known about it.
    """
    stream = projection.gds.graph.node_properties.stream(
        projection.handle(), name, node_labels=["Item"]
    )
    inputs = projection.inputs
    found = stream.sort_values("nodeId")
    vectors = np.stack(found[name].to_list()).astype(np.float32)
    vectors[~inputs.only(edges).connected()[: len(inputs.item_ids)]] = 0.0
    return pd.DataFrame({"itemId": inputs.item_ids, "vector": list(vectors)})
