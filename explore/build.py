"""``reelgraph explore build``: all files for analysts' tools, from one graph."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import TimeLimitError
from ..graph.connection import Graph, GraphLike
from ..graph.reader import Reader
from .bloom import perspective
from .bloom_queries import try_all
from .dashboard import dashboard
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
    Product("bloom-perspective.json", "Bloom in Desktop 2 or Aura: Perspectives, Import"),
    Product("dashboard.json", "Aura or Desktop 2: Dashboards, Import. Quality, coverage, a user"),
    Product("saved-queries.csv", "Desktop 2 or Aura: Query, Saved Cypher, Import"),
)


@dataclass(frozen=True)
class Built:
    """What was written; ``silent`` are ids of statements left out, since they have no rows."""

    products: Sequence[Product]
    silent: Sequence[str]


def build(
    graph: Graph,
    folder: Path,
    user_id: int | str | None = None,
    style_rules: bool = False,
    seconds: float = 60.0,
) -> Built:
    """Make every file in memory, and write all when none failed.

    :param user_id: whom the queries ask about; by default the first user with recommendations.
    :param style_rules: whether the perspective has rules of style.
    :param seconds: that each query may take.
    :raises InputError: when there are no recommendations, or the folder cannot be used.
    :raises CypherError: when a query cannot run.
    :raises TimeLimitError: when one takes longer; names it.
    """
    try:
        files, silent = _made(Reader(lambda: graph, seconds), user_id, style_rules)
    except TimeLimitError as error:
        raise TimeLimitError(
            f"{error.message} after {seconds:g} s",
            "Give each query more time: reelgraph explore build --time-out SECONDS",
        ) from None
    write_files(folder, files)
    return Built(PRODUCTS, silent)


def _made(
    graph: GraphLike, user_id: int | str | None, style_rules: bool
) -> tuple[dict[str, bytes], list[str]]:
    """Contents by path, and the ids of statements without rows."""
    values = shown_values(graph, user_id)
    schema = read_schema(graph)
    tried = try_all(graph, values)
    if isinstance(tried.values["entity"], str):
        values["names"] = [tried.values["entity"]]  # what if only these counted?
    cards, empty = dashboard(graph, schema, values)
    single = favourites(analyst_queries(), values)
    texts = {
        "guide.html": guide(graph, schema, rules(schema), values),
        "style.grass": grass(schema),
        "saved-queries.csv": saved_queries(analyst_queries(), values),
        "bloom-perspective.json": perspective(
            schema, tried, graph.run("stats/indexes").rows, time.time_ns() // 10**6, style_rules
        ),
        "dashboard.json": cards,
        **{f"favourites/{path}": text for path, text in single.items()},
    }
    files = {path: text.encode("utf-8") for path, text in texts.items()}
    return {**files, "favourites.zip": zipped(single)}, [*tried.silent, *empty]
