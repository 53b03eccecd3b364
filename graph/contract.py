"""Names that the graph contract reserves: what reelgraph writes itself, whatever the data.

What a source, a mapping or an adopted graph says by one of these names would be taken for a
result of a run, or be overwritten.
"""

from __future__ import annotations

from ..artifacts import Edges

ROLE_LABELS = ("User", "Item", "Entity")
OWN_LABELS = ("Dataset", "Run", "Task")
RESERVED_LABELS = frozenset({*ROLE_LABELS, *OWN_LABELS})

RESULT_TYPES = ("RECOMMENDED", "ATTENDED_TO", "SIMILAR_TO")  # between users and items
OWN_TYPES = (*RESULT_TYPES, "REFIT_OF")  # with those between runs

# Vectors of two runs can be in the graph: while one is read, the other is written.
SLOTS = ("A", "B")
VECTOR_KINDS = ("user", "item")
REFRESH_PROPERTIES = ("refreshedRun", "refreshedEvents")  # of users
RUN_PROPERTIES = (  # of nodes
    *(f"{name}{slot}" for name in ("vector", "historyLength") for slot in SLOTS),
    *REFRESH_PROPERTIES,
)
VECTOR_INDEXES = tuple(f"{kind}_vector_{slot}" for kind in VECTOR_KINDS for slot in SLOTS)

RESERVED_PROPERTIES = frozenset(
    {
        *("userId", "itemId", "entityId", "name", "title", "index", "labels", "seq", "runId"),
        *RUN_PROPERTIES,
    }
)

STRUCTURE = ("degree", "pageRank", "community")  # columns of structure features


def structure_property(edges: Edges, column: str) -> str:
    """Name of a structure feature as a property of nodes, such as ``trainDegree``."""
    return edges + column[0].upper() + column[1:]
