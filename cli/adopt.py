"""``reelgraph adopt``: a graph that is already in Neo4j."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .context import Context

if TYPE_CHECKING:
    from ..graph.connection import Graph
    from ..loader.adopt import AdoptReport


@click.command()
@click.argument("mapping", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--init",
    is_flag=False,
    flag_value="-",
    metavar="[FILE]",
    help="Propose a mapping from the live schema, into FILE or on the screen.",
)
@click.option(
    "--name", default="graph", show_default=True, help="With --init: name of the data set."
)
@click.option("--undo", is_flag=True, help="Take back all that was added; the graph is as before.")
@click.option("--dry-run", is_flag=True, help="Check and report, write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def adopt(
    context: Context,
    mapping: Path | None,
    init: str | None,
    name: str,
    undo: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Use a graph that is already in Neo4j, as MAPPING (a TOML file) says.

    Role labels (User, Item, Entity), ids, seq on the interactions, constraints and a node
    (:Dataset) are added; nothing of yours is changed, and --undo takes all of it back,
    with the runs. After an interruption the same command goes on. Without MAPPING, an
    adopted graph takes in what was added to it since. Where your graph uses a name that
    reelgraph needs for something else, adopt says so before it writes anything.

    A user's history is in the order of (timestamp, itemId); without timestamps it is in
    that of itemId, which is not an order in time.

    \b
    Examples:
      reelgraph adopt --init mapping.toml
      reelgraph adopt mapping.toml --dry-run
      reelgraph adopt mapping.toml
      reelgraph adopt --undo
    """
    if sum((mapping is not None, init is not None, undo)) > 1:
        raise InputError("MAPPING, --init and --undo exclude each other", "reelgraph adopt --help")
    with context.graph() as graph:
        if init is not None:
            _init(context, graph, init, name)
        elif undo:
            _undo(context, graph, dry_run, yes, as_json)
        else:
            _adopt(context, graph, mapping, dry_run, as_json)


def _init(context: Context, graph: Graph, target: str, name: str) -> None:
    from ..loader.adopt import read_record
    from ..loader.adopt.propose import propose
    from ..loader.adopt.text import mapping_text

    path = Path(target)
    if target != "-" and path.exists():
        raise InputError(f"{path} is there already", "Name another file, or remove it first.")
    record = read_record(graph)
    if record is not None:
        raise InputError(
            f"this graph is adopted already, as {record.mapping.name}",
            "To use another mapping, undo this adoption first: reelgraph adopt --undo",
        )
    proposal = propose(graph, name)
    if target == "-":
        click.echo(mapping_text(proposal), nl=False)
        return
    path.write_text(mapping_text(proposal, target), encoding="utf-8")
    context.note(f"Wrote {path}. Look at it, then: reelgraph adopt {path} --dry-run")


def _adopt(context: Context, graph: Graph, path: Path | None, dry_run: bool, as_json: bool) -> None:
    from ..loader.adopt import adopt as adopt_graph
    from ..loader.adopt import read_mapping

    mapping = read_mapping(path) if path is not None else None
    try:
        report = adopt_graph(graph, mapping, dry_run=dry_run)
    except KeyboardInterrupt:
        context.note("Stopped half-way: 'reelgraph adopt' goes on, 'adopt --undo' takes it back.")
        raise
    if as_json:
        context.echo_json(report.as_dict())
    else:
        _show(context, report)


def _show(context: Context, report: AdoptReport) -> None:
    roles = ("users", "items", "entities", "interactions")
    rows = [{"role": role, "in the graph": getattr(report, role)} for role in roles]
    context.echo_rows(rows, title=report.dataset)
    verb = "Would add" if report.dry_run else "Adds"
    for where, names in report.adds.items():
        click.echo(f"{verb} {where}: {', '.join(names)}")
    if report.left_out_types:
        click.echo(f"No knowledge: {', '.join(report.left_out_types)}")
    for note in report.notes:
        click.echo(note)
    click.echo(str(report))


def _undo(context: Context, graph: Graph, dry_run: bool, yes: bool, as_json: bool) -> None:
    from ..loader.adopt import count_runs, read_record
    from ..loader.adopt import undo as undo_adoption

    record = read_record(graph)
    if record is None:
        raise InputError("this graph is not adopted", "There is nothing to undo.")
    runs = count_runs(graph)
    what = f"{record.mapping.name}, with {runs} run{'s' if runs != 1 else ''} in the graph"
    if dry_run:
        click.echo(f"Would take back the adoption of {what}.")
        return
    if runs and not yes:
        click.confirm(f"Take back the adoption of {what}?", abort=True, err=True)
    counters = undo_adoption(graph)
    if as_json:
        context.echo_json(counters.as_dict())
    else:
        click.echo(f"The graph is as it was before: {counters}")
