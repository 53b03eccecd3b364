"""The command ``reelgraph most-rated``."""

from __future__ import annotations

import click

from reelgraph.cli.context import Context


@click.command("most-rated")
@click.option("-n", "n", default=10, show_default=True, help="How many items.")
@click.option("--json", is_flag=True, help="Print JSON.")
@click.pass_obj
def most_rated(context: Context, /, n: int, json: bool) -> None:
    """List the items with most ratings in the graph.

    \b
    Examples:
      reelgraph most-rated -n 5
      reelgraph most-rated --json
    """
    with context.graph() as graph:
        rows = graph.run("example/most_rated", n=n).rows
    context.echo_rows(rows, json=json, title="Most rated")
