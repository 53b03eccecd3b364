"""``reelgraph explore``: what analysts open."""

from __future__ import annotations

from pathlib import Path

import click

from .context import Context


@click.group("explore")
def explore_group() -> None:
    """What analysts open: queries to paste into Neo4j Browser.

    \b
    Examples:
      reelgraph explore queries
      reelgraph explore queries picture --user 1
    """


@explore_group.command()
@click.argument("names", metavar="[QUERY]...", nargs=-1)
@click.option("--user", help="User to ask about. [default: the first with recommendations]")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a file per query into this folder, instead of printing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print names and purposes as JSON.")
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
        pasteable,
        query_named,
        shown_values,
        write_queries,
    )
    from ..results.reasons import parse_id

    found = [query_named(name) for name in names] or analyst_queries()
    if not names and folder is None:
        rows = [
            {"query": one.id.partition("/")[2], "shows": one.purpose.partition(". ")[0]}
            for one in found
        ]
        context.echo_rows(rows, as_json, "Queries for analysts")
        return
    with context.graph() as graph:
        asked = None if user is None else parse_id(graph, user, "user")
        values = shown_values(graph, asked)
    if folder is None:
        click.echo("\n".join(pasteable(one, values) for one in found))
        return
    for path in write_queries(folder, found, values):
        click.echo(path)
