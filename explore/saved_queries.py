"""Saved queries of Neo4j Desktop 2 and Aura's Query tool: a CSV with folders by theme."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from .. import cypher
from .queries import Values, by_theme, pasteable, title

HEADER = ("name", "description", "query", "id", "parentId", "isFolder")
ROOT = "reelgraph"


def saved_queries(queries: Sequence[cypher.Statement], values: Values) -> str:
    """The file's text: one folder for all, in it a folder per theme, in these the queries."""
    rows: list[tuple[object, ...]] = [(ROOT, "", "", 0, "", "true")]
    for theme, members in by_theme(queries).items():
        folder = len(rows)
        rows.append((theme, "", "", folder, 0, "true"))
        for one in members:
            text = pasteable(one, values).strip()
            rows.append((title(one), one.purpose, text, len(rows), folder, "false"))
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows([HEADER, *rows])
    return written.getvalue()
