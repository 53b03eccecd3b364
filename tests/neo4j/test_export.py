"""The export against a real server: files, fingerprint, and graphs of all kinds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import Server, empty
from exported import contents, load_tiny

from reelgraph import cypher
from reelgraph.artifacts import DatasetFolder
from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.export.dataset import export_dataset
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph

pytestmark = pytest.mark.neo4j

# Two users and three items with ids of text, two entities; n numbers the statement's parts.
BOOKS = """
CREATE (:Dataset {name: 'books', idSpace: 'books', interactionType: 'READ'})
CREATE (a:User {userId: 'anna', since: date('2020-01-02')}), (b:User {userId: 'bob'})
CREATE (x:Item:Book {itemId: 'x', title: 'X', pages: 10, tags: ['a', 'b'], cover: [0.5, 0.25]})
CREATE (y:Item:Book {itemId: 'y', name: 'Why'}), (z:Item {itemId: 'z', pages: 1.5})
CREATE (p:Person:Entity {entityId: 'p:1', name: 'P'}), (q:Entity {entityId: 'q:1', name: 'Q'})
CREATE (p)-[:WROTE]->(x), (p)-[:WROTE]->(y), (x)-[:FOLLOWS]->(y), (p)-[:KNOWS]->(q)
CREATE (z)-[:ABOUT]->(p), (a)-[:LIKES]->(p)
CREATE (a)-[:READ {seq: 2}]->(x), (a)-[:READ {seq: 1}]->(z), (b)-[:READ {seq: 1}]->(x)
"""


def export(graph: Graph, folder: Path) -> DatasetFolder:
    return export_dataset(graph, folder, progress=False)


def test_files_hold_the_graph(graph: Graph, tmp_path: Path) -> None:
    load_tiny(graph)
    dataset = export(graph, tmp_path)
    interactions = pd.read_parquet(dataset.interactions)
    assert list(interactions) == ["user", "item", "rating", "timestamp", "seq"]
    assert interactions["rating"].dtype == np.float32
    assert interactions["seq"].dtype == np.int32
    assert interactions.equals(interactions.sort_values(["user", "seq"], ignore_index=True))
    rows = graph.run_text(
        "MATCH (u:User)-[r:RATED]->(i:Item) "
        "RETURN u.userId AS user, i.itemId AS item, r.rating AS rating, "
        "r.timestamp AS timestamp, r.seq AS seq ORDER BY user, seq"
    ).frame()
    pd.testing.assert_frame_equal(interactions, rows, check_dtype=False)

    items, entities, users = (
        pd.read_parquet(path) for path in (dataset.items, dataset.entities, dataset.users)
    )
    index = pd.concat([items["index"], entities["index"], users["index"]]).to_list()
    assert index == list(range(len(items) + len(entities) + len(users)))
    assert items["itemId"].is_monotonic_increasing
    assert list(items)[:5] == ["itemId", "index", "title", "year", "labels"]
    assert list(items.loc[0, "labels"]) == ["Movie"]
    assert list(entities)[:4] == ["entityId", "index", "name", "labels"]
    assert {"age", "gender", "occupation"} < set(users)
    check_triples(graph, dataset)


def check_triples(graph: Graph, dataset: DatasetFolder) -> None:
    """The triples are the relationships between items and entities."""
    names = {}
    for path, key in ((dataset.items, "itemId"), (dataset.entities, "entityId")):
        frame = pd.read_parquet(path)
        names.update(zip(frame["index"], frame[key], strict=True))
    triples = pd.read_parquet(dataset.triples)
    found = {(names[row.head], row.relation, names[row.tail]) for row in triples.itertuples()}
    rows = graph.run_text(
        "MATCH (a:Item|Entity)-[r]->(b:Item|Entity) "
        "RETURN coalesce(a.itemId, a.entityId), type(r), coalesce(b.itemId, b.entityId)"
    ).rows
    assert found == {tuple(row.values()) for row in rows}
    assert len(triples) == len(rows)
    counts = dataset.manifest().relation_types
    assert counts == triples["relation"].value_counts().to_dict()


def test_same_graph_same_bytes(graph: Graph, tmp_path: Path) -> None:
    load_tiny(graph)
    first = export(graph, tmp_path / "first")
    empty(graph)
    load_tiny(graph)
    second = export(graph, tmp_path / "second")
    assert first.fingerprint == second.fingerprint
    assert contents(first.path) == contents(second.path)


def test_content_changes_the_fingerprint_and_results_do_not(graph: Graph, tmp_path: Path) -> None:
    load_tiny(graph)
    first = export(graph, tmp_path)
    graph.run_text(
        "MATCH (u:User {userId: 1}), (i:Item {itemId: 1}), (j:Item {itemId: 2}) "
        "SET u.vectorA = [0.5, 1.0], u.historyLengthA = 3, i.vectorB = [1.0, 2.0] "
        "CREATE (u)-[:RECOMMENDED {runId: 'r', rank: 1}]->(i) "
        "CREATE (u)-[:ATTENDED_TO {runId: 'r', rank: 1}]->(i) "
        "CREATE (i)-[:SIMILAR_TO {runId: 'r', score: 0.5}]->(j)",
        write=True,
    )
    assert export(graph, tmp_path) == first
    graph.run_text("MATCH (i:Item {itemId: 1}) SET i.title = 'New'", write=True)
    changed = export(graph, tmp_path)
    assert changed != first
    assert pd.read_parquet(changed.items).loc[0, "title"] == "New"


def test_complete_folder_is_kept_and_half_one_replaced(graph: Graph, tmp_path: Path) -> None:
    graph.run_text(BOOKS, write=True)
    dataset = export(graph, tmp_path)
    split = dataset.path / "splits" / "mine"
    split.mkdir(parents=True)
    export(graph, tmp_path)
    assert split.is_dir()
    (dataset.path / "manifest.json").unlink()
    export(graph, tmp_path)
    assert not split.exists()
    assert dataset.manifest().counts.interactions == 3
    assert [path.name for path in tmp_path.iterdir()] == [dataset.fingerprint]


def test_other_domains_ids_of_text_and_no_ratings(graph: Graph, tmp_path: Path) -> None:
    graph.run_text(BOOKS, write=True)
    dataset = export(graph, tmp_path)
    manifest = dataset.manifest()
    assert (manifest.user_id_type, manifest.interaction_type) == ("STRING", "READ")
    assert not manifest.ratings and not manifest.timestamps
    interactions = pd.read_parquet(dataset.interactions)
    assert interactions.to_dict("list") == {
        "user": ["anna", "anna", "bob"],
        "item": ["z", "x", "x"],
        "seq": [1, 2, 1],
    }
    items = pd.read_parquet(dataset.items)
    assert items["title"].to_list() == ["X", "Why", "z"]
    assert items["pages"].to_list()[::2] == [10.0, 1.5]
    assert list(items.loc[0, "tags"]) == ["a", "b"]
    assert "cover" not in items
    assert pd.read_parquet(dataset.users)["since"].to_list()[0] == "2020-01-02"
    triples = [tuple(row) for row in pd.read_parquet(dataset.triples).to_numpy().tolist()]
    assert triples == [
        (2, "ABOUT", 3),
        (0, "FOLLOWS", 1),
        (3, "KNOWS", 4),
        (3, "WROTE", 0),
        (3, "WROTE", 1),
    ]


def test_events_are_no_knowledge(graph: Graph, tmp_path: Path) -> None:
    graph.run_text(BOOKS, write=True)
    before = export(graph, tmp_path)
    assert before.manifest().event_types_left_out == {}
    graph.run_text(
        "MATCH (x:Item {itemId: 'x'}), (y:Item {itemId: 'y'}) "
        "MATCH (p:Entity {entityId: 'p:1'}), (q:Entity {entityId: 'q:1'}) "
        "CREATE (x)-[:TAGGED {timestamp: 9}]->(p), (p)-[:LENT {timestamp: 8}]->(y), "
        "(x)-[:TAGGED {timestamp: 7}]->(y), (p)-[:TAGGED {timestamp: 6}]->(q), "
        "(x)-[:TAGGED]->(q)",
        write=True,
    )
    after = export(graph, tmp_path)
    assert after != before
    assert after.manifest().event_types_left_out == {"LENT": 1, "TAGGED": 3}
    added = {**before.manifest().relation_types, "TAGGED": 1}
    assert after.manifest().relation_types == added


def test_partly_missing_ratings_and_timestamps(graph: Graph, tmp_path: Path) -> None:
    graph.run_text(
        "CREATE (u:User {userId: 1}), (a:Item {itemId: 1}), (b:Item {itemId: 2}) "
        "CREATE (u)-[:RATED {seq: 1, rating: 4}]->(a), "
        "(u)-[:RATED {seq: 2, timestamp: 9007199254740993}]->(b)",
        write=True,
    )
    interactions = pd.read_parquet(export(graph, tmp_path).interactions)
    assert interactions["rating"].isna().to_list() == [False, True]
    assert interactions["timestamp"].to_list() == [pd.NA, 9007199254740993]


@pytest.mark.bare
@pytest.mark.parametrize("constraint", [False, True])
def test_ids_of_text_are_sorted_as_the_server_sorts_them(
    graph: Graph, tmp_path: Path, constraint: bool
) -> None:
    """By code point, also beyond 16 bits; with an index and without."""
    if constraint:
        graph.run_text(
            "CREATE CONSTRAINT user_id FOR (u:User) REQUIRE u.userId IS UNIQUE", write=True
        )
    ids = [
        "z",
        "é",
        "\uff5e",
        "\U0001f600",
        "\ue000",
        "B",
        "",
        "10",
        "9",
        "\uffff",
        "a\uffff",
        "ab",
    ]
    graph.run_text(
        "CREATE (i:Item {itemId: 'x'}), (j:Item {itemId: 'y'}) WITH i, j "
        "UNWIND $ids AS id CREATE (u:User {userId: id}) "
        "CREATE (u)-[:RATED {seq: 2}]->(i), (u)-[:RATED {seq: 1}]->(j)",
        write=True,
        ids=ids,
    )
    interactions = pd.read_parquet(export(graph, tmp_path).interactions)
    assert interactions["user"].to_list() == [id for id in sorted(ids) for _ in range(2)]
    assert interactions["item"].to_list() == ["y", "x"] * len(ids)


def test_the_server_sorts_no_users_where_their_constraint_is(server: Server, graph: Graph) -> None:
    """Each history leaves the server as it is read, so that its memory is constant, too."""
    migrations.apply(graph)
    text = cypher.load("export/interactions").text
    parameters = {"types": ["RATED"], "noRating": 0.0, "noTimestamp": 0, "noSeq": 0}
    login = (server.username, server.password)
    with neo4j.GraphDatabase.driver(server.uri, auth=login) as driver:
        found = driver.execute_query(f"EXPLAIN {text}", parameters, database_=server.database)
    plan = found.summary.plan
    assert plan is not None
    names = operators(plan)
    assert "NodeIndexScan" in names and "Sort" not in names


def operators(plan: dict[str, Any]) -> set[str]:
    """The operators of a plan, without the database that runs them."""
    name = plan["operatorType"].partition("@")[0]
    return {name}.union(*(operators(child) for child in plan.get("children", [])))


@pytest.mark.parametrize(
    ("statement", "message", "hint"),
    [
        ("RETURN 1", "no users", "reelgraph load"),
        ("CREATE (:User {userId: 1})", "no items", "reelgraph load"),
        ("CREATE (:User {userId: 1}), (:Item {itemId: 1})", "no RATED", "reelgraph load"),
        (BOOKS + "CREATE (b)-[:READ]->(y)", "1 interactions have no seq", "--reseq"),
        (BOOKS + "CREATE (b)-[:READ {seq: 1}]->(y)", "bob has two", "--reseq"),
        (BOOKS + "CREATE (b)-[:READ {seq: 2}]->(x)", "bob has more than one", "one relationship"),
        (BOOKS + "CREATE (b)-[:READ {seq: 2, rating: 'good'}]->(y)", "ratings of user", "number"),
        (BOOKS + "CREATE (b)-[:READ {seq: 2, timestamp: 1.5}]->(y)", "timestamps of", "whole"),
        (BOOKS + "CREATE (:User)", "1 User nodes have no userId", "unique userId"),
        (BOOKS + "CREATE (:Item {itemId: 7})", "of kind int and str", "every one a string"),
        pytest.param(
            BOOKS + "CREATE (:Item {itemId: 'x'})",
            "that another one has",
            "unique",
            marks=pytest.mark.bare,
        ),
    ],
)
def test_unusable_graphs_are_refused(
    graph: Graph, tmp_path: Path, statement: str, message: str, hint: str
) -> None:
    graph.run_text(statement, write=True)
    with pytest.raises(InputError, match=message) as error:
        export(graph, tmp_path)
    assert hint in error.value.hint
    assert not list(tmp_path.iterdir())


def test_command(graph: Graph, server: Server, tmp_path: Path) -> None:
    graph.run_text(BOOKS, write=True)
    export = ["--workspace", str(tmp_path), "export", "--json"]
    refused = CliRunner().invoke(main, [*export, "--order", "rows"], env=server.environment)
    assert refused.exit_code == 0 or "leaves no" in refused.stderr, refused.output
    arguments = [*export, "--protocol", "random"]
    result = CliRunner().invoke(main, arguments, env=server.environment)
    assert result.exit_code == 0, result.output
    written = json.loads(result.stdout)
    assert Path(written["path"], "split.parquet").is_file()
    assert written["split"] == "random"
    assert written["counts"]["users"] == 2


def test_command_refuses_an_unknown_protocol(server: Server, tmp_path: Path) -> None:
    arguments = ["--workspace", str(tmp_path), "export", "--protocol", "by-moon"]
    result = CliRunner().invoke(main, arguments, env=server.environment)
    assert result.exit_code == 2
    assert "by-moon" in result.stderr and "user-time" in result.stderr


def test_the_page_on_python_runs_as_written(
    graph: Graph, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    load_tiny(graph)
    monkeypatch.chdir(tmp_path)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    page = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page.partition("## From a graph")[2], re.DOTALL)
    assert len(blocks) == 2
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    assert not names["lists"]["title"].isna().any()
    assert set(names["neural"].summary()["fusion"]) == {"id", "item facts"}
    printed = capsys.readouterr().out
    assert "mean=" in printed and "contribution" in printed
