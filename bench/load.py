"""Writing ratings: our writer against the naive way, on one server in one run.

    python bench/load.py ml-1m/ratings.dat.gz --repeat 3

The naive way sends 10,000 dictionaries at a time and creates one relationship for each, on
one thread. Both write the same MovieLens 1M ratings (``user::movie::rating::timestamp``)
into a local server of their own, which is stopped and deleted afterwards. The table gives
the median and the best rate of each, and their ratio.
"""

from __future__ import annotations

import argparse
import gzip
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from reelgraph import cypher
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.graph.writer import batches, write_batches
from reelgraph.loader.interactions import add_seq
from reelgraph.loader.load import bucket_count, empty

JARS = Path(__file__).parents[1] / "neo4j_data" / "server"
COLUMNS = {"itemIds": "itemId", "ratings": "rating", "timestamps": "timestamp", "seqs": "seq"}


def read(path: Path, users: int | None) -> pd.DataFrame:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        rows = pd.read_csv(file, sep="::", engine="python", header=None)
    rows.columns = pd.Index(["userId", "itemId", "rating", "timestamp"])
    rows["rating"] = rows["rating"].astype(float)
    return add_seq(rows if users is None else rows[rows["userId"] <= users])


def prepare(graph: Graph, rows: pd.DataFrame) -> None:
    """Users and items only, in an emptied database."""
    empty(graph)
    migrations.apply(graph)
    for statement, column in (("users", "userId"), ("items", "itemId")):
        groups = [{"id": one, "properties": {}} for one in sorted(rows[column].unique().tolist())]
        parameters = {"label": "Movie"} if statement == "items" else {}
        graph.run(f"load/{statement}", groups=groups, **parameters)


def grouped(graph: Graph, rows: pd.DataFrame) -> None:
    """The way of ``reelgraph load``: with the ledger, four threads."""
    buckets = bucket_count(len(rows), least=64)
    supply = batches(rows, "userId", COLUMNS, buckets)
    write_batches(graph, "load/ratings", supply, ledger="bench", threads=4)


def naive(graph: Graph, rows: pd.DataFrame) -> None:
    for start in range(0, len(rows), 10_000):
        part = rows.iloc[start : start + 10_000].to_dict("records")
        graph.run("bench/naive_ratings", rows=part)


def rate(graph: Graph, rows: pd.DataFrame, way: Callable[[Graph, pd.DataFrame], None]) -> float:
    prepare(graph, rows)
    started = time.perf_counter()
    way(graph, rows)
    seconds = time.perf_counter() - started
    found = graph.run("load/count_edges", types=["RATED"]).rows[0]["edges"]
    if found != len(rows):
        raise SystemExit(f"{way.__name__} wrote {found} of {len(rows)} ratings")
    return len(rows) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description="Rate of writing ratings.")
    parser.add_argument("ratings", type=Path, help="ratings.dat or ratings.dat.gz of ML-1M")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--users", type=int, help="only the first so many users")
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    rows = read(options.ratings, options.users)
    cypher.add_folder("bench", Path(__file__).parent / "cypher")
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, "2g", "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        try:
            server.up()
            with server.graph() as graph:
                measure(graph, rows, options.repeat)
        finally:
            server.down()


def measure(graph: Graph, rows: pd.DataFrame, repeat: int) -> None:
    rates: dict[str, list[float]] = {"grouped": [], "naive": []}
    print(f"{len(rows):,} ratings, {os.cpu_count()} cores, {repeat} rounds after one to warm up")
    for turn in range(repeat + 1):
        for way in (naive, grouped):
            found = rate(graph, rows, way)
            if turn:
                rates[way.__name__].append(found)
    for name, found_rates in rates.items():
        median, best = statistics.median(found_rates), max(found_rates)
        print(f"{name:8} median {median:>9,.0f}/s   best {best:>9,.0f}/s")
    ratios = [ours / other for ours, other in zip(*rates.values(), strict=True)]
    print(f"ratio    median {statistics.median(ratios):.1f}   best {max(ratios):.1f}")


if __name__ == "__main__":
    main()
