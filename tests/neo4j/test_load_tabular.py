"""A music data set by its mapping alone: in the graph, exported, trained on and recommended."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reelgraph.artifacts import read_parquet
from reelgraph.cli import main
from reelgraph.export.dataset import export_dataset
from reelgraph.graph.connection import Graph
from reelgraph.loader.load import LoadReport, load
from reelgraph.loader.source import Reading, SourceOptions
from reelgraph.loader.sources.tabular import TabularSource
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.run import run_pipeline

pytestmark = pytest.mark.neo4j

MUSIC = Path(__file__).parents[1] / "data" / "music"


def rows_of(name: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (MUSIC / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


PLAYS = rows_of("plays.tsv", "\t")
ARTISTS = rows_of("artists.csv")
LISTENERS = rows_of("listeners.csv")


def load_mapping(graph: Graph, mapping: Path) -> LoadReport:
    reading: Reading[Any] = Reading(SourceOptions(), mapping.parent)
    return load(graph, TabularSource().read(mapping, reading), progress=False)


def number(graph: Graph, pattern: str) -> int:
    row = graph.run_text(f"MATCH {pattern} RETURN count(*) AS number").single()
    assert row
    return int(row["number"])


@pytest.fixture
def music(graph: Graph) -> Iterator[Graph]:
    load_mapping(graph, MUSIC / "music.toml")
    yield graph


def test_the_graph_has_what_the_files_have(music: Graph) -> None:
    pairs = {(row["user_id"], int(row["artist_id"])): row for row in PLAYS}
    assert number(music, "(:User)") == len(LISTENERS)
    assert number(music, "(:Artist:Item)") == number(music, "(:Item)") == len(ARTISTS)
    assert number(music, "(:User)-[:RATED]->(:Artist)") == len(pairs)
    tags = {(row["artist_id"], tag) for row in ARTISTS for tag in row["tags"].split("|")}
    assert number(music, "(:Artist)-[:HAS_TAG]->(:Tag:Entity)") == len(tags)
    assert number(music, "(:Tag)") == number(music, "(:Entity)") == len({tag for _, tag in tags})
    found = music.run_text(
        "MATCH (u:User)-[r:RATED]->(i:Item) "
        "RETURN u.userId AS user, i.itemId AS item, r.timestamp AS time, r.rating AS rating, "
        "r.seq AS seq"
    ).rows
    for row in found:
        played = pairs[row["user"], row["item"]]["played_at"]
        assert row["time"] == int(datetime.fromisoformat(played).timestamp())
        assert row["rating"] is None
    for user in {row["user"] for row in found}:
        own = sorted((row["seq"], row["time"]) for row in found if row["user"] == user)
        assert [seq for seq, _ in own] == list(range(1, len(own) + 1))
        assert [time for _, time in own] == sorted(time for _, time in own)


def test_properties_are_typed_and_missing_ones_absent(music: Graph) -> None:
    artists = {
        row["itemId"]: row["i"]
        for row in music.run_text(
            "MATCH (i:Artist) RETURN i.itemId AS itemId, properties(i) AS i"
        ).rows
    }
    for row in ARTISTS:
        expected: dict[str, Any] = {"itemId": int(row["artist_id"]), "title": row["name"]}
        if row["country"]:
            expected["country"] = row["country"]
        if row["formed"]:
            expected["formed"] = int(row["formed"])
        assert artists[int(row["artist_id"])] == expected
    years = music.run_text("MATCH (u:User) RETURN u.userId AS id, u.birthYear AS year").rows
    assert {row["id"]: row["year"] for row in years} == {
        row["user_id"]: int(row["birth_year"]) if row["birth_year"] else None for row in LISTENERS
    }


def test_a_second_load_changes_nothing(music: Graph) -> None:
    report = load_mapping(music, MUSIC / "music.toml")
    assert not any(report.counters.as_dict().values())


def test_a_file_without_titles_keeps_those_of_the_graph(music: Graph, tmp_path: Path) -> None:
    first = ARTISTS[0]
    (tmp_path / "plays.csv").write_text(f"u,i\nsomeone,{first['artist_id']}\nsomeone,999999\n")
    mapping = tmp_path / "more.toml"
    mapping.write_text(
        'name = "music"\nitem_label = "Artist"\n'
        '[interactions]\nfile = "plays.csv"\nuser = "u"\nitem = "i"\n'
    )
    load_mapping(music, mapping)
    titles = {
        row["id"]: row["title"]
        for row in music.run_text("MATCH (i:Item) RETURN i.itemId AS id, i.title AS title").rows
    }
    known = {int(row["artist_id"]): row["name"] for row in ARTISTS}
    assert titles == known | {999999: "999999"}


def test_another_interaction_type_is_exported_as_well(graph: Graph, tmp_path: Path) -> None:
    for path in MUSIC.iterdir():
        shutil.copy(path, tmp_path)
    mapping = tmp_path / "music.toml"
    text = mapping.read_text().replace('item = "artist_id"', 'item = "artist_id"\ntype = "PLAYED"')
    mapping.write_text(text)
    load_mapping(graph, mapping)
    assert number(graph, "(:User)-[:PLAYED]->(:Artist)") == len(PLAYS)
    assert number(graph, "()-[:RATED]->()") == 0
    exported = export_dataset(graph, tmp_path / "datasets", progress=False)
    assert len(read_parquet(exported.path / "interactions.parquet")) == len(PLAYS)
    assert exported.manifest().interaction_type == "PLAYED"
    assert set(read_parquet(exported.path / "triples.parquet")["relation"]) == {"HAS_TAG"}


def test_from_plays_to_recommendations(music: Graph, server: Any, tmp_path: Path) -> None:
    config = RunConfig(model="ease", baselines=("most-popular",), n=5)
    run = run_pipeline(server.settings(tmp_path), music, config, lambda _: None)
    metrics = run.read_metrics().models
    assert set(metrics) == {"ease", "most-popular"}
    recommended = music.run_text(
        "MATCH (u:User)-[r:RECOMMENDED]->(i:Artist) "
        "RETURN u.userId AS user, count(i) AS artists, "
        "count {(u)-[r2:RECOMMENDED]->(:Artist) WHERE r2.rank = 1} AS first"
    ).rows
    assert {row["user"] for row in recommended} == {row["user_id"] for row in LISTENERS}
    assert {row["artists"] for row in recommended} == {5}


def test_the_command_proposes_and_loads(graph: Graph, server: Any, tmp_path: Path) -> None:
    for name in ("plays.tsv", "artists.csv", "listeners.csv"):
        shutil.copy(MUSIC / name, tmp_path)
    names = [str(tmp_path / name) for name in ("plays.tsv", "artists.csv", "listeners.csv")]
    runner = CliRunner()
    environment = {**server.environment, "REELGRAPH_WORKSPACE": str(tmp_path)}
    proposed = runner.invoke(main, ["load", "tabular", "--init", *names], env=environment)
    assert proposed.exit_code == 0, proposed.output
    mapping = str(tmp_path / "plays.toml")
    dry = runner.invoke(main, ["load", "tabular", mapping, "--dry-run"], env=environment)
    assert dry.exit_code == 0, dry.output
    assert number(graph, "(n)") == 0
    loaded = runner.invoke(main, ["load", "tabular", mapping], env=environment)
    assert loaded.exit_code == 0, loaded.output
    assert number(graph, "(:User)-[:RATED]->(:Artist)") == len(PLAYS)
    countries = {row["country"] for row in ARTISTS if row["country"]}
    assert number(graph, "(:Country:Entity)") == len(countries)
