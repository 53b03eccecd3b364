"""``reelgraph neo4j shell``: a small Cypher prompt over the driver."""

from __future__ import annotations

import json as jsonlib
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError, ReelgraphError
from .context import Context

if TYPE_CHECKING:
    from ..graph.connection import Graph

_END = re.compile(r";[ \t]*(?:\n|$)")
_LEAVE = {":exit", ":quit"}


@click.command()
@click.argument("query", required=False)
@click.option(
    "-P",
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter, its value as JSON; may be repeated.",
)
@click.option("--json", is_flag=True, help="Print JSON.")
@click.option("--own", is_flag=True, help="Your own server, the one that NEO4J_URI names.")
@click.pass_obj
def shell(
    context: Context, query: str | None, parameters: tuple[str, ...], json: bool, own: bool
) -> None:
    """Run QUERY, or the queries on standard input, or ask for queries at a prompt.

    It asks the local server, whatever NEO4J_URI says; --own asks yours. Queries on
    standard input and at the prompt end with ; at the end of a line. Each runs in a
    transaction of its own and may write.

    \b
    Examples:
      reelgraph neo4j shell 'RETURN $x + 1 AS next' --param x=41
      reelgraph neo4j shell --json < query.cypher
      reelgraph neo4j shell
    """
    values = dict(map(_parameter, parameters))
    with context.graph(local=not own) as graph:
        if query is not None:
            run(context, graph, query, values, json)
        elif sys.stdin.isatty():
            prompt(context, graph, values, json)
        else:
            for text in split(sys.stdin.read()):
                run(context, graph, text, values, json)


def run(context: Context, graph: Graph, text: str, values: dict[str, Any], json: bool) -> None:
    """Run one query and show its rows, and what it changed on stderr."""
    result = graph.run_text(text.strip().removesuffix(";"), write=True, **values)
    changes = str(result.counters)
    if result.rows or json:
        context.echo_rows(result.rows, json)
    if changes != "nothing changed" or not result.rows:
        context.note(changes)


def prompt(context: Context, graph: Graph, values: dict[str, Any], json: bool) -> None:
    """Read queries until the input ends; a failing one is shown and does not end it."""
    context.note(f"{graph.uri}, database {graph.database}. End a query with ;  Leave: :exit")
    for text in _typed():
        try:
            run(context, graph, text, values, json)
        except ReelgraphError as error:
            click.secho(str(error), fg="red", err=True)


def split(text: str) -> list[str]:
    """The queries of a text, each ended by ``;`` at the end of a line."""
    return [part.strip() for part in _END.split(text) if part.strip()]


def _typed() -> Iterator[str]:
    """Queries typed at the prompt, over as many lines as they need."""
    with suppress(ImportError):  # input() then edits lines and remembers them
        import_module("readline")
    lines: list[str] = []
    while True:
        try:
            lines.append(input("     > " if lines else "neo4j> "))
        except EOFError:
            click.echo(err=True)
            return
        except KeyboardInterrupt:  # forget the query, as shells do
            click.echo(err=True)
            lines = []
            continue
        text = "\n".join(lines).strip()
        if text in _LEAVE:
            return
        if _END.search(text) or not text:
            lines = []
            yield from split(text)


def _parameter(text: str) -> tuple[str, Any]:
    """``x=41`` → ("x", 41); what is not JSON is a string."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--param {text}: there is no '='", "Write --param NAME=VALUE.")
    try:
        return name, jsonlib.loads(value)
    except jsonlib.JSONDecodeError:
        return name, value
