"""Made-up graphs that people have in Neo4j already, and a dump that shows every change to one."""

from __future__ import annotations

from typing import Any

from reelgraph.graph.connection import Graph

USERS, MOVIES = 30, 40

_PUBLIC = """
UNWIND range(1, $movies) AS id
CREATE (m:Movie {
  movieId: toString(id), title: 'Movie ' + id, year: 1950 + id, imdbId: 'tt' + id,
  tmdbId: toString(7 * id), plotEmbedding: [0.1 * id, 0.5]
})
WITH collect(m) AS movies
UNWIND range(0, 5) AS i
CREATE (g:Genre {name: 'Genre ' + i})
CREATE (d:Director:Person {name: 'Director ' + i, tmdbId: toString(100 + i)})
SET d.born = date('1950-01-01')
CREATE (a:Actor:Person {name: 'Namesake'})
CREATE (both:Actor:Director:Person {name: 'Both ' + i, tmdbId: toString(200 + i)})
WITH movies, i, g, d, a, both
UNWIND [m IN movies WHERE toInteger(m.movieId) % 6 = i] AS m
CREATE (m)-[:IN_GENRE]->(g)
CREATE (d)-[:DIRECTED]->(m)
CREATE (a)-[:ACTED_IN {role: 'Self'}]->(m)
CREATE (both)-[:ACTED_IN]->(m)
CREATE (both)-[:DIRECTED]->(m)
"""
_PUBLIC_RATINGS = """
UNWIND range(1, $users) AS id
CREATE (u:User {userId: toString(id), name: 'User ' + id})
WITH u, id
MATCH (m:Movie)
WHERE (toInteger(m.movieId) * 7 + id * 5) % 4 = 0
CREATE (u)-[r:RATED {rating: toFloat(1 + (toInteger(m.movieId) + id) % 5)}]->(m)
SET r.timestamp = CASE
  WHEN $timestamps THEN 1000000000 + id * 100000 + (toInteger(m.movieId) * 17 % 23) * 60
END
"""
_PUBLIC_SCHEMA = (
    "CREATE CONSTRAINT FOR (u:User) REQUIRE u.userId IS UNIQUE",
    "CREATE CONSTRAINT movies FOR (m:Movie) REQUIRE m.movieId IS UNIQUE",
    "CREATE CONSTRAINT FOR (p:Person) REQUIRE p.tmdbId IS UNIQUE",
    "CREATE INDEX FOR (m:Movie) ON (m.title)",
    "CREATE FULLTEXT INDEX movieFulltext FOR (m:Movie) ON EACH [m.title]",
)


def public_example(graph: Graph, timestamps: bool = True) -> None:
    """The schema of the public recommendations example; some of its dumps have no timestamps."""
    for statement in _PUBLIC_SCHEMA:
        graph.run_text(statement, write=True)
    graph.run_text(_PUBLIC, write=True, movies=MOVIES)
    graph.run_text(_PUBLIC_RATINGS, write=True, users=USERS, timestamps=timestamps)


_MUSIC = """
UNWIND range(1, 20) AS id
CREATE (:Artist {code: id, name: 'Artist ' + id})
WITH count(*) AS artists
UNWIND range(0, 3) AS i
CREATE (t:Tag {text: 'tag ' + i})
WITH t, i
MATCH (a:Artist)
WHERE a.code % 4 = i
CREATE (a)-[:IS]->(t)
"""
_MUSIC_PLAYS = """
UNWIND range(1, 12) AS id
CREATE (l:Listener {login: 'listener-' + id})
WITH l, id
MATCH (a:Artist)
WHERE (a.code * 3 + id) % 2 = 0
CREATE (l)-[:LISTENED_TO {
  plays: a.code * id, heard: datetime({epochSeconds: 1000000000 + a.code * 977 % 13 * 1000 + id})
}]->(a)
"""
_FRIENDS = """
MATCH (l:Listener), (m:Listener)
WHERE l.login < m.login
CREATE (l)-[:KNOWS]->(m)
"""


def music(graph: Graph) -> None:
    """Another domain, in other words: listeners, artists, play counts, tags; friends."""
    graph.run_text(_MUSIC, write=True)
    graph.run_text(_MUSIC_PLAYS, write=True)
    graph.run_text(_FRIENDS, write=True)


_SONGS = """
UNWIND $songs AS no
CREATE (s:Song {no: no, name: 'Song ' + no})
MERGE (b:Band {name: 'Band ' + no % 15})
MERGE (f:Format {name: 'single'})
CREATE (b)-[:PLAYS]->(s)
CREATE (s)-[:ON]->(f)
CREATE (b)-[:HEARD_OF]->(:Place {name: 'Place ' + no})
"""
_HEARD = """
UNWIND $rows AS row
MERGE (f:Fan {no: row.user})
WITH f, row
MATCH (s:Song {no: row.item})
CREATE (f)-[:HEARD {on: date('2001-01-01') + duration({days: row.seq})}]->(s)
"""


def songs(graph: Graph, rows: list[dict[str, Any]], numbers: list[int]) -> None:
    """The users, items and histories of a small run in the words of another domain.

    :param rows: ``user, item, seq``
    """
    graph.run_text(_SONGS, write=True, songs=numbers)
    graph.run_text(_HEARD, write=True, rows=rows)


_NODES = """
MATCH (n)
RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS properties
ORDER BY id
"""
_RELATIONSHIPS = """
MATCH (a)-[r]->(b)
RETURN elementId(r) AS id, elementId(a) AS start, elementId(b) AS end, type(r) AS type,
       properties(r) AS properties
ORDER BY id
"""
_INDEXES = """
SHOW INDEXES YIELD name, type, labelsOrTypes, properties, owningConstraint
RETURN * ORDER BY name
"""
_CONSTRAINTS = """
SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties
RETURN * ORDER BY name
"""


def everything(graph: Graph) -> dict[str, list[dict[str, Any]]]:
    """All nodes, relationships, indexes and constraints; two dumps are equal only if all is."""
    nodes = graph.run_text(_NODES).rows
    for node in nodes:
        node["labels"].sort()
        if "__Migration" in node["labels"]:
            node["properties"].pop("appliedAt")
    return {
        "nodes": nodes,
        "relationships": graph.run_text(_RELATIONSHIPS).rows,
        "indexes": graph.run_text(_INDEXES).rows,
        "constraints": graph.run_text(_CONSTRAINTS).rows,
    }


def content(graph: Graph) -> list[Any]:
    """As :func:`everything`, without the database's own numbers for nodes of ours."""
    found = everything(graph)
    ours = {"Dataset", "__Migration"}
    nodes = [n for n in found["nodes"] if not ours & set(n["labels"])]
    others = [n["properties"] for n in found["nodes"] if ours & set(n["labels"])]
    return [nodes, sorted(map(str, others)), found["relationships"], found["constraints"]]
