"""Every query for analysts on every kind of graph: it answers, and the server warns of nothing."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
import pytest
import small_runs
from small_runs import fill, interactions, make_run, make_split
from small_source import SCHEMA, small_tables, some_rows

from reelgraph import cypher
from reelgraph.artifacts import read_parquet
from reelgraph.graph.connection import Graph
from reelgraph.loader.adopt import adopt, parse_mapping
from reelgraph.loader.load import load
from reelgraph.loader.source import CanonicalTables, InteractionTable
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.run import run_pipeline
from reelgraph.results.reasons import recommendations
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j

DOCS = Path(__file__).parents[2] / "docs" / "graph.md"
QUERIES = [one.id for one in cypher.statements() if one.id.startswith("analyst/")]
TITLED = {"title", "because", "evidence"}
SMALL = {"embedding_size": 8, "hidden_size": 8, "heads": 2, "epochs": 1}

Make = Callable[[Graph, Any, Path], None]


def loaded(graph: Graph, server: Any, folder: Path) -> None:
    """Without a run."""
    load(graph, small_tables(some_rows()), progress=False)


def _written(graph: Graph, folder: Path, refit: bool) -> None:
    frame = interactions()
    fill(graph, frame)
    split = make_split(folder, frame)
    make_run(split, "lstm-1")
    run = make_run(split, "lstm-2", seed=2, refit_of="lstm-1" if refit else None)
    write_run(graph, run, split, progress=False, grace=0.0)


def written_back(graph: Graph, server: Any, folder: Path) -> None:
    _written(graph, folder, refit=False)


def refitted(graph: Graph, server: Any, folder: Path) -> None:
    _written(graph, folder, refit=True)


def adopted(graph: Graph, server: Any, folder: Path) -> None:
    small_runs.adopted(graph, folder)


_PLACES = """
UNWIND range(1, 12) AS u
MERGE (v:Visitor {visitorId: 'v' + u})
WITH v, u
UNWIND range(1, 8) AS k
WITH v, u, k, (u * 3 + k * 5) % 20 + 1 AS place
MERGE (p:Place {placeId: 'p' + place})
MERGE (c:City {name: 'City ' + toString(place % 4)})
MERGE (p)-[:LIES_IN]->(c)
MERGE (v)-[r:VISITED]->(p)
SET r.stars = 1 + (u + k) % 5, r.at = 1700000000 + u * 1000 + k * 60
"""
_PLACES_MAPPING = """
name = "places"
relationships = ["LIES_IN"]
users = { label = "Visitor", key = "visitorId" }
items = { label = "Place", key = "placeId" }
interactions = { type = "VISITED", rating = "stars", timestamp = "at" }
entities = [{ label = "City", keys = ["name"], name = "name" }]
"""


def adopted_places(graph: Graph, server: Any, folder: Path) -> None:
    """Ids are strings, items have neither ``title`` nor ``name``; a ranking and a rating run."""
    graph.run_text(_PLACES, write=True)
    adopt(graph, parse_mapping(_PLACES_MAPPING, "places.toml"), progress=False)
    _trained(graph, server, folder, RunConfig(options=SMALL, baselines=()))
    _trained(graph, server, folder, RunConfig(model="bias", baselines=()))


def loaded_plays(graph: Graph, server: Any, folder: Path) -> None:
    """PLAYED, no ratings, no titles, no vectors: EASE."""
    tables = small_tables(some_rows())
    assert tables.interactions and tables.items is not None
    (chunk,) = tables.interactions.chunks(None)  # type: ignore[arg-type]
    played: CanonicalTables = dataclasses.replace(
        tables,
        schema=dataclasses.replace(SCHEMA, interaction_type="PLAYED"),
        items=tables.items[["itemId"]],
        interactions=InteractionTable.of("plays.csv", chunk.drop(columns="rating")),
    )
    load(graph, played, progress=False)
    _trained(graph, server, folder, RunConfig(model="ease", baselines=()))


def _trained(graph: Graph, server: Any, folder: Path, config: RunConfig) -> None:
    run_pipeline(server.settings(folder), graph, config, lambda text: None)


GRAPHS: tuple[Make, ...] = (
    loaded,
    written_back,
    refitted,
    adopted,
    adopted_places,
    loaded_plays,
)


@dataclasses.dataclass
class Analyst:
    """Asks as the Browser does, and hears all that the server has to say."""

    session: neo4j.Session
    said: list[str] = dataclasses.field(default_factory=list)

    def ask(self, text: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        result = self.session.run(text, dict(parameters))  # type: ignore[arg-type]
        rows = [record.data() for record in result]
        for status in result.consume().gql_status_objects:
            if status.is_notification:
                self.said.append(f"{status.gql_status} {status.status_description}")
        return rows


@pytest.fixture
def analyst(graph: Graph, server: Any) -> Iterator[Analyst]:
    auth = (server.username, server.password)
    with (
        neo4j.GraphDatabase.driver(
            server.uri, auth=auth, notifications_min_severity="INFORMATION"
        ) as driver,
        driver.session(database=server.database) as session,
    ):
        yield Analyst(session)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all graphs: a run that was trained is not trained again."""
    return tmp_path_factory.mktemp("workspace")


def documented_parameters() -> str:
    """The query inside the ``:param`` line of the documentation."""
    found = re.search(r"^:param \[\{[\w, ]+\}\] => \{(.+)\}$", DOCS.read_text(), re.M)
    assert found
    return found[1]


def as_floats(value: Any) -> Any:
    """What ``:param {userId: 1}`` makes of whole numbers."""
    if isinstance(value, list):
        return [as_floats(one) for one in value]
    return float(value) if type(value) is int else value  # not a bool


def defaults(name: str) -> dict[str, Any]:
    return {one.name: one.default for one in cypher.load(name).parameters}


@pytest.mark.parametrize("make", GRAPHS, ids=lambda make: make.__name__)
def test_every_query_on_every_graph(
    make: Make, graph: Graph, server: Any, analyst: Analyst, workspace: Path
) -> None:
    make(graph, server, workspace)
    rows = analyst.ask(documented_parameters(), {})
    has_run = make is not loaded
    assert len(rows) == has_run
    nobody = {"userId": 1, "item": 1, "name": "Movie 1", "pairs": [[1, 2]], "titles": ["Movie 1"]}
    answers = {}
    for name in QUERIES:
        text = cypher.load(name).text
        asked = rows[0] if has_run else defaults(name) | nobody
        answers[name] = analyst.ask(text, asked)
        if make is written_back:  # one graph is enough: the server plans each query anew for it
            floats = analyst.ask(text, {key: as_floats(value) for key, value in asked.items()})
            assert floats == answers[name], name
    assert analyst.said == []
    untold = [
        (name, row)
        for name, found in answers.items()
        for row in found
        if any(row[column] is None for column in TITLED & set(row))
    ]
    assert untold == []
    if has_run:
        silent = {name for name, found in answers.items() if not found}
        assert silent <= _without_answer(make)


def _without_answer(make: Make) -> set[str]:
    """Few graphs have a rating run, none has two runs of a task; EASE has no vectors."""
    silent = {"analyst/run_difference"}
    if make is not adopted_places:
        silent |= {"analyst/predicted_ratings", "analyst/favourites"}
    if make is loaded_plays:
        silent |= {"analyst/attention", "analyst/live_top_n", "analyst/similar_movies_live"}
        silent |= {"analyst/similar_movies", "analyst/recommend_for_liked_items"}
        silent |= {f"analyst/{name}" for name in ("what_if", "blend", "users_alike")}
        silent |= {"analyst/attention_by_age", "analyst/attention_by_name"}
    if make in (adopted_places, loaded_plays):
        silent.add("analyst/also_liked")  # too few people
    if make in (adopted, adopted_places, loaded_plays):
        silent.add("analyst/attention_by_name")  # nothing has the label Genre
    return silent


def test_items_for_liked_titles_are_the_nearest_to_their_mean(
    graph: Graph, server: Any, tmp_path: Path
) -> None:
    written_back(graph, server, tmp_path)
    rows = graph.run("analyst/recommend_for_liked_items", titles=["movie 3", "Movie 8"], n=4).rows
    stored = read_parquet(tmp_path / "runs" / "lstm-2" / "vectors" / "items.parquet")
    vectors = np.stack(stored["vector"].to_list())
    mean = vectors[[2, 7]].mean(axis=0)
    cosine = vectors @ mean / np.linalg.norm(vectors, axis=1) / np.linalg.norm(mean)
    cosine[[2, 7]] = -np.inf
    best = np.argsort(-cosine)[:4]
    assert [row["itemId"] for row in rows] == (best + 1).tolist()
    expected = cosine[best].tolist()
    assert [row["similarity"] for row in rows] == pytest.approx(expected, abs=1e-4)
    assert {tuple(sorted(row["liked"])) for row in rows} == {("Movie 3", "Movie 8")}
    assert not graph.run("analyst/recommend_for_liked_items", titles=["nothing"], n=4).rows


def test_ratings_and_ids_for_titles(
    graph: Graph, server: Any, analyst: Analyst, workspace: Path
) -> None:
    adopted_places(graph, server, workspace)
    for row in graph.run("analyst/recommendations", userId="v1").rows:
        assert row["title"] == row["itemId"]
        assert all(why["rating"] in range(1, 6) for why in row["because"])
        assert {why["ratingScale"] for why in row["because"]} == {None}
    assert all(row["rating"] for row in graph.run("analyst/attention", userId="v1").rows)
    picture = graph.run("analyst/picture", userId="v1").rows
    assert all(row["rated"] for row in picture)
    assert {type_ for row in picture if row["path"] for type_ in row["path"][1::2]} == {"LIES_IN"}
    assert recommendations(graph, "v1")[0]["because"][0]["rating"]


def test_predicted_ratings_stand_beside_the_recommendations(
    graph: Graph, server: Any, workspace: Path
) -> None:
    adopted_places(graph, server, workspace)
    rows = graph.run("analyst/recommendations", userId="v1", n=20).rows
    predicted = {row["itemId"]: row["predictedRating"] for row in rows}
    assert all(1 <= rating <= 5 for rating in predicted.values())
    best = graph.run("analyst/favourites", userId="v1", n=3).rows
    order = sorted(rows, key=lambda row: (-row["predictedRating"], row["rank"]))
    assert [row["itemId"] for row in best] == [row["itemId"] for row in order[:3]]
    titles = graph.run("analyst/top_titles", userId="v1", n=20).rows
    assert [row["predictedRating"] for row in titles] == list(predicted.values())
    for item, rating in predicted.items():
        audience = graph.run("analyst/audience", item=item).rows
        assert {row["predictedRating"] for row in audience if row["userId"] == "v1"} == {rating}
        place = graph.run("analyst/recommended_item", userId="v1", item=item).single()
        assert place and place["predictedRating"] == rating
