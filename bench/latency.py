"""Latency of stored and live recommendations in Cypher, beside one node looked up by an index.

    python bench/latency.py --workspace . --json latency.json

Asks the graph of a workspace, which has an active run with vectors. For each of many random users
the lookup, the user's stored top 10 with their reasons, the same without reasons, and the live
top 10 are asked in turn, one after the other, by one client on the server's machine, as
``Graph.run`` asks: a managed transaction, all rows read. All of them were asked before, until the
server has compiled them (``--warm``). ``--longest`` asks about the users with the longest
histories. Milliseconds are the client's; the ratio is that of the 99th percentiles to the
lookup's in the same run.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np

from reelgraph import cypher
from reelgraph.errors import InputError
from reelgraph.graph.connection import Graph
from reelgraph.graph.session import open_graph
from reelgraph.settings import load_settings

FLOOR = "index lookup of one user"
QUERIES: Mapping[str, str] = {
    FLOOR: "bench/user_lookup",
    "stored top 10 with reasons": "analyst/recommendations",
    "stored top 10, titles": "analyst/top_titles",
    "live top 10": "analyst/live_top_n",
}
GOALS = {"stored top 10 with reasons": 10.0, "stored top 10, titles": 10.0, "live top 10": 25.0}


def users_of(graph: Graph, many: int, seed: int, longest: bool = False) -> list[int | str]:
    """Users with recommendations of the active run, each of them again where they are few.

    :param longest: those with the longest histories, else random ones.
    :raises InputError: when the graph has none, or the run has no vectors.
    """
    found = [row["userId"] for row in graph.run("bench/users_with_lists").rows]
    if not found:
        raise InputError("the graph has no user with recommendations and a vector", "reelgraph run")
    if longest:
        return found[:many]
    drawn = np.random.default_rng(seed).choice(len(found), many, replace=many > len(found))
    return [found[place] for place in drawn]


def measure(graph: Graph, users: Sequence[int | str]) -> dict[str, list[float]]:
    """Milliseconds of each query for each user, the queries in turn."""
    found: dict[str, list[float]] = {name: [] for name in QUERIES}
    for user in users:
        for name, query in QUERIES.items():
            began = time.perf_counter()
            rows = graph.run(query, userId=user).rows
            found[name].append(1000 * (time.perf_counter() - began))
            if not rows:
                raise InputError(f"{query} has no rows for user {user}")
    return found


def table(found: Mapping[str, Sequence[float]]) -> list[dict[str, object]]:
    """A row per query: percentiles in milliseconds, and the ratio to the lookup."""
    floor = float(np.percentile(found[FLOOR], 99))
    rows = []
    for name, times in found.items():
        p50, p99 = np.percentile(times, [50, 99])
        goal = GOALS.get(name)
        rows.append(
            {
                "query": name,
                "p50": round(float(p50), 2),
                "p99": round(float(p99), 2),
                "ratio": round(float(p99) / floor, 1),
                "goal": goal,
                "reached": None if goal is None else bool(p99 < goal),
            }
        )
    return rows


@click.command()
@click.option("--workspace", type=click.Path(path_type=Path, exists=True), default=Path())
@click.option("--users", default=1_000, show_default=True, help="Random users.")
@click.option("--warm", default=1_500, show_default=True, help="Users that are asked about before.")
@click.option("--longest", is_flag=True, help="The users with the longest histories.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "target", type=click.Path(path_type=Path), help="File for the figures.")
def main(
    workspace: Path, users: int, warm: int, longest: bool, seed: int, target: Path | None
) -> None:
    cypher.add_folder("bench", Path(__file__).parent / "cypher")
    with open_graph(load_settings({"workspace": workspace}).settings) as graph:
        measure(graph, users_of(graph, warm, seed + 1))
        rows = table(measure(graph, users_of(graph, users, seed, longest)))
    load = os.getloadavg()[0]
    print("| query | p50, ms | p99, ms | p99 by the lookup's | goal |\n|---|--:|--:|--:|---|")
    for row in rows:
        goal = "" if row["goal"] is None else f"{row['goal']:g} ms: "
        goal += {True: "reached", False: "missed", None: ""}[row["reached"]]
        print(f"| {row['query']} | {row['p50']} | {row['p99']} | {row['ratio']} | {goal} |")
    print(f"\n{users} users, load average {load:.1f}")
    if target is not None:
        told = {"users": users, "load": load, "milliseconds": rows}
        target.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
