"""MovieLens and credits in a real graph, counted without our reader."""

from __future__ import annotations

import csv
import gzip
import io
import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import Server

from reelgraph.cli import main
from reelgraph.export.dataset import export_dataset
from reelgraph.graph.connection import Graph

pytestmark = [pytest.mark.neo4j, pytest.mark.shared_data]


def run(server: Server, folder: Path, *words: str | Path) -> Result:
    arguments = ["--workspace", str(folder), "load", *map(str, words)]
    return CliRunner().invoke(main, arguments, env=server.environment)


def load(server: Server, folder: Path, *words: str | Path) -> dict[str, Any]:
    result = run(server, folder, *words, "--json")
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def records(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def counts(graph: Graph) -> dict[str, int]:
    """Nodes by domain label and relationships by type."""
    labels = graph.run_text(
        "MATCH (n:User|Item|Entity) UNWIND labels(n) AS name RETURN name, count(*) AS number"
    ).rows
    types = graph.run_text(
        "MATCH (:User|Item|Entity)-[r]->() RETURN type(r) AS name, count(*) AS number"
    )
    return {row["name"]: row["number"] for row in [*labels, *types.rows]}


def test_latest_small_with_tags_links_and_then_credits(
    server: Server, graph: Graph, shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "ml-latest-small"
    load(server, tmp_path, "movielens", folder)
    movies, tags = records(folder / "movies.csv"), records(folder / "tags.csv")
    ratings = records(folder / "ratings.csv.gz")
    genres = [g for row in movies for g in row["genres"].split("|") if not g.startswith("(")]
    wanted = {
        "User": len({row["userId"] for row in [*ratings, *tags]}),
        "Item": len(movies),
        "Movie": len(movies),
        "Genre": len(set(genres)),
        "Tag": len({" ".join(row["tag"].split()).casefold() for row in tags}),
        "RATED": len(ratings),
        "HAS_GENRE": len(genres),
        "TAGGED": len(tags),
    }
    wanted["Entity"] = wanted["Genre"] + wanted["Tag"]
    assert counts(graph) == wanted
    toy_story = graph.run_text("MATCH (m:Movie {itemId: 1}) RETURN properties(m) AS p").rows[0]["p"]
    assert toy_story == {
        "itemId": 1,
        "movieId": 1,
        "title": "Toy Story",
        "year": 1995,
        "imdbId": "tt0114709",
        "tmdbId": 862,
    }
    found = graph.run_text(
        "MATCH (m:Movie)-[t:TAGGED]->(tag:Tag) "
        "RETURN m.movieId AS movie, t.userId AS user, t.timestamp AS timestamp, tag.name AS tag"
    ).rows
    assert Counter((r["movie"], r["user"], r["timestamp"], r["tag"].casefold()) for r in found) == (
        Counter(
            (
                int(row["movieId"]),
                int(row["userId"]),
                int(row["timestamp"]),
                " ".join(row["tag"].split()).casefold(),
            )
            for row in tags
        )
    )
    manifest = export_dataset(graph, tmp_path / "datasets", progress=False).manifest()
    assert manifest.relation_types == {"HAS_GENRE": len(genres)}
    assert manifest.event_types_left_out == {"TAGGED": len(tags)}

    credits = shared_data / "ml-latest-small-credits" / "movies.csv.gz"
    check_credits(server, graph, credits, tmp_path, {row["movieId"] for row in movies}, wanted)
    again = load(server, tmp_path, "movielens", folder)
    assert not any(again["counters"].values())


def check_credits(
    server: Server,
    graph: Graph,
    path: Path,
    folder: Path,
    movies: set[str],
    before: dict[str, int],
) -> None:
    """Edges of known movies only, and nobody without one."""
    edges: dict[str, set[tuple[str, str]]] = {}
    for name, column in (("DIRECTED", "director"), ("ACTED_IN", "actors")):
        edges[name] = {
            (" ".join(unicodedata.normalize("NFC", person).split()), row["movieId"])
            for row in records(path)
            for person in row[column].split("|")
        }
    kept = {name: {one for one in held if one[1] in movies} for name, held in edges.items()}
    report = load(server, folder, "credits", path)
    after = counts(graph)
    for name, held in kept.items():
        assert after[name] == len(held)
        left_out = len(edges[name]) - len(held)
        assert report["rows"][f"{name} rows about items that the graph does not have"] == left_out
    people = {person for held in kept.values() for person, _ in held}
    assert after["Person"] == len(people)
    assert {name: after[name] for name in before if name != "Entity"} == {
        name: number for name, number in before.items() if name != "Entity"
    }


def test_100k_with_credits_in_one_command(
    server: Server, graph: Graph, shared_data: Path, tmp_path: Path
) -> None:
    credits = shared_data / "ml-100k-imdb" / "auxiliary.txt"
    load(server, tmp_path, "movielens", shared_data / "ml-100k", "--credits", credits)
    rows = (shared_data / "ml-100k" / "u.item").read_text("latin-1").splitlines()
    flags = [flag for row in rows for flag in row.split("|")[6:]]
    found = counts(graph)
    assert (found["User"], found["Movie"], found["RATED"]) == (943, 1682, 100_000)
    assert found["HAS_GENRE"] == flags.count("1")
    assert found["Genre"] == 18
    user = graph.run_text("MATCH (u:User {userId: 1}) RETURN properties(u) AS p").rows[0]["p"]
    assert user == {
        "userId": 1,
        "name": "user 1",
        "age": 24,
        "gender": "M",
        "occupation": "technician",
    }
    directors = graph.run_text(
        "MATCH (p:Person:Director)-[:DIRECTED]->(m:Movie {itemId: 3}) RETURN p.name AS name"
    ).rows
    assert {row["name"] for row in directors} == {
        "Allison Anders",
        "Alexandre Rockwell",
        "Robert Rodriguez",
        "Quentin Tarantino",
    }
    refused = run(server, tmp_path, "movielens", shared_data / "ml-latest-small")
    assert refused.exit_code == 2
    assert "ml-100k" in refused.stderr
    assert "--into-new" in refused.stderr
    other = run(server, tmp_path, "credits", shared_data / "ml-1m-imdb")
    assert other.exit_code == 2
    assert "do not belong" in other.stderr
