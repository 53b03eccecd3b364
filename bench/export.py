"""Exporting ratings: columns grouped by user against a record a rating, in one run.

    python bench/export.py movielens ml-1m --repeat 3

Both read the same ratings, from a local server of their own that is stopped and deleted
afterwards, and write them to a Parquet file, sorted by user and seq. The grouped way is
that of ``reelgraph export``, with its checks and the digest of the file; the other one
takes one dictionary a rating from the driver and makes a table of all. Rates are of
ratings, the ratio is of one round; memory is the highest that the process of a way had,
without what it had before (``VmHWM``; needs ``/proc``).
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
from load import JARS, read

from reelgraph import cypher
from reelgraph.artifacts import frame_digest
from reelgraph.export.histories import read_histories
from reelgraph.export.interactions import write_interactions
from reelgraph.export.reading import read_nodes
from reelgraph.graph.connection import Graph
from reelgraph.graph.contents import read_facts
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.loader.load import load

Way = Callable[[Graph, Path], object]


@dataclass(frozen=True)
class Measured:
    """Ratings per second, seconds of CPU time of the client, and MiB of memory."""

    rate: float
    cpu: float
    memory: float


def by_user(graph: Graph, path: Path) -> None:
    """The way of the export."""
    facts = read_facts(graph)
    users = read_nodes(graph, "users", "userId", "User")
    items = read_nodes(graph, "items", "itemId", "Item")
    write_interactions(path, read_histories(graph, facts, users, items, progress=False))
    frame_digest(path)


def by_rating(graph: Graph, path: Path) -> None:
    """One record a rating, each made a dictionary by the driver."""
    frame: pd.DataFrame = graph.run("bench/naive_export").frame()
    frame.to_parquet(path, index=False)


def main() -> None:
    parser = argparse.ArgumentParser(description="Rate of exporting ratings.")
    parser.add_argument("source", help="name of the source, such as movielens")
    parser.add_argument("path", type=Path, help="its files")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--users", type=int, help="only the first so many users")
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    parser.add_argument("--heap", default="2g")
    options = parser.parse_args()
    tables, rows, _ = read(options.source, options.path, options.users)
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, options.heap, "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        try:
            server.up()
            with server.graph() as graph:
                load(graph, tables, progress=False)
            Bench(server, Path(folder) / "found.parquet", len(rows)).measure(options.repeat)
        finally:
            server.down()


@dataclass(frozen=True)
class Bench:
    """Measures each way in a process of its own, so that its memory is its own, too."""

    server: LocalServer
    path: Path
    count: int

    def measure(self, repeat: int) -> None:
        print(f"{self.count:,} ratings, {os.cpu_count()} cores, {repeat} rounds after a warm-up")
        self.once(by_user)
        rounds = [(self.once(by_user), self.once(by_rating)) for _ in range(repeat)]
        for way, found in zip((by_user, by_rating), zip(*rounds, strict=True), strict=True):
            rates = [one.rate for one in found]
            print(
                f"{way.__name__:9} median {statistics.median(rates):>9,.0f}/s   "
                f"best {max(rates):>9,.0f}/s   client {min(one.cpu for one in found):.1f} s CPU   "
                f"memory {max(one.memory for one in found):,.0f} MiB"
            )
        ratios = ", ".join(f"{ours.rate / other.rate:.1f}" for ours, other in rounds)
        print(f"ratio by round {ratios}; load average {os.getloadavg()[0]:.1f}")

    def once(self, way: Way) -> Measured:
        self.path.unlink(missing_ok=True)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, context) as pool:
            seconds, cpu, memory = pool.submit(_run, self.server, way, self.path).result()
        rows = pq.read_metadata(self.path).num_rows
        if rows != self.count:
            raise SystemExit(f"{way.__name__} read {rows} of {self.count} ratings")
        return Measured(self.count / seconds, cpu, memory)


def _run(server: LocalServer, way: Way, path: Path) -> tuple[float, float, float]:
    cypher.add_folder("bench", Path(__file__).parent / "cypher")
    with server.graph() as graph:
        graph.verify()
        before = highest()
        started, began = time.perf_counter(), time.process_time()
        way(graph, path)
        seconds, cpu = time.perf_counter() - started, time.process_time() - began
        return seconds, cpu, highest() - before


def highest() -> float:
    """MiB of memory that this process had at most."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
