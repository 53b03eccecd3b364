"""Reading ratings: columns grouped by user against a record a rating, in one run.

    python bench/export.py movielens ml-1m --repeat 3

Both read the same MovieLens 1M ratings, from a local server of their own that is stopped
and deleted afterwards, into a table sorted by user and seq. The grouped way is that of
``reelgraph export``, with its checks. Rates are of ratings; the ratio is of one round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from load import JARS, read

from reelgraph import cypher
from reelgraph.gds_jobs.histories import read_interactions
from reelgraph.gds_jobs.reading import read_facts, read_nodes
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.loader.load import load


def by_user(graph: Graph) -> pd.DataFrame:
    """The way of the export."""
    facts = read_facts(graph)
    users = read_nodes(graph, "users", "userId", "User")
    items = read_nodes(graph, "items", "itemId", "Item")
    return read_interactions(graph, facts, users, items, progress=False)


def by_rating(graph: Graph) -> pd.DataFrame:
    """One record a rating, each made a dictionary by the driver."""
    return graph.run("bench/naive_export").frame()


def main() -> None:
    parser = argparse.ArgumentParser(description="Rate of reading ratings.")
    parser.add_argument("source", help="name of the source, such as movielens")
    parser.add_argument("path", type=Path, help="its files")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--users", type=int, help="only the first so many users")
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    tables, rows, _ = read(options.source, options.path, options.users)
    cypher.add_folder("bench", Path(__file__).parent / "cypher")
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, "2g", "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        try:
            server.up()
            with server.graph() as graph:
                load(graph, tables, progress=False)
                measure(graph, len(rows), options.repeat)
        finally:
            server.down()


def rate(graph: Graph, count: int, way: Callable[[Graph], pd.DataFrame]) -> float:
    started = time.perf_counter()
    found = way(graph)
    seconds = time.perf_counter() - started
    if len(found) != count:
        raise SystemExit(f"{way.__name__} read {len(found)} of {count} ratings")
    return count / seconds


def measure(graph: Graph, count: int, repeat: int) -> None:
    print(f"{count:,} ratings, {os.cpu_count()} cores, {repeat} rounds after one to warm up")
    rates: dict[str, list[float]] = {"by_user": [], "by_rating": []}
    for turn in range(repeat + 1):
        for way in (by_rating, by_user):
            found = rate(graph, count, way)
            if turn:
                rates[way.__name__].append(found)
    for name, all_rates in rates.items():
        median, best = statistics.median(all_rates), max(all_rates)
        print(f"{name:9} median {median:>9,.0f}/s   best {best:>9,.0f}/s")
    ratios = [ours / other for ours, other in zip(*rates.values(), strict=True)]
    print(f"ratio     median {statistics.median(ratios):.1f}   best {max(ratios):.1f}")


if __name__ == "__main__":
    main()
