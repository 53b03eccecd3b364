"""``reelgraph explain``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from .context import Context
from .reasons import titled_by
from .recommend import run_audit, with_rating_audit

if TYPE_CHECKING:
    from ..graph.connection import Graph

_Id = int | str


@click.command()
@click.argument("user")
@click.argument("item")
@click.option(
    "--task",
    type=click.Choice(["ranking", "rating"]),
    default="ranking",
    show_default=True,
    help="Why it is recommended, or what its predicted rating is made of.",
)
@click.option("--why-not", is_flag=True, help="Why an item is not recommended: rank and score.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the reasons as a page with a picture, which needs no network.",
)
@click.option(
    "--explainer",
    metavar="NAME",
    help="Ask the run's saved model: attention, counterfactual, path-integration, "
    "knowledge-paths, or a plugin's.",
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def explain(
    context: Context,
    user: str,
    item: str,
    task: str,
    why_not: bool,
    page: Path | None,
    explainer: str | None,
    as_json: bool,
) -> None:
    """Show why an item is recommended to a user, or why it is not.

    ITEM is an id or a title, with or without its year.

    For each piece of evidence: what it contributed to the score, the attention on it,
    the user's rating, its place in the history, and what it shares with the item.
    What a run says that failed its audit is labelled LEAKS.

    --why-not is about an item that is not in the stored list: its rank among all items that
    the run had not read of the user, its score beside the one that ends the list, and what
    of the history is nearest to it.

    --html writes the reasons into FILE, one page with a picture that works without network
    and without scripts, for the screen and for print. A file that is there is replaced only
    if it is such a page.

    --explainer asks the saved model of the active run instead of what is stored, of any item
    that is not in the history. What is stored is what attention says; counterfactual also names
    items without which it would not be among the first ten.

    --task rating asks the saved model of the active rating run what the rating that it
    predicts is made of; the parts add up to it. Models bias, item-knn,
    user-knn and drifting-svd++ say it.

    \b
    Examples:
      reelgraph explain 1 228
      reelgraph explain 1 'E.T. the Extra-Terrestrial'
      reelgraph explain 1 'Heat' --why-not
      reelgraph explain 1 228 --html why.html
      reelgraph explain 1 228 --explainer counterfactual
      reelgraph explain 1 228 --task rating
    """
    from ..results.named import find_item, parse_user

    _check(task, why_not, page, explainer)
    with context.graph() as graph:
        user_id, item_id = parse_user(graph, user), find_item(graph, item)
        if task == "rating":
            _explain_rating(context, graph, user_id, item_id, as_json)
        elif explainer is not None:
            _explain_by(context, graph, user_id, item_id, explainer, as_json)
        elif why_not:
            _explain_why_not(context, graph, user_id, item_id, as_json)
        else:
            _explain(context, graph, user_id, item_id, page, as_json)


def _check(task: str, why_not: bool, page: Path | None, explainer: str | None) -> None:
    """:raises InputError: for options that do not go together."""
    given = {"--task rating": task == "rating", "--why-not": why_not, "--html": page is not None}
    given["--explainer"] = explainer is not None
    asked = [option for option, there in given.items() if there]
    if len(asked) > 1:
        raise InputError(f"{' and '.join(asked)} do not go together", "Give one of them.")


def _explain(
    context: Context, graph: Graph, user_id: _Id, item_id: _Id, page: Path | None, as_json: bool
) -> None:
    from ..results.reasons import explanation
    from .reasons import explanation_lines

    found = explanation(graph, user_id, item_id)
    audit = run_audit(context, graph, quiet=as_json)
    (found,) = with_rating_audit(context, graph, [found], as_json)
    if page is not None:
        from ..explore.reasons_page import write_page
        from .reasons_page import reasons_page

        write_page(page, reasons_page(found, user_id, audit))
        context.note(f"written: {page}")
    if as_json or page is None:
        title = f"Why user {user_id} is recommended this"
        _print(context, found, audit, title, explanation_lines, as_json)


def _explain_why_not(
    context: Context, graph: Graph, user_id: _Id, item_id: _Id, as_json: bool
) -> None:
    from ..results.why_not import why_not
    from .reasons import why_not_lines

    found = why_not(graph, user_id, item_id)
    audit = run_audit(context, graph, quiet=as_json)
    title = f"Why user {user_id} is not recommended this"
    _print(context, found, audit, title, why_not_lines, as_json)


def _explain_by(
    context: Context, graph: Graph, user_id: _Id, item_id: _Id, name: str, as_json: bool
) -> None:
    from ..pipeline.explaining import explained_by
    from .reasons import explained_lines

    found = explained_by(context.settings, graph, user_id, item_id, name, context.note)
    audit = run_audit(context, graph, found["runId"], quiet=as_json)
    title = f"What {name} says of this item and user {user_id}"
    _print(context, found, audit, title, explained_lines, as_json)


def _explain_rating(
    context: Context, graph: Graph, user_id: _Id, item_id: _Id, as_json: bool
) -> None:
    from ..pipeline.rating_reasons import rating_explanation
    from .reasons import rating_explanation_lines

    found = rating_explanation(context.settings, graph, user_id, item_id, context.note)
    audit = run_audit(context, graph, found["runId"], quiet=as_json)
    title = f"What the predicted rating of user {user_id} is made of"
    _print(context, found, audit, title, rating_explanation_lines, as_json)


def _print(
    context: Context,
    found: dict[str, Any],
    audit: str,
    title: str,
    lines: Callable[[dict[str, Any]], Iterable[str]],
    as_json: bool,
) -> None:
    """What was found, below a title with the label of its run's audit, or as JSON."""
    if as_json:
        context.echo_json({**found, "audit": audit})
    else:
        click.echo(titled_by(title, audit))
        click.echo("\n".join(lines(found)))
