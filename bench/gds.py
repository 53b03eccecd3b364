"""Graph jobs: seconds for the projection and for each job, the naive way beside it.

    python bench/gds.py datasets/<fingerprint> [datasets/<another>] --split user-time
    python bench/gds.py datasets/<fingerprint> --job fastrp-train --job structure

It runs on a local server of its own, which is stopped and deleted afterwards, and writes
nothing into the data sets. Every part is done ``--rounds`` times; the last time is shown,
because the first one also warms up the server. Where a data set has no knowledge, jobs over
knowledge run over train edges. Naive ways: the projection from one parameter a relationship
instead of lists a node; structure by networkx and node similarity by Python sets, both of
which start from edges in the client's memory; properties on nodes by one map a row from one
thread. ``same`` says whether the naive way found the same.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pandas as pd

from reelgraph.artifacts import DatasetFolder, SplitFolder
from reelgraph.gds_jobs import catalogue
from reelgraph.gds_jobs.base import GraphJob
from reelgraph.gds_jobs.inputs import Inputs, read_inputs
from reelgraph.gds_jobs.jobs import BUILT_IN_JOBS, make_job
from reelgraph.gds_jobs.node_properties import property_batches
from reelgraph.gds_jobs.payload import edge_groups, node_groups
from reelgraph.gds_jobs.projection import check_projection, project
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.graph.writer import write_batches

JARS = Path(__file__).parents[1] / "neo4j_data" / "server"
KNOWN = {job.name: job for job in BUILT_IN_JOBS}
ON_SERVER = [name for name, job in KNOWN.items() if job.needs_gds]

ROWS = """
CALL () {
  UNWIND $nodes AS span
  UNWIND range(span.first, span.last) AS source
  RETURN source, null AS target, [span.label] AS labels, null AS type
    UNION ALL
  UNWIND $rows AS row
  RETURN row.source AS source, row.target AS target, null AS labels, row.type AS type
}
WITH gds.graph.project($name, source, target,
  {sourceNodeLabels: labels, targetNodeLabels: null, relationshipType: type},
  {undirectedRelationshipTypes: ['*']}) AS graph
RETURN graph.relationshipCount AS edges
"""


@dataclass(frozen=True)
class Line:
    """One part of a data set's table; ``naive`` is None where there is no other way."""

    part: str
    seconds: float
    naive: float | None = None
    same: bool | None = None

    def __str__(self) -> str:
        text = f"{self.part:26} {self.seconds:8.2f} s"
        if self.naive is None:
            return text
        return f"{text} {self.naive:8.2f} s {self.naive / self.seconds:7.1f}x  {self.same}"


def timed(work: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Seconds of the last of ``rounds`` times, and what it returned."""
    for _ in range(rounds):
        began = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - began
    return seconds, result


def grouped_projection(graph: Graph, inputs: Inputs) -> int:
    with project(graph, inputs, "bench") as projection:
        return int(projection.handle().relationship_count())


def row_projection(graph: Graph, inputs: Inputs) -> int:
    """One map a relationship, as most examples do it; checked as well."""
    rows = [
        {"source": group["source"], "target": target, "type": group["type"]}
        for group in edge_groups(inputs)
        for target in group["targets"]
    ]
    name = catalogue.new_name("bench-rows")
    try:
        found = graph.run_text(ROWS, name=name, nodes=node_groups(inputs), rows=rows).single()
        check_projection(graph, name, inputs)
        return int(found["edges"]) if found else 0
    finally:
        catalogue.drop(graph, name)


def job_of(name: str, inputs: Inputs, concurrency: int) -> GraphJob:
    base = KNOWN.get(name)
    if base and base.default().edges == "knowledge" and inputs.knowledge.empty:
        name = f"{name}-train"
    return make_job(name, KNOWN, {} if name.startswith("knn") else {"concurrency": concurrency})


def client_structure(inputs: Inputs) -> dict[int, int]:
    """Degrees, PageRank and communities by networkx; returns the degrees."""
    network = networkx.Graph(list(inputs.train[["user", "item"]].itertuples(False, None)))
    networkx.pagerank(network, alpha=0.85, max_iter=50, tol=1e-7)
    networkx.community.louvain_communities(network, seed=42)
    return dict(network.degree())


def client_similarity(inputs: Inputs) -> int:
    """Jaccard of all pairs of items by Python sets; returns the number of pairs kept."""
    near: dict[int, Counter[int]] = {}
    items = len(inputs.item_ids)
    pairs = inputs.knowledge[["head", "tail"]].to_numpy()
    if not len(pairs):
        pairs = inputs.train[["item", "user"]].to_numpy()
    for one, other in np.concatenate([pairs, pairs[:, ::-1]]).tolist():
        if one < items:
            near.setdefault(one, Counter())[other] += 1
    kept = 0
    for item, mine in near.items():
        scores = [
            (mine & theirs).total() / (mine | theirs).total()
            for other, theirs in near.items()
            if other != item
        ]
        kept += min(10, sum(score > 0 for score in scores))
    return kept


def same(name: str, table: Any, found: Any) -> bool:
    if name.startswith("structure"):
        degrees = table.set_index("node")["degree"]
        return all(degrees[node] == degree for node, degree in found.items())
    return len(table) == found


NAIVE: dict[str, Callable[[Inputs], Any]] = {
    "structure": client_structure,
    "node-similarity": client_similarity,
}


def job_line(graph: Graph, inputs: Inputs, job: GraphJob, rounds: int, naive: bool) -> Line:
    """The job alone: its projection is not in the time."""
    for _ in range(rounds):
        with project(graph, inputs.only(job.config.edges), "bench") as projection:
            began = time.perf_counter()
            table = job.run(projection).table
            seconds = time.perf_counter() - began
    other = NAIVE.get(job.name)
    if other is None or not naive:
        return Line(job.output_name, seconds)
    other_seconds, found = timed(lambda: other(inputs), 1)
    return Line(job.output_name, seconds, other_seconds, same(job.name, table, found))


def write_line(graph: Graph, inputs: Inputs, rounds: int) -> Line:
    """64 numbers on each item, as ``--write`` puts them there."""
    ids = inputs.item_ids.tolist()
    graph.run_text("UNWIND $ids AS id CREATE (:Item {itemId: id})", write=True, ids=ids)
    graph.run_text("CREATE INDEX item IF NOT EXISTS FOR (m:Item) ON (m.itemId)", write=True)
    graph.run_text("CALL db.awaitIndexes()")
    values = np.random.default_rng(1).random((len(ids), 64)).tolist()
    frame = pd.DataFrame({"itemId": ids, "properties": [{"embedding": one} for one in values]})
    rows = [{"id": key, "value": one} for key, one in zip(ids, values, strict=True)]
    naive_text = "UNWIND $rows AS row MATCH (m:Item {itemId: row.id}) SET m.embedding = row.value"

    def grouped() -> None:
        cut = property_batches(frame, "itemId")
        write_batches(graph, "gds/write_item_properties", cut, ledger=None)

    def by_row() -> None:
        for first in range(0, len(rows), 1000):
            graph.run_text(naive_text, write=True, rows=rows[first : first + 1000])

    seconds, _ = timed(grouped, rounds)
    naive, _ = timed(by_row, rounds)
    graph.run_text("MATCH (n) DETACH DELETE n", write=True)
    return Line("vectors onto items (64-d)", seconds, naive, True)


def measure(graph: Graph, split: SplitFolder, options: argparse.Namespace) -> None:
    inputs = read_inputs(split)
    print(
        f"\n{split.dataset.manifest().get('name')}: {inputs.nodes:,} nodes, "
        f"{len(inputs.train):,} train and {len(inputs.knowledge):,} knowledge edges"
    )
    print(f"{'':26} {'seconds':>10} {'naive':>10} {'ratio':>8}  same")
    grouped, edges = timed(lambda: grouped_projection(graph, inputs), options.rounds)
    naive, other = timed(lambda: row_projection(graph, inputs), options.rounds)
    print(Line("projection, checked", grouped, naive, edges == other), flush=True)
    for name in options.jobs or ON_SERVER:
        job = job_of(name, inputs, options.concurrency)
        print(job_line(graph, inputs, job, options.rounds, not options.no_naive), flush=True)
    print(write_line(graph, inputs, options.rounds), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds of graph jobs.")
    parser.add_argument("datasets", type=Path, nargs="+", help="folders of exported data sets")
    parser.add_argument("--job", dest="jobs", action="append", help="a job; default: all by GDS")
    parser.add_argument("--split", default="user-time")
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--no-naive", action="store_true", help="leave out networkx and sets")
    parser.add_argument("--heap", default="2g", help="heap of the server")
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, concurrency {options.concurrency}, {options.rounds} rounds")
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, options.heap, "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        try:
            server.up()
            with server.graph() as graph:
                for path in options.datasets:
                    measure(graph, DatasetFolder(path).split(options.split), options)
        finally:
            server.down()


if __name__ == "__main__":
    main()
