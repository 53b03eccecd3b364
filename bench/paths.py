"""Paths for training pairs: over arrays for all at once, and one Cypher query a pair.

    python bench/paths.py ml-100k --sample 50

Loads MovieLens 100K with its knowledge graph (by default the files in the cache) into a local
server of its own, exports it, and takes every rating as a pair. The Cypher way runs
``analyst/paths`` for a random sample of the pairs; both must give the same paths. The server
and all files are deleted afterwards.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from reelgraph.artifacts import SplitFolder, read_parquet
from reelgraph.gds_jobs.export import export_dataset
from reelgraph.gds_jobs.paths import PathsJob
from reelgraph.gds_jobs.paths.job import PathsConfig
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.loader.load import load
from reelgraph.loader.ml100k import MovieLens100K
from reelgraph.loader.ml100k.files import fetch
from reelgraph.loader.source import Reading, SourceOptions
from reelgraph.model.splits import write_split
from reelgraph.settings import Settings

JARS = Path(__file__).parents[1] / "neo4j_data" / "server"


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds for paths.")
    parser.add_argument("path", type=Path, nargs="?", help="folder of the data set's files")
    parser.add_argument("--sample", type=int, default=50, help="pairs for the Cypher way")
    parser.add_argument("--length", type=int, default=3, choices=(3, 5, 7))
    parser.add_argument("--per-pair", type=int, default=5)
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    path = options.path or fetch(Settings().cache_dir)
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, "2g", "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        try:
            server.up()
            with server.graph() as graph:
                load(graph, MovieLens100K().read(path, Reading(SourceOptions(), path)))
                split = write_split(export_dataset(graph, Path(folder) / "datasets"), "all")
                measure(graph, split, options)
        finally:
            server.down()


def measure(graph: Graph, split: SplitFolder, options: argparse.Namespace) -> None:
    config = PathsConfig(lengths=(options.length,), per_pair=options.per_pair, spread=False)
    run_jobs(None, split, [PathsJob(config)])
    record = split.manifest()["jobs"]["paths"]
    print(f"{os.cpu_count()} cores; paths of length {options.length}, {options.per_pair} a pair")
    rate = record["pairs"] / record["seconds"]
    print(
        f"arrays, all {record['pairs']:,} pairs  {record['seconds']:9.1f} s  {rate:9,.1f} pairs/s"
    )
    table = read_parquet(split.output("paths", "paths"))
    rows = read_parquet(split.split)
    chosen = np.random.default_rng(42).choice(len(rows), options.sample, replace=False)
    names = names_of(split)
    seconds, same = [], 0
    for pair in rows.iloc[chosen].itertuples():
        began = time.perf_counter()
        asked = {"userId": pair.user, "itemId": pair.item, "limit": options.per_pair}
        found = graph.run("analyst/paths", length=options.length, **asked).rows
        seconds.append(time.perf_counter() - began)
        mine = table[(table["user"] == pair.user) & (table["item"] == pair.item)]
        ours = [[names[node] for node in nodes] for nodes in mine["nodes"]]
        same += ours == [row["names"] for row in found]
    total = sum(seconds)
    print(
        f"Cypher, {len(seconds):,} pairs       {total:9.1f} s  {len(seconds) / total:9,.1f} pairs/s"
        f"  (median {1000 * statistics.median(seconds):,.0f} ms, worst {max(seconds):.1f} s)"
    )
    print(f"the same paths for {same} of {len(seconds)} pairs")


def names_of(split: SplitFolder) -> list[str]:
    """Names by node index, as ``analyst/paths`` shows them."""
    dataset = split.dataset
    users = read_parquet(dataset.users)
    named = users["name"] if "name" in users else "User " + users["userId"].astype(str)
    titles, entities = read_parquet(dataset.items)["title"], read_parquet(dataset.entities)["name"]
    return [*titles, *entities, *named]


if __name__ == "__main__":
    main()
