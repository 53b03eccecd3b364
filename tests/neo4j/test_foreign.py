"""What reelgraph did not make is never deleted unasked, nor by halves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from graph_dump import dump
from small_source import small_tables, some_rows

from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.graph.connection import Graph
from reelgraph.loader.bulk import check_before
from reelgraph.loader.load import empty, load
from reelgraph.loader.source import CanonicalTables, EdgeType, GraphSchema

pytestmark = [pytest.mark.neo4j, pytest.mark.bare]

_MINE = "CREATE (:User {uid: 1})-[:LIKES]->(:Movie {title: 'A'})<-[:ACTED_IN]-(:Person {name: 'P'})"


def songs(space: str = "songs") -> CanonicalTables:
    return replace(small_tables(some_rows()), id_space=space)


def moods() -> CanonicalTables:
    """An enricher of the songs."""
    edge = EdgeType("HAS_MOOD", "Song", "Mood")
    entities = pd.DataFrame([["mood:x", "x", ["Mood"]]], columns=["entityId", "name", "labels"])
    return CanonicalTables(
        "moods", "songs", GraphSchema("Song", ("Mood",), (edge,)), None, None, entities,
        {"HAS_MOOD": pd.DataFrame({"start": [1], "end": ["mood:x"]})}, None,
        joins=lambda space: space == "songs",
    )  # fmt: skip


@pytest.fixture
def cli(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(main, ["--workspace", str(tmp_path), *arguments], **options)

    return run


def test_a_graph_that_is_not_ours_is_refused_whole(graph: Graph, cli: Any, tiny_path: Path) -> None:
    graph.run_text(_MINE, write=True)
    before = dump(graph)
    for flags in ([], ["--yes"], ["--dry-run"]):
        result = cli("load", "ml-100k", str(tiny_path), "--into-new", *flags)
        said = result.output + result.stderr
        assert "1 node (:Movie), 1 node (:Person), 1 node (:User), 1 relationship [:ACTED" in said
        for way in ("another database", "reelgraph adopt", "--delete-everything"):
            assert way in " ".join(said.split())
        assert result.exit_code == (0 if flags == ["--dry-run"] else 2)
        assert [row for row in dump(graph) if "__" not in row] == before
    plain = cli("load", "ml-100k", str(tiny_path))
    assert plain.exit_code == 2 and "--delete-everything" in plain.stderr


def test_everything_is_deleted_only_when_asked_for(graph: Graph, cli: Any, tiny_path: Path) -> None:
    graph.run_text(_MINE, write=True)
    graph.run_text("CREATE ()", write=True)
    graph.run_text("CREATE CONSTRAINT mine FOR (m:Movie) REQUIRE m.uid IS UNIQUE", write=True)
    graph.run_text("CREATE INDEX own_index FOR (p:Person) ON (p.name)", write=True)
    graph.run_text("CREATE CONSTRAINT user_key FOR (u:User) REQUIRE u.userId IS UNIQUE", write=True)
    command = ("load", "ml-100k", str(tiny_path), "--into-new", "--delete-everything")
    no = cli(*command, input="n\n")
    assert no.exit_code == 1 and graph.run_text("MATCH (n {name: 'P'}) RETURN n").rows
    for part in ("everything: 4 nodes", "1 (:Movie)", "1 [:LIKES]", "mine, own_index, user_key"):
        assert part in no.stderr
    assert cli(*command[:-2], "--delete-everything").exit_code == 2
    yes = cli(*command, "--yes")
    assert yes.exit_code == 0, yes.output
    assert graph.run_text("MATCH (n {name: 'P'}) RETURN n").rows == []
    assert graph.run_text("MATCH (n) WHERE size(labels(n)) = 0 RETURN n").rows == []
    names = {row["name"] for row in graph.run_text("SHOW CONSTRAINTS").rows}
    assert names.isdisjoint({"mine", "user_key"}) and "user_id_unique" in names
    assert not graph.run_text("SHOW INDEXES YIELD name WHERE name = 'own_index'").rows
    as_new = dump(graph)
    again = cli("load", "ml-100k", str(tiny_path), "--into-new", "--yes")
    assert again.exit_code == 0 and dump(graph) == as_new, "our own is replaced as before"


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("CREATE (:Movie {title: 'A'})", "1 node (:Movie)"),
        ("CREATE (), ()", "2 nodes without a label"),
        ("CREATE (:User {uid: 7})", "1 node (:User)"),
        ("CREATE (:User {userId: 777})", "1 node (:User) that no load wrote"),
        ("CREATE (:Item:Song {itemId: 888})", "1 node (:Item) that no load wrote"),
        ("CREATE (:Entity {entityId: 'x:y'})", "1 node (:Entity) that no load wrote"),
        ("CREATE (:Run {distance: 5})", "1 node (:Run)"),
        ("CREATE (:Dataset {title: 'mine'})", "1 node (:Dataset)"),
        (
            "MATCH (a:User), (b:User) WHERE a.userId < b.userId CREATE (a)-[:KNOWS]->(b)",
            "190 relationships [:KNOWS]",
        ),
        ("MATCH (u:User) WHERE u.userId < 4 SET u:VIP", "the label VIP on 3 of the data set's"),
    ],
)
def test_additions_of_others_to_our_own(graph: Graph, query: str, named: str) -> None:
    load(graph, songs(), progress=False)
    load(graph, moods(), progress=False)
    graph.run_text(query, write=True)
    before = dump(graph)
    for attempt in (
        lambda: load(graph, songs("other"), into_new=True, progress=False),
        lambda: empty(graph),
        lambda: check_before(graph, into_new=True),
    ):
        with pytest.raises(InputError) as caught:
            attempt()
        assert named in caught.value.message
    assert dump(graph) == before
    report = load(graph, songs("other"), into_new=True, dry_run=True)
    assert report.refused and named in report.refused
    load(graph, songs("other"), into_new=True, everything=True, progress=False)
    undisturbed = dump(graph)
    load(graph, songs("other"), into_new=True, progress=False)
    assert dump(graph) == undisturbed


def test_our_own_is_replaced_with_what_belongs_to_it(graph: Graph) -> None:
    load(graph, songs(), progress=False)
    load(graph, moods(), progress=False)
    graph.run_text(
        "MATCH (u:User {userId: 1}), (i:Item {itemId: 1}) "
        "CREATE (u)-[:RECOMMENDED {runId: 'r', rank: 1}]->(i), (:Run {runId: 'r'}), "
        "(:Task {name: 't', activeRunId: 'r'})",
        write=True,
    )
    graph.run_text("MATCH (i:Item) WHERE i.itemId = 3 DETACH DELETE i", write=True)
    graph.run_text("MATCH (d:Dataset) REMOVE d.madeLabels", write=True)  # loaded long ago
    empty(graph)
    assert [row for row in dump(graph) if "__Migration" not in row] == []


def test_the_importer_would_take_foreign_constraints_with_it(graph: Graph) -> None:
    graph.run_text("CREATE CONSTRAINT mine FOR (m:Movie) REQUIRE m.uid IS UNIQUE", write=True)
    for into_new in (False, True):
        with pytest.raises(InputError, match="constraints or indexes mine"):
            check_before(graph, into_new)
    assert check_before(graph, True, everything=True) == 0
    load(graph, songs(), into_new=True, progress=False)
    assert {row["name"] for row in graph.run_text("SHOW CONSTRAINTS").rows} > {"mine"}


def test_a_dry_run_says_what_speaks_against_the_load(
    graph: Graph, cli: Any, tiny_path: Path
) -> None:
    load(graph, songs(), progress=False)
    before = dump(graph)
    dry = cli("load", "ml-100k", str(tiny_path), "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "interactions kept" in dry.output
    assert "would be refused: the database holds the data set songs" in dry.output
    over = cli("load", "ml-100k", str(tiny_path), "--dry-run", "--into-new")
    assert "would first delete the data set songs with its runs: 20 users, 30 items" in over.output
    report = load(graph, moods(), dry_run=True)
    assert report.refused is None
    odd = replace(moods(), joins=lambda space: space == "films")
    assert "do not belong" in str(load(graph, odd, dry_run=True).refused)
    assert dump(graph) == before


def test_a_constraint_of_others_is_looked_at_before_anything_is_deleted(graph: Graph) -> None:
    load(graph, songs(), progress=False)
    other = songs("other")
    assert other.items is not None
    other.items.loc[3, "title"] = other.items.loc[4, "title"]
    graph.run_text("CREATE CONSTRAINT own FOR (s:Song) REQUIRE s.title IS UNIQUE", write=True)
    before = dump(graph)
    told = r"own: title of \(:Song\) is unique.* 'song 5' occurs more than once"
    with pytest.raises(InputError, match=told):
        load(graph, other, into_new=True, progress=False)
    assert dump(graph) == before
    load(graph, songs("other"), into_new=True, progress=False)
