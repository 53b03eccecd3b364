"""``reelgraph graph``: what the database holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from .context import Context

_BAR = 40
_SHOWN = {"least": "min", "low": "25 %", "high": "75 %", "top": "95 %", "most": "max"}


@click.group("graph")
def graph_group() -> None:
    """Look at the graph: what it holds and in which state it is.

    \b
    Examples:
      reelgraph graph stats
    """


@graph_group.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def stats(context: Context, as_json: bool) -> None:
    """Count nodes, relationships, ratings and times; show indexes and the active run.

    Works on any graph, also on one that was never loaded; changes nothing.

    \b
    Examples:
      reelgraph graph stats
      reelgraph graph stats --json
    """
    from ..graph.statistics import graph_stats

    with context.graph() as graph:
        found = graph_stats(graph)
    if as_json:
        context.echo_json(found)
        return
    click.echo("\n".join(_head(found)))
    for name, column in (("labels", "label"), ("relationships", "type")):
        rows = [{column: one, "count": f"{n:,}"} for one, n in found[name].items()]
        context.echo_rows(rows, title=name.capitalize())
    if found["interactions"]:
        _show_interactions(context, found["interactions"])
    context.echo_rows(found["indexes"], title="Indexes and constraints")


def _head(found: Mapping[str, Any]) -> Iterator[str]:
    dataset, unfinished = found["dataset"], found["unfinished"]
    if dataset is None:
        yield "No data set was loaded or adopted."
    else:
        how = "adopted" if found["adopted"] else "loaded"
        if unfinished:
            how = f"half {'emptied' if unfinished[0]['kind'] == 'empty' else how}"
        yield f"Data set  {dataset.get('name')}, {how}; ids of space {dataset.get('idSpace')}"
    for work in unfinished:
        yield from _unfinished(work)
    for run in found["active"]:
        yield f"Active    {run['runId']} ({run['task']})"
    states = ", ".join(f"{number} {state}" for state, number in found["migrations"].items())
    yield f"Schema    {states}"


def _unfinished(work: Mapping[str, Any]) -> Iterator[str]:
    """What is under way, or was interrupted, and how far it is."""
    yield f"Unfinished  {work['state']}"
    if work["process"]:
        yield f"            {work['process']} is at it"
    else:
        yield f"            begun at {work['since']} and interrupted; this goes on with it:"
        yield f"            {work['command']}"
    for name, rows in work["done"].items():
        there, wanted = rows["there"], rows["wanted"]
        if work["kind"] == "empty":
            yield f"            {there:,} of {wanted:,} {name} are still there"
        elif there <= wanted:
            yield f"            {there:,} of {wanted:,} {name}"
        else:
            yield f"            {there:,} {name}; this load has {wanted:,} of them"


def _show_interactions(context: Context, found: Mapping[str, Any]) -> None:
    rows = []
    for role in ("users", "items"):
        degrees = found[role]
        row = {f"{found['type']} of": f"{degrees['nodes']:,} {role}"}
        quantiles = ("least", "low", "median", "high", "top", "most")
        rows.append(row | {_SHOWN.get(name, name): degrees[name] for name in quantiles})
    context.echo_rows(rows, title=f"{found['count']:,} interactions")
    click.echo("\n".join(_facts(found)))


def _facts(found: Mapping[str, Any]) -> Iterator[str]:
    most = max((bar["interactions"] for bar in found["ratings"]), default=0)
    for bar in found["ratings"]:
        name = f"{bar['from']:g}"
        if bar["to"] != bar["from"]:
            name += f" to {bar['to']:g}"
        length = round(_BAR * bar["interactions"] / most)
        yield f"  {name:>16} {bar['interactions']:>12,} {'█' * length}"
    if found["unrated"]:
        yield f"  {'without rating':>16} {found['unrated']:>12,}"
    if found["timed"]:
        yield f"  first {found['first']}, last {found['last']}"
    missing = found["count"] - found["timed"]
    if missing:
        yield f"  {missing:,} without a timestamp"
    yield f"  {found['itemsWithKnowledge']:.1%} of the items have knowledge"
