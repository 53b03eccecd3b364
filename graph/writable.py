"""Whether a graph can be written to, asked before work that would be lost."""

from __future__ import annotations

from .connection import GraphLike


def check_writable(graph: GraphLike) -> None:
    """Write a node and delete it in one transaction.

    :raises DatabaseError: when the database is read-only, or the user may not write.
    """
    graph.run("server/writable")
