"""Graph Data Science and our own power iteration agree on personalised PageRank."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from reelgraph.graph.connection import Graph
from reelgraph.model.personalised_pagerank import arrivals, personalised_pagerank

pytestmark = pytest.mark.neo4j

NODES = 40

_WRITE = """
UNWIND range(0, $nodes - 1) AS n CREATE (:PprTest {n: n})
WITH count(*) AS created
UNWIND $edges AS edge
MATCH (a:PprTest {n: edge[0]}), (b:PprTest {n: edge[1]})
CREATE (a)-[:NEXT {weight: edge[2]}]->(b)
"""
_PROJECT = """
CALL gds.graph.project('ppr', 'PprTest', {NEXT: {properties: 'weight'}})
YIELD nodeCount RETURN nodeCount
"""
_RANK = """
MATCH (source:PprTest) WHERE source.n IN $sources
WITH collect(source) AS sources
CALL gds.pageRank.stream('ppr', {
  sourceNodes: sources, relationshipWeightProperty: 'weight', dampingFactor: $damping,
  maxIterations: 500, tolerance: 1e-12, concurrency: 1
})
YIELD nodeId, score
RETURN gds.util.asNode(nodeId).n AS node, score
"""


def random_weights() -> sparse.csr_array:
    """Directed edges with weights; nothing leaves the last three nodes."""
    random = np.random.default_rng(5)
    dense = random.random((NODES, NODES)) * (random.random((NODES, NODES)) < 0.1)
    dense[-3:] = 0
    np.fill_diagonal(dense, 0)
    return sparse.csr_array(dense)


def test_gds_has_the_same_scores_once_per_source(graph: Graph) -> None:
    """It begins with 1 - d at each source, where we begin with (1 - d) / sources."""
    weights = random_weights()
    cells = weights.tocoo()
    edges = [[int(a), int(b), float(w)] for a, b, w in zip(*cells.coords, cells.data, strict=True)]
    graph.run_text(_WRITE, write=True, nodes=NODES, edges=edges)
    graph.run_text(_PROJECT)
    try:
        for sources, damping in (([4], 0.85), ([1, 7, 38], 0.85), ([0, 3], 0.4)):
            rows = graph.run_text(_RANK, sources=sources, damping=damping).rows
            theirs = np.zeros(NODES)
            theirs[[row["node"] for row in rows]] = [row["score"] for row in rows]
            begun = np.zeros((1, NODES))
            begun[0, sources] = 1 / len(sources)
            ((_, reached),) = personalised_pagerank(
                arrivals(weights), sparse.csr_array(begun), damping, 1e-9
            )
            assert np.count_nonzero(theirs) > len(sources)
            np.testing.assert_allclose(len(sources) * reached[0], theirs, atol=1e-5)
    finally:
        graph.run_text("CALL gds.graph.drop('ppr', false) YIELD graphName RETURN graphName")
