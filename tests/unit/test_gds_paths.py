"""Paths over arrays against brute force on small random graphs; parts, resuming, bad input."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.artifacts import JobRecord, SplitFolder, read_parquet
from reelgraph.errors import InputError
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.naming import make_job
from reelgraph.gds_jobs.paths import (
    FoundPaths,
    Network,
    Search,
    Targets,
    build_network,
    find_paths,
    job,
    lengths,
    search,
    vocabulary,
)
from reelgraph.gds_jobs.paths.network import NO_TIME
from reelgraph.gds_jobs.paths.search import count_paths
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.gds_jobs.split_graph import SplitGraph
from reelgraph.testing.small_split import make_split_folder

KNOWN = {cls.name: cls for cls in BUILT_IN_JOBS}


@dataclass(frozen=True)
class World:
    """A small graph: items, then entities, then users, as in a data set."""

    inputs: SplitGraph
    train: pd.DataFrame  # user, item, seq, time

    def network(self, edges: Any = "both") -> Network:
        return build_network(self.inputs, self.train, edges)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    items, entities, users = (
        draw(st.integers(2, 5)),
        draw(st.integers(0, 3)),
        draw(st.integers(1, 4)),
    )
    nodes = items + entities
    pairs = [(h, t) for h in range(nodes) for t in range(nodes) if h != t]
    triples = draw(
        st.lists(st.tuples(st.sampled_from(pairs), st.sampled_from("AB")), max_size=12, unique=True)
    )
    knowledge = pd.DataFrame(
        [(h, relation, t) for (h, t), relation in triples], columns=["head", "relation", "tail"]
    ).astype({"head": "int64", "tail": "int64", "relation": "str"})
    rows = []
    for user in range(nodes, nodes + users):
        rated = draw(st.lists(st.integers(0, items - 1), max_size=items, unique=True))
        for seq, item in enumerate(rated, start=1):
            time = draw(st.one_of(st.just(NO_TIME), st.integers(0, 4)))
            rows.append((user, item, seq, time))
    train = pd.DataFrame(rows, columns=["user", "item", "seq", "time"]).astype("int64")
    ids = pd.Series(range(items), name="itemId")
    inputs = SplitGraph(ids, entities, users, "RATED", train[["user", "item"]], knowledge)
    return World(inputs, train)


@st.composite
def wanted(draw: st.DrawFn, world: World) -> pd.DataFrame:
    """Train events, and pairs that are none, at any place and time."""
    first = len(world.inputs.item_ids) + world.inputs.entities
    user = st.integers(first, world.inputs.nodes - 1)
    item = st.integers(0, len(world.inputs.item_ids) - 1)
    time = st.one_of(st.just(NO_TIME), st.integers(0, 5))
    other = st.tuples(user, item, st.integers(1, 6), time)
    drawn = draw(st.lists(other, min_size=1, max_size=4))
    rated = set(zip(world.train["user"], world.train["item"], strict=True))
    free = [row for row in drawn if (row[0], row[1]) not in rated]
    columns = ["user", "item", "seq", "time"]
    return pd.concat([world.train, pd.DataFrame(free, columns=columns)]).astype("int64")


def targets_of(network: Network, pairs: pd.DataFrame) -> Targets:
    columns = (pairs[name].to_numpy(np.int64) for name in ("user", "item", "seq"))
    return Targets(*columns, network.limit(pairs["time"].to_numpy(np.int64)))


def brute(world: World, pair: Any, length: int, edges: str = "both") -> list[tuple[int, ...]]:
    """All paths of one pair, in the order of priority without spreading."""
    train = world.train
    dated = train[(train["time"] != NO_TIME) & (train["time"] < pair.time)]
    dated = dated if edges != "knowledge" else dated.iloc[:0]
    knowledge = world.inputs.knowledge if edges != "train" else world.inputs.knowledge.iloc[:0]
    older = nx.Graph()
    older.add_nodes_from(range(world.inputs.nodes))
    older.add_edges_from(zip(knowledge["head"], knowledge["tail"], strict=True))
    older.add_edges_from(zip(dated["user"], dated["item"], strict=True))
    degree = dict(older.degree())
    own = train[(train["user"] == pair.user) & (train["seq"] < pair.seq)]
    older.remove_edges_from(list(older.edges(pair.user)))
    older.add_edges_from((pair.user, item) for item in own["item"])
    seq = dict(zip(own["item"], own["seq"], strict=True))
    found = nx.all_simple_paths(older, pair.user, pair.item, cutoff=length)
    paths = [tuple(path) for path in found if len(path) == length + 1]
    return sorted(
        paths, key=lambda path: (-seq[path[1]], sum(degree[n] for n in path[2:-1]), path[2:])
    )


def spread(paths: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """The best path of each history item, then the second best ones, …"""
    place = {}
    for _, group in itertools.groupby(paths, key=lambda path: path[1]):
        place.update({path: rank for rank, path in enumerate(group)})
    return sorted(paths, key=lambda path: place[path])


def of_pair(found: FoundPaths, row: int) -> list[tuple[int, ...]]:
    return [tuple(map(int, path)) for path in found.nodes[found.pair == row]]


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from([2, 3, 4, 5, 7]), st.sampled_from(["both", "train", "knowledge"]))
@pytest.mark.slow
def test_all_paths_are_those_of_brute_force(data: st.DataObject, length: int, edges: str) -> None:
    world = data.draw(worlds())
    pairs = data.draw(wanted(world))
    network = world.network(edges)
    found = find_paths(network, targets_of(network, pairs), Search(length, spread=False))
    assert (np.diff(found.pair) >= 0).all()
    for row, pair in enumerate(pairs.itertuples()):
        assert of_pair(found, row) == brute(world, pair, length, edges)


@settings(max_examples=40, deadline=None)
@given(
    st.data(),
    st.sampled_from([3, 5]),
    st.integers(1, 4),
    st.booleans(),
    st.sampled_from([1, 4, 2**21]),
    st.sampled_from([1, 8]),
)
@pytest.mark.slow
def test_the_first_paths_are_those_of_brute_force(
    data: st.DataObject, length: int, per_pair: int, spreads: bool, budget: int, items: int
) -> None:
    """However little is expanded at once, and however few history items in a round."""
    world = data.draw(worlds())
    pairs = data.draw(wanted(world))
    network = world.network()
    with patch.object(search, "_BUDGET", budget), patch.object(search, "_FIRST_ITEMS", items):
        wish = Search(length, per_pair, spreads)
        found = find_paths(network, targets_of(network, pairs), wish)
    for row, pair in enumerate(pairs.itertuples()):
        everything = brute(world, pair, length)
        expected = spread(everything) if spreads else everything
        assert of_pair(found, row) == expected[:per_pair]


@settings(max_examples=30, deadline=None)
@given(st.data(), st.sampled_from([3, 5]), st.integers(1, 2))
@pytest.mark.slow
def test_fan_out_leaves_paths_out_and_adds_none(
    data: st.DataObject, length: int, fan_out: int
) -> None:
    world = data.draw(worlds())
    pairs = data.draw(wanted(world))
    network = world.network()
    targets = targets_of(network, pairs)
    few = find_paths(network, targets, Search(length, spread=False, fan_out=fan_out))
    many = find_paths(network, targets, Search(length, spread=False, fan_out=99))
    for row, pair in enumerate(pairs.itertuples()):
        everything = brute(world, pair, length)
        assert of_pair(many, row) == everything
        assert set(of_pair(few, row)) <= set(everything)


@settings(max_examples=30, deadline=None)
@given(st.data(), st.sampled_from([3, 5]))
@pytest.mark.slow
def test_hops_say_how_and_when(data: st.DataObject, length: int) -> None:
    world = data.draw(worlds())
    pairs = data.draw(wanted(world))
    network = world.network()
    targets = targets_of(network, pairs)
    found = find_paths(network, targets, Search(length))
    names = vocabulary(network.types)
    relations = found.relations(network, names.index("RATED>"))
    times = found.times(network, targets)
    knowledge: dict[tuple[int, int], set[tuple[str, bool, str]]] = defaultdict(set)
    for head, relation, tail in world.inputs.knowledge.itertuples(index=False):
        knowledge[head, tail].add((relation, head > tail, f"{relation}>"))
        knowledge[tail, head].add((relation, head > tail, f"<{relation}"))
    rated = {(u, i): time for u, i, _, time in world.train.itertuples(index=False)}
    for path, hops, when in zip(found.nodes, relations, times, strict=True):
        for (one, other), hop, time in zip(itertools.pairwise(path), hops, when, strict=True):
            if (one, other) in rated:
                assert (names[hop], time) == ("RATED>", rated[one, other])
            elif (other, one) in rated:
                assert (names[hop], time) == ("<RATED", rated[other, one])
            else:
                assert names[hop] == min(knowledge[one, other])[2]
                assert time == NO_TIME


def test_what_is_later_changes_nothing() -> None:
    """The paths of an event are the same when all that is later is gone: degrees, too."""
    random = np.random.default_rng(3)
    items, entities, users = 30, 10, 15
    rows = [
        (items + entities + user, item, seq, int(random.integers(0, 50)))
        for user in range(users)
        for seq, item in enumerate(random.permutation(items)[:12], start=1)
    ]
    train = pd.DataFrame(rows, columns=["user", "item", "seq", "time"]).astype("int64")
    train = train.sort_values(["user", "time"], ignore_index=True)
    train["seq"] = train.groupby("user").cumcount() + 1
    heads, tails = random.integers(0, items, 60), items + random.integers(0, entities, 60)
    knowledge = pd.DataFrame({"head": heads, "relation": "A", "tail": tails}).drop_duplicates()
    ids = pd.Series(range(items), name="itemId")
    event = train[train["time"] > 25].iloc[[0]]
    earlier = train[
        (train["time"] < event["time"].item())
        | ((train["user"] == event["user"].item()) & (train["seq"] < event["seq"].item()))
    ]
    assert len(earlier) < len(train) - 20
    paths = []
    for rows_seen in (train, earlier):
        inputs = SplitGraph(ids, entities, users, "RATED", rows_seen[["user", "item"]], knowledge)
        network = build_network(inputs, rows_seen, "both")
        for length, fan_out in ((3, None), (5, 3)):
            wish = Search(length, 5, fan_out=fan_out)
            found = find_paths(network, targets_of(network, event), wish)
            assert len(found) >= 3
            paths.append(found.nodes.tolist())
    assert paths[:2] == paths[2:]


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return make_split_folder(tmp_path)


def run(split: SplitFolder, **parameters: Any) -> pd.DataFrame:
    run_jobs(None, split, [make_job("paths", KNOWN, parameters)], progress=False)
    return read_parquet(split.output("paths", "paths"))


def record(split: SplitFolder) -> JobRecord:
    return split.manifest().jobs["paths"]


def test_the_job_writes_what_it_promises(split: SplitFolder) -> None:
    table = run(split, lengths=[3, 5], per_pair=4)
    about = ["user", "item", "seq", "rank", "nodes", "relations", "timestamps", "sampled"]
    assert list(table) == about
    rows = read_parquet(split.split)
    train = rows[rows["fold"] == "train"]
    keys = ["user", "item", "seq"]
    asked = set(train[keys].itertuples(index=False, name=None))
    answered = set(table[keys].itertuples(index=False, name=None))
    assert answered < asked  # nobody's first rating has a path
    said = record(split).facts
    assert (said["pairs"], said["pairsWithoutPath"]) == (
        len(asked),
        len(asked - answered),
    )
    assert record(split).rows == len(table)
    ranks = table.groupby(keys)["rank"]
    assert (ranks.max() == ranks.size()).all()
    assert ranks.size().between(1, 4).all()
    assert set(table["nodes"].map(len)) == {4, 6}
    assert (table["nodes"].map(len) == table["relations"].map(len) + 1).all()
    metadata = pq.read_schema(split.output("paths", "paths")).metadata
    assert json.loads(metadata[b"relations"]) == said["relations"]
    times = rows.merge(read_parquet(split.dataset.interactions)).set_index(["user", "seq"])
    times = times["timestamp"].to_dict()
    for row in table.itertuples():
        hop_times = [time for time in row.timestamps if not np.isnan(time)]
        assert hop_times[0] <= times[row.user, row.seq]
        assert all(time < times[row.user, row.seq] for time in hop_times[1:])


def test_longer_paths_fill_up_what_shorter_ones_leave_free(split: SplitFolder) -> None:
    """``per_pair`` bounds a pair's paths of all lengths together, by rank."""
    keys = ["user", "seq", "item"]
    alone = pd.concat([run(split, lengths=[length], per_pair=4) for length in (3, 5)])
    alone = alone.assign(length=alone["nodes"].map(len))
    alone = alone.sort_values([*keys, "length", "rank"], ignore_index=True)
    expected = alone.groupby(keys, sort=False).head(4)
    assert {4, 6} == set(expected["nodes"].map(len))
    assert 0 < len(expected) < len(alone)
    table = run(split, lengths="5,3", per_pair=4)
    assert table["nodes"].map(tuple).to_list() == expected["nodes"].map(tuple).to_list()
    assert table["rank"].to_list() == (expected.groupby(keys).cumcount() + 1).to_list()


@settings(max_examples=30, deadline=None)
@given(st.data(), st.sampled_from([2, 3, 5, 7]))
@pytest.mark.slow
def test_paths_are_counted_before_they_are_built(data: st.DataObject, length: int) -> None:
    world = data.draw(worlds())
    pairs = data.draw(wanted(world))
    network = world.network()
    targets, wish = targets_of(network, pairs), Search(length)
    with patch.object(search, "_BUDGET", data.draw(st.sampled_from([1, 2**21]))):
        counts = count_paths(network, targets, wish)
    found = np.bincount(find_paths(network, targets, wish).pair, minlength=len(pairs))
    assert (counts >= found).all()
    if length <= 4:  # what meets is a path: only longer halves can share a node
        assert (counts == found).all()


@pytest.mark.parametrize("per_pair", [None, 50])
@pytest.mark.slow
def test_no_more_paths_at_once_than_fit(split: SplitFolder, per_pair: int | None) -> None:
    """Nothing that is held grows with the number of pairs, and the file is the same."""
    options: dict[str, Any] = {"lengths": [3, 5], "per_pair": per_pair}
    whole = run(split, **options)
    most = int(whole.groupby(["user", "seq"]).size().max())
    split.output("paths", "paths").unlink()
    tables = []
    real = job.path_table

    def kept(*arguments: Any) -> Any:
        tables.append(real(*arguments))
        return tables[-1]

    limit = 2 * most
    with patch.object(lengths, "AT_ONCE", limit), patch.object(job, "path_table", kept):
        again = run(split, **options)
    assert again.astype(str).equals(whole.astype(str))
    assert len(tables) > 3
    assert max(map(len, tables)) <= limit


def test_a_pair_with_too_many_paths_is_refused(split: SplitFolder) -> None:
    with patch.object(job, "MOST", 3):
        with pytest.raises(InputError, match="paths, 3 can be put in order") as error:
            run(split, per_pair=None)
        assert "per_pair" in error.value.hint
        assert not run(split, per_pair=3).empty


def test_test_rows_change_nothing(split: SplitFolder) -> None:
    run(split)
    first = split.output("paths", "paths").read_bytes()
    rows = read_parquet(split.split)
    rows[rows["fold"] == "train"].to_parquet(split.split)
    run_jobs(None, split, [make_job("paths", KNOWN)], force=True, progress=False)
    assert split.output("paths", "paths").read_bytes() == first


def test_an_interrupted_search_goes_on(split: SplitFolder) -> None:
    with patch.object(job, "_PAIRS", 5):
        expected = run(split, per_pair=3)
        split.output("paths", "paths").unlink()
        written = []
        real = job.path_table

        def interrupted(*arguments: Any) -> Any:
            if len(written) == 3:
                raise KeyboardInterrupt
            written.append(1)
            return real(*arguments)

        with patch.object(job, "path_table", interrupted), pytest.raises(KeyboardInterrupt):
            run(split, per_pair=3)
        assert not split.output("paths", "paths").exists()
        (scratch,) = split.output("paths", "paths").parent.iterdir()
        parts = {part: part.stat().st_mtime_ns for part in scratch.iterdir()}
        assert len(parts) == 3

        def counted(*arguments: Any) -> Any:
            written.append(1)
            return real(*arguments)

        with patch.object(job, "path_table", counted):
            again = run(split, per_pair=3)
    assert again["nodes"].map(tuple).equals(expected["nodes"].map(tuple))
    assert len(written) == -(-record(split).facts["pairs"] // 5)
    (left,) = split.output("paths", "paths").parent.iterdir()
    assert left.name == "paths.parquet"


def test_parts_of_another_configuration_are_deleted(split: SplitFolder) -> None:
    stopped = patch.object(job.PathsJob, "_write", side_effect=KeyboardInterrupt)
    with stopped, pytest.raises(KeyboardInterrupt):
        run(split, per_pair=1)
    other = split.output("paths", "paths").parent / ".paths.0123456789ab"
    other.mkdir(parents=True, exist_ok=True)
    (other / "000000.parquet").write_bytes(b"")
    run(split, per_pair=2)
    assert not other.exists()


def test_the_number_of_pairs_in_a_part_does_not_matter(split: SplitFolder) -> None:
    whole = run(split)
    with patch.object(job, "_PAIRS", 7):
        assert run(split).to_dict("list").keys() == whole.to_dict("list").keys()
        parts = read_parquet(split.output("paths", "paths"))
    assert parts["nodes"].map(tuple).equals(whole["nodes"].map(tuple))


def test_pairs_of_a_file(split: SplitFolder, tmp_path: Path) -> None:
    """A train event, an event of the test fold, and a pair that is no event."""
    rows = read_parquet(split.split)
    train, test = rows[rows["fold"] == "train"], rows[rows["fold"] == "test"]
    user = test["user"].iloc[0]
    rated = set(rows.loc[rows["user"] == user, "item"])
    other = next(item for item in read_parquet(split.dataset.items)["itemId"] if item not in rated)
    event = train[train["user"] == user].iloc[-1]
    pairs = pd.DataFrame(
        {"user": user, "item": [event["item"], test["item"].iloc[0], other, event["item"]]}
    )
    pairs.to_parquet(tmp_path / "pairs.parquet")
    table = run(split, pairs=str(tmp_path / "pairs.parquet"), per_pair=None)
    seqs = table.groupby("item")["seq"].unique().map(list).to_dict()
    last = int(train.loc[train["user"] == user, "seq"].max())
    assert seqs[event["item"]] == [event["seq"]]
    assert seqs[test["item"].iloc[0]] == [test["seq"].iloc[0]]
    assert seqs[other] == [last + 1]
    assert record(split).facts["pairs"] == 3
    everything = run(split, pairs="train", per_pair=None)
    mine = everything[(everything["user"] == user) & (everything["item"] == event["item"])]
    same = table[table["item"] == event["item"]]
    assert same["nodes"].map(tuple).to_list() == mine["nodes"].map(tuple).to_list()


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (None, "cannot be read"),
        (pd.DataFrame({"user": [1]}), "cannot be read"),
        (pd.DataFrame({"user": [999], "item": [1]}), "userId 999"),
        (pd.DataFrame({"user": [1], "item": [999]}), "itemId 999"),
    ],
)
def test_files_of_pairs_that_cannot_be_used(
    split: SplitFolder, tmp_path: Path, pairs: pd.DataFrame | None, message: str
) -> None:
    if pairs is not None:
        pairs.to_parquet(tmp_path / "pairs.parquet")
    with pytest.raises(InputError, match=message) as error:
        run(split, pairs=str(tmp_path / "pairs.parquet"))
    assert error.value.hint
    assert not split.output("paths", "paths").parent.exists()


@pytest.mark.parametrize("protocol", ["no train rows", "no knowledge", "no timestamps"])
def test_what_is_missing_makes_fewer_paths(tmp_path: Path, protocol: str) -> None:
    split = make_split_folder(
        tmp_path,
        train=protocol != "no train rows",
        knowledge=protocol != "no knowledge",
        timestamps=protocol != "no timestamps",
    )
    table = run(split)
    said = record(split).facts
    assert said["pairsWithoutPath"] == said["pairs"] - table.groupby(["user", "seq"]).ngroups
    if protocol == "no train rows":
        assert (len(table), said["pairs"]) == (0, 0)
        assert run(split, pairs="test").empty
        assert record(split).facts["pairs"] > 0
    else:
        first = len(read_parquet(split.dataset.items)) + len(read_parquet(split.dataset.entities))
        kinds = table["nodes"].map(lambda nodes: bool(nodes[2] >= first))
        assert set(kinds) == {protocol == "no knowledge"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"per_pair": 0},
        {"fan_out": 0},
        *({"lengths": value} for value in ([4], [], None, 3.0, {}, [[3]], [None], "3,x", True)),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="of job paths"):
        make_job("paths", KNOWN, parameters)
