"""Random walks of 8 nodes to a Parquet file: walks per second, ours and the obvious way.

    python bench/walks.py datasets/<fingerprint> --split user-time --walks 200

From every user and item over the split's train edges, on one projection of a local server of
its own, which is stopped and deleted afterwards. The obvious way asks for one record a walk
through the graphdatascience client, which brings node ids and a path object, and writes the
data frame. Along metapaths nothing is asked from the server. Nothing is written into the data
set. The projection is not in the times; rates are of walks as drawn, before equal ones are
left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from reelgraph.artifacts import DatasetFolder, SplitFolder, write_arrow, write_parquet
from reelgraph.gds_jobs.base import FileWork
from reelgraph.gds_jobs.inputs import read_inputs
from reelgraph.gds_jobs.metapath_walks import MetapathConfig, MetapathWalks
from reelgraph.gds_jobs.projection import Projection, project
from reelgraph.gds_jobs.walks import Walks, WalksConfig
from reelgraph.graph.local import Home, LocalServer, ServerOptions

JARS = Path(__file__).parents[1] / "neo4j_data" / "server"
LENGTH = 8


def obvious(projection: Projection, target: Path, walks: int) -> int:
    frame = projection.gds.random_walk.stream(
        projection.handle(),
        walk_length=LENGTH,
        walks_per_node=walks,
        random_seed=42,
        concurrency=1,
        relationship_types=projection.types("train"),
        node_labels=projection.labels("train"),
    )
    write_parquet(target, frame[["nodeIds"]])
    return len(frame)


def ours(projection: Projection, target: Path, walks: int, concurrency: int = 1) -> int:
    config = WalksConfig(
        edges="train",
        start="all",
        walk_length=LENGTH,
        walks_per_node=walks,
        concurrency=concurrency,
    )
    output = Walks(config).run(projection)
    write_arrow(target, output.table)
    return int(output.facts["walked"])


def metapath(split: SplitFolder, target: Path, walks: int, path: str) -> int:
    config = MetapathConfig(paths=(path,), walk_length=LENGTH, walks_per_node=walks)
    output = MetapathWalks(config).compute(FileWork(split, read_inputs(split), target.parent))
    write_arrow(target, output.table)
    return int(output.facts["walked"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Walks per second.")
    parser.add_argument("dataset", type=Path, help="folder of an exported data set")
    parser.add_argument("--split", default="user-time")
    parser.add_argument("--walks", type=int, default=200, help="walks from each node")
    parser.add_argument("--metapath", default="User-Item-Entity-Item")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    split = DatasetFolder(options.dataset).split(options.split)
    few = max(1, options.walks // 10)  # the obvious way is slow and needs much memory
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, "2g", "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        target = Path(folder) / "walks.parquet"
        try:
            server.up()
            with (
                server.graph() as graph,
                project(graph, read_inputs(split).only("train"), "bench") as projection,
            ):
                ways: dict[str, Callable[[], int]] = {
                    "one record a walk": lambda: obvious(projection, target, few),
                    "ours": lambda: ours(projection, target, options.walks),
                    "ours, 2 threads": lambda: ours(projection, target, options.walks, 2),
                    options.metapath: lambda: metapath(
                        split, target, options.walks, options.metapath
                    ),
                }
                measure(ways, options.repeat)
        finally:
            server.down()


def measure(ways: dict[str, Callable[[], int]], repeat: int) -> None:
    print(f"walks of {LENGTH} nodes, {os.cpu_count()} cores, {repeat} rounds after one to warm up")
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(repeat + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            count = way()
            if turn:
                rates[name].append(count / (time.perf_counter() - began))
    for name, found in rates.items():
        print(f"{name:24} median {statistics.median(found):>9,.0f}/s   best {max(found):>9,.0f}/s")


if __name__ == "__main__":
    main()
