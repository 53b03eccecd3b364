"""Graph jobs on one split: seconds for the projection and for each job.

    python bench/gds.py datasets/<fingerprint> --split user-time fastrp node2vec-both walks

It runs on a local server of its own, which is stopped and deleted afterwards, and writes
nothing into the data set. Every part is done twice; the second time is shown, because the
first one also warms up the server.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from reelgraph.artifacts import DatasetFolder
from reelgraph.gds_jobs.base import GraphJob
from reelgraph.gds_jobs.inputs import Inputs, read_inputs
from reelgraph.gds_jobs.jobs import BUILT_IN_JOBS, make_job
from reelgraph.gds_jobs.projection import project
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions

JARS = Path(__file__).parents[1] / "neo4j_data" / "server"
KNOWN = {job.name: job for job in BUILT_IN_JOBS}


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds of graph jobs.")
    parser.add_argument("dataset", type=Path, help="folder of an exported data set")
    parser.add_argument("jobs", nargs="*", default=list(KNOWN), help="names; default: all")
    parser.add_argument("--split", default="user-time")
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    inputs = read_inputs(DatasetFolder(options.dataset).split(options.split))
    parameters = {"concurrency": options.concurrency}
    jobs = [make_job(name, KNOWN, {} if name == "knn" else parameters) for name in options.jobs]
    print(
        f"{inputs.nodes:,} nodes, {len(inputs.train):,} train and {len(inputs.knowledge):,} "
        f"knowledge edges; {os.cpu_count()} cores, concurrency {options.concurrency}"
    )
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, "2g", "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        try:
            server.up()
            with server.graph() as graph:
                measure(graph, inputs, jobs)
        finally:
            server.down()


def measure(graph: Graph, inputs: Inputs, jobs: Sequence[GraphJob]) -> None:
    seconds: dict[str, float] = {}
    for _ in range(2):
        began = time.perf_counter()
        with project(graph, inputs, "bench") as projection:
            seconds["projection, checked"] = time.perf_counter() - began
        for job in jobs:
            with project(graph, inputs, "bench") as projection:
                began = time.perf_counter()
                job.run(projection)
                seconds[job.output_name] = time.perf_counter() - began
    for name, value in seconds.items():
        print(f"{name:20} {value:7.2f} s")


if __name__ == "__main__":
    main()
