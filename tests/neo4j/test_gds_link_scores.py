"""Graph Data Science scores triples as we do, on the same vectors."""

from __future__ import annotations

import numpy as np
import pytest

from reelgraph.graph.connection import Graph
from reelgraph.model.base import TrainingOptions
from reelgraph.model.knowledge.config import EmbeddingConfig, Method
from reelgraph.model.knowledge.embedding import KnowledgeEmbedding, fit
from reelgraph.model.triples import Triples

pytestmark = pytest.mark.neo4j

_NODES = "UNWIND range(0, size($vectors) - 1) AS n CREATE (:KgTest {n: n, v: $vectors[n]})"
_PREDICT = """
MATCH (node:KgTest)
WITH collect(node) AS nodes
CALL gds.ml.kge.predict.stream($name, {
  sourceNodeFilter: 'KgTest', targetNodeFilter: 'KgTest', nodeEmbeddingProperty: 'v',
  relationshipTypeEmbedding: $relation, scoringFunction: $method, topK: size(nodes) - 1
})
YIELD sourceNodeId, targetNodeId, score
RETURN gds.util.asNode(sourceNodeId).n AS head, gds.util.asNode(targetNodeId).n AS tail, score
"""


def fitted(method: Method) -> KnowledgeEmbedding:
    rows = np.array([[n, n % 2, (3 * n + 1) % 12] for n in range(12)])
    config = EmbeddingConfig(embedding_size=8)
    return fit(Triples(rows, 12, ("A", "B")), None, method, config, TrainingOptions(epochs=20))[0]


@pytest.mark.parametrize("method", ["transe", "distmult"])
def test_gds_scores_as_we_do(graph: Graph, method: Method) -> None:
    """The distance of TransE is ours without its sign; the order is the same in both."""
    embedding = fitted(method)
    graph.run_text(_NODES, write=True, vectors=embedding.nodes.tolist())
    properties = {"KgTest": {"properties": ["v"]}}
    project = "CALL gds.graph.project('kge', $nodes, '*') YIELD nodeCount RETURN nodeCount"
    graph.run_text(project, nodes=properties)
    try:
        for number, relation in enumerate(embedding.relations.tolist()):
            parameters = {"name": "kge", "relation": relation, "method": method}
            found = graph.run_text(_PREDICT, **parameters).rows
            assert len(found) == 12 * 11
            rows = np.array([[row["head"], number, row["tail"]] for row in found])
            ours = embedding.score(rows)
            theirs = np.array([row["score"] for row in found])
            np.testing.assert_allclose(-theirs if method == "transe" else theirs, ours, atol=1e-5)
    finally:
        graph.run_text("CALL gds.graph.drop('kge', false) YIELD graphName RETURN graphName")
