"""Loading into a real Neo4j: right, once, resumable."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from graph_dump import dump

from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.graph.connection import Graph
from reelgraph.graph.contents import holds
from reelgraph.graph.migrations import migrations
from reelgraph.loader.load import empty, load, reseq
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, InteractionTable, Reading, SourceOptions
from reelgraph.loader.sources.ml100k import MovieLens100K

pytestmark = pytest.mark.neo4j

# loads, and sends itself a signal inside the n-th transaction, before it commits
_DYING = """
import os, sys
from pathlib import Path
from reelgraph.graph.connection import Graph
from reelgraph.loader.load import load
from reelgraph.loader.sources.ml100k import MovieLens100K
from reelgraph.loader.source import Reading, SourceOptions

class Dying(Graph):
    left = int(sys.argv[2])

    def transact(self, work):
        def last(tx):
            result = work(tx)
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), int(sys.argv[3]))
            return result
        return super().transact(last)

path = Path(sys.argv[1])
with Dying(*sys.argv[4:]) as graph:
    load(graph, MovieLens100K().read(path, Reading(SourceOptions(), path)), progress=False)
"""


def content(graph: Graph) -> list[str]:
    """The graph without marks and locks of loads, which tell how it came about."""
    return [line for line in dump(graph) if '"__Lo' not in line]


@pytest.fixture(scope="module")
def tables(tiny_path: Path) -> CanonicalTables:
    return MovieLens100K().read(tiny_path, Reading(SourceOptions(), tiny_path))


def rows(path: Path, name: str) -> list[dict[str, str]]:
    with (path / f"ml-100k.{name}").open(encoding="utf-8") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [{key.split(":")[0]: value for key, value in row.items()} for row in reader]


def interactions(tables: CanonicalTables) -> pd.DataFrame:
    """All rows of a source's interactions."""
    assert tables.interactions
    return pd.concat(tables.interactions.chunks(Rejects()), ignore_index=True)


def count(graph: Graph, pattern: str) -> int:
    row = graph.run_text(f"MATCH {pattern} RETURN count(*) AS number").single()
    assert row
    return int(row["number"])


def check_ratings(graph: Graph, path: Path) -> None:
    """Every rating of the file with its seq, and no other."""
    histories: dict[int, list[tuple[int, int, int, float]]] = {}
    for n, row in enumerate(rows(path, "inter")):
        history = histories.setdefault(int(row["user_id"]), [])
        history.append((int(row["timestamp"]), n, int(row["item_id"]), float(row["rating"])))
    expected = {
        (user, item, seq, rating, time)
        for user, history in histories.items()
        for seq, (time, _, item, rating) in enumerate(sorted(history), start=1)
    }
    query = (
        "MATCH (u:User)-[r:RATED]->(m:Movie) RETURN u.userId AS user, m.itemId AS item, "
        "r.seq AS seq, r.rating AS rating, r.timestamp AS time"
    )
    found = [tuple(row.values()) for row in graph.run_text(query).rows]
    assert len(found) == len(expected)
    assert set(found) == expected


def test_the_graph_is_what_the_files_say(
    graph: Graph, tables: CanonicalTables, tiny_path: Path
) -> None:
    report = load(graph, tables, progress=False)
    assert report.counters.relationships_created == 190 + sum(map(len, tables.edges.values()))
    check_ratings(graph, tiny_path)
    assert graph.run_text("MATCH (d:Dataset) RETURN d").rows == [
        {
            "d": {
                "single": True,
                "name": "ml-100k",
                "idSpace": "ml-100k",
                "userIdType": "INTEGER",
                "itemIdType": "INTEGER",
                "interactionType": "RATED",
                "ratingScale": 5.0,
                "madeLabels": tables.domain_labels,
            }
        }
    ]
    directed = sum(
        row["relation_id"] == "film.film.directed_by" and row["tail_id"] == "m.0p05"
        for row in rows(tiny_path, "kg")
    )
    person = "(:Entity:Person:Director {freebaseId: 'm.0p05'})"
    assert count(graph, f"{person}-[:DIRECTED]->(:Movie:Item)") == directed > 0
    dramas = sum("Drama" in row["class"].split() for row in rows(tiny_path, "item"))
    drama = "(:Genre:Entity {entityId: 'genre:Drama'})"
    assert count(graph, f"(:Movie)-[:HAS_GENRE]->{drama}") == dramas > 0
    assert count(graph, "(:Movie {title: 'Copper Sky'})-[:HAS_SEQUEL]->({itemId: 13})") == 1
    assert count(graph, "(e:Entity) WHERE e.name STARTS WITH 'm.'") == 0
    movie = graph.run_text("MATCH (m:Movie {itemId: 29}) RETURN properties(m) AS m").single()
    assert movie == {"m": {"itemId": 29, "movieId": 29, "title": "unknown reel"}}


def test_a_second_run_changes_nothing(graph: Graph, tables: CanonicalTables) -> None:
    load(graph, tables, progress=False)
    before = dump(graph)
    again = load(graph, tables, progress=False)
    assert str(again.counters) == "nothing changed"
    assert dump(graph) == before


@pytest.mark.parametrize(
    ("transaction", "how"),
    [(2, signal.SIGKILL), (7, signal.SIGKILL), (11, signal.SIGKILL), (9, signal.SIGINT)],
)
def test_killed_in_the_middle_and_run_again(
    graph: Graph, tables: CanonicalTables, tiny_path: Path, transaction: int, how: signal.Signals
) -> None:
    load(graph, tables, progress=False)
    undisturbed = content(graph)
    empty(graph)
    login = [graph.uri, graph.username, graph._password, graph.database]
    command = [sys.executable, "-c", _DYING, str(tiny_path), str(transaction), str(int(how))]
    died = subprocess.run([*command, *login], capture_output=True, check=False, timeout=120)
    assert died.returncode == -how
    assert content(graph) != undisturbed
    report = load(graph, tables, progress=False)
    assert report.counters.relationships_created > 0
    assert content(graph) == undisturbed


def test_what_was_deleted_by_others_is_written_again(graph: Graph, tables: CanonicalTables) -> None:
    load(graph, tables, progress=False)
    before = content(graph)
    graph.run_text("MATCH (m:Movie) WHERE m.itemId < 9 DETACH DELETE m", write=True)
    load(graph, tables, progress=False)
    assert content(graph) == before


def test_a_grown_file_adds_and_updates(graph: Graph, tables: CanonicalTables) -> None:
    load(graph, tables, progress=False)
    ratings = interactions(tables).drop(columns="line")
    new = set(range(1, 31)) - set(ratings.loc[ratings["userId"] == 3, "itemId"])
    row = pd.DataFrame(
        [{"userId": 3, "itemId": min(new), "rating": 2.0, "timestamp": 1}]
    )  # older than all others, so that every seq of this user moves
    longer = pd.concat([ratings, row], ignore_index=True)
    grown = replace(tables, interactions=InteractionTable.of("grown.inter", longer))
    report = load(graph, grown, progress=False)
    assert report.counters.relationships_created == 1
    assert report.counters.nodes_created == 0
    assert report.users_written == 1
    shifted = int((ratings["userId"] == 3).sum())
    assert report.counters.properties_set == shifted + 3
    grown_up = content(graph)
    empty(graph)
    load(graph, grown, progress=False)
    assert content(graph) == grown_up


def test_another_data_set_is_refused(graph: Graph, tables: CanonicalTables) -> None:
    load(graph, tables, progress=False)
    before = dump(graph)
    with pytest.raises(InputError, match="holds the data set ml-100k, whose ids") as caught:
        load(graph, replace(tables, id_space="other"), progress=False)
    assert "--into-new" in caught.value.hint
    assert dump(graph) == before


@pytest.mark.parametrize("prefix", ["", "u"])
def test_texts_as_ids_where_the_graph_has_numbers(
    graph: Graph, tables: CanonicalTables, prefix: str
) -> None:
    """Whole numbers are the same ids; others are bad rows, and no reason to empty the graph."""
    load(graph, tables, progress=False)
    before = dump(graph)
    rows = interactions(tables)
    texts = rows.assign(userId=prefix + rows["userId"].astype(str))
    users = tables.users.assign(userId=prefix + tables.users["userId"].astype(str))
    ratings = InteractionTable.of("file.inter", texts)
    again = replace(tables, users=users, interactions=ratings)
    if prefix:
        with pytest.raises(InputError, match=r"file\.inter, line 2: column userId: 'u") as caught:
            load(graph, again, progress=False)
        assert "--into-new" not in str(caught.value)
    else:
        load(graph, again, progress=False)
    assert dump(graph) == before


def test_nodes_of_other_origin_are_not_touched(graph: Graph, tables: CanonicalTables) -> None:
    graph.run_text("CREATE (:User {userId: 1})", write=True)
    with pytest.raises(InputError, match="that reelgraph did not load"):
        load(graph, tables, progress=False)
    graph.run_text("MATCH (n) DELETE n CREATE (:Invoice {number: 1})", write=True)
    load(graph, tables, progress=False)
    before = dump(graph)
    with pytest.raises(InputError, match=r"did not make: 1 node \(:Invoice\)"):
        empty(graph)
    assert dump(graph) == before


@pytest.mark.bare
def test_dry_run_checks_and_writes_nothing(graph: Graph, tables: CanonicalTables) -> None:
    report = load(graph, tables, dry_run=True)
    assert report.ratings == 190
    assert dump(graph) == []
    assert graph.run_text("SHOW CONSTRAINTS").rows == []


def test_reseq_puts_new_ratings_behind_their_equals(graph: Graph, tables: CanonicalTables) -> None:
    load(graph, tables, progress=False)
    query = (
        "MATCH (u:User {userId: 1})-[r:RATED {seq: 3}]->() "
        "MATCH (m:Movie) WHERE NOT EXISTS { (u)-[:RATED]->(m) } "
        "WITH u, r, m ORDER BY m.itemId LIMIT 2 "
        "CREATE (u)-[:RATED {rating: 1.0, timestamp: r.timestamp}]->(m)"
    )
    graph.run_text(query, write=True)
    changed = reseq(graph)
    history = graph.run_text(
        "MATCH (:User {userId: 1})-[r:RATED]->(m) "
        "RETURN r.seq AS seq, r.timestamp AS time, m.itemId AS item ORDER BY seq"
    ).frame()
    assert changed["users"] == 1
    assert history["seq"].tolist() == list(range(1, len(history) + 1))
    assert history["time"].is_monotonic_increasing
    assert reseq(graph) == {"users": 0, "renumbered": 0}


def test_commands(graph: Graph, tiny_path: Path, server, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, **options: str) -> str:
        result = CliRunner().invoke(main, ["--workspace", str(tmp_path), *arguments], **options)  # type: ignore[arg-type]
        assert result.exit_code == 0, result.output
        return result.output

    assert "102 nodes created" in run("load", "ml-100k", str(tiny_path))
    assert "nothing changed" in run("load", "ml-100k", str(tiny_path))
    assert f"{len(migrations())} migrations" in run("schema", "validate")
    refused = CliRunner().invoke(
        main, ["load", "ml-100k", str(tiny_path), "--into-new"], input="n\n"
    )
    assert refused.exit_code != 0
    assert holds(graph)["users"] == 12
    assert "102 nodes created" in run("load", "ml-100k", str(tiny_path), "--into-new", "--yes")
    graph.run_text("MATCH (d:Dataset) SET d.idSpace = 'other', d.userIdType = 'STRING'", write=True)
    replacing = run("load", "ml-100k", str(tiny_path), "--into-new", "--dry-run")
    assert "Nothing was written" in replacing
    assert '"renumbered": 0' in run("load", "--reseq", "--json")


def test_movielens_100k(graph: Graph, ml100k_path: Path) -> None:
    tables = MovieLens100K().read(ml100k_path, Reading(SourceOptions(), ml100k_path))
    load(graph, tables, progress=False)
    check_ratings(graph, ml100k_path)
    genres = Counter(
        genre for row in rows(ml100k_path, "item") for genre in set(row["class"].split())
    )
    query = "MATCH (g:Genre)<-[:HAS_GENRE]-() RETURN g.name AS name, count(*) AS movies"
    found = {row["name"]: row["movies"] for row in graph.run_text(query).rows}
    assert found == {name: n for name, n in genres.items() if name != "unknown"}
    assert count(graph, "(:User {gender: 'F'})") == 273
    assert count(graph, "(:User {occupation: 'student'})") == 196
    star_wars = "(:Movie {title: 'Star Wars'})"
    empire = "(:Movie {title: 'The Empire Strikes Back'})"
    assert count(graph, f"{star_wars}-[:HAS_SEQUEL]->{empire}") == 1
    jaws, park = "(:Movie {title: 'Jaws'})", "(:Movie {title: 'Jurassic Park'})"
    assert count(graph, f"{jaws}<-[:DIRECTED]-()-[:DIRECTED]->{park}") == 1
    names = graph.run_text("MATCH (p:Person) RETURN p.name AS name").frame()["name"].dropna()
    assert len(names) > 1500
    assert names.is_unique
    assert not names.str.contains(r"\bm\.0").any()
    assert str(load(graph, tables, progress=False).counters) == "nothing changed"
