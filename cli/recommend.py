"""``reelgraph recommend``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from ..list_lengths import SHOWN
from .context import Context
from .new_user import show_for_new_user
from .reasons import note_audit, titled_by

if TYPE_CHECKING:
    from ..graph.connection import Graph


@click.command()
@click.argument("user", required=False)
@click.option("--like", "liked", multiple=True, help="Title or id of an item that is liked.")
@click.option("--genre", "genres", multiple=True, help="Recommend items of this genre only.")
@click.option("--run", "run_id", help="With --like or --genre: the run whose model is asked.")
@click.option("--n", default=SHOWN, show_default=True, type=click.IntRange(1), help="How many.")
@click.option(
    "--task",
    type=click.Choice(["ranking", "rating"]),
    help="Which run to ask: one that ranks, or one that predicts ratings. [default: ranking; with "
    "--like or --genre any]",
)
@click.option("--live", is_flag=True, help="Compute them now from the vectors in the graph.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def recommend(
    context: Context,
    user: str | None,
    liked: tuple[str, ...],
    genres: tuple[str, ...],
    run_id: str | None,
    n: int,
    task: Any,
    live: bool,
    as_json: bool,
) -> None:
    """Show a user's recommendations of the active run, with the reasons.

    Where a rating run is active, what it predicts stands before the score. Below each
    recommendation are the items of the user's history that spoke for it most,
    with what each contributed to the score, and what the two have in common. --live
    ranks items by the vectors in the graph; it gives no reasons, but more than the 20
    items that are stored. --task rating shows the items with the highest predicted
    ratings. Users without history, such as new ones, get the most popular items, and the
    output says so. Lists of a run that failed its audit are labelled LEAKS.

    Without a user, --like and --genre ask the saved model of a run, by default the one
    worked on last, and no database. Named items are the history, the last one the most
    recent. Genres alone get their most rated items. The output says the rule.

    \b
    Examples:
      reelgraph recommend 1
      reelgraph recommend 1 --n 50 --live
      reelgraph recommend 1 --task rating
      reelgraph recommend --like 'Toy Story' --like 50 --genre Comedy
    """
    from ..results.named import parse_user
    from ..results.reasons import live_recommendations, predicted_ratings, recommendations

    if user is None or liked or genres or run_id:
        _check_new_user(user, liked, genres, live)
        show_for_new_user(context, liked, genres, run_id, n, as_json, task)
        return
    task = task or "ranking"
    if live and task == "rating":
        raise InputError("predicted ratings cannot be computed live", "Leave out --live.")
    read = live_recommendations if live else recommendations
    with context.graph() as graph:
        user_id = parse_user(graph, user)
        rows = (predicted_ratings if task == "rating" else read)(graph, user_id, n)
        audit = run_audit(context, graph, quiet=as_json, task=task)
        if task == "ranking":
            rows = with_rating_audit(context, graph, rows, as_json)
    if as_json:
        context.echo_json([{**row, "audit": audit} for row in rows])
        return
    if task == "rating":
        print_ratings(rows, titled_by(f"Predicted ratings of user {user}", audit))
        return
    print_recommendations(rows, titled_by(f"Recommendations for user {user}", audit))


def _check_new_user(
    user: str | None, liked: tuple[str, ...], genres: tuple[str, ...], live: bool
) -> None:
    """:raises InputError: for a user beside what a new one likes, or neither."""
    if user is not None:
        raise InputError(
            "--like, --genre and --run are for somebody without a user number",
            f"Leave out {user}, or these options.",
        )
    if not liked and not genres:
        raise InputError(
            "for whom? Neither a user nor anything liked is given",
            "Give a user's id, or --like TITLE, or --genre NAME.",
        )
    if live:
        raise InputError("--live needs a user's vector in the graph", "Leave out --live.")


def show_recommendations(
    context: Context, graph: Graph, user_id: int | str, n: int = SHOWN
) -> int | str:
    """Print a user's recommendations with reasons, for the demo; returns the first one's id.

    :raises InputError: as :func:`~reelgraph.results.reasons.recommendations`.
    """
    from ..results.reasons import recommendations

    rows = recommendations(graph, user_id, n)
    audit = run_audit(context, graph)
    rows = with_rating_audit(context, graph, rows)
    print_recommendations(rows, titled_by(f"Top {n} of user {user_id}", audit))
    first: int | str = rows[0]["itemId"]
    return first


def run_audit(
    context: Context,
    graph: Graph,
    run_id: str | None = None,
    quiet: bool = False,
    task: str = "ranking",
) -> str:
    """The label of a run, by default the active one, and a note where it has not passed."""
    from ..results.verdicts import audit_of

    run, audit = audit_of(graph, context.settings.runs_dir, run_id, task)
    if not quiet:
        note_audit(context, audit, run.run_id, run.folder)
    return audit


def with_rating_audit(
    context: Context, graph: Graph, rows: list[dict[str, Any]], quiet: bool = False
) -> list[dict[str, Any]]:
    """The rows with the label of the rating run whose predictions they have.

    The graph's own label stands where that run is not active any more.
    """
    from .reasons import any_rated

    if not any_rated(rows):
        return rows
    try:
        audit = run_audit(context, graph, quiet=quiet, task="rating")
    except InputError:
        return rows
    return [{**row, "ratingAudit": audit} for row in rows]


def print_ratings(rows: list[dict[str, Any]], title: str) -> None:
    from .reasons import rating_lines

    click.secho(title, bold=True)
    fallback = rows[0].get("fallback")
    if fallback:
        click.echo(f"{fallback} items, as the run knows no history of this user")
    click.echo("\n".join(rating_lines(rows)))


def print_recommendations(rows: list[dict[str, Any]], title: str) -> None:
    from .reasons import any_rated, recommendation_lines

    click.secho(title, bold=True)
    audit = rows[0].get("ratingAudit") if rows else None
    rating = f"{titled_by('predicted rating', audit)}, " if any_rated(rows) else ""
    fallback = rows[0].get("fallback") if rows else None
    if fallback:
        click.echo(
            f"{fallback} items, as the run knows no history of this user; on the right: users"
        )
    else:
        by = "item" if rating else "item of the history"
        click.echo(f"on the right: {rating}the score, and what each {by} contributed to it")
    click.echo("\n".join(recommendation_lines(rows)))
    if any(row.get("rated") for row in rows):
        click.echo(
            "rated already: held out for the test or rated since; this run was not shown it:\n"
            "a run that reads all: reelgraph run --refit"
        )
