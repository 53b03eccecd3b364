"""``reelgraph refresh``: new ratings in the graph, new lists for the users they are of."""

from __future__ import annotations

import re
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ..errors import ReelgraphError
from .context import Context

if TYPE_CHECKING:
    from ..pipeline.refresh.refresher import Refreshed, Refresher

_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Interval(click.ParamType[int]):
    """Such as 30s, 10m or 2h; becomes seconds."""

    name = "interval"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        match = re.fullmatch(r"([1-9]\d*)([smh])", str(value))
        if match is None:
            self.fail(f"'{value}' is no interval; write 30s, 10m or 2h", param, ctx)
        return int(match[1]) * _SECONDS[match[2]]


@click.command()
@click.option(
    "--user",
    "users",
    multiple=True,
    help="Refresh this user, even without new ratings; may be repeated.",
)
@click.option("--every", type=Interval(), help="Do it again and again, such as every 10m.")
@click.option("--dry-run", is_flag=True, help="Only say how many users have new ratings.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_obj
def refresh(
    context: Context, users: tuple[str, ...], every: int | None, dry_run: bool, as_json: bool
) -> None:
    """Give users with new ratings new lists, by the saved model of the active run.

    A user gets a new list when the graph has more or fewer of their ratings than the list was
    made from. All of the user's ratings then count; lists, reasons, attention and vectors of
    all others stay. A rating that was only changed does not show in the number: name its
    user. Ratings without a seq are numbered by their time first.

    Items that came into the graph since get a vector from what is known of them, so that
    live queries find them; stored lists have them after the next 'reelgraph run'. The model
    is not trained.

    Each user's list changes in one transaction; Ctrl-C or a kill leaves some users for the
    next refresh. With --every the model stays in memory, and an error, such as a
    server that does not answer, is said and tried again the next time.

    \b
    Examples:
      reelgraph refresh
      reelgraph refresh --dry-run
      reelgraph refresh --user 42 --user 43
      reelgraph refresh --every 10m
    """
    from ..pipeline.refresh.refresher import Refresher
    from ..results.named import parse_user

    with context.graph() as graph:
        asked = [parse_user(graph, text) for text in users]
        refresher = Refresher(context.settings, graph, context.note)
        _print(context, refresher.refresh(asked, dry_run), dry_run, as_json)
        while every is not None:
            time.sleep(every)
            _again(context, refresher, asked, dry_run, as_json)


def _again(
    context: Context, refresher: Refresher, users: list[Any], dry_run: bool, as_json: bool
) -> None:
    try:
        _print(context, refresher.refresh(users, dry_run), dry_run, as_json)
    except ReelgraphError as error:
        context.note(f"refresh: {error.message}")


def _print(context: Context, done: Refreshed, dry_run: bool, as_json: bool) -> None:
    if as_json:
        context.echo_json(asdict(done))
        return
    users = f"{done.users:,} user{'' if done.users == 1 else 's'}"
    if dry_run:
        click.echo(f"run {done.run_id}: {users} to refresh")
        return
    if done.generation is None:
        click.echo(f"run {done.run_id}: nothing new")
        return
    parts = [f"{users} with {done.recommendations:,} recommendations"]
    if done.new_items:
        parts.append(f"vectors of {done.new_items:,} new items")
    click.echo(f"run {done.run_id}, generation {done.generation}: {', '.join(parts)}")
    if done.unknown_ratings:
        context.note(
            f"{done.unknown_ratings:,} ratings are of items that the model does not know; "
            "they count after the next training: reelgraph run"
        )
