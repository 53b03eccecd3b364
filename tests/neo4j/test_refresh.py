"""New ratings in the graph: the users they are of get new lists, and nobody else."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from reelgraph.artifacts import RunFolder
from reelgraph.cli import main
from reelgraph.errors import ArtifactError, InputError
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.graph.contents import read_facts
from reelgraph.loader.load import load
from reelgraph.loader.source import CanonicalTables
from reelgraph.model.needs import FactsNeed
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.refresh import new_items
from reelgraph.pipeline.refresh.refresher import Refresher
from reelgraph.pipeline.run import run_pipeline
from reelgraph.pipeline.stages.prediction import explained
from reelgraph.pipeline.stages.work import work_of
from reelgraph.results import new_lists
from reelgraph.results.run_graph import active_runs, read_runs
from reelgraph.settings import Settings

pytestmark = pytest.mark.neo4j

SMALL = {"embedding_size": 8, "hidden_size": 8, "heads": 2, "epochs": 1, "embeddings": []}

_RATE = """
UNWIND $items AS id
MATCH (m:Item {itemId: id})
MERGE (u:User {userId: $user})
CREATE (u)-[:RATED {rating: 5.0, timestamp: 2000000000}]->(m)
"""
_UNRATED = """
MATCH (m:Item)
WHERE NOT EXISTS { (:User {userId: $user})-[:RATED]->(m) }
RETURN m.itemId AS id
ORDER BY id
LIMIT 2
"""


def quiet(text: str) -> None:
    pass


@pytest.fixture(scope="module")
def settings(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One workspace: what the first test trains, the others only write into their own graph."""
    found: Settings = server.settings(tmp_path_factory.mktemp("refresh"))
    return found


@pytest.fixture
def run(graph: Graph, tiny_tables: CanonicalTables, settings: Settings) -> RunFolder:
    migrations.apply(graph)
    load(graph, tiny_tables, progress=False)
    config = RunConfig(options=SMALL, baselines=("most-popular",), jobs={})
    return run_pipeline(settings, graph, config, quiet)


def rate(graph: Graph, user: Any) -> list[Any]:
    """Two more ratings of a user, without seq, as an application writes them."""
    items = [row["id"] for row in graph.run_text(_UNRATED, user=user).rows]
    graph.run_text(_RATE, write=True, user=user, items=items)
    return items


def everything(graph: Graph) -> dict[Any, Any]:
    """Lists, attention and state of every user."""
    query = """
    MATCH (u:User)
    OPTIONAL MATCH (u)-[r:RECOMMENDED|ATTENDED_TO]->(m)
    WITH u, r, m ORDER BY type(r), r.rank
    RETURN u.userId AS user, u.vectorA AS state, u.historyLengthA AS length,
      collect([type(r), m.itemId, properties(r)]) AS rows
    """
    return {row["user"]: row for row in graph.run_text(query).rows}


def node(graph: Graph) -> dict[str, Any]:
    row = graph.run_text("MATCH (r:Run) RETURN r.generation AS generation, r.users AS users")
    return row.rows[0]


def test_only_users_with_new_ratings_get_new_lists(
    graph: Graph, settings: Settings, run: RunFolder
) -> None:
    before = everything(graph)
    user, other, new = 1, 2, 10_000
    rated = rate(graph, user)
    rate(graph, new)
    graph.run_text("MATCH (:User {userId: 2})-[r:RATED]->() DELETE r", write=True)
    notes: list[str] = []
    refresher = Refresher(settings, graph, notes.append)
    assert refresher.refresh(dry_run=True).users == 3
    done = refresher.refresh()
    assert (done.users, done.generation, done.new_items, done.unknown_ratings) == (3, 2, 0, 0)
    assert refresher.refresh().generation is None
    assert Refresher(settings, graph, quiet).refresh().users == 0
    assert node(graph) == {"generation": 2, "users": len(before) + 1}
    after = everything(graph)
    assert {one for one in after if after[one] != before.get(one)} == {user, other, new}
    check_as_the_model_says(graph, settings, run, user, rated)
    for one in (user, new):
        stored = graph.run("analyst/recommendations", userId=one, n=10).rows
        live = graph.run("analyst/live_top_n", userId=one, n=10).rows
        assert [row["itemId"] for row in stored] == [row["itemId"] for row in live]
    assert {row["fallback"] for row in graph.run("analyst/recommendations", userId=other).rows} == {
        "most popular"
    }
    graph.run_text(
        "MATCH (:User {userId: 1})-[r:RATED]->() WHERE r.timestamp = 2000000000 DELETE r",
        write=True,
    )
    assert refresher.refresh().users == 1  # back at the number that the data set had
    rate(graph, user)
    assert refresher.refresh([user, user]).users == 1
    after = everything(graph)
    assert refresher.refresh([user]).users == 1  # even without new ratings
    again = everything(graph)
    assert [row[:2] for row in again[user]["rows"]] == [row[:2] for row in after[user]["rows"]]
    assert {one for one in again if again[one] != after[one]} <= {user}  # the last bits of floats
    for run_written, found in (
        ("another", 0),
        (active_runs(read_runs(graph))["ranking"].written, 3),
    ):
        graph.run("refresh/forget", written=run_written)
        assert refresher.refresh(dry_run=True).users == found


def check_as_the_model_says(
    graph: Graph, settings: Settings, run: RunFolder, user: int, rated: list[Any]
) -> None:
    """The list is that of the saved model for the whole history, the new ratings last."""
    query = "MATCH (:User {userId: $user})-[r:RATED]->(m) RETURN m.itemId AS id ORDER BY r.seq"
    history = [row["id"] for row in graph.run_text(query, user=user).rows]
    assert history[-2:] == rated
    work = work_of(settings, run, quiet)
    folds = work.folds()
    model = work.model(folds)
    places = [folds.history.catalogue.item_ids.tolist().index(item) for item in history]
    (asked,) = [folds.history.query(n) for n, one in enumerate(folds.history.users) if one == user]
    ratings = "MATCH (:User {userId: $user})-[r:RATED]->() RETURN r.rating AS given ORDER BY r.seq"
    given = [row["given"] for row in graph.run_text(ratings, user=user).rows]
    asked = type(asked)(
        user, np.array(places), np.array(given, np.float32), asked.timestamps, known=asked.known
    )
    expected = explained(model, [asked], work.config)[0].head(10)
    rows = graph.run("analyst/recommendations", userId=user, n=10).rows
    assert [row["itemId"] for row in rows] == expected["item"].tolist()
    assert [row["score"] for row in rows] == pytest.approx(expected["score"].tolist(), abs=1e-4)


def test_a_new_item_gets_its_vector_from_what_is_known_of_it(
    graph: Graph, settings: Settings, run: RunFolder
) -> None:
    work = work_of(settings, run, quiet)
    folds = work.folds()
    supplied = work.supplied()
    (need,) = [one for one in supplied if isinstance(one, FactsNeed)]
    told = supplied[need]
    graph.run_text("MATCH (m:Item) REMOVE m.vectorA", write=True)
    facts = read_facts(graph)
    rows = graph.run(
        "refresh/new_items", slot="A", leftOut=["RATED", "RECOMMENDED", "ATTENDED_TO", "SIMILAR_TO"]
    ).rows
    assert [row["item"] for row in rows] == folds.history.catalogue.item_ids.tolist()
    names = set(told.names)
    for place, row in enumerate(rows):
        columns = told.rows.indices[told.rows.indptr[place] : told.rows.indptr[place + 1]]
        assert set(new_items._facts(row)) & names == {told.names[column] for column in columns}
    graph.run_text(
        "MATCH (m:Item {itemId: 1})<-[:DIRECTED]-(d) CREATE (n:Item:Movie {itemId: 99999, "
        "title: 'A new one', year: 1995})<-[:DIRECTED]-(d)",
        write=True,
    )
    refresher = Refresher(settings, graph, quiet)
    done = refresher.refresh()  # nobody has rated it
    assert (done.new_items, done.users, done.generation) == (len(rows) + 1, 0, 2)
    assert refresher.refresh().generation is None
    graph.run_text(
        "MATCH (n:Item {itemId: 99999}) MATCH (u:User {userId: 1}) "
        "CREATE (u)-[:RATED {rating: 4.0, timestamp: 2000000000}]->(n)",
        write=True,
    )
    done = refresher.refresh()
    assert (done.new_items, done.users, done.unknown_ratings) == (0, 1, 1)
    query = "MATCH (m:Item {itemId: $id}) RETURN m.vectorA AS vector"
    (row,) = graph.run_text(query, id=99999).rows
    vectors = work.model(folds).vectors([]).items
    assert len(row["vector"]) == vectors.shape[1]
    length = np.linalg.norm(row["vector"])
    assert length == pytest.approx(np.linalg.norm(vectors[0]), rel=1e-4)
    assert read_facts(graph).counts["items"] == facts.counts["items"] + 1


def test_what_cannot_be_refreshed_is_said_and_nothing_changes(
    graph: Graph, settings: Settings, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresher = Refresher(settings, graph, quiet)
    before = everything(graph)
    with pytest.raises(InputError, match="no user 77777"):
        refresher.refresh([77777])
    rate(graph, 1)
    active = active_runs(read_runs(graph))["ranking"]
    of_users = "reelgraph.pipeline.refresh.lists.Lists.of_users"
    from reelgraph.pipeline.refresh.lists import Lists

    made = Lists.of_users

    def switched(self: Lists, *arguments: Any) -> Any:
        graph.run_text("MATCH (r:Run) SET r.digest = 'another'", write=True)
        return made(self, *arguments)

    monkeypatch.setattr(of_users, switched)
    with pytest.raises(ArtifactError, match="is not active as it was"):
        refresher.refresh()
    after = everything(graph)
    assert after == before
    with pytest.raises(ArtifactError, match="other predictions than the graph"):
        refresher.refresh()
    graph.run_text("MATCH (r:Run) SET r.digest = $digest", write=True, digest=active.digest)
    graph.run_text("MATCH (t:Task) DETACH DELETE t", write=True)
    with pytest.raises(InputError, match="no ranking run is active"):
        refresher.refresh()


def test_a_user_whose_list_is_not_written_is_asked_again_the_next_time(
    graph: Graph, settings: Settings, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (1, 2, 3):
        rate(graph, user)
    before, left = everything(graph), [1]
    write = new_lists._replace

    def interrupted(*arguments: Any) -> None:
        write(*arguments)
        if not left:
            raise KeyboardInterrupt  # inside the transaction, which is rolled back
        left.clear()

    monkeypatch.setattr(new_lists, "_replace", interrupted)
    monkeypatch.setattr(new_lists, "THREADS", 1)
    monkeypatch.setattr(new_lists, "USERS_A_TRANSACTION", 1)
    refresher = Refresher(settings, graph, quiet)
    with pytest.raises(KeyboardInterrupt):
        refresher.refresh()
    between = everything(graph)
    assert sum(between[user] != before[user] for user in (1, 2, 3)) == 1
    monkeypatch.setattr(new_lists, "_replace", write)
    assert refresher.refresh().users == 2


def test_the_command(
    graph: Graph, server: Any, settings: Settings, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> Any:
        workspace = str(settings.workspace)
        return CliRunner().invoke(main, ["--workspace", workspace, "refresh", *arguments])

    assert call().stdout == f"run {run.run_id}: nothing new\n"
    rate(graph, 1)
    assert call("--dry-run").stdout == f"run {run.run_id}: 1 user to refresh\n"
    assert json.loads(call("--json").stdout)["users"] == 1
    assert "generation 3: 1 user with" in call("--user", "1").stdout
    assert "no interval; write 30s" in call("--every", "soon").stderr
