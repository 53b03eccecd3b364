"""``reelgraph audit``: does a run know what it must not know?"""

from __future__ import annotations

import click

from . import completion
from .chosen import chosen_run
from .context import Context


@click.command()
@click.argument("run_id", metavar="[RUN]", required=False, shell_complete=completion.runs)
@click.option(
    "--full",
    is_flag=True,
    help="Also train again on copies with other test rows, and compute graph jobs again, "
    "on an empty server of their own on this machine.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the audit as JSON.")
@click.pass_context
def audit(ctx: click.Context, run_id: str | None, full: bool, as_json: bool) -> None:
    """Look for leaks of test rows into a run: five checks, with the evidence of each.

    Changed and removed test rows must change no prediction and no feature; features and
    evidence must come from the past; graph jobs must have read exactly the train rows;
    what is later must not matter. The predictions of at most 2,048 users, spread over
    all, are made again. The audit works on temporary copies of the files; where there is
    a server, it also makes a projection of the train rows there and drops it again. The
    run's manifest keeps the result. A failure under --full stays when the run is audited
    again without it. Figures and lists of a run that fails are labelled LEAKS;
    'reelgraph writeback' brings the result into the graph. Exits with 1 when a check
    fails.

    \b
    Examples:
      reelgraph audit
      reelgraph audit attention-lstm-user-time-1a2b3c4d --full
      reelgraph audit --json
    """
    from ..pipeline.run import audit_run
    from ..results.verdicts import told_otherwise

    context: Context = ctx.obj
    run = chosen_run(context, run_id, finished=("train", "predict"))
    with context.graph_if_there("audit by the files alone") as graph:
        report = audit_run(context.settings, run, context.note, graph=graph, full=full)
        stale = told_otherwise(graph, run.run_id, report.passed) if graph else []
    if as_json:
        audit = run.manifest().audit
        context.echo_json({"run": run.run_id, **(audit.dump() if audit else {})})
    else:
        rows = [
            {"check": row.check, "what": row.what, "result": row.result, "evidence": row.evidence}
            for row in report.rows
        ]
        context.echo_rows(rows, title=f"Audit of {run.run_id}")
        if report.label:
            context.note(f"{run.manifest().protocol}: {report.label}")
    for one in stale:
        context.note(f"the graph still says otherwise: reelgraph writeback {one} --again")
    if not report.passed:
        ctx.exit(1)
