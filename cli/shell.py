"""``reelgraph neo4j shell``: a small Cypher prompt over the driver."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ..cypher.script import Script, command_of, read_script
from ..errors import InputError, ReelgraphError
from .context import Context

if TYPE_CHECKING:
    from ..graph.connection import Graph, Result

_LEAVE = {":exit", ":quit"}
_PROMPTS = {None: "     > ", "comment": "    /*> ", "string": "     '> "}


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
@click.option("--json", is_flag=True, help="Print JSON; of several queries a list of lists.")
@click.option("--own", is_flag=True, help="Your own server, the one that NEO4J_URI names.")
@click.pass_obj
def shell(
    context: Context, query: str | None, parameters: tuple[str, ...], json: bool, own: bool
) -> None:
    """Run QUERY, or the queries on standard input, or ask for queries at a prompt.

    It asks the local server, whatever NEO4J_URI says; --own asks yours. Several queries
    are separated by ; (one in a comment, a string or back-ticks separates nothing). Each
    runs in a transaction of its own and may write. With --json the rows of one query are
    a list, those of several queries one list of such lists.

    \b
    Examples:
      reelgraph neo4j shell 'RETURN $x + 1 AS next' --param x=41
      reelgraph neo4j shell --json < query.cypher
      reelgraph neo4j shell
    """
    values = dict(map(_parameter, parameters))
    if query is None and sys.stdin.isatty():
        with context.graph(local=not own) as graph:
            prompt(context, graph, values, json)
        return
    queries = queries_of(piped(sys.stdin.buffer.read()) if query is None else query)
    with context.graph(local=not own) as graph:
        run_all(context, graph, queries, values, json)


def piped(content: bytes) -> str:
    """The text of standard input, with or without a byte order mark.

    :raises InputError: when it is not UTF-8, before any query is run.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"standard input is not UTF-8 (line {line})", "Nothing was run. Save it as UTF-8."
        ) from None


def queries_of(text: str) -> list[str]:
    """The queries of a whole text; the last one needs no ``;``.

    :raises InputError: for a comment or string that does not end, or a command that is no
        Cypher, before any query is run.
    """
    script = read_script(text)
    if script.open:
        raise InputError(
            f"the {script.open} that begins in line {script.open_line} does not end",
            "Nothing was run. Close it and run all again.",
        )
    queries = [*script.statements, *([script.rest] if script.rest else [])]
    for query in queries:
        _check_is_cypher(query)
    return queries


def run_all(
    context: Context, graph: Graph, queries: Sequence[str], values: dict[str, Any], json: bool
) -> None:
    """Run queries one after the other, up to the first that fails, and show what they say."""
    rows: list[list[dict[str, Any]]] = []
    try:
        for query in queries:
            result = graph.run_text(query, write=True, **values)
            rows.append(result.rows)
            show(context, result, json=json, rows=not json)
    finally:
        if json and (rows or not queries):
            context.echo_json(rows[0] if len(queries) == 1 else rows)


def show(context: Context, result: Result, *, json: bool, rows: bool = True) -> None:
    """The rows of a query, and on stderr what it changed, or that there are no rows."""
    changes = str(result.counters)
    changed = changes != "nothing changed"
    if rows and (result.rows or json):
        context.echo_rows(result.rows, json)
    if changed:
        context.note(changes)
    elif not result.rows:
        context.note("no rows" if result.columns else changes)


def prompt(context: Context, graph: Graph, values: dict[str, Any], json: bool) -> None:
    """Read queries until the input ends; a failing one is shown and does not end it."""
    context.note(f"{graph.uri}, database {graph.database}. End a query with ;  Leave: :exit")
    for text in _typed():
        try:
            _check_is_cypher(text)
            show(context, graph.run_text(text, write=True, **values), json=json)
        except ReelgraphError as error:
            click.secho(str(error), fg="red", err=True)


def _typed() -> Iterator[str]:
    """Queries typed at the prompt, over as many lines as they need."""
    with suppress(ImportError):  # input() then edits lines and remembers them
        import_module("readline")
    typed = Script(())
    while True:
        try:
            asked = _PROMPTS.get(typed.open, _PROMPTS["string"]) if typed.rest else "neo4j> "
            line = input(asked)
        except EOFError:
            click.echo(err=True)
            if typed.rest:
                click.echo("The last query was not run: it does not end with ;", err=True)
            return
        except KeyboardInterrupt:  # forget the query, as shells do
            click.echo(err=True)
            typed = Script(())
            continue
        command = None if typed.rest else command_of(line)
        if command in _LEAVE:
            return
        if command is not None:
            yield line
            continue
        typed = read_script(f"{typed.rest}\n{line}" if typed.rest else line)
        yield from typed.statements


def _check_is_cypher(query: str) -> None:
    command = command_of(query)
    if command is not None:
        raise InputError(
            f"{command} is a command of Neo4j Browser, not Cypher",
            "Give parameters by --param NAME=VALUE; this prompt knows :exit only.",
        )


def _parameter(text: str) -> tuple[str, Any]:
    """``x=41`` → ("x", 41); what is not JSON is a string."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--param {text}: there is no '='", "Write --param NAME=VALUE.")
    try:
        return name, jsonlib.loads(value)
    except jsonlib.JSONDecodeError:
        return name, value
