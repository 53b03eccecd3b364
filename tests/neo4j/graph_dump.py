"""The whole content of a graph in a form that two graphs can be compared by."""

from __future__ import annotations

import json
from typing import Any

from reelgraph.graph.connection import Graph

_NODES = "MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties"
_EDGES = """
MATCH (a)-[r]->(b)
RETURN
  coalesce(a.userId, a.itemId, a.entityId) AS start,
  type(r) AS type,
  properties(r) AS properties,
  coalesce(b.userId, b.itemId, b.entityId) AS end
"""


def dump(graph: Graph) -> list[str]:
    """All nodes and relationships, sorted; without the times of migrations."""
    rows: list[dict[str, Any]] = graph.run_text(_NODES).rows
    for row in rows:
        row["labels"] = sorted(row["labels"])
        row["properties"].pop("appliedAt", None)
    rows += graph.run_text(_EDGES).rows
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)
