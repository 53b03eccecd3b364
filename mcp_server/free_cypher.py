"""A query that a client wrote: run only where its plan reads the graph and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InputError
from ..graph.connection import Result
from ..graph.reader import Reader

# Not writing, but no reading of the graph either: files and addresses, the server's settings,
# what others run.
_REFUSED = ("LoadCSV", "ShowSettings", "ShowTransactions", "TerminateTransactions")
_PROCEDURES = ("db.labels", "db.relationshipTypes", "db.propertyKeys", "db.schema.", "db.index.")


def run_cypher(reader: Reader, text: str, values: Mapping[str, Any], most: int) -> Result:
    """The first ``most`` rows.

    :raises InputError: for a query that writes, or does more than read the graph.
    :raises CypherError: for one that fails or takes too long.
    """
    kind, operators = reader.graph.explained(text, values)
    if kind != "r":
        raise InputError(
            "the query writes, and only reading is allowed here",
            "Leave out CREATE, MERGE, SET, REMOVE, DELETE and commands that change the database.",
        )
    for one in operators:
        name, _, details = one.partition(" ")
        called = details.partition("(")[0] if name == "ProcedureCall" else None
        if name in _REFUSED or (called is not None and not called.startswith(_PROCEDURES)):
            raise InputError(
                f"the query does more than read the graph: {called or name}",
                f"Procedures that can be called: {', '.join(f'{one}…' for one in _PROCEDURES)}",
            )
    return reader.read(text, values, most)
