"""Writing a run back: our way against naive row-wise ones, on one server in one run.

    python bench/writeback.py --repeat 3

Predictions of the size of MovieLens 1M (6,040 users, 3,706 items): 20 recommendations
(``--top``) with 5 pieces of evidence and as many attended items per user, 64-dimensional vectors,
in a graph that has a million ratings. The naive ways send 10,000 dictionaries at a time, on one
thread: ``create`` may write a row twice when it is repeated after a crash, ``merge`` may not, like
ours. The table gives relationships per second, median and best, and the ratios; then come
vectors per second without their indexes, and the whole write-back in a process of its own, with
vectors, indexes, checks and the switch, and with its peak memory. ``--store`` also measures what
evidence costs in the files of the store, by what they grow.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reelgraph import cypher
from reelgraph.artifacts import (
    ColdCounts,
    DatasetCounts,
    DatasetFolder,
    DatasetManifest,
    FoldCounts,
    RowOrder,
    RunFolder,
    RunManifest,
    SplitFolder,
    SplitManifest,
    write_manifest,
    write_parquet,
)
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.graph.local.envfile import read_password
from reelgraph.loader.load import empty, load
from reelgraph.loader.source import CanonicalTables, GraphSchema, InteractionTable
from reelgraph.results.relationships import write_relationships
from reelgraph.results.retire import PARTS, ledger
from reelgraph.results.run_files import RunFiles, read_run
from reelgraph.results.vectors import clear_slot, put_vectors

JARS = Path(__file__).parents[1] / "neo4j_data" / "server"
ITEMS, EVIDENCE, DIMENSION = 3_706, 5, 64
RUN = "attention-lstm-user-time-1a2b3c4d"  # as long as real ones: every relationship has it
ALL_ITEMS = range(1, ITEMS + 1)  # few users rate few of them, and are recommended others


def make_files(
    folder: Path, users: int, ratings: int, top: int = 20
) -> tuple[RunFolder, SplitFolder]:
    """A run and a split whose popular items are as popular as in real data (Zipf)."""
    generator = np.random.default_rng(0)
    shares = 1 / np.arange(10, ITEMS + 10)
    shares /= shares.sum()
    split = DatasetFolder(folder / "datasets" / "bench").split("all")
    run = RunFolder(folder / "runs" / RUN)
    history, recommended, attended = [], [], []
    for user in range(1, users + 1):
        items = 1 + generator.choice(ITEMS, ratings + top, replace=False, p=shares)
        seen, new = items[:ratings], items[ratings:]
        weights = -np.sort(-generator.dirichlet(np.ones(top)))
        seqs, ranks = np.arange(1, ratings + 1), np.arange(1, top + 1)
        history.append(pd.DataFrame({"user": user, "item": seen, "seq": seqs, "fold": "train"}))
        columns = {"rank": ranks, "score": -np.sort(-generator.normal(size=top))}
        evidence = {
            "evidenceIds": list(generator.choice(seen, (top, EVIDENCE))),
            "evidenceContributions": list(generator.normal(size=(top, EVIDENCE))),
        }
        recommended.append(pd.DataFrame({"user": user, "item": new, **columns, **evidence}))
        of_user = {"user": user, "item": seen[:top], "weight": weights, "rank": ranks}
        attended.append(pd.DataFrame(of_user))
    write_parquet(split.split, pd.concat(history, ignore_index=True))
    _describe(run, split, users, ratings)
    write_parquet(run.predictions, pd.concat(recommended, ignore_index=True))
    write_parquet(run.attention, pd.concat(attended, ignore_index=True))
    _write_vectors(run, users, ratings, generator)
    return run, split


def _describe(run: RunFolder, split: SplitFolder, users: int, ratings: int) -> None:
    """Manifests of the data set, the split and the run."""
    made, rows = "2025-01-01", users * ratings
    counts = DatasetCounts(interactions=rows, users=users, items=ITEMS, entities=0, triples=0)
    dataset = DatasetManifest(
        fingerprint="bench",
        name="bench",
        id_space="bench",
        interaction_type="RATED",
        user_id_type="INTEGER",
        item_id_type="INTEGER",
        ratings=False,
        timestamps=False,
        counts=counts,
        relation_types={},
        event_types_left_out={},
        created_at=made,
    )
    write_manifest(split.dataset.path, dataset)
    of_split = SplitManifest(
        split_id="all",
        dataset="bench",
        protocol="all",
        parameters={},
        order=RowOrder.ROWS_WITHOUT_TIMES,
        counts=FoldCounts(train=rows, valid=0, test=0),
        task="ranking",
        candidates="catalogue",
        history="train + valid",
        targets="all",
        cold=ColdCounts(users=0, items=0),
        jobs={},
        created_at=made,
    )
    write_manifest(split.path, of_split)
    of_run = RunManifest(
        run_id=RUN,
        task="ranking",
        model="bench",
        dataset="bench",
        split="all",
        protocol="all",
        order=of_split.order,
        knowledge="none",
        inputs=(),
        jobs={},
        similarities=(),
        seed=0,
        refit_of=None,
        created_at=made,
        version="0",
        config={},
        stages={},
    )
    write_manifest(run.path, of_run)


def _write_vectors(run: RunFolder, users: int, ratings: int, generator: Any) -> None:
    of_users = list(generator.normal(size=(users, DIMENSION)).astype(np.float32))
    of_items = list(generator.normal(size=(ITEMS, DIMENSION)).astype(np.float32))
    columns = {"user": range(1, users + 1), "historyLength": ratings, "vector": of_users}
    write_parquet(run.vectors / "users.parquet", pd.DataFrame(columns))
    items = pd.DataFrame({"item": range(1, ITEMS + 1), "vector": of_items})
    write_parquet(run.vectors / "items.parquet", items)


def prepare(graph: Graph, split: SplitFolder) -> None:
    """Users, items and ratings."""
    rows = pd.read_parquet(split.split).assign(rating=4.0, timestamp=0)
    empty(graph)
    items = pd.DataFrame({"itemId": ALL_ITEMS, "title": "a film"})
    nothing = pd.DataFrame({"entityId": [], "name": [], "labels": []})
    rows = rows.rename(columns={"user": "userId", "item": "itemId"}).drop(columns=["seq", "fold"])
    interactions = InteractionTable.of("bench", rows)
    schema = GraphSchema("Movie")
    load(
        graph,
        CanonicalTables("bench", "bench", schema, None, items, nothing, {}, interactions),
        progress=False,
    )


def ours(graph: Graph, files: RunFiles) -> None:
    write_relationships(graph, RUN, files)


def create(graph: Graph, files: RunFiles) -> None:
    _row_wise(graph, files, "create")


def merge(graph: Graph, files: RunFiles) -> None:
    _row_wise(graph, files, "merge")


def _row_wise(graph: Graph, files: RunFiles, way: str) -> None:
    for name, frame in (("recommended", files.recommended), ("attended", files.attended)):
        for start in range(0, len(frame), 10_000):
            rows = frame.iloc[start : start + 10_000].to_dict("records")
            for row in rows:
                for column in ("evidenceIds", "evidenceContributions"):
                    if column in row:
                        row[column] = row[column].tolist()
            graph.run(f"bench/{way}_{name}", rows=rows, runId=RUN)


def rate(graph: Graph, files: RunFiles, way: Callable[[Graph, RunFiles], None]) -> float:
    """Relationships per second of one way; they are removed again."""
    expected = len(files.recommended) + len(files.attended)
    started = time.perf_counter()
    way(graph, files)
    seconds = time.perf_counter() - started
    row = graph.run("writeback/count_run", runId=RUN).rows[0]
    if row["recommended"] + row["attended"] != expected:
        raise SystemExit(f"{way.__name__} wrote {row}")
    remove(graph, files)
    return expected / seconds


def remove(graph: Graph, files: RunFiles) -> None:
    graph.run("writeback/remove_recommended", runId=RUN)
    for part in PARTS:
        graph.run("load/delete_ledger", ledger=ledger(RUN, files.digest, part))


def measure_rates(graph: Graph, files: RunFiles, repeat: int) -> None:
    total = len(files.recommended) + len(files.attended)
    print(f"{total:,} relationships, {os.cpu_count()} cores, {repeat} rounds after one to warm up")
    rates: dict[str, list[float]] = {"ours": [], "create": [], "merge": []}
    for turn in range(repeat + 1):
        for way in (create, merge, ours):
            found = rate(graph, files, way)
            if turn:
                rates[way.__name__].append(found)
    for name, values in rates.items():
        print(f"{name:8} median {statistics.median(values):>9,.0f}/s   best {max(values):>9,.0f}/s")
    for name in ("create", "merge"):
        ratios = [a / b for a, b in zip(rates["ours"], rates[name], strict=True)]
        print(f"ours / {name}: median {statistics.median(ratios):.1f}, best {max(ratios):.1f}")
    print(f"load average {os.getloadavg()[0]:.1f}")


def measure_store(server: LocalServer, files: RunFiles) -> None:
    """Bytes of the store's files per relationship, each kind written beside the others."""
    columns = ["evidenceIds", "evidenceContributions"]
    recommended, nothing = files.recommended, files.attended.iloc[:0]
    kinds = {"no evidence": recommended.drop(columns=columns)}
    for top in (3, EVIDENCE):
        cut = {name: pd.Series([one[:top] for one in recommended[name]]) for name in columns}
        kinds[f"evidence {top}"] = recommended.assign(**cut)
    kinds["attention"] = recommended.iloc[:0]
    before = used(server)
    for name, frame in kinds.items():
        attended = nothing if len(frame) else files.attended
        part = replace(files, digest=name, recommended=frame, attended=attended)
        with server.graph() as graph:
            write_relationships(graph, RUN, part)
        now, rows = used(server), len(frame) + len(attended)
        print(f"{name:12} {(now - before) / rows:6.1f} bytes of the store each", flush=True)
        before = now
    with server.graph() as graph:
        for name in kinds:
            remove(graph, replace(files, digest=name))


def used(server: LocalServer) -> int:
    """Bytes of the store up to the last one that is not zero; files grow in large steps.

    All of it is in the files when the server has stopped.
    """
    with server.stopped():
        store = server.home.data / "databases" / "neo4j"
        paths = [path for path in store.glob("neostore.*") if not path.name.endswith(".id")]
        return sum(len(path.read_bytes().rstrip(b"\0")) for path in paths)


def measure_vectors(graph: Graph, files: RunFiles, repeat: int) -> None:
    assert files.vectors is not None
    total = len(files.vectors.users) + len(files.vectors.items)
    rates = []
    for _ in range(repeat + 1):
        started = time.perf_counter()
        put_vectors(graph, "A", files.vectors)
        rates.append(total / (time.perf_counter() - started))
        clear_slot(graph, "A")
    print(f"vectors  median {statistics.median(rates[1:]):>9,.0f}/s   best {max(rates):>9,.0f}/s")


WHOLE = """
import resource, sys, time
from pathlib import Path
from reelgraph.artifacts import DatasetFolder, RunFolder
from reelgraph.graph.connection import Graph
from reelgraph.results.runs import delete_run
from reelgraph.results.writeback import write_run

folder, run = Path(sys.argv[1]), sys.argv[2]
split = DatasetFolder(folder / "datasets" / "bench").split("all")
with Graph(*sys.argv[3:]) as graph:
    started = time.perf_counter()
    write_run(graph, RunFolder(folder / "runs" / run), split, progress=False)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"whole write-back {seconds:.1f} s, peak memory {peak:,.0f} MiB")
    started = time.perf_counter()
    delete_run(graph, run, force=True, grace=0.0)
    print(f"removal {time.perf_counter() - started:.1f} s")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Rate of the write-back.")
    parser.add_argument("--users", type=int, default=6_040)
    parser.add_argument("--ratings", type=int, default=165, help="ratings per user")
    parser.add_argument("--top", type=int, default=20, help="recommendations per user")
    parser.add_argument("--repeat", type=int, default=3, help="0: the whole write-back alone")
    parser.add_argument("--store", action="store_true", help="also what evidence costs in bytes")
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    cypher.add_folder("bench", Path(__file__).parent / "cypher")
    with tempfile.TemporaryDirectory() as folder:
        run, split = make_files(Path(folder), options.users, options.ratings, options.top)
        ports = ServerOptions(options.bolt_port, options.http_port)
        home = Home(Path(folder) / "neo4j_data")
        env = Path(folder) / ".env"
        server = LocalServer(home, env, ports, JARS if JARS.is_dir() else None)
        try:
            state = server.up().state
            with server.graph() as graph:
                prepare(graph, split)
            files = read_run(run, split)
            if options.store:
                measure_store(server, files)
            with server.graph() as graph:
                if options.repeat:
                    measure_rates(graph, files, options.repeat)
                    measure_vectors(graph, files, options.repeat)
            connection = [state.uri, "neo4j", str(read_password(env))]
            whole = [sys.executable, "-c", WHOLE, folder, RUN, *connection]
            subprocess.run(whole, check=True)
        finally:
            server.down()


if __name__ == "__main__":
    main()
