"""``reelgraph features``: features of a split's events as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .chosen import chosen_split, split_option
from .context import Context
from .run_options import assignment

if TYPE_CHECKING:
    from ..artifacts import FeatureCheck


@click.command()
@split_option("Split to make them for.")
@click.option("--dataset", help="Fingerprint of the split's data set. [default: the last export]")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting, such as --set history=rolling or --set title=false; may be repeated.",
)
@click.option(
    "--check",
    type=click.IntRange(0),
    default=0,
    metavar="EVENTS",
    help="Compute this many events again from the rows before them, and compare.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@click.pass_obj
def features(
    context: Context,
    split_id: str | None,
    dataset: str | None,
    assignments: tuple[str, ...],
    check: int,
    as_json: bool,
) -> None:
    """Write the features of a split's events, each from earlier events only.

    Time, counts, means and moving averages, calendar, demographics, lists of entities
    and words of titles, for models of ratings. Scaling and vocabularies are fitted on
    train rows. On split seed-leaky they are those of [KG-LSTM] as written, which
    contain the answer, and are labelled so. Needs the files of 'reelgraph export', but
    no database; prints the folder.

    \b
    Examples:
      reelgraph features
      reelgraph features --split user-time --set history=rolling --check 1000
      reelgraph features --split global-time --set ewma_half_life=10 --json
    """
    from ..model.features.files import write_features
    from ..model.splits.lookup import protocol_of
    from ..plugins import manager

    split = chosen_split(context, split_id, dataset)
    values = dict(map(assignment, assignments))
    record = write_features(split, protocol_of(split, manager.protocols()), values, check)
    folder = split.path / "features"
    if as_json:
        context.echo_json({"split": split.split_id, "path": folder, **record.dump()})
        return
    context.note(
        f"{record.events:,} events, {len(record.numbers)} numbers, "
        f"{len(record.categories)} categories, {len(record.lists)} lists"
    )
    if record.left_out:
        context.note(f"left out, because the rows cannot give them: {', '.join(record.left_out)}")
    if record.without_timestamp:
        context.note(
            f"{record.without_timestamp:,} events have no timestamp, so no feature uses times"
        )
    if record.check is not None:
        context.note(_checked(record.check))
    if record.label:
        context.note(f"{split.split_id}: {record.label}")
    click.echo(folder)


def _checked(check: FeatureCheck) -> str:
    changed = ", ".join(check.changed)
    found = f"not from the past alone: {changed}" if changed else "no difference"
    return f"{check.events} events computed again from the rows before them: {found}"
