"""``reelgraph recommend --like``: a list for somebody without a user number."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from .chosen import chosen_run
from .context import Context

if TYPE_CHECKING:
    from ..artifacts import Task
    from ..pipeline.new_user import NewUserList


def show_for_new_user(
    context: Context,
    liked: tuple[str, ...],
    genres: tuple[str, ...],
    run_id: str | None,
    n: int,
    as_json: bool,
    task: Task | None = None,
) -> None:
    """Ask a run's saved model and print its list with the rule that made it.

    :param task: of the run; None for any.

    :raises InputError: as :func:`~reelgraph.pipeline.new_user.recommend_for`.
    """
    from ..pipeline.new_user import recommend_for
    from .reasons import note_audit

    run = chosen_run(context, run_id, finished=("train",), task=task)
    found = recommend_for(context.settings, run, liked, genres, n, context.note)
    if as_json:
        context.echo_json(asdict(found))
        return
    note_audit(context, found.audit, found.run_id, found.run_id)
    _print(found)


def _print(found: NewUserList) -> None:
    from .reasons import rating_lines, recommendation_lines, titled, titled_by

    click.secho(titled_by(f"Recommendations of run {found.run_id}", found.audit), bold=True)
    click.echo(found.rule)
    if found.history:
        click.echo(f"liked: {'; '.join(titled(item) for item in found.history)}")
    lines = rating_lines if found.task == "rating" and found.history else recommendation_lines
    click.echo("\n".join(lines(found.rows)))
