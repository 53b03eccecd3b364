"""``reelgraph explore``: what analysts open."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .context import Context

if TYPE_CHECKING:
    from ..graph.connection import Graph

FOLDER = "analyst-files"


@click.group("explore")
def explore_group() -> None:
    """What analysts open: queries and files for Neo4j Browser, Desktop and Aura.

    \b
    Examples:
      reelgraph explore build
      reelgraph explore serve
      reelgraph explore queries
      reelgraph explore queries picture --user 1
    """


@explore_group.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    help=f"Folder to write. [default: {FOLDER}/ in the workspace]",
)
@click.option("--user", help="User to ask about. [default: the first with recommendations]")
@click.option(
    "--style-rules", is_flag=True, help="Style rules in the perspective: for Bloom 2.6 and later."
)
@click.option(
    "--time-out",
    "seconds",
    type=click.FloatRange(0.1),
    default=60.0,
    show_default=True,
    help="Seconds that a query may take.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@click.pass_obj
def build(
    context: Context,
    folder: Path | None,
    user: str | None,
    style_rules: bool,
    seconds: float,
    as_json: bool,
) -> None:
    """Write files that analysts open in their tools, made from this graph.

    The guide, the style and the favourites are for Neo4j Browser, the perspective and the saved
    queries for Neo4j Desktop 2 and Aura. The queries have values instead of parameters, from
    the active run. Each search phrase and scene action of the perspective is tried; those
    without rows in this graph are left out and named, and one that takes too long ends the
    command. Given again, the command writes its own files anew and touches no others.

    \b
    Examples:
      reelgraph explore build
      reelgraph explore build --user 7 --to for-marketing
    """
    from ..explore.build import build as build_files

    target = folder or context.settings.workspace / FOLDER
    with context.graph() as graph:
        built = build_files(graph, target, _asked(graph, user), style_rules, seconds)
    for left_out in built.silent:
        context.note(f"left out, since it has no rows in this graph: {left_out}")
    rows = [{"file": str(target / one.path), "open it": one.opens} for one in built.products]
    context.echo_rows(rows, as_json, "Files for analysts", whole="file")


@explore_group.command()
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder that 'build' wrote. [default: {FOLDER}/ in the workspace]",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7475,
    show_default=True,
    help="Port on this machine; 0 takes a free one.",
)
@click.pass_obj
def serve(context: Context, folder: Path | None, port: int) -> None:
    """Serve the guide to Neo4j Browser until Ctrl-C.

    The Browser takes guides by address only. This one is on this machine only, for a Browser
    on this machine.

    \b
    Examples:
      reelgraph explore serve
      reelgraph explore serve --from for-marketing --port 0
    """
    from urllib.parse import urlsplit

    from ..explore.serve import guide_server

    settings = context.settings
    host = urlsplit(settings.uri or "").hostname or "localhost"
    with guide_server(folder or settings.workspace / FOLDER, port, host) as server:
        if settings.is_local:
            browser = f"http://localhost:{settings.http_port}/browser/"
            click.echo(f"Open {browser}?cmd=guide&arg={server.guide}")
        click.echo(f"In Neo4j Browser: :guide {server.guide}")
        context.note("Ctrl-C ends it.")
        with suppress(KeyboardInterrupt):
            server.serve_forever()


@explore_group.command()
@click.argument("names", metavar="[QUERY]...", nargs=-1)
@click.option("--user", help="User to ask about. [default: the first with recommendations]")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a file per query into this folder, instead of printing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def queries(
    context: Context,
    names: tuple[str, ...],
    user: str | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """List the analysts' queries, or print some of them, ready to paste.

    Printed or written, they have values instead of parameters, from the active run of the
    graph: a user, and the first item that is recommended to the user.

    \b
    Examples:
      reelgraph explore queries
      reelgraph explore queries explanation picture --user 7
      reelgraph explore queries --to queries
    """
    from ..explore.queries import (
        analyst_queries,
        name,
        pasteable,
        query_named,
        shown_values,
        write_queries,
    )

    found = [query_named(one) for one in names] or analyst_queries()
    rows = [{"query": name(one), "shows": one.purpose.partition(". ")[0]} for one in found]
    if not names and folder is None:
        context.echo_rows(rows, as_json, "Queries for analysts")
        return
    with context.graph() as graph:
        values = shown_values(graph, _asked(graph, user))
    if folder is not None:
        key, outcome = "file", [str(path) for path in write_queries(folder, found, values)]
    else:
        key, outcome = "text", [pasteable(one, values) for one in found]
    if as_json:
        context.echo_json([{**row, key: one} for row, one in zip(rows, outcome, strict=True)])
    else:
        click.echo("\n".join(outcome))


def _asked(graph: Graph, user: str | None) -> int | str | None:
    from ..results.named import parse_user

    return None if user is None else parse_user(graph, user)
