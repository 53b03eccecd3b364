"""The guide of Neo4j Browser: slides whose queries can be run, from the template ``guide.html``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from importlib.resources import files

from .. import cypher
from ..graph.connection import GraphLike
from .grass import Rules
from .queries import Values, analyst_queries, answers, by_theme, name, pasteable, sentence, title
from .schema import LiveSchema

_MARK = re.compile(r"\{\{(\w+)(?: ([^}]+))?\}\}")
_PRE = (
    "max-height: 8em; overflow: auto; white-space: pre; font-size: 11px; line-height: 1.4; "
    "padding-left: 24px !important"  # room for the play icon
)


def guide(graph: GraphLike, schema: LiveSchema, style: Rules, values: Values) -> str:
    """The page's text, with those queries that have rows in this graph.

    Marks of the template: ``query NAME`` is a query, ``more THEME`` those of a theme that have
    no mark of their own, and others stand for words from the graph.

    :raises CypherError: for a query that is not there or cannot run.
    """
    template = (files(__package__) / "guide.html").read_text(encoding="utf-8")
    placed = {argument for kind, argument in _MARK.findall(template) if kind == "query"}
    themes = by_theme([one for one in analyst_queries() if name(one) not in placed])
    words = {**_words(schema, values), "style": _button(style)}

    def blocks(queries: Sequence[cypher.Statement]) -> str:
        shown = [one for one in queries if answers(graph, one, values)]
        return "\n".join(_block(one, values) for one in shown)

    def text(mark: re.Match[str]) -> str:
        kind, argument = mark.groups()
        if kind == "query":
            return blocks([cypher.load(f"analyst/{argument}")])
        if kind == "more":
            return blocks(themes.get(argument, []))
        return words[kind]

    return _MARK.sub(text, template)


def _words(schema: LiveSchema, values: Values) -> Mapping[str, str]:
    known = [one.name for one in schema.labels if "Entity" in one.roles and not one.is_role]
    return {
        "users": _count(schema, "User"),
        "items": _count(schema, "Item"),
        "known": escape(", ".join(known) or "nothing"),
        "did": escape(schema.interaction_type.replace("_", " ").lower()),
        "user": f"user {escape(str(values['userId']))}",
        "item": escape(str(values["name"])),
    }


def _count(schema: LiveSchema, role: str) -> str:
    """For instance ``1,682 items (Movie)``."""
    names = [one.name for one in schema.labels if role in one.roles and not one.is_role]
    label = schema.label(role)
    own = f" ({escape(', '.join(names))})" if names else ""
    return f"{label.nodes if label else 0:,} {role.lower()}s{own}"


def _block(query: cypher.Statement, values: Values) -> str:
    """A query with its name and purpose; the Browser makes what is ``runnable`` a button."""
    purpose, _, _ = query.purpose.partition(". ")
    return (
        f'<h4 style="margin-top: 20px">{escape(title(query))}</h4>\n'
        f"<p>{escape(sentence(purpose))}</p>\n"
        f'<pre class="runnable" style="{_PRE}">{_safe(_text(query, values))}</pre>'
    )


def _text(query: cypher.Statement, values: Values) -> str:
    """The Browser shows the first line above the result."""
    return pasteable(replace(query, purpose=title(query)), values).strip()


def _button(style: Rules) -> str:
    command = escape(f"style {json.dumps(style, ensure_ascii=False)}")
    return f'<a data-exec="{command}">Apply colours and captions</a>'


def _safe(text: str) -> str:
    """As HTML. The Browser takes ``one = 'x'`` for an event handler and cuts it out."""
    return escape(text, quote=False).replace("=", "&#61;")
