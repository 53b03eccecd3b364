"""The row of ``bench/gds.py`` for paths: over arrays for many train pairs, beside Cypher.

The naive way is one query per pair, ``analyst/paths``, for a few of the pairs; its time is scaled
to all of them. Its graph is made of the same train rows and triples, so both must
give the same paths in the same order.
"""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pandas as pd
from table import Line, timed

from reelgraph.artifacts import SplitFolder, read_parquet, write_arrow, write_parquet
from reelgraph.gds_jobs.base import FileWork
from reelgraph.gds_jobs.paths import PathsJob
from reelgraph.gds_jobs.paths.job import PathsConfig
from reelgraph.gds_jobs.split_graph import SplitGraph, train_rows
from reelgraph.graph.connection import Graph

LENGTH, PER_PAIR = 3, 5
_ROWS = 20_000  # relationships of a transaction


def paths_line(
    graph: Graph, split: SplitFolder, inputs: SplitGraph, folder: Path, options: Namespace
) -> Line:
    """All train pairs, or a sample; ``graph`` must hold what :func:`fill` put there."""
    target, pairs = folder / "paths.parquet", folder / "pairs.parquet"
    rows = train_rows(split)[["user", "item"]]
    chosen = rows.sample(min(options.most_pairs, len(rows)), random_state=42)
    write_parquet(pairs, chosen.sort_index().reset_index(drop=True))
    seconds, _ = timed(lambda: _by_arrays(split, inputs, folder / "parts", pairs, target))
    asked = list(chosen.head(options.pairs).itertuples(index=False, name=None))
    _by_query(graph, *asked[0])  # the server makes its plan once
    naive, found = timed(lambda: [_by_query(graph, *pair) for pair in asked])
    table, names = read_parquet(target), _names(split)
    ours = [_ours(table, *pair, names) for pair in asked]
    scaled = naive * len(chosen) / len(asked)
    rate = f"{len(chosen):,} of {len(rows):,} train pairs ({len(chosen) / seconds:,.0f}/s)"
    part = f"paths of length {LENGTH}, {PER_PAIR} a pair, {rate}; naive: {len(asked)} pairs, scaled"
    return Line(part, seconds, scaled, ours == found)


def fill(graph: Graph, split: SplitFolder, inputs: SplitGraph) -> None:
    """The nodes, train rows and triples of a split as a graph, unless they are there."""
    if graph.run_text("MATCH (n:Node) RETURN n LIMIT 1").rows:
        return
    dataset, names = split.dataset, _names(split)
    for label, key, path in (
        ("Item", "itemId", dataset.items),
        ("Entity", "entityId", dataset.entities),
        ("User", "userId", dataset.users),
    ):
        shown = "title" if label == "Item" else "name"
        nodes = read_parquet(path)[[key, "index"]].to_numpy(dtype=object).tolist()
        rows = [{"index": index, "id": node, "name": names[index]} for node, index in nodes]
        values = f"index: row.index, {key}: row.id, {shown}: row.name"
        text = f"UNWIND $rows AS row CREATE (:{label}:Node {{{values}}})"
        _write(graph, text, rows)
        graph.run_text(f"CREATE INDEX {key} IF NOT EXISTS FOR (n:{label}) ON (n.{key})", write=True)
    graph.run_text("CREATE INDEX place IF NOT EXISTS FOR (n:Node) ON (n.index)", write=True)
    graph.run_text("CALL db.awaitIndexes()")
    events = read_parquet(dataset.interactions).merge(train_rows(split), on=["user", "item", "seq"])
    _relate(graph, "RATED", _rated(split, events))
    for relation, triples in inputs.knowledge.groupby("relation"):
        _relate(graph, str(relation), triples[["head", "tail"]])


def _rated(split: SplitFolder, events: pd.DataFrame) -> pd.DataFrame:
    """``head, tail, seq, timestamp`` of train rows."""
    users = read_parquet(split.dataset.users).set_index("userId")["index"]
    items = read_parquet(split.dataset.items).set_index("itemId")["index"]
    ends = events.assign(head=events["user"].map(users), tail=events["item"].map(items))
    return ends[["head", "tail", *(name for name in ("seq", "timestamp") if name in events)]]


def _relate(graph: Graph, name: str, pairs: pd.DataFrame) -> None:
    text = (
        "UNWIND $rows AS row MATCH (a:Node {index: row.head}) MATCH (b:Node {index: row.tail}) "
        f"CREATE (a)-[:{name} {{seq: row.seq, timestamp: row.timestamp}}]->(b)"
    )
    _write(graph, text, pairs.to_dict("records"))


def _write(graph: Graph, text: str, rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), _ROWS):
        graph.run_text(text, write=True, rows=rows[first : first + _ROWS])


def _by_arrays(
    split: SplitFolder, inputs: SplitGraph, scratch: Path, pairs: Path, target: Path
) -> None:
    config = PathsConfig(pairs=str(pairs), lengths=(LENGTH,), per_pair=PER_PAIR, spread=False)
    write_arrow(target, PathsJob(config).compute(FileWork("paths", split, inputs, scratch)).table)


def _by_query(graph: Graph, user: Any, item: Any) -> list[list[str]]:
    asked = {"userId": user, "itemId": item, "limit": PER_PAIR}
    return [row["names"] for row in graph.run("analyst/paths", length=LENGTH, **asked).rows]


def _ours(table: pd.DataFrame, user: Any, item: Any, names: list[str]) -> list[list[str]]:
    mine = table[(table["user"] == user) & (table["item"] == item)]
    return [[names[node] for node in nodes] for nodes in mine["nodes"]]


def _names(split: SplitFolder) -> list[str]:
    """Names by node index."""
    dataset = split.dataset
    users = read_parquet(dataset.users)
    named = users["name"] if "name" in users else "User " + users["userId"].astype(str)
    titles, entities = read_parquet(dataset.items)["title"], read_parquet(dataset.entities)["name"]
    return [*titles, *entities, *named]
