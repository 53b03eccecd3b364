"""Loading: ours by driver and by ``--bulk`` against the naive way, on one server in one run.

    python bench/load.py movielens ml-1m --repeat 3

The naive way sends 10,000 dictionaries at a time and creates one relationship for each, on
one thread. ``driver`` and ``bulk`` are what ``reelgraph load`` does, with their checks and
ledgers; all three get the same rows of the source, already in memory. The server is one
of the benchmark's own, stopped and deleted afterwards. Rates are of interactions, without
nodes and knowledge; those of ``bulk`` are of the whole import, without the server's stop
and start. CPU seconds of client and server tell more than rates on a machine that others
use.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from reelgraph import cypher
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.loader.bulk import load_bulk
from reelgraph.loader.load import empty, load
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, InteractionTable, Reading
from reelgraph.plugins import manager
from reelgraph.settings import Settings

JARS = Path(__file__).parents[1] / "neo4j_data" / "server"


@dataclass(frozen=True)
class Measured:
    rate: float
    client: float
    server: float


def read(name: str, path: Path, users: int | None) -> tuple[CanonicalTables, pd.DataFrame, float]:
    """The source's tables with interactions in memory; the rows; seconds for reading."""
    source = manager.configure(Settings()).sources()[name]()
    started = time.perf_counter()
    tables = source.read(path, Reading(source.options_class(), Settings().cache_dir, Rejects()))
    assert tables.interactions is not None
    rows = pd.concat(tables.interactions.chunks(Rejects()), ignore_index=True)
    seconds = time.perf_counter() - started
    if users is not None:
        rows = rows[rows["userId"].isin(rows["userId"].unique()[:users])]
    interactions = InteractionTable.of(tables.interactions.where, rows)
    return replace(tables, interactions=interactions), rows, seconds


class Bench:
    """The three ways; each begins with an emptied database and checks what it wrote."""

    def __init__(self, server: LocalServer, tables: CanonicalTables, rows: pd.DataFrame) -> None:
        self.server, self.tables = server, tables
        ordered = rows.drop(columns="line").sort_values(["userId", "timestamp"], kind="stable")
        self.rows = ordered.assign(seq=ordered.groupby("userId").cumcount() + 1)

    def naive(self) -> Measured:
        return self._by_driver(self._naive)

    def driver(self) -> Measured:
        return self._by_driver(self._load)

    def bulk(self) -> Measured:
        began = time.process_time()
        report = load_bulk(self.server, self.tables, into_new=True)
        print(f"  {report}")
        seconds = sum(report.seconds.values()) - report.server_seconds
        return Measured(len(self.rows) / seconds, time.process_time() - began, float("nan"))

    def _by_driver(self, way: Callable[[Graph], float]) -> Measured:
        with self.server.graph() as graph:
            empty(graph)
            load(graph, replace(self.tables, interactions=None), progress=False)
            client, server = time.process_time(), self._server_seconds()
            rate = way(graph)
            client, server = time.process_time() - client, self._server_seconds() - server
            found = graph.run("load/count_edges", types=["RATED"]).rows[0]["edges"]
        if found != len(self.rows):
            raise SystemExit(f"{way.__name__} wrote {found} of {len(self.rows)} ratings")
        return Measured(rate, client, server)

    def _naive(self, graph: Graph) -> float:
        started = time.perf_counter()
        for start in range(0, len(self.rows), 10_000):
            part = self.rows.iloc[start : start + 10_000].to_dict("records")
            graph.run("bench/naive_ratings", rows=part)
        return len(self.rows) / (time.perf_counter() - started)

    def _load(self, graph: Graph) -> float:
        report = load(graph, self.tables, progress=False)
        print(f"  {report}")
        assert report.ratings_per_second
        return report.ratings_per_second

    def _server_seconds(self) -> float:
        """CPU seconds of the server so far; NaN where there is no ``/proc``."""
        state = self.server.state()
        stat = Path(f"/proc/{state.pid if state else 0}/stat")
        if not stat.exists():
            return float("nan")
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(bench: Bench, repeat: int, bulk: bool) -> None:
    ways = (bench.naive, bench.driver)
    found: dict[str, list[Measured]] = {way.__name__: [] for way in ways}
    for turn in range(repeat + 1):
        for way in ways:
            one = way()
            if turn:
                found[way.__name__].append(one)
    if bulk:
        found["bulk"] = [bench.bulk() for _ in range(repeat)]
    print(f"{'way':8}{'median/s':>12}{'best/s':>12}{'client CPU s':>14}{'server CPU s':>14}")
    for name, rounds in found.items():
        rates = [one.rate for one in rounds]
        client = statistics.median(one.client for one in rounds)
        server = statistics.median(one.server for one in rounds)
        print(
            f"{name:8}{statistics.median(rates):12,.0f}{max(rates):12,.0f}"
            f"{client:14.1f}{server:14.1f}"
        )
    for name in list(found)[1:]:
        pairs = zip(found[name], found["naive"], strict=True)
        ratios = [ours.rate / naive.rate for ours, naive in pairs]
        listed = ", ".join(f"{ratio:.1f}" for ratio in ratios)
        print(f"{name} / naive: median {statistics.median(ratios):.1f} ({listed})")


def main() -> None:
    parser = argparse.ArgumentParser(description="Rates of loading.")
    parser.add_argument("source", help="name of the source, such as movielens")
    parser.add_argument("path", type=Path, help="its files")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--users", type=int, help="only the first so many users")
    parser.add_argument("--bulk", action="store_true", help="measure --bulk, too")
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    tables, rows, seconds = read(options.source, options.path, options.users)
    print(
        f"{len(rows):,} interactions, read in {seconds:.1f} s; {os.cpu_count()} cores, "
        f"load average {os.getloadavg()[0]:.1f}; {options.repeat} rounds after one to warm up"
    )
    cypher.add_folder("bench", Path(__file__).parent / "cypher")
    with tempfile.TemporaryDirectory() as folder:
        ports = ServerOptions(options.bolt_port, options.http_port, "2g", "512m")
        home = Home(Path(folder) / "neo4j_data")
        server = LocalServer(home, Path(folder) / ".env", ports, JARS if JARS.is_dir() else None)
        try:
            server.up()
            measure(Bench(server, tables, rows), options.repeat, options.bulk)
        finally:
            server.down()
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
