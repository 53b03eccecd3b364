"""Adopting a graph that is already there, using it, and giving it back as it was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from adoptable import MOVIES, content, everything, music, public_example, songs
from click.testing import CliRunner, Result
from folder_manifests import dataset_manifest
from small_runs import TOP, interactions, item_ids, make_run, make_split

from reelgraph import cypher
from reelgraph.artifacts import write_manifest
from reelgraph.cli import main
from reelgraph.errors import DatabaseError, InputError
from reelgraph.export.dataset import export_dataset
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph, Transaction
from reelgraph.graph.connection import Result as Rows
from reelgraph.loader.adopt import GraphMapping, adopt, parse_mapping, undo
from reelgraph.loader.adopt.propose import propose
from reelgraph.loader.adopt.text import mapping_text
from reelgraph.loader.emptying import empty
from reelgraph.loader.engine.lock import load_lock
from reelgraph.results.reasons import explanation, live_recommendations
from reelgraph.results.writeback import write_run

pytestmark = [pytest.mark.neo4j, pytest.mark.bare]

Call = Callable[..., Result]


@pytest.fixture
def call(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, status: int = 0, **options: Any) -> Result:
        command = ["--workspace", str(tmp_path), *arguments]
        result = CliRunner().invoke(main, command, **options)
        assert result.exit_code == status, result.output
        return result

    return run


def outputs(result: Result) -> list[str]:
    return [row["output"] for row in json.loads(result.stdout)]


def proposed(graph: Graph) -> GraphMapping:
    """The proposal as a user gets it: written as a file and read again, unedited."""
    proposal = propose(graph, "mine")
    mapping = parse_mapping(mapping_text(proposal), "test")
    assert mapping == proposal.mapping
    return mapping


def test_the_public_example_by_the_proposal(graph: Graph, tmp_path: Path) -> None:
    public_example(graph)
    before = everything(graph)
    mapping = proposed(graph)
    assert mapping.entity_labels == ["Genre", "Person"]
    assert mapping.relationships == ("ACTED_IN", "DIRECTED", "IN_GENRE")
    assert mapping.interactions.timestamp == "timestamp"
    adopt(graph, mapping, progress=False)
    dataset = export_dataset(graph, tmp_path, progress=False)
    interactions = pd.read_parquet(dataset.interactions)
    row = graph.run_text("MATCH (:User)-[r:RATED]->(:Movie) RETURN count(r) AS n").single()
    assert len(interactions) == (row or {})["n"] > 200
    assert interactions.groupby("user")["timestamp"].is_monotonic_increasing.all()
    entities = pd.read_parquet(dataset.entities)
    assert len(entities) == 24
    assert sorted(entities["entityId"])[:7] == [
        *(f"genre:Genre {i}" for i in range(6)),
        "person:100",
    ]
    names = [name for name in entities["entityId"] if "Namesake" in name]
    assert sorted(names) == ["person:Namesake", *(f"person:Namesake#{i}" for i in range(2, 7))]
    assert len(pd.read_parquet(dataset.items)) == MOVIES
    assert len(pd.read_parquet(dataset.triples)) == 5 * MOVIES
    undo(graph)
    assert everything(graph) == before


def test_without_timestamps_a_model_runs(graph: Graph, call: Call, tmp_path: Path) -> None:
    """The whole way by the commands: propose, adopt, run, ask, undo."""
    public_example(graph, timestamps=False)
    before = everything(graph)
    mapping = str(tmp_path / "mapping.toml")
    call("adopt", "--init", mapping)
    assert "Would add labels: Item, Entity" in call("adopt", mapping, "--dry-run").output
    assert everything(graph) == before
    call("adopt", mapping)
    timeless = call("run", "--model", "ease", "--protocol", "user-time", status=2).output
    assert "the data set has no timestamps" in timeless and "--protocol random" in timeless
    by_rows = call("run", "--model", "ease", "--order", "rows", status=2).output
    assert "its order is that of the item ids" in " ".join(by_rows.split())
    shown = call("run", "--model", "ease", "--protocol", "random").output
    assert "random: optimistic" in shown and "order by item id, without times" in shown
    assert "Movie" in call("recommend", "3").output
    (ease,) = (tmp_path / "runs").iterdir()
    assert outputs(call("gds", "run", "--run", ease.name, "--json")) == ["knn"]
    assert outputs(call("gds", "run", "--json")) == [
        "fastrp",
        "node2vec",
        "walks",
        "walk-vectors",
        "knn",
    ]
    assert "--set is for named jobs" in call("gds", "run", "--set", "seed=1", status=2).output
    call("gds", "run", "structure", "fastrp", "--write")
    refused = call("adopt", "--undo", input="n\n", status=1)
    assert "1 run in the graph" in refused.output
    call("adopt", "--undo", "--yes")
    assert everything(graph) == before


def test_another_domain_with_other_words(graph: Graph, tmp_path: Path) -> None:
    music(graph)
    before = everything(graph)
    mapping = proposed(graph)
    assert mapping.users.label == ("Listener",)
    assert mapping.interactions.model_dump() == {
        "type": "LISTENED_TO",
        "rating": None,
        "timestamp": "heard",
        "unit": "seconds",
    }
    adopt(graph, mapping, progress=False)
    dataset = export_dataset(graph, tmp_path, progress=False)
    interactions = pd.read_parquet(dataset.interactions)
    assert list(interactions) == ["user", "item", "timestamp", "seq"]
    heard = graph.run_text(
        "MATCH (:Listener {login: 'listener-3'})-[r:LISTENED_TO]->(a) "
        "RETURN a.code AS item, r.heard.epochSeconds AS timestamp ORDER BY timestamp, item"
    ).rows
    own = interactions[interactions["user"] == "listener-3"]
    assert own[["item", "timestamp"]].to_dict("records") == heard
    assert pd.read_parquet(dataset.triples)["relation"].unique().tolist() == ["IS"]  # not KNOWS
    assert set(pd.read_parquet(dataset.items)["title"]) == {f"Artist {n}" for n in range(1, 21)}
    undo(graph)
    assert everything(graph) == before


def test_a_run_on_another_interaction_type(graph: Graph, call: Call, tmp_path: Path) -> None:
    """Written back, asked by all commands, and taken back with the adoption."""
    frame = interactions()
    songs(graph, frame[["user", "item", "seq"]].to_dict("records"), item_ids())
    before = everything(graph)
    adopt(graph, proposed(graph), progress=False)
    split = make_split(tmp_path, frame)
    write_manifest(split.dataset.path, dataset_manifest(id_space="adopted:mine"))
    write_run(graph, make_run(split, "lstm-1"), split, progress=False, grace=0.0)
    assert live_recommendations(graph, 3, TOP)[0]["title"].startswith("Song ")
    seen = set(frame[(frame["user"] == 3) & (frame["fold"] != "test")]["item"])
    live = {row["itemId"] for row in live_recommendations(graph, 3, TOP)}
    assert not live & seen
    with pytest.raises(InputError, match="adopted as mine; emptying it would delete"):
        empty(graph)
    shown = call("recommend", "3").output
    assert "Song " in shown
    assert "plays" in shown  # what two songs share: the band
    best = graph.run("analyst/recommendations", userId=3, n=1).rows[0]["itemId"]
    reasons = explanation(graph, 3, best)["evidence"]
    assert all(reason["seq"] is not None for reason in reasons)
    assert "single" not in str(reasons)  # most songs share it
    assert "Song " in call("explain", "3", str(best)).output
    refused = call("explain", "3", str(min(seen)), status=2).output
    assert "the user has rated it" in refused
    assert "lstm-1" in call("runs", "list").output
    assert call("adopt", "--undo", input="n\n", status=1).output
    undo(graph)
    assert everything(graph) == before


# --- interrupted ----------------------------------------------------------------------


class Stop(Exception):
    """Stands for a crash between two transactions."""


class Breaking:
    """A graph that fails before its n-th writing statement."""

    def __init__(self, graph: Graph, writes: int) -> None:
        self._graph, self._left = graph, writes

    def run(self, statement_id: str, **parameters: Any) -> Rows:
        lock = statement_id.startswith("load/") and statement_id.endswith("_lock")
        if cypher.load(statement_id).mode == "WRITE" and not lock:  # it is renewed at times
            if not self._left:
                raise Stop
            self._left -= 1
        return self._graph.run(statement_id, **parameters)

    def stream(self, statement_id: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        return self._graph.stream(statement_id, **parameters)

    def transact(self, work: Callable[[Transaction], Any]) -> Any:
        return self._graph.transact(work)


_SOME_ITEMS = """
MATCH (m:Movie) WITH m LIMIT 7
SET m:Item, m.itemId = m.movieId
"""
_HALF_NUMBERED = """
MATCH (u:User)-[r:RATED]->()
WHERE u.userId ENDS WITH '3'
REMOVE r.seq
"""


def test_interrupted_it_goes_on_or_back(graph: Graph) -> None:
    public_example(graph)
    before = everything(graph)
    mapping = proposed(graph)
    adopt(graph, mapping, progress=False)
    whole = content(graph)
    undo(graph)
    # before and among the constraints; before the entities; before seq, twice
    for writes, back in ((1, False), (6, True), (21, False), (4, True), (22, False)):
        with pytest.raises(Stop):
            adopt(Breaking(graph, writes), mapping, progress=False)
        if back:
            graph.run_text(_SOME_ITEMS, write=True)  # as half of a batched statement
            undo(graph)
            assert everything(graph) == before
    adopt(graph, mapping, progress=False)
    assert content(graph) == whole


def test_the_same_graph_after_half_of_each_batched_statement(graph: Graph) -> None:
    public_example(graph)
    mapping = proposed(graph)
    adopt(graph, mapping, progress=False)
    whole = content(graph)
    undo(graph)
    with pytest.raises(Stop):
        adopt(Breaking(graph, 1), mapping, progress=False)
    graph.run_text(_SOME_ITEMS, write=True)
    adopt(graph, None, progress=False)
    assert content(graph) == whole
    graph.run_text(_HALF_NUMBERED, write=True)
    adopt(graph, None, progress=False)
    assert content(graph) == whole
    report = adopt(graph, None, progress=False)
    assert str(report.counters) == "nothing changed"


def test_a_killed_process(graph: Graph, server: Any, tmp_path: Path) -> None:
    public_example(graph)
    before = everything(graph)
    file = tmp_path / "mapping.toml"
    file.write_text(mapping_text(propose(graph, "mine")), encoding="utf-8")
    command = [sys.executable, "-m", "reelgraph", "--workspace", str(tmp_path), "adopt", str(file)]
    environment = {**os.environ, **server.environment}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    found: list[Any] = []
    while process.poll() is None and not found:
        found = graph.run_text("MATCH (n:Dataset) RETURN 1 AS there").rows
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    undo(graph)
    assert everything(graph) == before


def test_an_interrupted_undo_goes_on(graph: Graph) -> None:
    public_example(graph)
    before = everything(graph)
    mapping = proposed(graph)
    for writes in (3, 20):
        adopt(graph, mapping, progress=False)
        with pytest.raises(Stop):
            undo(Breaking(graph, writes))
        with pytest.raises(InputError, match="half undone"):
            adopt(graph, mapping, progress=False)
        undo(graph)
        assert everything(graph) == before


def test_one_process_at_a_time(graph: Graph) -> None:
    public_example(graph)
    before = everything(graph)
    mapping = proposed(graph)
    with load_lock(graph, migrate=False):
        held = everything(graph)
        with pytest.raises(DatabaseError, match="another loader"):
            adopt(graph, mapping, progress=False)
        assert everything(graph) == held, "no record and no constraint"
    adopt(graph, mapping, progress=False)
    adopted = content(graph)
    with load_lock(graph, migrate=False), pytest.raises(DatabaseError, match="another loader"):
        undo(graph)
    assert content(graph) == adopted
    undo(graph)
    assert everything(graph) == before


class Late:
    """A graph where something happens just before the lock is taken."""

    def __init__(self, graph: Graph, happens: Callable[[], Any]) -> None:
        self._graph, self._happens = graph, [happens]
        self.stream, self.transact = graph.stream, graph.transact

    def run(self, statement_id: str, **parameters: Any) -> Rows:
        if statement_id == "load/acquire_lock" and self._happens:
            self._happens.pop()()
        return self._graph.run(statement_id, **parameters)


def test_a_second_adopter_goes_by_the_record_of_the_first(graph: Graph) -> None:
    public_example(graph)
    before = everything(graph)
    mapping = proposed(graph)
    first = Late(graph, lambda: adopt(graph, mapping, progress=False))
    report = adopt(first, mapping, progress=False)
    assert str(report.counters) == "nothing changed"
    with pytest.raises(InputError, match="is not adopted"):
        undo(Late(graph, lambda: undo(graph)))
    assert everything(graph) == before, "all constraints are known as added"


# --- later ----------------------------------------------------------------------------


def test_what_comes_later_is_taken_in(graph: Graph) -> None:
    public_example(graph)
    adopt(graph, proposed(graph), progress=False)
    late = """
    MATCH (u:User {userId: '1'})
    CREATE (m:Movie {movieId: 'new', title: 'New'})-[:IN_GENRE]->(:Genre {name: 'Newest'})
    CREATE (u)-[:RATED {rating: 3.0, timestamp: 2000000000}]->(m)
    """
    graph.run_text(late, write=True)
    adopt(graph, None, progress=False)
    row = graph.run_text(
        "MATCH (u:User {userId: '1'})-[r:RATED]->(m:Item {itemId: 'new'})-[:IN_GENRE]->"
        "(:Entity {entityId: 'genre:Newest'}) "
        "RETURN r.seq AS seq, COUNT { (u)-[:RATED]->() } AS all"
    ).single()
    assert row is not None
    assert row["seq"] == row["all"]


def test_names_that_the_user_wrote_since_stay(graph: Graph) -> None:
    music(graph)
    adopt(graph, proposed(graph), progress=False)
    written = """
    MATCH (a:Artist {code: 1}) SET a.title = 'Mine'
    CREATE (:User {userId: 'other', name: 'Other'})
    WITH a
    MATCH (t:Tag {text: 'tag 1'}) SET t.name = 'My tag'
    """
    graph.run_text(written, write=True)
    undo(graph)
    rows = graph.run_text(
        "MATCH (n) WHERE any(name IN ['title', 'userId', 'itemId'] WHERE n[name] IS NOT NULL) "
        "OR n:Tag AND n.name IS NOT NULL RETURN coalesce(n.title, n.name) AS name ORDER BY name"
    ).rows
    assert [row["name"] for row in rows] == ["Mine", "My tag", "Other"]


def test_what_was_there_before_of_our_names_stays(graph: Graph) -> None:
    """Constraints of the user's own, also under the name of ours, and applied migrations."""
    public_example(graph)
    graph.run_text(
        "CREATE CONSTRAINT item_id_unique FOR (i:Item) REQUIRE i.itemId IS UNIQUE", write=True
    )
    graph.run("schema/V009__lock_name")
    graph.run("schema/record_migration", version="V009", description="lock", checksum="0")
    state = graph.run_text("MATCH (m:__Migration) SET m.checksum = 'x' RETURN m", write=True)
    assert state.rows
    wanted = next(m for m in migrations.migrations() if m.version == "V009")
    graph.run_text("MATCH (m:__Migration) SET m.checksum = $sum", write=True, sum=wanted.checksum)
    before = everything(graph)
    adopt(graph, proposed(graph), progress=False)
    undo(graph)
    assert everything(graph) == before


# --- refused --------------------------------------------------------------------------


_WRONG_NAMES = {
    "MATCH (g:Genre) SET g:Item": "label Item is on 6 nodes that the mapping does not",
    "MATCH (m:Movie) WITH m LIMIT 3 SET m:Entity": "label Entity is on 3 nodes",
    "CREATE (:Dataset)": "1 nodes have the label Dataset",
    "MATCH (m:Movie {movieId: '1'}) SET m.itemId = 3": "property itemId, which is not",
    "MATCH (u:User) SET u.vectorA = [0.1]": "property vectorA, which is not",
    "MATCH (g:Genre) SET g.entityId = 'x'": "property entityId",
    "MATCH ()-[r:RATED]->() WITH r LIMIT 5 SET r.seq = 1": "5 have a property seq",
    "MATCH (m:Movie {movieId: '1'}) CREATE (m)-[:SIMILAR_TO]->(:Movie)": "type SIMILAR_TO",
    "CREATE INDEX mine FOR (i:Item) ON (i.itemId)": "the index mine is where the constraint",
}
_SOME = "MATCH ()-[r:RATED]->() WITH r"
_WRONG_VALUES = {
    "MATCH (m:Movie) SET m.movieId = null": "movieId of (:Movie) is missing on 40 of 40",
    "MATCH (u:User {userId: '1'}) SET u.userId = 1": "holds values of kind INTEGER, STRING",
    "MATCH (u:User)-[:RATED]->(m) WITH u, m LIMIT 1 CREATE (u)-[:RATED]->(m)": "repeat one of",
    f"{_SOME} LIMIT 5 SET r.rating = 'good'": "rating is of kind STRING on 5",
    f"{_SOME} SKIP 5 LIMIT 5 SET r.rating = 0.0 / 0.0": "not a finite number",
    f"{_SOME} LIMIT 5 SET r.timestamp = datetime()": "kind ZONED DATETIME on 5",
    f"{_SOME} SKIP 5 LIMIT 5 SET r.timestamp = 'May'": "kind STRING on 5",
    f"{_SOME} SKIP 20 LIMIT 9 SET r.timestamp = 1.5": "FLOAT",
}


@pytest.mark.parametrize("changes", [_WRONG_NAMES, _WRONG_VALUES], ids=["names", "values"])
def test_all_that_speaks_against_it_is_told_at_once(graph: Graph, changes: dict[str, str]) -> None:
    public_example(graph)
    mapping = proposed(graph)
    for change in changes:
        graph.run_text(change, write=True)
    before = str(everything(graph))  # as text, in which NaN is NaN
    with pytest.raises(InputError) as caught:
        adopt(graph, mapping, progress=False)
    assert [part for part in changes.values() if part not in str(caught.value)] == []
    assert str(everything(graph)) == before


def test_times_in_milliseconds(graph: Graph) -> None:
    """Under our own name they are refused; under another one they are copied as seconds."""
    public_example(graph)
    graph.run_text("MATCH ()-[r:RATED]->() SET r.timestamp = 1000 * r.timestamp", write=True)
    with pytest.raises(InputError, match="in milliseconds"):
        adopt(graph, proposed(graph), progress=False)
    rename = "MATCH ()-[r:RATED]->() SET r.time = r.timestamp REMOVE r.timestamp"
    graph.run_text(rename, write=True)
    before = everything(graph)
    adopt(graph, proposed(graph), progress=False)
    wrong = "MATCH ()-[r:RATED]->() WHERE r.timestamp <> r.time / 1000 RETURN r"
    assert graph.run_text(wrong).rows == []
    undo(graph)
    assert everything(graph) == before


_SHOP = """
UNWIND range(1, 4) AS u
CREATE (c:Customer {id: u})
WITH collect(c) AS customers
UNWIND range(1, 4) AS i
CREATE (a:Article {sku: 'S' + i, title: 'T' + i})
WITH customers, a, i
UNWIND customers AS c
CREATE (c)-[b:BOUGHT]->(a)
SET b.at = CASE $kind
  WHEN 'micro' THEN 1700000000000000 + c.id * 86400000000 + (9 - i) * 1000
  WHEN 'datetime' THEN datetime('2024-01-31T10:00:00.' + (9 - i) + '00+02:00')
  WHEN 'date' THEN 20240130 + i % 2
  ELSE CASE WHEN i = 4 THEN 20240 ELSE 1700000000000 + i END
END
"""


@pytest.mark.parametrize(("kind", "unit"), [("micro", "microseconds"), ("datetime", "seconds")])
def test_units_and_the_order_within_a_second(graph: Graph, kind: str, unit: str) -> None:
    """All events of a customer are of one second, the article with the highest number first."""
    graph.run_text(_SHOP, write=True, kind=kind)
    mapping = proposed(graph)
    assert mapping.interactions.timestamp == "at"
    assert mapping.interactions.unit == unit
    adopt(graph, mapping, progress=False)
    rows = graph.run_text(
        "MATCH (:User)-[b:BOUGHT]->(a) RETURN a.sku AS sku, b.seq AS seq, b.timestamp AS at"
    ).rows
    assert all(row["seq"] == 5 - int(row["sku"][1:]) for row in rows)
    assert all(1_700_000_000 <= row["at"] < 1_710_000_000 for row in rows)


@pytest.mark.parametrize(("kind", "said"), [("date", "look like dates"), ("odd", "since 1970 is")])
def test_integers_that_are_no_times_are_refused(graph: Graph, kind: str, said: str) -> None:
    graph.run_text(_SHOP, write=True, kind=kind)
    with pytest.raises(InputError, match=said):
        adopt(graph, proposed(graph), progress=False)


def test_keys_that_stand_twice_and_names_that_are_not_there(graph: Graph) -> None:
    graph.run_text(
        "CREATE (:User {userId: 1})-[:RATED]->(:Film {no: 7}) "
        "CREATE (:User {userId: 1}), (:Film {no: 7})",
        write=True,
    )
    mapping = GraphMapping.model_validate(
        {
            "name": "x",
            "users": {"label": "User", "key": "userId"},
            "items": {"label": "Film", "key": "no"},
            "interactions": {"type": "RATED", "rating": "stars"},
            "relationships": ["IN"],
        }
    )
    with pytest.raises(InputError, match="no relationship of type IN"):
        adopt(graph, mapping, progress=False)
    mapping = mapping.model_copy(update={"relationships": ()})
    with pytest.raises(InputError) as caught:
        adopt(graph, mapping, progress=False)
    for part in ("userId of (:User) is not unique: 1", "no of (:Film) is not unique: 7", "stars"):
        assert part in str(caught.value)


def test_another_mapping_or_a_loaded_graph_is_refused(graph: Graph) -> None:
    music(graph)
    mapping = proposed(graph)
    adopt(graph, mapping, progress=False)
    other = mapping.model_copy(update={"name": "other"})
    with pytest.raises(InputError, match="adopted as mine, by another mapping"):
        adopt(graph, other, progress=False)
    undo(graph)
    with pytest.raises(InputError, match="is not adopted"):
        undo(graph)
    with pytest.raises(InputError, match="no mapping is named"):
        adopt(graph, None, progress=False)
    graph.run_text("CREATE (:Dataset {single: true, name: 'ml-100k'})", write=True)
    with pytest.raises(InputError, match="ml-100k, which was loaded"):
        adopt(graph, mapping, progress=False)


def test_hostile_names_stay_names(graph: Graph) -> None:
    hostile = "`'\"\\}) DETACH DELETE n // naïve\u2028\x7f\n"
    graph.run_text(
        "CREATE (u:$($a) {k: 1})-[:$($b)]->(i:$($c) {k: 2})<-[:$($d)]-(:$($e)) SET u[$a] = 'n'",
        write=True,
        **{name: f"{name}{hostile}" for name in "abcde"},
    )
    before = everything(graph)
    mapping = proposed(graph)
    assert mapping.entity_labels in ([f"e{hostile}"], [f"a{hostile}"])
    adopt(graph, mapping, progress=False)
    undo(graph)
    assert everything(graph) == before
