"""Loading small tables: what is touched, what is refused, and what survives being killed."""

from __future__ import annotations

import random
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from graph_dump import dump
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_source import SCHEMA, Row, small_tables, some_rows

from reelgraph.errors import DatabaseError, InputError
from reelgraph.graph.connection import Graph
from reelgraph.loader.engine import lock
from reelgraph.loader.load import LoadReport, empty, load, reseq
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, EdgeType, GraphSchema, InteractionTable

pytestmark = pytest.mark.neo4j

# loads, and kills itself inside the n-th transaction, before it commits
_DYING = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from small_source import small_tables, some_rows
from reelgraph.graph.connection import Graph
from reelgraph.loader.load import load

class Dying(Graph):
    left = int(sys.argv[2])

    def transact(self, work):
        def last(tx):
            result = work(tx)
            Dying.left -= 1
            if Dying.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return result
        return super().transact(last)

with Dying(*sys.argv[3:]) as graph:
    load(graph, small_tables(some_rows()), progress=False)
"""

# takes the lock, says so, and waits
_HOLDING = """
import sys
from reelgraph.graph.connection import Graph
from reelgraph.loader.engine.lock import load_lock

with Graph(*sys.argv[1:]) as graph, load_lock(graph, lease=3):
    print("held", flush=True)
    sys.stdin.read()
"""


_KNOWS = EdgeType("KNOWS", "User", "User", start_role="User", end_role="User")


def run(graph: Graph, tables: CanonicalTables, **options: Any) -> LoadReport:
    return load(graph, tables, progress=False, **options)


def content(graph: Graph) -> list[str]:
    """The graph without marks and locks of loads, which tell how it came about."""
    return [line for line in dump(graph) if '"__Lo' not in line]


def login(graph: Graph) -> list[str]:
    return [graph.uri, graph.username, graph._password, graph.database]


def histories(graph: Graph) -> dict[int, list[tuple[int, float, int]]]:
    """Item, rating and time of each user in the order of seq, which is 1…n."""
    found = defaultdict(list)
    rows = graph.run_text(
        "MATCH (u:User)-[r:RATED]->(i:Item) RETURN u.userId AS user, i.itemId AS item, "
        "r.rating AS rating, r.timestamp AS time, r.seq AS seq ORDER BY user, seq"
    ).rows
    for row in rows:
        own = found[row["user"]]
        own.append((row["item"], row["rating"], row["time"]))
        assert row["seq"] == len(own)
    return dict(found)


def expected(*files: list[Row]) -> dict[int, list[tuple[int, float, int]]]:
    """By time; at one time the rows of an earlier file first."""
    found = defaultdict(list)
    for user, item, rating, timestamp in (row for rows in files for row in rows):
        found[user].append((item, rating, timestamp))
    return {user: sorted(own, key=lambda row: row[2]) for user, own in found.items()}


def new_rows(rows: list[Row], users: list[int]) -> list[Row]:
    """One more rating for each of these users, at a time where they have others."""
    known = {row[:2] for row in rows}
    free = {user: min(set(range(1, 31)) - {i for u, i in known if u == user}) for user in users}
    return [(user, free[user], 2.0, 2) for user in users]


@pytest.mark.parametrize("whole", [True, False], ids=["whole file", "only the new rows"])
def test_a_file_with_few_new_rows_touches_their_users_only(graph: Graph, whole: bool) -> None:
    old = some_rows()
    run(graph, small_tables(old))
    before = histories(graph)
    new = new_rows(old, [3, 7, 99])
    report = run(graph, small_tables([*old, *new] if whole else new))
    after = histories(graph)
    assert after == expected(old, new)
    shifted = sum(
        before[user].index(row) != after[user].index(row) for user in (3, 7) for row in before[user]
    )
    assert report.counters.relationships_created == 3
    assert report.counters.nodes_created == 1  # user 99
    assert report.users_written == 3
    user_99 = 2  # userId and name
    assert report.counters.properties_set == 3 * len(new) + shifted + user_99
    assert str(run(graph, small_tables([*old, *new])).counters) == "nothing changed"
    assert str(run(graph, small_tables([*old, *new])).counters) == "nothing changed"
    assert run(graph, small_tables([*old, *new])).users_written == 0


def test_a_changed_rating_is_updated(graph: Graph) -> None:
    old = some_rows()
    run(graph, small_tables(old))
    user, item, rating, timestamp = old[0]
    changed = [(user, item, rating + 0.5, timestamp), *old[1:]]
    report = run(graph, small_tables(changed))
    assert str(report.counters) == "1 properties set"
    assert histories(graph) == expected(changed)


def test_superseded_entries_of_the_ledger_are_forgotten(graph: Graph) -> None:
    rows = some_rows()
    query = (
        "MATCH (l:__Load {ledger: 'songs/songs/RATED'}) "
        "RETURN l.batch AS batch, size(l.keys) AS keys ORDER BY batch"
    )
    for number, users in enumerate((20, 3, 20)):
        run(graph, small_tables([(u, i, r + number * (u <= users), t) for u, i, r, t in rows]))
    assert graph.run_text(query).rows == [{"batch": 2, "keys": 20}]


def test_changed_and_new_nodes_and_edges(graph: Graph) -> None:
    tables = small_tables(some_rows())
    run(graph, tables)
    assert tables.items is not None
    items = tables.items.copy()
    items.loc[4, "title"] = "another title"
    items.loc[len(items)] = {"itemId": 31, "title": "new"}
    edges = tables.edges["PLAYED_BY"].copy()
    edges.loc[len(edges)] = {"start": 31, "end": "artist:a"}
    edges.loc[len(edges)] = {"start": 5, "end": "artist:a"}
    report = run(graph, replace(tables, items=items, edges={"PLAYED_BY": edges}))
    changed = {name: number for name, number in report.counters.as_dict().items() if number}
    assert changed == {
        "nodes_created": 1,
        "relationships_created": 2,
        "properties_set": 3,
        "labels_added": 2,
    }


def test_an_older_row_in_a_later_file_replaces_nothing(graph: Graph) -> None:
    run(graph, small_tables([(1, 1, 5.0, 1000), (1, 2, 3.0, 500)]))
    report = run(graph, small_tables([(1, 1, 1.0, 900), (1, 2, 4.0, 600), (1, 3, 2.0, 950)]))
    assert histories(graph) == {1: [(2, 4.0, 600), (3, 2.0, 950), (1, 5.0, 1000)]}
    assert report.rows["interactions older than the graph's, left out"] == 1


def test_a_replacing_load_deletes_after_all_rows_are_checked(graph: Graph) -> None:
    run(graph, small_tables(some_rows()))
    before = dump(graph)
    rows = some_rows(users=3)
    other = replace(small_tables(rows), id_space="other")
    bad = replace(small_tables([*rows, (1, 999, 1.0, 1)]), id_space="other")
    with pytest.raises(InputError, match="'999' is not among the items"):
        run(graph, bad, into_new=True)
    enricher = replace(other, items=None, edges={}, joins=lambda space: True)
    with pytest.raises(InputError, match="--into-new would delete"):
        run(graph, enricher, into_new=True)
    assert run(graph, other, into_new=True, dry_run=True).ratings == 15
    assert dump(graph) == before
    assert run(graph, other, into_new=True).counters.nodes_deleted > 50
    assert histories(graph) == expected(rows)
    assert graph.run_text("MATCH (d:Dataset) RETURN d.idSpace AS space").rows == [
        {"space": "other"}
    ]


def test_ledgers_of_others_outlive_a_repair(graph: Graph) -> None:
    run(graph, small_tables(some_rows()))
    before = content(graph)
    graph.run_text("CREATE (:__Load {ledger: 'a run', batch: 1, checksum: 'x'})", write=True)
    graph.run_text("MATCH (i:Item {itemId: 1}) DETACH DELETE i", write=True)
    run(graph, small_tables(some_rows()))
    assert content(graph) == before
    kept = graph.run_text("MATCH (l:__Load {ledger: 'a run'}) RETURN l.batch AS batch").rows
    assert kept == [{"batch": 1}]


def test_ids_of_digits_only_join_the_strings_of_the_graph(graph: Graph) -> None:
    schema = replace(SCHEMA, edges=(*SCHEMA.edges, _KNOWS))

    def tables(ids: list[str] | list[int], rows: list[tuple[Any, ...]]) -> CanonicalTables:
        own = [rows[0][0]]
        return replace(
            small_tables([], schema),
            items=pd.DataFrame({"itemId": ids, "title": "a song"}),
            edges={
                "PLAYED_BY": pd.DataFrame({"start": ids, "end": "artist:a"}),
                "KNOWS": pd.DataFrame({"start": own, "end": own}),
            },
            interactions=InteractionTable.of(
                "s.csv", pd.DataFrame(rows, columns=["userId", "itemId"])
            ),
        )

    run(graph, tables(["1", "x"], [("7", "1"), ("u", "x")]))
    report = run(graph, tables([1, 2], [(7, 2), (8, 1)]))
    assert report.counters.nodes_created == 2
    query = "MATCH (u:User)-[:RATED]->(i) RETURN u.userId AS u, i.itemId AS i ORDER BY u, i"
    found = [tuple(row.values()) for row in graph.run_text(query).rows]
    assert found == [("7", "1"), ("7", "2"), ("8", "1"), ("u", "x")]
    assert str(run(graph, tables([1, 2], [(7, 2), (8, 1)])).counters) == "nothing changed"


def test_edges_of_removed_nodes_are_written_with_the_nodes(graph: Graph) -> None:
    """Also where others' nodes and relationships make up the numbers."""
    tables = small_tables(some_rows())
    run(graph, tables)
    graph.run_text(
        "MATCH (a:Entity {entityId: 'artist:a'}) DETACH DELETE a CREATE (x:Entity {entityId: 'x'}) "
        "WITH x UNWIND range(1, 20) AS n CREATE (x)-[:PLAYED_BY]->(x)",
        write=True,
    )
    assert tables.items is not None
    items, edges = tables.items.copy(), tables.edges["PLAYED_BY"].copy()
    items.loc[len(items)] = {"itemId": 31, "title": "new"}
    edges.loc[len(edges)] = {"start": 31, "end": "artist:a"}
    run(graph, replace(tables, items=items, edges={"PLAYED_BY": edges}))
    query = "MATCH (i:Item)-[:PLAYED_BY]->(:Artist) RETURN count(i) AS songs"
    assert graph.run_text(query).rows == [{"songs": 31}]


def test_edges_with_properties(graph: Graph) -> None:
    tables = small_tables(some_rows())
    edge = EdgeType("LIKES", "User", "Artist", "User", "Entity")
    schema = replace(SCHEMA, edges=(*SCHEMA.edges, edge))

    def likes(column: str, *values: int) -> CanonicalTables:
        frame = pd.DataFrame(
            [[1, "artist:a", one] for one in values], columns=["start", "end", column]
        )
        return replace(tables, schema=schema, edges={**tables.edges, "LIKES": frame})

    query = "MATCH (:User {userId: 1})-[r:LIKES]->() RETURN properties(r) AS p ORDER BY r.timestamp"
    run(graph, likes("weight", 1))
    run(graph, likes("weight", 2))
    assert [row["p"] for row in graph.run_text(query).rows] == [{"weight": 2}]
    graph.run_text("MATCH ()-[r:LIKES]->() DELETE r", write=True)
    run(graph, likes("timestamp", 1, 2))
    run(graph, likes("timestamp", 2, 3))
    assert [row["p"]["timestamp"] for row in graph.run_text(query).rows] == [1, 2, 3]
    with pytest.raises(InputError, match="an edge occurs twice"):
        run(graph, likes("timestamp", 1, 1))


def test_implicit_feedback_of_another_type(graph: Graph) -> None:
    tables = small_tables(some_rows(), replace(SCHEMA, interaction_type="LISTENED_TO"))
    assert tables.interactions
    plays = pd.concat(tables.interactions.chunks(Rejects())).drop(columns=["rating", "timestamp"])
    run(graph, replace(tables, interactions=InteractionTable.of("plays.csv", plays)))
    rows = graph.run_text("MATCH ()-[r:LISTENED_TO]->() RETURN DISTINCT keys(r) AS keys").rows
    assert rows == [{"keys": ["seq"]}]
    dataset = graph.run_text("MATCH (d:Dataset) RETURN d.interactionType AS type").single()
    assert dataset == {"type": "LISTENED_TO"}
    with pytest.raises(InputError, match="interactions are LISTENED_TO relationships"):
        run(graph, small_tables(some_rows()))


def test_an_enricher_adds_to_items_of_the_graph(graph: Graph) -> None:
    schema = GraphSchema("Song", ("Mood",), (EdgeType("HAS_MOOD", "Song", "Mood"),))
    moods = CanonicalTables(
        source="moods",
        id_space="songs",
        schema=schema,
        users=None,
        items=None,
        entities=pd.DataFrame(
            [["mood:calm", "calm", ["Mood"]]], columns=["entityId", "name", "labels"]
        ),
        edges={"HAS_MOOD": pd.DataFrame({"start": ["1", "2", "x", "99"], "end": "mood:calm"})},
        interactions=None,
        joins=lambda space: space == "songs",
    )
    with pytest.raises(InputError, match="adds to a data set, and the database holds none"):
        run(graph, moods)
    run(graph, small_tables(some_rows()))
    report = run(graph, moods)
    assert report.counters.relationships_created == 2
    assert report.rows == {"HAS_MOOD rows about items that the graph does not have": 2}
    assert str(run(graph, moods).counters) == "nothing changed"
    assert str(run(graph, small_tables(some_rows())).counters) == "nothing changed"
    with pytest.raises(InputError, match="do not belong"):
        run(graph, replace(moods, joins=lambda space: space == "films"))


def test_bad_rows_stop_the_load_or_are_listed(graph: Graph, tmp_path: Path) -> None:
    rows = some_rows()
    bad = [*rows, (1, 999, 1.0, 1), rows[0]]
    before = dump(graph)
    with pytest.raises(InputError, match=r"songs.csv, line 102: column itemId: '999'"):
        run(graph, small_tables(bad))
    assert dump(graph) == before
    rejects = Rejects(limit=2, file=tmp_path / "rejected.csv")
    report = run(graph, small_tables(bad), rejects=rejects)
    assert report.rejected_file == str(tmp_path / "rejected.csv")
    assert sum(report.rejected.values()) == 2
    assert len((tmp_path / "rejected.csv").read_text().splitlines()) == 3
    assert histories(graph) == expected(rows)


@pytest.mark.parametrize("seed", range(3))
def test_killed_anywhere_and_run_again(graph: Graph, seed: int) -> None:
    tables = small_tables(some_rows())
    run(graph, tables)
    undisturbed = content(graph)
    graph.run_text("MATCH (n) WHERE NOT n:__Migration DETACH DELETE n", write=True)
    transaction = random.Random(seed).randint(1, 5)
    command = [sys.executable, "-c", _DYING, str(Path(__file__).parent), str(transaction)]
    died = subprocess.run([*command, *login(graph)], capture_output=True, check=False, timeout=120)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert content(graph) != undisturbed
    run(graph, tables)  # the dead one's lock is taken over at once
    assert content(graph) == undisturbed
    assert graph.run_text("MATCH (l:__Lock) RETURN l").rows == []


def test_a_second_loader_is_refused_while_one_works(graph: Graph) -> None:
    holding = subprocess.Popen(
        [sys.executable, "-c", _HOLDING, *login(graph)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holding.stdout and holding.stdout.readline() == "held\n"
    time.sleep(3.5)  # longer than the lease: the heart beats
    try:
        for attempt in (
            lambda: run(graph, small_tables(some_rows())),
            lambda: empty(graph),
            lambda: reseq(graph),
        ):
            with pytest.raises(DatabaseError, match=f"process {holding.pid} on") as caught:
                attempt()
            assert "expires at 20" in caught.value.hint
    finally:
        holding.communicate("", timeout=60)
    assert run(graph, small_tables(some_rows())).users_written == 20


def test_a_lock_from_another_machine_expires(graph: Graph) -> None:
    run(graph, small_tables(some_rows()))
    query = (
        "CREATE (:__Lock {name: 'load', owner: 'x', host: 'elsewhere', pid: 1, "
        "since: datetime(), expires: datetime() + duration({seconds: $seconds})})"
    )
    graph.run_text(query, write=True, seconds=60)
    with pytest.raises(DatabaseError, match="process 1 on elsewhere"):
        run(graph, small_tables(some_rows()))
    graph.run_text("MATCH (l:__Lock) DELETE l", write=True)
    graph.run_text(query, write=True, seconds=-1)
    run(graph, small_tables(some_rows()))


def test_a_loader_that_has_lost_its_lock_writes_nothing_more(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Sleepy(Graph):
        transactions = 0

        def transact(self, work):  # type: ignore[no-untyped-def]
            Sleepy.transactions += 1
            if Sleepy.transactions == 3:  # meanwhile, another loader took over
                self.run_text("MATCH (l:__Lock) SET l.owner = 'other'", write=True)
            return super().transact(work)

    with Sleepy(*login(graph)) as sleepy, pytest.raises(DatabaseError, match="has taken over"):
        run(sleepy, small_tables(some_rows()))
    lost = graph.run_text("MATCH (l:__Lock) RETURN l.owner AS owner").single()
    assert lost == {"owner": "other"}
    assert graph.run_text("MATCH ()-[r:RATED]->() RETURN r").rows == []
    monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
    with pytest.raises(DatabaseError, match="another loader is writing"):
        run(graph, small_tables(some_rows()))
    assert lock.LEASE_SECONDS > 0


hostile = st.sampled_from(
    [
        "`",
        "``) DETACH DELETE (n) //",
        "'; MATCH (n) DETACH DELETE n //",
        '"',
        "\\",
        "\\u0060",
        "$userId",
        "{id}",
        "}) DETACH DELETE (n) //",
        "a\nb",
        "a\r\n`b",
        "é ü 名前 🎬",
        "x" * 3000,
        "null",
        "//",
        "/* */",
        " ",
        "\t",
        "\u2028",
        "User`:Admin",
    ]
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


def in_order(node: tuple[list[str], dict[str, str]]) -> list[tuple[str, str]]:
    """A key that does not depend on the order in which the server gives the properties."""
    return sorted(node[1].items())


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    users=st.lists(hostile, min_size=1, max_size=3, unique=True),
    items=st.lists(hostile, min_size=1, max_size=3, unique=True),
    label=hostile,
    kind=hostile,
    edge_type=hostile,
    played=hostile,
    name=hostile,
    value=hostile,
)
def test_texts_never_become_cypher(
    graph: Graph,
    users: list[str],
    items: list[str],
    label: str,
    kind: str,
    edge_type: str,
    played: str,
    name: str,
    value: str,
) -> None:
    """Ids, labels, types and property names from files: the graph has just these strings."""
    graph.run_text("MATCH (n) WHERE NOT n:__Migration DETACH DELETE n", write=True)
    edge_type += "-"  # two types of one name are refused
    name += "+"  # reserved names are refused
    pairs = [(user, item) for user in users for item in items]
    entity = f"{kind}:{value}"
    tables = CanonicalTables(
        source=label,
        id_space=value,
        schema=GraphSchema(
            label + "!",
            (kind + "!",),
            (EdgeType(edge_type, label, kind),),
            interaction_type=played + "!",
        ),
        users=None,
        items=pd.DataFrame({"itemId": items, "title": value, name: value}),
        entities=pd.DataFrame(
            [[entity, value, [kind + "!"]]], columns=["entityId", "name", "labels"]
        ),
        edges={edge_type: pd.DataFrame({"start": items, "end": entity, name: value})},
        interactions=InteractionTable.of(value, pd.DataFrame(pairs, columns=["userId", "itemId"])),
    )
    run(graph, tables)
    run(graph, tables)
    query = "MATCH (n:User|Item|Entity) RETURN labels(n) AS labels, properties(n) AS p"
    found = [(sorted(row["labels"]), row["p"]) for row in graph.run_text(query).rows]
    wanted = [(["User"], {"userId": user, "name": f"user {user}"}) for user in users]
    wanted += [
        (sorted(["Item", label + "!"]), {"itemId": item, "title": value, name: value})
        for item in items
    ]
    wanted.append((sorted(["Entity", kind + "!"]), {"entityId": entity, "name": value}))
    assert sorted(found, key=in_order) == sorted(wanted, key=in_order)
    query = (
        "MATCH (a)-[r]->(b) RETURN coalesce(a.userId, a.itemId) AS start, type(r) AS type, "
        "coalesce(b.itemId, b.entityId) AS end"
    )
    edges = sorted(tuple(row.values()) for row in graph.run_text(query).rows)
    expected_edges = [(user, played + "!", item) for user, item in pairs]
    expected_edges += [(item, edge_type, entity) for item in items]
    assert edges == sorted(expected_edges)
    assert graph.run_text("MATCH (n) WHERE n:Dataset RETURN n.name AS name").rows == [
        {"name": value}
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"items": pd.DataFrame({"itemId": [1], "userId": [2]})},
            "cannot have a property 'userId'",
        ),
        ({"items": pd.DataFrame({"itemId": [1], "": [2]})}, "'' cannot be a property name"),
        ({"schema": replace(SCHEMA, item_label="User")}, "label 'User' is one that reelgraph uses"),
        ({"schema": replace(SCHEMA, item_label="__Lock")}, "label '__Lock' is one that"),
        ({"schema": replace(SCHEMA, interaction_type="RECOMMENDED")}, "type 'RECOMMENDED' is one"),
        ({"schema": replace(SCHEMA, interaction_type="")}, "'' cannot be a relationship type"),
        ({"items": pd.DataFrame({"itemId": ["x" * 5000]})}, "4000 are allowed"),
        ({"items": pd.DataFrame({"itemId": ["x", ""]})}, "missing or occur twice"),
    ],
)
def test_names_that_cannot_be(graph: Graph, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run(graph, replace(small_tables(some_rows()), **change))
    assert dump(graph) == []
