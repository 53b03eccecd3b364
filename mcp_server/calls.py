"""What each tool does when it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .. import cypher
from ..errors import InputError
from ..graph.reader import Reader
from ..results.reasons import explanation, standing
from ..results.sentences import place, shared_phrases
from ..results.verdicts import audit_of
from ..results.why_not import why_not
from .answers import as_text
from .arguments import checked, resolved
from .free_cypher import run_cypher
from .limits import Limits
from .schema_text import schema_text
from .tools import ITEM, USER, Tool, object_schema, query_tools, schema

EXPLAIN, WHY_NOT, SCHEMA, CYPHER = "explain", "why_not", "graph_schema", "cypher"

Call = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Offered:
    """A tool with what answers it."""

    tool: Tool
    call: Call


def offered(reader: Reader, limits: Limits, allow_cypher: bool = False) -> dict[str, Offered]:
    """All tools by name.

    :param allow_cypher: whether one runs queries of the client's own.
    """
    found = [Offered(one, _query_call(reader, limits, one)) for one in query_tools()]
    found.append(Offered(_EXPLAIN_TOOL, lambda given: _explain(reader, limits, given)))
    found.append(Offered(_WHY_NOT_TOOL, lambda given: _why_not(reader, limits, given)))
    found.append(Offered(_SCHEMA_TOOL, lambda given: schema_text(reader, limits.tokens)))
    if allow_cypher:
        found.append(Offered(_CYPHER_TOOL, lambda given: _free(reader, limits, given)))
    return {one.tool.name: one for one in found}


_PAIR = cypher.load("analyst/recommended_item")  # takes a user and an item
_EXPLAIN_TOOL = Tool(
    EXPLAIN,
    "Why an item is recommended to a user: a sentence for each piece of evidence from the user's "
    "history, with what it contributed to the score and what it shares with the item. weight is "
    "the attention on it.",
    schema(_PAIR.parameters),
)
_WHY_NOT_TOOL = Tool(
    WHY_NOT,
    "Why an item is not recommended to a user: sentences on its rank and score beside the list's "
    "end, and what of the history is nearest to it (similarity is the cosine of vectors).",
    schema(_PAIR.parameters),
)
_SCHEMA_TOOL = Tool(
    SCHEMA, "Labels, relationship types and properties of the graph.", object_schema({}, ())
)
_CYPHER_TOOL = Tool(
    CYPHER,
    f"Run a Cypher query of your own that only reads. Call {SCHEMA} first. Return few columns "
    "and rows: values, no whole nodes.",
    object_schema(
        {"query": {"type": "string"}, "parameters": {"type": "object", "default": {}}}, ["query"]
    ),
)


def _query_call(reader: Reader, limits: Limits, tool: Tool) -> Call:
    query = tool.query
    assert query is not None

    def call(given: Mapping[str, Any]) -> str:
        values = resolved(reader, checked(query, given))
        result = reader.rows(query, values, limits.rows)
        note = "" if result.rows else _why_empty(reader, query, values)
        return as_text(result.rows, limits.tokens, more=result.more, note=note)

    return call


def _why_empty(reader: Reader, query: cypher.Statement, values: Mapping[str, Any]) -> str:
    """:raises InputError: for an unknown user, or where no run is active."""
    if "activeRunId" not in query.text:
        return "no rows"
    if USER in values:
        found = standing(reader, values[USER])
        if not found["recommendations"]:
            return (
                f"no rows: run {found['runId']} has no list for user {values[USER]}, who has "
                f"{found['ratings']} ratings. For such a user there is popular_items."
            )
    else:
        audit_of(reader)
    return "no rows"


def _explain(reader: Reader, limits: Limits, given: Mapping[str, Any]) -> str:
    asked = resolved(reader, checked(_PAIR, given))
    found = explanation(reader, asked[USER], asked[ITEM])
    evidence = found.pop("evidence")
    rows = [{name: why[name] for name in ("itemId", "sentence", "weight")} for why in evidence]
    note = "" if rows else "the model gives no evidence"
    return as_text(rows, limits.tokens, note=note, head=_audited(reader, found))


def _why_not(reader: Reader, limits: Limits, given: Mapping[str, Any]) -> str:
    asked = resolved(reader, checked(_PAIR, given))
    found = why_not(reader, asked[USER], asked[ITEM])
    rows = [
        {**one, "shared": "; ".join(shared_phrases(one["shared"])) or None}
        for one in found.pop("nearest")
    ]
    head = {**_audited(reader, found), "sentences": list(place(found))}
    return as_text(
        rows,
        limits.tokens,
        note="" if rows else "no item of the history to compare with",
        head=head,
    )


def _audited(reader: Reader, found: Mapping[str, Any]) -> dict[str, Any]:
    """With the label of the active run, as the commands show it."""
    return {**found, "audit": audit_of(reader)[1]}


def _free(reader: Reader, limits: Limits, given: Mapping[str, Any]) -> str:
    text, values = given.get("query"), given.get("parameters") or {}
    if not isinstance(text, str) or not text.strip() or not isinstance(values, Mapping):
        raise InputError("'query' is a query's text, 'parameters' an object")
    result = run_cypher(reader, text, values, limits.rows)
    return as_text(result.rows, limits.tokens, more=result.more)
