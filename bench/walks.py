"""Rows of ``bench/gds.py`` for random walks to a Parquet file, each beside its naive way.

Walks by GDS are from every user and item over train edges. The naive way asks for a record a
walk through the graphdatascience client, which brings node ids and a path object, and writes
the data frame; it gets a tenth of the walks, because it is slow and needs much memory, and its
time is scaled. With the same seed both draw the same walks, which is checked on that tenth.

Walks along a metapath ask no server. The naive way goes one walker after the other over lists
in Python. Both draw at random, so what is compared is how many walks begin where, and that each
step of ours leads to a neighbour that the naive way has.
"""

from __future__ import annotations

import random
from argparse import Namespace
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
from table import Line, timed

from reelgraph.artifacts import SplitFolder, write_arrow, write_parquet
from reelgraph.gds_jobs.base import FileWork, JobOutput
from reelgraph.gds_jobs.jobs.metapath_walks import MetapathConfig, MetapathWalks
from reelgraph.gds_jobs.jobs.walks import Walks, WalksConfig
from reelgraph.gds_jobs.projection import Projection
from reelgraph.gds_jobs.split_graph import SplitGraph

LENGTH = 8
METAPATH = "User-Item-Entity-Item"
SHARE = 10  # one in so many walks is asked for the naive way

Adjacency = dict[int, list[int]]


def gds_line(projection: Projection, folder: Path, options: Namespace) -> Line:
    """Walks from all nodes of a projection of train edges."""
    walks, concurrency, rounds = options.walks, options.concurrency, options.rounds
    target, few = folder / "walks.parquet", max(1, walks // SHARE)
    seconds, output = timed(lambda: _by_gds(projection, target, walks, concurrency), rounds)
    naive, found = timed(lambda: _by_record(projection, target, few), rounds)
    tenth = _lists(_by_gds(projection, target, few, concurrency))
    same = sorted(walk for walk in found if len(walk) > 1) == tenth
    part = f"{_described(output, seconds)}; naive: 1 in {walks // few}, scaled"
    return Line(f"walks to Parquet, {part}", seconds, naive * walks / few, same)


def metapath_line(split: SplitFolder, inputs: SplitGraph, folder: Path, walks: int) -> Line:
    """Walks along :data:`METAPATH` from every user."""
    target = folder / "metapath.parquet"
    seconds, output = timed(lambda: _by_arrays(split, inputs, target, walks))
    naive, found = timed(lambda: _by_walker(inputs, target, walks))
    ours = _lists(output)
    same = Counter(walk[0] for walk in ours) == Counter(walk[0] for walk in found)
    same = same and _are_steps(ours, _rounds(inputs))
    return Line(f"{METAPATH} walks to Parquet, {_described(output, seconds)}", seconds, naive, same)


def _described(output: JobOutput, seconds: float) -> str:
    walked = int(output.facts["walked"])
    return f"{walked:,} of {LENGTH} nodes ({walked / seconds:,.0f}/s)"


def _by_gds(projection: Projection, target: Path, walks: int, concurrency: int) -> JobOutput:
    config = WalksConfig(
        edges="train",
        start="all",
        walk_length=LENGTH,
        walks_per_node=walks,
        concurrency=concurrency,
    )
    output = Walks(config).run(projection)
    write_arrow(target, output.table)
    return output


def _by_record(projection: Projection, target: Path, walks: int) -> list[list[int]]:
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
    return frame["nodeIds"].to_list()


def _by_arrays(split: SplitFolder, inputs: SplitGraph, target: Path, walks: int) -> JobOutput:
    config = MetapathConfig(
        paths=(METAPATH,), walk_length=LENGTH, walks_per_node=walks, deduplicate=False
    )
    output = MetapathWalks(config).compute(FileWork("metapath", split, inputs, target.parent))
    write_arrow(target, output.table)
    return output


def _by_walker(inputs: SplitGraph, target: Path, walks: int) -> list[list[int]]:
    draw = random.Random(42)
    steps = _rounds(inputs)
    found = []
    for user in steps[0]:
        for _ in range(walks):
            walk = [user]
            while len(walk) < LENGTH:
                neighbours = steps[(len(walk) - 1) % len(steps)].get(walk[-1])
                if not neighbours:
                    break
                walk.append(draw.choice(neighbours))
            found.append(walk)
    write_arrow(target, pa.table({"nodes": found}))
    return found


def _rounds(inputs: SplitGraph) -> list[Adjacency]:
    """Neighbours for each step of the metapath, which does not end where it began: to its
    end and back."""
    items = len(inputs.item_ids)
    knowledge = inputs.knowledge[["head", "tail"]].to_numpy()
    knowledge = np.concatenate([knowledge, knowledge[:, ::-1]])
    knowledge = knowledge[(knowledge[:, 0] < items) & (knowledge[:, 1] >= items)]
    rated = inputs.train[["user", "item"]].to_numpy()
    of_items, to_items = _adjacency(knowledge), _adjacency(knowledge[:, ::-1])
    raters = _adjacency(rated[:, ::-1])
    return [_adjacency(rated), of_items, to_items, of_items, to_items, raters]


def _adjacency(pairs: np.ndarray) -> Adjacency:
    found: Adjacency = defaultdict(list)
    for source, target in pairs.tolist():
        found[source].append(target)
    return dict(found)


def _are_steps(walks: Iterable[list[int]], steps: list[Adjacency]) -> bool:
    known = [{node: set(near) for node, near in step.items()} for step in steps]
    return all(
        walk[place + 1] in known[place % len(known)][walk[place]]
        for walk in walks
        for place in range(len(walk) - 1)
    )


def _lists(output: JobOutput) -> list[list[int]]:
    return output.table["nodes"].to_pylist()
