"""The analysts' queries, ready to paste: with values instead of parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import cypher
from ..artifacts import atomic
from ..errors import InputError
from ..graph.connection import GraphLike

FOLDER = "analyst"
_WHY_NOT = f"{FOLDER}/why_not"

THEMES = ("Recommendations", "Reasons", "What if", "Items", "Users", "Runs", "Details")
"""Folders of queries, in the order in which a newcomer reads them."""

Values = Mapping[str, object]


def analyst_queries() -> list[cypher.Statement]:
    """All queries for analysts, by name."""
    return [one for one in cypher.statements() if one.id.startswith(f"{FOLDER}/")]


def query_named(asked: str) -> cypher.Statement:
    """:raises InputError: for an unknown name."""
    known = {name(one): one for one in analyst_queries()}
    if asked not in known:
        raise InputError(f"there is no query '{asked}'", f"Queries: {', '.join(known)}")
    return known[asked]


def shown_values(graph: GraphLike, user_id: int | str | None = None) -> dict[str, object]:
    """Values for parameters without a default: a user with recommendations, the first of these,
    and as ``unlisted`` what most users have of what is not recommended.

    :param user_id: by default the first user with recommendations.
    :raises InputError: when the active run has no recommendations for the user.
    """
    row = graph.run("explore/shown_values", userId=user_id).single()
    if row is None:
        of_user = "" if user_id is None else f" of user {user_id}"
        raise InputError(
            f"the graph has no recommendations{of_user} to show", "Make them: reelgraph run"
        )
    return row


def by_theme(queries: Sequence[cypher.Statement]) -> dict[str, list[cypher.Statement]]:
    """The queries of each theme that has some; one without a known theme lies under 'Other'."""
    found: dict[str, list[cypher.Statement]] = {theme: [] for theme in (*THEMES, "Other")}
    for one in queries:
        found[one.theme if one.theme in THEMES else "Other"].append(one)
    return {theme: members for theme, members in found.items() if members}


def title(query: cypher.Statement) -> str:
    """Its name in words, such as ``Live top n``."""
    return name(query).replace("_", " ").capitalize()


def answers(graph: GraphLike, query: cypher.Statement, values: Values) -> bool:
    """Whether it has rows in this graph: without a rating run, for instance, some have none.

    False also where the graph has nothing to ask about, such as items without a year.

    :raises CypherError: when it cannot run.
    """
    given = own_values(query, values)
    if any(one.required and given.get(one.name) in (None, []) for one in query.parameters):
        return False
    return bool(graph.run(query.id, **given).rows)


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    ended = text if text.endswith((".", "?")) else f"{text}."
    return ended[:1].upper() + ended[1:]


def pasteable(query: cypher.Statement, values: Values) -> str:
    """The query with its purpose as comments; parameters without a value keep their default.

    The first line is a short one: the Browser names a favourite by it.

    :raises CypherError: when a parameter has neither a value nor a default.
    """
    comments = "".join(f"// {part}\n" for part in _SENTENCES.split(query.purpose))
    return f"{comments}{query.pasteable(**own_values(query, values))};\n"


def own_values(query: cypher.Statement, values: Values) -> dict[str, object]:
    """Those of the query's parameters; ``why_not`` is asked about an item that is not listed."""
    if query.id == _WHY_NOT and values.get("unlisted") is not None:
        values = {**values, "item": values["unlisted"]}
    return {one.name: values[one.name] for one in query.parameters if one.name in values}


_SENTENCES = re.compile(r"(?<=\.) (?=[A-Za-z])")


def write_queries(folder: Path, queries: Sequence[cypher.Statement], values: Values) -> list[Path]:
    """One ``.cypher`` file per query, which the Browser reads when it is dropped on it."""
    written = []
    for query in queries:
        path = folder / f"{name(query)}.cypher"
        with atomic(path) as temporary:
            temporary.write_text(pasteable(query, values), encoding="utf-8")
        written.append(path)
    return written


def name(query: cypher.Statement) -> str:
    return query.id.removeprefix(f"{FOLDER}/")
