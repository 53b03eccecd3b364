"""``reelgraph export``: the graph as a data set of files, with a split."""

from __future__ import annotations

import click

from . import completion
from .context import Context
from .protocol_options import ProtocolCommand
from .run_options import assignment, order_option


@click.command(cls=ProtocolCommand)
@click.option(
    "--protocol",
    default="user-time",
    show_default=True,
    help="How interactions are split; one of those below.",
    shell_complete=completion.protocols,
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="One of the protocol's parameters, such as --set train=0.9; may be repeated.",
)
@order_option
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@click.pass_obj
def export(
    context: Context,
    protocol: str,
    assignments: tuple[str, ...],
    order: str | None,
    as_json: bool,
) -> None:
    """Write the graph's content as Parquet files and split the interactions.

    The folder's name is a fingerprint of the content, so the same graph is exported only
    once; splits and the results of graph jobs are in it. Prints the folder of the split.

    Cuts by time need times. Where the data set has none, or nearly all cuts lie between
    equal times, protocols with the parameter order need --order rows.

    \b
    Examples:
      reelgraph export
      reelgraph export --protocol leave-one-out
      reelgraph export --set train=0.9 --set valid=0.05
      reelgraph export --protocol global-time --set targets=successive
      reelgraph export --protocol given --set train=u1.base --set test=u1.test
    """
    from ..export.dataset import export_dataset
    from ..model.splits.lookup import bound
    from ..model.splits.splitting import write_split
    from ..plugins import manager

    parameters = dict(map(assignment, assignments)) | ({"order": order} if order else {})
    asked = bound(protocol, parameters, manager.protocols())  # refused before anything is read
    with context.graph() as graph:
        dataset = export_dataset(graph, context.settings.datasets_dir)
    split = write_split(dataset, asked)
    counts = {**dataset.manifest().counts.dump(), **split.manifest().counts.dump()}
    if as_json:
        context.echo_json(
            {
                "dataset": dataset.fingerprint,
                "split": split.split_id,
                "path": split.path,
                "counts": counts,
            }
        )
        return
    context.note(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    manifest = split.manifest()
    for name, reading in manifest.files.items():
        context.note(f"{name} file: {reading}")
    context.note(f"order of a user's rows: {manifest.order}")
    if manifest.label:
        context.note(f"{split.split_id}: {manifest.label}")
    click.echo(split.path)
