"""IMDb's source and the one for atomic files, loaded into a real graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reelgraph.graph.connection import Graph
from reelgraph.loader.load import load
from reelgraph.loader.source import Reading
from reelgraph.loader.sources.imdb import Imdb
from reelgraph.loader.sources.imdb.options import ImdbOptions
from reelgraph.loader.sources.recbole import RecBole
from reelgraph.loader.sources.recbole.options import RecBoleOptions

pytestmark = pytest.mark.neo4j

IMDB = {
    "title.basics.tsv": [
        "tconst titleType primaryTitle originalTitle startYear runtimeMinutes genres",
        'tt1 movie A"First Un 1999 90 Drama,War',
        r"tt2 movie Second Second 2001 \N Drama",
        "tt3 short Third Third 2001 9 Drama",
    ],
    "title.principals.tsv": ["tconst nconst category", "tt1 nm1 actor", "tt2 nm1 actress"],
    "title.crew.tsv": ["tconst directors writers", "tt1 nm1,nm2 nm3", "tt2 nm2 nm3"],
    "name.basics.tsv": [
        "nconst primaryName birthYear deathYear",
        r"nm1 One 1950 \N",
        r"nm2 Two \N \N",
        "nm3 Three 1940 2000",
    ],
}
RATINGS = """\
userID,movieID,rating,review date
ur1,tt2,8,17 January 2005
ur1,tt1,7,16 January 2005
ur1,tt1,3,18 January 2005
ur2,tt1,9,16 January 2005
"""
MUSIC = {
    "inter": "user_id:token\titem_id:token\nann\t1\nann\t2\nben\t2\nann\t1\n",
    "item": "item_id:token\tname:token\ttags:token_seq\tyear:token\n"
    "1\tHarbour\trock\t1998\n2\tRoad\trock indie`)--(\t\n",
    "kg": "head_id:token\trelation_id:token\ttail_id:token\n"
    "e1\tx`) DETACH DELETE n //\tl1\ne1\tmusic.similar\te2\nl1\tmusic.artist\te2\n",
    "link": "item_id:token\tentity_id:token\n1\te1\n2\te2\n",
}


def rows(graph: Graph, query: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row.values()) for row in graph.run_text(query).rows), key=str)


def test_imdb_in_the_graph(graph: Graph, tmp_path: Path) -> None:
    for name, lines in IMDB.items():
        text = "".join(line.replace(" ", "\t") + "\n" for line in lines)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "user_rating.csv").write_text(RATINGS, encoding="utf-8")
    options = ImdbOptions(min_average=0, min_votes=0, min_user_ratings=1)
    reading = Reading(options, tmp_path)
    report = load(graph, Imdb().read(tmp_path, reading), progress=False)
    assert report.funnel[-1]["ratings"] == report.ratings == 3
    assert rows(
        graph,
        "MATCH (u:User)-[r:RATED]->(m:Movie:Item) "
        "RETURN u.userId AS user, m.itemId AS item, r.rating AS rating, r.seq AS seq",
    ) == [("ur1", "tt1", 3.0, 2), ("ur1", "tt2", 8.0, 1), ("ur2", "tt1", 9.0, 1)]
    assert rows(
        graph,
        "MATCH (p:Person:Entity)-[r]->(m:Movie) WHERE p.birthYear IS NOT NULL "
        "RETURN p.name AS name, p.birthYear AS born, type(r) AS type, m.title AS title",
    ) == [
        ("One", 1950, "ACTED_IN", 'A"First'),
        ("One", 1950, "ACTED_IN", "Second"),
        ("One", 1950, "DIRECTED", 'A"First'),
        ("Three", 1940, "WROTE", 'A"First'),
        ("Three", 1940, "WROTE", "Second"),
    ]
    directors = "MATCH (p:Director)-[:DIRECTED]->(m:Movie) RETURN p.name AS name, m.year AS year"
    assert rows(graph, directors) == [("One", 1999), ("Two", 1999), ("Two", 2001)]
    movies = "MATCH (m:Movie)-[:HAS_GENRE]->(g:Genre) RETURN m.runtimeMinutes AS m, g.name AS g"
    assert {row for row in rows(graph, movies) if row[0]} == {(90, "Drama"), (90, "War")}
    again = load(graph, Imdb().read(tmp_path, reading), progress=False)
    assert again.users_written == again.counters.relationships_created == 0


def test_a_music_data_set_in_the_graph(graph: Graph, tmp_path: Path) -> None:
    for suffix, text in MUSIC.items():
        (tmp_path / f"music.{suffix}").write_text(text, encoding="utf-8")
    tables = RecBole().read(tmp_path, Reading(RecBoleOptions(item_label="Artist"), tmp_path))
    report = load(graph, tables, progress=False)
    assert report.ratings == 3
    listened = "MATCH (u:User)-[r:RATED]->(a:Artist:Item) RETURN u.userId AS u, a.title AS a"
    assert rows(graph, f"{listened}, r.rating AS rating") == [
        ("ann", "Harbour", None),
        ("ann", "Road", None),
        ("ben", "Road", None),
    ]
    tags = "MATCH (a:Artist)-[:HAS_TAG]->(t:Tag:Entity) RETURN a.itemId AS a, t.name AS t"
    assert rows(graph, tags) == [(1, "rock"), (2, "indie`)--("), (2, "rock")]
    known = (
        "MATCH (a)-[r]->(b) WHERE NOT type(r) IN ['RATED', 'HAS_TAG'] AND a.title IS NOT NULL "
        "RETURN type(r) AS type, a.title AS a, coalesce(b.title, b.name) AS b"
    )
    assert rows(graph, known) == [
        ("MUSIC_SIMILAR", "Harbour", "Road"),
        ("X_DETACH_DELETE_N", "Harbour", "l1"),
    ]
    artist = "MATCH (l:KgEntity {name: 'l1'})-[:MUSIC_ARTIST]->(a:Artist) RETURN a.title AS title"
    assert rows(graph, artist) == [("Road",)]
