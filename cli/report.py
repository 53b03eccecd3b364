"""``reelgraph report``: charts of a run, its data and comparisons."""

from __future__ import annotations

from pathlib import Path

import click

from .chosen import chosen_run
from .context import Context
from .data_options import FILE
from .stages import run_argument

FOLDER = "report"


@click.command()
@run_argument
@click.option(
    "--comparison",
    "comparisons",
    multiple=True,
    type=FILE,
    help="File of 'reelgraph compare --format json', drawn as bars; may be repeated.",
)
@click.option("--user", help="User whose history is drawn. [default: one of median length]")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Folder to write. [default: {FOLDER}/ in the workspace]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the paths of the files as JSON.")
@click.pass_obj
def report(
    context: Context,
    run_id: str | None,
    comparisons: tuple[Path, ...],
    user: str | None,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Draw a run, its data set and comparisons: one HTML page, and a PNG per chart.

    Charts of the data: ratings, activity, popularity, time, correlations of features. Charts
    of the run: its epochs, its figures beside baselines, for parts of the users and items, and
    beside its coverage. Charts of comparisons with their intervals. Charts of a user: what
    each event of the history adds to each recommendation, and the network behind it. The page
    needs no network and prints well. No database is asked. It needs Matplotlib: pip install
    'reelgraph[plots]'.

    \b
    Examples:
      reelgraph report
      reelgraph report attention-lstm-user-time-1a2b3c4d --user 7 --to for-the-paper
      reelgraph report --comparison papers.json --comparison path-lengths.json
    """
    from ..explore.output import write_files
    from ..pipeline.report.make import make_report
    from ..pipeline.report.page import PAGE
    from ..pipeline.stages.work import work_of

    run = chosen_run(context, run_id, finished=("train",))
    work = work_of(context.settings, run, context.note)
    files = make_report(work, comparisons, user, context.note)
    target = folder or context.settings.workspace / FOLDER
    write_files(target, files, "report")
    if as_json:
        context.echo_json({"page": target / PAGE, "files": [target / name for name in files]})
        return
    click.echo(target / PAGE)
