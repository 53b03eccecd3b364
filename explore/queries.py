"""The analysts' queries, ready to paste: with values instead of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import cypher
from ..artifacts import atomic
from ..errors import InputError
from ..graph.connection import GraphLike

FOLDER = "analyst"

Values = Mapping[str, object]


def analyst_queries() -> list[cypher.Statement]:
    """All queries for analysts, by name."""
    return [one for one in cypher.statements() if one.id.startswith(f"{FOLDER}/")]


def query_named(name: str) -> cypher.Statement:
    """:raises InputError: for an unknown name."""
    known = {_name(one): one for one in analyst_queries()}
    if name not in known:
        raise InputError(f"there is no query '{name}'", f"Queries: {', '.join(known)}")
    return known[name]


def shown_values(graph: GraphLike, user_id: int | str | None = None) -> dict[str, object]:
    """Values for every parameter: a user with recommendations, and the first of these.

    :param user_id: by default the first user with recommendations.
    :raises InputError: when the active run has no recommendations for the user.
    """
    row = graph.run("explore/shown_values", userId=user_id).single()
    if row is None:
        of_user = "" if user_id is None else f" of user {user_id}"
        raise InputError(
            f"the graph has no recommendations{of_user} to show", "Make them: reelgraph run"
        )
    return {**row, "n": 10, "length": 3, "limit": 10}


def pasteable(query: cypher.Statement, values: Values) -> str:
    """The query with its purpose as a comment; parameters without a value keep their default.

    :raises CypherError: when a parameter has neither a value nor a default.
    """
    own = {one.name: values[one.name] for one in query.parameters if one.name in values}
    return f"// {query.purpose}\n{query.pasteable(**own)};\n"


def write_queries(folder: Path, queries: Sequence[cypher.Statement], values: Values) -> list[Path]:
    """One ``.cypher`` file per query, which the Browser reads when it is dropped on it."""
    written = []
    for query in queries:
        path = folder / f"{_name(query)}.cypher"
        with atomic(path) as temporary:
            temporary.write_text(pasteable(query, values), encoding="utf-8")
        written.append(path)
    return written


def _name(query: cypher.Statement) -> str:
    return query.id.removeprefix(f"{FOLDER}/")
