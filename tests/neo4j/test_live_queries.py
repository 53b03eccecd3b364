"""What the analysts' live queries answer, beside the same by NumPy and pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_runs import ITEMS, fill, interactions, make_run, make_split

from reelgraph import cypher
from reelgraph.artifacts import read_parquet
from reelgraph.explore.queries import analyst_queries, name
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j

USER = 3


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return interactions()


@pytest.fixture
def written(graph: Graph, frame: pd.DataFrame, tmp_path: Path) -> Any:
    """The graph, and the run's vectors: of the user, and of the items by id."""
    migrations.apply(graph)
    fill(graph, frame)
    split = make_split(tmp_path, frame)
    run = make_run(split, "lstm-1")
    write_run(graph, run, split, progress=False, grace=0.0)
    folder = run.path / "vectors"
    items = read_parquet(folder / "items.parquet").set_index("item")["vector"]
    users = read_parquet(folder / "users.parquet").set_index("user")
    seen = int(users.loc[USER, "historyLength"])
    history = frame[(frame["user"] == USER) & (frame["seq"] <= seen)]["item"].tolist()
    return graph, items, np.array(users.loc[USER, "vector"]), history


def ranked(items: Any, state: Any, history: list[int]) -> pd.Series:
    """Scores of the candidates, the best first."""
    scores = pd.Series(np.stack(items.to_list()) @ state, index=items.index)
    return scores.drop(history).sort_values(ascending=False, kind="stable")


OF_ALL_ITEMS = {"popular_items", "what_if", "why_not"}  # they rank the whole catalogue


def test_queries_of_a_user_scan_no_label(written: Any) -> None:
    """What is bound by an index stays so in the server's plan."""
    graph = written[0]
    given = {"userId": USER, "item": 5}
    asked = [one for one in analyst_queries() if "userId" in {p.name for p in one.parameters}]
    assert len(asked) > 10
    for one in asked:
        values = one.bind({p.name: given[p.name] for p in one.parameters if p.required})
        operators = graph.explained(one.text, values)[1]
        scans = [step for step in operators if step.startswith(("AllNodesScan", "NodeByLabelScan"))]
        wanted = (":User",) if name(one) in OF_ALL_ITEMS else (":User", ":Item")
        assert not [step for step in scans if step.endswith(wanted) or "All" in step], one.id
        assert any(step.startswith("NodeUniqueIndexSeek") for step in operators), one.id


def test_repeated_events_are_one_piece_of_evidence(written: Any) -> None:
    """With the rating of the last one."""
    graph = written[0]
    before = graph.run("analyst/recommendations", userId=USER).rows
    again = """
    MATCH (u:User {userId: $user})-[r:RATED]->(m:Item {itemId: $item})
    CREATE (u)-[:RATED {rating: 1.0, seq: r.seq + 1000}]->(m)
    """
    item = before[0]["because"][0]["itemId"]
    graph.run_text(again, write=True, user=USER, item=item)
    after = graph.run("analyst/recommendations", userId=USER).rows
    for row in before:
        for why in row["because"]:
            why["rating"] = 1.0 if why["itemId"] == item else why["rating"]
    assert after == before


def test_why_not(written: Any) -> None:
    graph, items, state, history = written
    best = ranked(items, state, history)
    item = int(best.index[30])
    row = graph.run("analyst/why_not", userId=USER, item=f"Movie {item}").single()
    assert (row["itemId"], row["rank"], row["seen"], row["stored"]) == (item, 31, False, 20)
    assert row["score"] == pytest.approx(best.iloc[30], rel=1e-4)
    unit = {one: np.array(v) / np.linalg.norm(v) for one, v in items.items()}
    near = sorted(history, key=lambda one: -unit[one] @ unit[item])[:3]
    assert [one["itemId"] for one in row["nearest"]] == near
    assert {one["ratingScale"] for one in row["nearest"]} == {None}
    graph.run_text("MATCH (d:Dataset) SET d.ratingScale = 5.0", write=True)
    scaled = graph.run("analyst/why_not", userId=USER, item=item).single()
    assert [one.pop("ratingScale") for one in scaled["nearest"]] == [5.0] * 3
    graph.run_text("MATCH (d:Dataset) DELETE d", write=True)
    bare = graph.run("analyst/why_not", userId=USER, item=item).single()
    assert [one.pop("ratingScale") for one in bare["nearest"]] == [None] * 3
    assert bare == scaled
    known = graph.run("analyst/why_not", userId=USER, item=history[0]).single()
    graph.run_text("MATCH (m:Item {itemId: $id}) REMOVE m.vectorA, m.vectorB", write=True, id=item)
    new = graph.run("analyst/why_not", userId=USER, item=item).single()
    assert (new["score"], new["rank"], new["seen"], new["stored"]) == (None, None, False, 20)
    assert known["seen"] and known["rank"] is None
    assert history[0] not in [one["itemId"] for one in known["nearest"]]


def test_what_if(written: Any) -> None:
    graph, items, state, history = written
    best = ranked(items, state, history)
    plain = graph.run("analyst/what_if", userId=USER, n=5).rows
    assert [row["itemId"] for row in plain] == best.index[:5].tolist()
    assert [row["score"] for row in plain] == pytest.approx(best.iloc[:5].tolist(), rel=1e-4)
    asked = {"names": ["Genre 2", "Person 2"], "decade": 1980}
    rows = graph.run("analyst/what_if", userId=USER, **asked).rows
    fitting = [one for one in best.index if one % 6 == 2 and 1980 <= 1950 + one < 1990]
    assert [row["itemId"] for row in rows] == fitting != []
    inside = graph.run("analyst/what_if", userId=USER, **asked | {"decade": 1985}).rows
    assert inside == rows, "any year of a decade"
    text = cypher.load("analyst/what_if").text
    assert not graph.run_text(text, userId=USER, names=[], decade="1980s", n=5).rows
    assert not graph.run("analyst/what_if", userId=USER, names=["Genre 2", "Genre 3"]).rows
    assert not graph.run("analyst/what_if", userId=USER, names=["nobody"]).rows


def test_live_list_of_certain_items_and_with_known_ones(written: Any) -> None:
    graph, items, state, history = written
    best = ranked(items, state, history)
    live = graph.run("analyst/live_top_n", userId=USER, n=5).rows
    assert [row["itemId"] for row in live] == best.index[:5].tolist()
    few = [int(best.index[40]), f"Movie {best.index[7]}", history[0], 99]
    rows = graph.run("analyst/live_top_n", userId=USER, only=few).rows
    assert [row["itemId"] for row in rows] == [best.index[7], best.index[40]]
    every = ranked(items, state, [])
    rows = graph.run("analyst/live_top_n", userId=USER, n=50, includeSeen=True).rows
    assert [row["itemId"] for row in rows] == every.index[:50].tolist()


def test_like_one_but_not_another(written: Any) -> None:
    graph, items, *_ = written
    asked = {"titles": ["Movie 3"], "notLiked": ["movie 8", "Movie 9"]}
    mean = np.array(items[3]) - (np.array(items[8]) + np.array(items[9])) / 4
    order = ranked(items, mean, [3, 8, 9])
    rows = graph.run("analyst/recommend_for_liked_items", n=4, **asked).rows
    assert [row["itemId"] for row in rows] == order.index[:4].tolist()
    assert {tuple(row["liked"]) for row in rows} == {("Movie 3",)}


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_blend(written: Any, share: float) -> None:
    graph, items, state, history = written
    near = history[-1]
    best = ranked(items, state, history)
    vectors = np.stack([items[one] for one in best.index])
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    cosine = vectors @ (items[near] / np.linalg.norm(items[near]))

    def standard(values: Any) -> Any:
        return (values - values.mean()) / values.std()

    both = share * standard(best.to_numpy()) + (1 - share) * standard(cosine)
    expected = best.index.to_numpy()[np.argsort(-both, kind="stable")][:5]
    rows = graph.run("analyst/blend", userId=USER, item=near, share=share, n=5).rows
    assert [row["itemId"] for row in rows] == expected.tolist()


def test_of_items_with_one_title_the_most_known_is_meant(written: Any) -> None:
    graph, *_ = written
    uses = "MATCH (m:Item)<-[r]-(:User) RETURN m.itemId AS id, count(r) AS n ORDER BY n DESC, id"
    ids = [row["id"] for row in graph.run_text(uses).rows]
    graph.run_text(
        "MATCH (m:Item) WHERE m.itemId IN $ids SET m.title = 'Twice'",
        write=True,
        ids=[ids[0], ids[-1]],
    )
    rows = graph.run("analyst/blend", userId=USER, item="Twice").rows
    assert rows == graph.run("analyst/blend", userId=USER, item=ids[0]).rows
    assert len({row["itemId"] for row in rows}) == len(rows) == 10
    meant = graph.run("analyst/why_not", userId=USER, item="Twice").single()
    assert meant["itemId"] == ids[0]


def test_what_people_also_liked(graph: Graph, frame: pd.DataFrame) -> None:
    migrations.apply(graph)
    fill(graph, frame)
    graph.run_text("MATCH ()-[r:RATED]->(m) SET r.rating = 1.0 + m.itemId % 5", write=True)
    liked = frame.assign(rating=1 + frame["item"] % 5).query("rating >= 4")
    people = liked.groupby("item")["user"].agg(set)
    item = int(people.index[0])
    fans = people[item]
    expected = {
        other: len(fans & theirs) / np.sqrt(len(fans) * len(theirs))
        for other, theirs in people.items()
        if other != item and fans & theirs
    }
    rows = graph.run("analyst/also_liked", item=item, people=1, n=ITEMS).rows
    assert {row["itemId"]: row["similarity"] for row in rows} == pytest.approx(expected)
    values = [row["similarity"] for row in rows]
    assert values == sorted(values, reverse=True)
    several = graph.run("analyst/also_liked", item=item, people=3, n=ITEMS).rows
    assert several == [row for row in rows if row["people"] >= 3] != rows


def test_similar_by_knowledge(graph: Graph, frame: pd.DataFrame) -> None:
    """Items of 7's genre and person; 8 has 7's genre only, and two entities of its own."""
    migrations.apply(graph)
    fill(graph, frame)
    extra = "MATCH (e {entityId: 'genre:1'}), (m:Item {itemId: 8}) CREATE (m)-[:HAS_GENRE]->(e)"
    graph.run_text(extra, write=True)
    rows = graph.run("analyst/similar_by_knowledge", item=7, n=20).rows
    shares = {row["itemId"]: row["share"] for row in rows}
    genre, other = 1 / np.log(1 + 11), 1 / np.log(1 + 10)
    alike = {one: 1.0 for one in range(1, ITEMS + 1) if one % 6 == 1 and one != 7}
    assert shares == pytest.approx(alike | {8: genre / (genre + 3 * other)})
    assert rows[0]["inCommon"] == ["Person 1", "Genre 1"]
    graph.run_text("MATCH ()-[r:HAS_GENRE]->() SET r.timestamp = 1", write=True)
    rows = graph.run("analyst/similar_by_knowledge", item=7, n=20).rows
    assert {tuple(row["inCommon"]) for row in rows} == {("Person 1",)}, "events are no knowledge"


def test_taste_over_time(graph: Graph, frame: pd.DataFrame) -> None:
    migrations.apply(graph)
    fill(graph, frame)
    own = frame[frame["user"] == USER].sort_values("seq")
    rows = graph.run("analyst/taste_over_time", userId=USER, parts=3).rows
    assert [row["part"] for row in rows] == [1, 2, 3]
    assert sum(row["items"] for row in rows) == len(own)
    first = own[own["seq"] <= rows[0]["lastSeq"]]
    assert rows[0]["year"] == pytest.approx(1950 + first["item"].mean())
    assert rows[0]["names"][0] == f"Genre {(first['item'] % 6).mode()[0]}"
    of_type = graph.run("analyst/taste_over_time", userId=USER, parts=3, type="HAS_GENRE").rows
    assert of_type == rows
    other = graph.run("analyst/taste_over_time", userId=USER, parts=3, type="DIRECTED").rows
    assert [row["names"] for row in other] == [[], [], []], "no genre by a relationship of people"


def test_coverage(written: Any, frame: pd.DataFrame) -> None:
    graph, *_ = written
    listed = "MATCH (:User)-[r:RECOMMENDED]->(m:Item) WHERE r.rank <= 5 RETURN m.itemId AS item"
    shown = pd.Series([row["item"] for row in graph.run_text(listed).rows])
    uses = frame["item"].value_counts()
    row = graph.run("analyst/run_coverage", n=5).single()
    assert row["recommendations"] == len(shown) == 5 * row["users"]
    assert row["coverage"] == pytest.approx(shown.nunique() / ITEMS)
    assert row["popularity"] == pytest.approx(shown.map(uses).mean())
    assert row["historyPopularity"] == pytest.approx(frame["item"].map(uses).mean())
    top = sorted(uses.index, key=lambda one: (-uses[one], one))[:6]
    assert row["topTenth"] == pytest.approx(shown.isin(top).mean())


def test_two_runs(written: Any, frame: pd.DataFrame, tmp_path: Path) -> None:
    graph, *_ = written
    assert not graph.run("analyst/run_difference", userId=USER).rows, "there is no other run"
    graph.run("writeback/set_audit", runId="lstm-1", auditPassed=False)
    graph.run("writeback/set_status", runId="lstm-1", status="kept")
    split = make_split(tmp_path, frame)
    write_run(graph, make_run(split, "lstm-2", seed=2), split, progress=False, grace=0.0)
    rows = graph.run("analyst/run_difference", userId=USER).rows
    assert {(row["runId"], row["otherRunId"]) for row in rows} == {("lstm-2", "lstm-1")}
    assert {(row["audit"], row["otherAudit"]) for row in rows} == {("not audited", "LEAKS")}
    assert sorted(row["otherRank"] or 99 for row in rows)[:1] == [1]
    assert {row["rank"] for row in rows} >= set(range(1, 11))


def test_attention(written: Any) -> None:
    graph, *_ = written
    total = "MATCH (u:User)-[a:ATTENDED_TO]->() RETURN sum(a.weight) / count(DISTINCT u) AS mean"
    stored = graph.run_text(total).single()["mean"]  # type: ignore[index]
    ages = graph.run("analyst/attention_by_age").rows
    assert ages[-1]["back"] == "not stored"
    assert sum(row["share"] for row in ages[:-1]) == pytest.approx(stored)
    assert sum(row["share"] for row in ages) == pytest.approx(1)
    names = graph.run("analyst/attention_by_name").rows
    assert {row["name"] for row in names} <= {f"Genre {n}" for n in range(6)}
    assert sum(row["share"] for row in names) == pytest.approx(1)
    assert sum(row["ofInteractions"] for row in names) == pytest.approx(1)
    assert [row["covered"] for row in names] == pytest.approx([1] * len(names))
    assert not graph.run("analyst/attention_by_name", type="DIRECTED").rows
