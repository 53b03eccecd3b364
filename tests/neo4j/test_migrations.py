"""Schema migrations on a real Neo4j: applied once, in order, and immutable."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reelgraph.cypher import store
from reelgraph.errors import CypherError, DatabaseError
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph

pytestmark = [pytest.mark.neo4j, pytest.mark.bare]

FOLDER = "migrationtest"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of migrations that tests may change."""
    store.add_folder(FOLDER, tmp_path)
    yield tmp_path
    store._plugin_folders.pop(FOLDER)
    store._parse.cache_clear()


def write(folder: Path, name: str, text: str) -> None:
    header = "// Purpose: a test.\n// Params:  none\n// Returns: nothing\n"
    mode = "// Mode:    WRITE, managed transaction\n"
    (folder / f"{name}.cypher").write_text(header + mode + text)
    store._parse.cache_clear()


def states(graph: Graph) -> dict[str, str]:
    return {state.version: state.state for state in migrations.info(graph, FOLDER)}


def constraints(graph: Graph) -> set[str]:
    return {row["name"] for row in graph.run_text("SHOW CONSTRAINTS YIELD name").rows}


def indexes(graph: Graph) -> set[str]:
    """Those of constraints, too."""
    shown = "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"
    return {row["name"] for row in graph.run_text(shown).rows}


THING = "CREATE CONSTRAINT thing IF NOT EXISTS\nFOR (t:Thing)\nREQUIRE t.key IS UNIQUE\n"


def test_two_at_once(graph: Graph) -> None:
    with ThreadPoolExecutor(4) as pool:
        for applied in [pool.submit(migrations.apply, graph) for _ in range(4)]:
            applied.result()
    assert {state.state for state in migrations.validate(graph)} == {"applied"}


def test_the_schema_of_the_program(graph: Graph) -> None:
    assert {state.state for state in migrations.info(graph)} == {"pending"}
    with pytest.raises(CypherError, match="pending migrations: V001") as caught:
        migrations.validate(graph)
    assert "schema apply" in caught.value.hint
    applied = migrations.apply(graph)
    assert applied == [*sorted(applied[:-1]), "R__names"]
    assert {"user_id_unique", "item_id_unique", "load_batch_unique"} <= constraints(graph)
    assert constraints(graph) | indexes(graph) == indexes(graph)
    assert len(indexes(graph)) == len(applied) - 1
    assert migrations.apply(graph) == []
    assert {state.state for state in migrations.validate(graph)} == {"applied"}


def test_new_ones_are_applied_in_order(graph: Graph, folder: Path) -> None:
    write(folder, "V002__second", "MATCH (n:First)\nSET n:Second\n")
    write(folder, "V001__first", "CREATE (n:First)\n")
    assert migrations.apply(graph, FOLDER) == ["V001", "V002"]
    write(folder, "V010__tenth", THING)
    assert states(graph) == {"V001": "applied", "V002": "applied", "V010": "pending"}
    assert migrations.apply(graph, FOLDER) == ["V010"]
    assert graph.run_text("MATCH (n:First:Second) RETURN count(n) AS n").rows == [{"n": 1}]


def test_a_changed_file_is_refused(graph: Graph, folder: Path) -> None:
    write(folder, "V001__thing", THING)
    migrations.apply(graph, FOLDER)
    write(folder, "V001__thing", THING.replace("key", "other"))
    write(folder, "V002__more", "CREATE (n:Thing)\n")
    assert states(graph) == {"V001": "changed", "V002": "pending"}
    for step in (migrations.apply, migrations.validate):
        with pytest.raises(CypherError, match="changed since: V001") as caught:
            step(graph, FOLDER)
        assert "new one with the next number" in caught.value.hint
    assert states(graph)["V002"] == "pending"


def test_only_the_statement_counts(graph: Graph, folder: Path) -> None:
    write(folder, "V001__thing", THING)
    migrations.apply(graph, FOLDER)
    path = folder / "V001__thing.cypher"
    path.write_text(path.read_text().replace("a test", "a better word") + "\n")
    store._parse.cache_clear()
    assert states(graph) == {"V001": "applied"}


def test_a_missing_file_is_reported(graph: Graph, folder: Path) -> None:
    write(folder, "V001__thing", THING)
    migrations.apply(graph, FOLDER)
    (folder / "V001__thing.cypher").unlink()
    assert states(graph) == {"V001": "missing"}
    assert migrations.apply(graph, FOLDER) == []
    with pytest.raises(CypherError, match="missing migrations: V001"):
        migrations.validate(graph, FOLDER)


def test_a_repeatable_one_is_applied_again_when_it_changes(graph: Graph, folder: Path) -> None:
    write(folder, "R__settings", "MERGE (s:Setting {key: 'a'})\n")
    write(folder, "V001__thing", THING)
    assert migrations.apply(graph, FOLDER) == ["V001", "R__settings"]
    assert migrations.apply(graph, FOLDER) == []
    write(folder, "R__settings", "MERGE (s:Setting {key: 'b'})\n")
    assert states(graph) == {"V001": "applied", "R__settings": "pending"}
    assert migrations.apply(graph, FOLDER) == ["R__settings"]
    assert graph.run_text("MATCH (s:Setting) RETURN count(s) AS n").rows == [{"n": 2}]


def test_a_failing_one_is_not_recorded(graph: Graph, folder: Path) -> None:
    graph.run_text("UNWIND [1, 1] AS key CREATE (:Thing {key: key})", write=True)
    write(folder, "V001__thing", THING)
    with pytest.raises(DatabaseError, match="V001__thing") as caught:
        migrations.apply(graph, FOLDER)
    assert "break this constraint" in caught.value.hint
    assert states(graph) == {"V001": "pending"}
    graph.run_text("MATCH (t:Thing) DELETE t", write=True)
    assert migrations.apply(graph, FOLDER) == ["V001"]


def test_two_files_of_one_version(folder: Path) -> None:
    write(folder, "V001__thing", THING)
    write(folder, "V001__other", THING)
    with pytest.raises(CypherError, match="have the same version"):
        migrations.migrations(FOLDER)
