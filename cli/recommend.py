"""``reelgraph recommend`` and ``reelgraph explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .context import Context

if TYPE_CHECKING:
    from ..graph.connection import Graph


@click.command()
@click.argument("user")
@click.option("--n", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--live", is_flag=True, help="Compute them now from the vectors in the graph.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def recommend(context: Context, user: str, n: int, live: bool, as_json: bool) -> None:
    """Show a user's recommendations of the active run, with the reasons.

    Below each one stand the items of the user's history that spoke for it most, with
    what each contributed to the score, and what the two have in common. Computed live,
    they are ranked by the vectors in the graph and come without reasons; more than the
    stored 20 can be had that way.

    \b
    Examples:
      reelgraph recommend 1
      reelgraph recommend 1 --n 50 --live
    """
    from ..loader.reasons import live_recommendations, parse_id, recommendations

    with context.graph() as graph:
        user_id = parse_id(graph, user, "user")
        read = live_recommendations if live else recommendations
        rows = read(graph, user_id, n)
    if as_json:
        context.echo_json(rows)
        return
    print_recommendations(rows, f"Recommendations for user {user}")


@click.command()
@click.argument("user")
@click.argument("item")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def explain(context: Context, user: str, item: str, as_json: bool) -> None:
    """Show why an item is recommended to a user.

    For each piece of evidence: what it contributed to the score, the attention on it,
    the user's rating, its place in the history, and what it shares with the item.

    \b
    Examples:
      reelgraph explain 1 50
      reelgraph explain 1 50 --json
    """
    from ..loader.reasons import explanation, parse_id
    from .reasons import explanation_lines

    with context.graph() as graph:
        user_id, item_id = parse_id(graph, user, "user"), parse_id(graph, item, "item")
        found = explanation(graph, user_id, item_id)
    if as_json:
        context.echo_json(found)
        return
    click.echo(f"Why user {user} is recommended this")
    click.echo("\n".join(explanation_lines(found)))


def show_recommendations(graph: Graph, user_id: int | str, n: int = 10) -> None:
    """Print a user's recommendations with reasons; for the demo.

    :raises InputError: as :func:`~reelgraph.loader.reasons.recommendations`.
    """
    from ..loader.reasons import recommendations

    print_recommendations(recommendations(graph, user_id, n), f"Top {n} of user {user_id}")


def print_recommendations(rows: list[dict[str, object]], title: str) -> None:
    from .reasons import recommendation_lines

    click.secho(title, bold=True)
    click.echo("on the right: the score, and what each item of the history contributed to it")
    click.echo("\n".join(recommendation_lines(rows)))
