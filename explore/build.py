"""``reelgraph explore build``: all files for analysts' tools, from one graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..graph.connection import GraphLike
from .favourites import favourites, zipped
from .grass import grass, rules
from .guide import guide
from .output import write_files
from .queries import analyst_queries, shown_values
from .saved_queries import saved_queries
from .schema import read_schema


@dataclass(frozen=True)
class Product:
    """A file, or a folder of files, and how it is opened."""

    path: str
    opens: str


PRODUCTS = (
    Product("guide.html", "Neo4j Browser: reelgraph explore serve. Steps with queries to run"),
    Product("style.grass", "Neo4j Browser: drop it on the page. Colours, sizes and captions"),
    Product(
        "favourites.zip", "Neo4j Browser: drop it on the page. Queries in the Favorites drawer"
    ),
    Product("favourites", "the same as single files; Neo4j Browser takes each of them, too"),
    Product("saved-queries.csv", "Desktop 2 or Aura: Query, Saved Cypher, Import"),
)


def build(graph: GraphLike, folder: Path, user_id: int | str | None = None) -> list[Product]:
    """Make every file in memory, and write all when none failed.

    :param user_id: whom the queries ask about; by default the first user with recommendations.
    :raises InputError: when there are no recommendations, or the folder cannot be used.
    """
    values = shown_values(graph, user_id)
    schema = read_schema(graph)
    queries = analyst_queries()
    single = favourites(queries, values)
    texts = {
        "guide.html": guide(graph, schema, rules(schema), values),
        "style.grass": grass(schema),
        "saved-queries.csv": saved_queries(queries, values),
        **{f"favourites/{path}": text for path, text in single.items()},
    }
    files = {path: text.encode("utf-8") for path, text in texts.items()}
    write_files(folder, {**files, "favourites.zip": zipped(single)})
    return list(PRODUCTS)
