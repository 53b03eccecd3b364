"""Walks and paths against the graph itself: GDS's walks, and Cypher as the oracle."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Server, empty
from exported import export_tiny, load_tiny

from reelgraph.artifacts import SplitFolder, read_parquet
from reelgraph.errors import ArtifactError, InputError
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.naming import make_job
from reelgraph.gds_jobs.paths import (
    Search,
    build_network,
    find_paths,
    read_events,
    targets,
    vocabulary,
)
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.gds_jobs.split_graph import read_split_graph, train_rows
from reelgraph.graph.connection import Graph

pytestmark = pytest.mark.neo4j

KNOWN = {job.name: job for job in BUILT_IN_JOBS}


@pytest.fixture(scope="module")
def split(server: Server, tmp_path_factory: pytest.TempPathFactory) -> SplitFolder:
    """The tiny data set, which stays in the graph; every row is train."""
    with server.graph() as graph:
        empty(graph)
        load_tiny(graph)
        return export_tiny(graph, tmp_path_factory.mktemp("exported"), "all")


@pytest.fixture
def loaded(server: Server, split: SplitFolder) -> Any:
    with server.graph() as graph:
        yield graph


def run(graph: Graph | None, split: SplitFolder, name: str, **parameters: Any) -> list[tuple[int]]:
    job = make_job(name, KNOWN, parameters)
    run_jobs(graph, split, [job], force=True, progress=False)
    return [tuple(walk) for walk in read_parquet(split.output("walks", name))["nodes"]]


def node_ids(split: SplitFolder) -> list[Any]:
    """Ids by node index; entities' ids are text, so those of items and users go with a role."""
    dataset = split.dataset
    items = [("Item", value) for value in read_parquet(dataset.items)["itemId"]]
    entities = [("Entity", value) for value in read_parquet(dataset.entities)["entityId"]]
    users = [("User", value) for value in read_parquet(dataset.users)["userId"]]
    return [*items, *entities, *users]


# in clauses of their own, because a walk may go back over the relationship that it came by
ORACLE = """
MATCH (u:User)-[:RATED]->(m:Movie)
MATCH (p:Director)-[:DIRECTED]->(m)
MATCH (p)-[:DIRECTED]->(n:Movie)
RETURN u.userId AS u, m.itemId AS m, p.entityId AS p, n.itemId AS n
"""
DIRECTOR_FILMS = """
MATCH (p:Director)-[:DIRECTED]->(n:Movie) RETURN p.entityId AS p, count(*) AS films
"""


def test_metapath_walks_are_those_of_cypher(loaded: Graph, split: SplitFolder) -> None:
    """All rounds that there are; GDS is not asked, and a director's films are equally likely."""
    walks = run(
        None,
        split,
        "metapath",
        paths=["User RATED> Movie <DIRECTED Director DIRECTED> Movie"],
        walk_length=4,
        walks_per_node=4000,
        dead_ends="drop",
        deduplicate=False,
    )
    ids = node_ids(split)
    found = [tuple(ids[node][1] for node in walk) for walk in walks]
    paths = {(row["u"], row["m"], row["p"], row["n"]) for row in loaded.run_text(ORACLE).rows}
    assert set(found) == paths
    films = {row["p"]: row["films"] for row in loaded.run_text(DIRECTOR_FILMS).rows}
    assert max(films.values()) > 1
    for director, count in films.items():
        last = [path[3] for path in found if path[2] == director]
        drawn = np.unique(last, return_counts=True)[1]
        expected = len(last) / count
        chi_square = ((drawn - expected) ** 2 / expected).sum()
        assert chi_square < count - 1 + 5 * np.sqrt(2 * max(count - 1, 1))


def test_label_walks_take_any_relationship(loaded: Graph, split: SplitFolder) -> None:
    text = "MATCH (m:Movie)--(a:Actor)--(n:Movie) RETURN m.itemId AS m, a.entityId AS a"
    walks = run(
        None, split, "metapath", paths=["Movie-Actor-Movie"], walk_length=2, walks_per_node=300
    )
    ids = node_ids(split)
    found = {tuple(ids[node][1] for node in walk) for walk in walks}
    own = "MATCH (m:Movie)--(a:Actor) RETURN DISTINCT m.itemId AS m, a.entityId AS a"
    assert {(row["m"], row["a"]) for row in loaded.run_text(text).rows} <= found
    assert found == {(row["m"], row["a"]) for row in loaded.run_text(own).rows}


@pytest.mark.parametrize(("length", "stride"), [(3, 1), (5, 23)])
def test_paths_are_those_of_the_analysts_query(
    loaded: Graph, split: SplitFolder, length: int, stride: int
) -> None:
    """For every event (of length 5: some), all paths in the query's own order."""
    events = read_events(split)
    inputs = read_split_graph(split)
    network = build_network(inputs, events.train, "both")
    pairs = events.train.iloc[::stride].reset_index(drop=True)
    wanted = targets(network, pairs)
    found = find_paths(network, wanted, Search(length, spread=False))
    assert len(found) > len(pairs)
    names = vocabulary(network.types)
    kinds = found.relations(network, names.index("RATED>"))
    ids = node_ids(split)
    for row, pair in enumerate(pairs.itertuples()):
        mine = found.pair == row
        rows = loaded.run(
            "analyst/paths", userId=pair.userId, item=pair.itemId, length=length, limit=10**6
        ).rows
        nodes = [[ids[node] for node in path] for path in found.nodes[mine]]
        assert [nodes_of(each) for each in rows] == nodes
        types = [[names[hop].strip("<>") for hop in path] for path in kinds[mine]]
        assert [each["relations"] for each in rows] == types
        assert [each["degrees"] for each in rows] == found.cost[mine].tolist()


@pytest.mark.parametrize(("length", "stride"), [(2, 1), (4, 23), (6, 29)])
def test_paths_of_even_lengths_over_knowledge_between_items(
    loaded: Graph, tmp_path: Path, length: int, stride: int
) -> None:
    """The analysts' query has them, too; other lengths have no rows, as its header says."""
    series = "UNWIND range(1, 11, 2) AS n MATCH (a:Item {itemId: n}), (b:Item {itemId: n + 1}) "
    loaded.run_text(f"{series} CREATE (a)-[:FOLLOWS]->(b)", write=True)
    try:
        split = export_tiny(loaded, tmp_path, "all")
        events = read_events(split)
        network = build_network(read_split_graph(split), events.train, "both")
        pairs = events.train.iloc[::stride].reset_index(drop=True)
        found = find_paths(network, targets(network, pairs), Search(length, spread=False))
        assert len(found) > 0
        ids = node_ids(split)
        for row, pair in enumerate(pairs.itertuples()):
            asked = {"userId": pair.userId, "item": pair.itemId, "limit": 10**6}
            rows = loaded.run("analyst/paths", length=length, **asked).rows
            nodes = [[ids[node] for node in path] for path in found.nodes[found.pair == row]]
            assert [nodes_of(each) for each in rows] == nodes
            assert loaded.run("analyst/paths", length=8, **asked).rows == []
    finally:
        loaded.run_text("MATCH ()-[r:FOLLOWS]->() DELETE r", write=True)


def nodes_of(row: dict[str, Any]) -> list[tuple[str, Any]]:
    """Role and id of a path's nodes; in a row, a path is a list of nodes with types between."""
    roles = {"Item": "itemId", "Entity": "entityId", "User": "userId"}
    return [
        next((role, node[key]) for role, key in roles.items() if key in node)
        for node in row["path"][::2]
    ]


def test_paths_of_a_pair_without_a_rating(
    loaded: Graph, split: SplitFolder, tmp_path: Path
) -> None:
    events = read_events(split)
    user = int(events.frame["userId"].iloc[0])
    rated = set(events.frame.loc[events.frame["userId"] == user, "itemId"])
    items = read_parquet(split.dataset.items)["itemId"]
    pairs = items[~items.isin(rated)].to_frame("item").assign(user=user)
    pairs.to_parquet(tmp_path / "pairs.parquet")
    job = make_job(
        "paths",
        KNOWN,
        {"pairs": str(tmp_path / "pairs.parquet"), "per_pair": 6, "spread": False},
    )
    run_jobs(None, split, [job], force=True, progress=False)
    table = read_parquet(split.output("paths", "paths"))
    ids = node_ids(split)
    assert len(table) > 6
    for item in pairs["item"]:
        rows = loaded.run("analyst/paths", userId=user, item=item, limit=6).rows
        mine = table[table["item"] == item]
        nodes = [[ids[node] for node in path] for path in mine["nodes"]]
        assert [nodes_of(row) for row in rows] == nodes


def test_a_seed_gives_the_same_walks_on_any_number_of_threads(
    loaded: Graph, split: SplitFolder
) -> None:
    options = {"edges": "both", "start": "all", "walk_length": 6, "walks_per_node": 40}
    name = "walks-both"
    one = run(loaded, split, name, **options)
    data = split.output("walks", name).read_bytes()
    run(loaded, split, name, **options, concurrency=4)
    assert split.output("walks", name).read_bytes() == data
    assert run(loaded, split, name, **options, seed=7) != one
    few = run(loaded, split, name, **{**options, "start": "users"})
    first_user = read_parquet(split.dataset.users)["index"].min()
    assert few == [walk for walk in one if walk[0] >= first_user]


def test_walks_in_several_calls_are_the_same(
    loaded: Graph, split: SplitFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"walk_length": 6, "walks_per_node": 10, "deduplicate": False}
    at_once = run(loaded, split, "walks", **options)
    monkeypatch.setattr("reelgraph.gds_jobs.jobs.walks._AT_ONCE", 30)
    assert run(loaded, split, "walks", **options) == at_once
    said = split.manifest().jobs["walks"]
    assert said.facts["walked"] == said.rows == 10 * said.facts["starts"]
    assert run(loaded, split, "walks", walk_length=6, walks_per_node=10, deduplicate=True) == [
        walk for walk, _ in itertools.groupby(at_once)
    ]


def first_steps(loaded: Graph, split: SplitFolder, **parameters: Any) -> tuple[int, list[int]]:
    """A user, and where 2000 walks over train ratings go from there."""
    two = {"start": "users", "walk_length": 2, "walks_per_node": 2000}
    walks = run(loaded, split, "walks-train", **two, **parameters)
    user = min(walk[0] for walk in walks)
    return user, [walk[1] for walk in walks if walk[0] == user]


def test_uniform_walks_take_every_edge_as_likely(loaded: Graph, split: SplitFolder) -> None:
    """P(u|v) = 1 / deg(v), [KG-LSTM], eq. 3.7."""
    user, ends = first_steps(loaded, split, deduplicate=False)
    drawn = np.unique(ends, return_counts=True)[1]
    train = read_split_graph(split).train
    degree = int((train["user"] == user).sum())
    expected = 2000 / degree
    assert len(drawn) == degree
    assert ((drawn - expected) ** 2 / expected).sum() < degree - 1 + 5 * np.sqrt(2 * (degree - 1))


def test_walks_go_where_weights_are(loaded: Graph, split: SplitFolder) -> None:
    user, ends = first_steps(loaded, split, weight="recency", half_life=1)
    rows = train_rows(split)
    users = read_parquet(split.dataset.users).set_index("index")["userId"]
    items = read_parquet(split.dataset.items).set_index("itemId")["index"]
    latest = rows[rows["user"] == users[user]].sort_values("seq", ascending=False)["item"]
    shares = [ends.count(items[item]) / len(ends) for item in latest[:3]]
    assert shares == pytest.approx([0.5, 0.25, 0.125], abs=0.04)


@pytest.mark.parametrize(("factor", "back"), [("return_factor", 1e-3), ("in_out_factor", 1e3)])
def test_walks_go_back_as_p_and_q_say(
    loaded: Graph, split: SplitFolder, factor: str, back: float
) -> None:
    """Two nodes that are joined here share no neighbour: the only way to stay near is back."""

    def returns(value: float) -> float:
        walks = run(loaded, split, "walks-train", walk_length=8, **{factor: value})
        hops = [walk[n] == walk[n - 2] for walk in walks for n in range(2, len(walk))]
        return float(np.mean(hops))

    assert returns(back) > 0.9
    assert returns(1 / back) < 0.1 < returns(1.0) < 0.9


def test_users_have_no_knowledge_to_walk(loaded: Graph, split: SplitFolder) -> None:
    with pytest.raises(InputError, match="no knowledge edges") as error:
        run(loaded, split, "walks", start="users")
    assert "walks-both" in error.value.hint


def test_without_train_edges_nobody_walks(
    loaded: Graph, split: SplitFolder, tmp_path: Path
) -> None:
    """An empty list of starting nodes would mean all nodes to GDS."""
    bare = export_tiny(loaded, tmp_path)
    folds = read_parquet(bare.split).assign(fold="test")
    folds.to_parquet(bare.split)
    assert run(loaded, bare, "walks-both", start="users", walk_length=3) == []
    with pytest.raises(ArtifactError, match="no train edges"):
        run(loaded, bare, "walks-train", start="users")
    assert not bare.output("walks", "walks-train").exists()
