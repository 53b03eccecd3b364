"""Graph work as one table: seconds of each part, and the naive way beside it.

    python bench/gds.py datasets/<fingerprint> [datasets/<another>] --split user-time --markdown
    python bench/gds.py datasets/<fingerprint> --part fastrp-train --part structure

It runs on a local server of its own, which is stopped and deleted afterwards, and writes
nothing into the data sets. Parts on the server are done ``--rounds`` times; the last time is
shown, because the first one also warms up the server. Where a data set has no knowledge, jobs
over knowledge run over train edges, and there are no walks along metapaths.

Naive ways: the projection from one parameter per relationship instead of lists per node, checked as
ours is; structure by networkx, both with Louvain; node similarity by Python sets; properties on
nodes by one map per row from one thread; walks and paths as ``bench/walks.py`` and
``bench/paths.py`` say. Embeddings, and KNN over them, have none: what stands beside GDS there are
other programs, not other ways to ask. ``same`` says whether the naive way found the same: edges
by count and checksum, degrees and PageRank of each node with a partition of about the same
modularity, all scores of similar items, the values on all nodes, the same walks and the same
paths.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pandas as pd
from paths import fill, paths_line
from table import Line, heading, show, timed
from walks import gds_line, metapath_line

from reelgraph.artifacts import DatasetFolder, SplitFolder
from reelgraph.gds_jobs import catalogue
from reelgraph.gds_jobs.base import GraphJob
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.fingerprints import projected_inputs
from reelgraph.gds_jobs.naming import make_job
from reelgraph.gds_jobs.node_properties import property_batches
from reelgraph.gds_jobs.payload import node_groups
from reelgraph.gds_jobs.projection import check_projection, project
from reelgraph.gds_jobs.split_graph import SplitGraph, read_split_graph
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.graph.writer import write_batches

JARS = Path(__file__).parents[1] / "neo4j_data" / "server"
KNOWN = {job.name: job for job in BUILT_IN_JOBS}
PARTS = ["projection", *KNOWN, "vectors"]

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
class Bench:
    """A data set on the server, and what the command line asked for."""

    graph: Graph
    split: SplitFolder
    inputs: SplitGraph
    folder: Path
    options: argparse.Namespace

    def line(self, part: str) -> Line:
        options = self.options
        match part:
            case "projection":
                return projection_line(self)
            case "walks":
                with project(self.graph, self.inputs.only("train"), "bench") as projection:
                    return gds_line(projection, self.folder, options)
            case "metapath":
                return metapath_line(self.split, self.inputs, self.folder, options.walks)
            case "paths":
                fill(self.graph, self.split, self.inputs)
                return paths_line(self.graph, self.split, self.inputs, self.folder, options)
            case "vectors":
                fill(self.graph, self.split, self.inputs)
                return write_line(self.graph, self.inputs, options.rounds)
            case _:
                return job_line(self, job_of(part, self.inputs, options.concurrency))


def projection_line(bench: Bench) -> Line:
    def grouped() -> int:
        with project(bench.graph, bench.inputs, "bench") as projection:
            return int(projection.handle().relationship_count())

    seconds, edges = timed(grouped, bench.options.rounds)
    naive, others = timed(lambda: row_projection(bench.graph, bench.inputs), bench.options.rounds)
    return Line("projection, checked", seconds, naive, edges == others)


def row_projection(graph: Graph, inputs: SplitGraph) -> int:
    """One map a relationship, as most examples do it."""
    train, knowledge = inputs.train[["user", "item"]], inputs.knowledge
    rows = [
        {"source": user, "target": item, "type": inputs.train_type}
        for user, item in train.to_numpy().tolist()
    ]
    rows += [
        {"source": head, "target": tail, "type": relation}
        for head, relation, tail in knowledge[["head", "relation", "tail"]].to_numpy().tolist()
    ]
    name = catalogue.new_name("bench-rows")
    try:
        found = graph.run_text(ROWS, name=name, nodes=node_groups(inputs), rows=rows).single()
        check_projection(graph, name, inputs)
        return int(found["edges"]) if found else 0
    finally:
        catalogue.drop(graph, name)


def job_of(name: str, inputs: SplitGraph, concurrency: int) -> GraphJob:
    base = KNOWN.get(name)
    if base and base.default().edges == "knowledge" and inputs.knowledge.empty:
        name = f"{name}-train"
    values: dict[str, Any] = {} if name.startswith("knn") else {"concurrency": concurrency}
    if name == "structure":
        values["communities"] = "louvain"
    return make_job(name, KNOWN, values)


def label_of(job: GraphJob) -> str:
    """The output's name, and what is not as by default."""
    chosen = [getattr(job.config, "communities", None), *(getattr(job.config, "types", None) or ())]
    notes = [one for one in chosen if one]
    return f"{job.output_name} ({', '.join(notes)})" if notes else job.output_name


def job_line(bench: Bench, job: GraphJob) -> Line:
    """The job alone: its projection is not in the time."""
    inputs = projected_inputs(job, bench.split, bench.inputs)
    for _ in range(bench.options.rounds):
        with project(bench.graph, inputs, "bench") as projection:
            seconds, output = timed(lambda: job.run(projection))
    if job.output_name not in NAIVE:
        return Line(label_of(job), seconds)
    way, same = NAIVE[job.output_name]
    naive, found = timed(lambda: way(inputs))
    return Line(label_of(job), seconds, naive, same(output.table, found, inputs))


@dataclass(frozen=True)
class ClientStructure:
    """What networkx finds: by node, and the communities as sets of nodes."""

    network: networkx.Graph
    degrees: dict[int, int]
    ranks: dict[int, float]
    communities: list[set[int]]


def client_structure(inputs: SplitGraph) -> ClientStructure:
    network = networkx.Graph(edges_of(inputs).tolist())
    ranks = networkx.pagerank(network, alpha=0.85, max_iter=100, tol=1e-7)
    communities = networkx.community.louvain_communities(network, seed=42)
    return ClientStructure(network, dict(network.degree()), ranks, communities)


def same_structure(table: pd.DataFrame, found: ClientStructure, inputs: SplitGraph) -> bool:
    """The server's PageRank adds up to the number of nodes with edges, networkx's to 1.

    Partitions by Louvain depend on the order of nodes; ours must be about as good, which is
    a modularity of 0.9 times that of networkx's.
    """
    rows = table.set_index("node").loc[list(found.degrees)]
    ranks = [rank * len(found.ranks) for rank in found.ranks.values()]
    same = rows["degree"].tolist() == list(found.degrees.values())
    same = same and np.allclose(rows["pageRank"], ranks, rtol=1e-3)
    ours = [set(rows.index[rows["community"] == one]) for one in rows["community"].unique()]
    modularity = networkx.community.modularity
    wanted = modularity(found.network, found.communities)
    return same and modularity(found.network, ours) > 0.9 * wanted


def client_similarity(inputs: SplitGraph) -> dict[Any, list[float]]:
    """Jaccard of all pairs of items by Python sets; the 10 best scores of each item."""
    near: dict[int, set[int]] = {}
    pairs = edges_of(inputs)
    for one, other in np.concatenate([pairs, pairs[:, ::-1]]).tolist():
        if one < len(inputs.item_ids):
            near.setdefault(one, set()).add(other)
    best = {}
    for item, mine in near.items():
        scores = [
            len(mine & theirs) / len(mine | theirs)
            for other, theirs in near.items()
            if other != item and not mine.isdisjoint(theirs)
        ]
        best[inputs.item_ids[item]] = sorted(scores, reverse=True)[:10]
    return best


def same_scores(table: pd.DataFrame, found: dict[Any, list[float]], inputs: SplitGraph) -> bool:
    """Which of several equally similar items is left out may differ, the scores not."""
    ours = {item: sorted(scores, reverse=True) for item, scores in table.groupby("itemId")["score"]}
    wanted = {item: scores for item, scores in found.items() if scores}
    return ours.keys() == wanted.keys() and all(
        len(ours[item]) == len(scores) and np.allclose(ours[item], scores, atol=1e-6)
        for item, scores in wanted.items()
    )


def edges_of(inputs: SplitGraph) -> np.ndarray:
    """``(edges, 2)`` of node indices."""
    ends = (inputs.train[["user", "item"]], inputs.knowledge[["head", "tail"]])
    return np.concatenate([frame.to_numpy(np.int64) for frame in ends])


NAIVE: dict[str, tuple[Callable[[SplitGraph], Any], Callable[[Any, Any, SplitGraph], bool]]] = {
    "structure": (client_structure, same_structure),
    "node-similarity": (client_similarity, same_scores),
    "node-similarity-train": (client_similarity, same_scores),
}


def write_line(graph: Graph, inputs: SplitGraph, rounds: int) -> Line:
    """64 numbers on each item, as ``--write`` puts them there, read back after both ways."""
    ids = inputs.item_ids.tolist()
    values = np.random.default_rng(1).random((len(ids), 64)).tolist()
    wanted = dict(zip(ids, values, strict=True))
    frame = pd.DataFrame({"itemId": ids, "properties": [{"embedding": one} for one in values]})
    rows = [{"id": key, "value": one} for key, one in wanted.items()]
    text = "UNWIND $rows AS row MATCH (m:Item {itemId: row.id}) SET m.embedding = row.value"

    def grouped() -> None:
        cut = property_batches(frame, "itemId")
        write_batches(graph, "gds/write_item_properties", cut, ledger=None)

    def by_row() -> None:
        for first in range(0, len(rows), 1000):
            graph.run_text(text, write=True, rows=rows[first : first + 1000])

    seconds, _ = timed(grouped, rounds)
    same = taken_vectors(graph) == wanted
    naive, _ = timed(by_row, rounds)
    return Line("64-d vectors onto items", seconds, naive, same and taken_vectors(graph) == wanted)


def taken_vectors(graph: Graph) -> dict[Any, list[float]]:
    """The vectors of all items, which are then removed."""
    text = "MATCH (m:Item) WHERE m.embedding IS NOT NULL RETURN m.itemId AS id, m.embedding AS v"
    found = {row["id"]: row["v"] for row in graph.run_text(text).rows}
    graph.run_text("MATCH (m:Item) REMOVE m.embedding", write=True)
    return found


def measure(graph: Graph, split: SplitFolder, options: argparse.Namespace) -> None:
    inputs = read_split_graph(split)
    name = str(split.dataset.manifest().name)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(graph, split, inputs, Path(folder), options)
        for part in options.parts or PARTS:
            if part != "metapath" or len(inputs.knowledge):
                show(bench.line(part).cells(name), options.markdown)
    graph.run_text("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS", write=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds of graph work.")
    parser.add_argument("datasets", type=Path, nargs="+", help="folders of exported data sets")
    parser.add_argument(
        "--part",
        dest="parts",
        action="append",
        help=f"only this one, a job also over other edges; of {', '.join(PARTS)}",
    )
    parser.add_argument("--split", default="user-time")
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--walks", type=int, default=100, help="walks from each node")
    parser.add_argument("--most-pairs", type=int, default=100_000, help="train pairs for paths")
    parser.add_argument("--pairs", type=int, default=20, help="pairs for the naive way of paths")
    parser.add_argument("--markdown", action="store_true", help="print a Markdown table")
    parser.add_argument("--heap", default="2g", help="heap of the server")
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, concurrency {options.concurrency}, {options.rounds} rounds\n")
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, options.heap, "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        try:
            server.up()
            heading(options.markdown)
            with server.graph() as graph:
                for path in options.datasets:
                    measure(graph, DatasetFolder(path).split(options.split), options)
        finally:
            server.down()


if __name__ == "__main__":
    main()
