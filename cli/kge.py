"""``reelgraph kge``: knowledge-graph embeddings of a split's data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .chosen import chosen_split, split_option
from .context import Context
from .run_options import assignment

if TYPE_CHECKING:
    from ..artifacts import JobRecord
    from ..model.base import TrainingOptions

_split = split_option("Split to work on.")
_set = click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter, such as --set embedding_size=128; may be repeated.",
)
_seed = click.option("--seed", type=click.IntRange(0), default=42, show_default=True, help="Seed.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("kge")
def kge_group() -> None:
    """Knowledge-graph embeddings: TransE, DistMult and ComplEx, trained on the triples.

    They read knowledge only, no ratings, and need no database. A model fuses an item's
    vector in when its option embeddings names the method.

    \b
    Examples:
      reelgraph kge list
      reelgraph kge train transe
      reelgraph kge evaluate
      reelgraph run --set 'embeddings=["transe", "walk-vectors"]'
    """


@kge_group.command("list")
@_json
@click.pass_obj
def list_parameters(context: Context, /, as_json: bool) -> None:
    """List the parameters, with the default of each method, chosen on held-out triples.

    \b
    Examples:
      reelgraph kge list
    """
    context.echo_rows(defaults(), json=as_json)


def defaults() -> list[dict[str, Any]]:
    """``parameter``, its default by method, and its ``meaning``."""
    from ..model.knowledge.methods import METHODS
    from ..pipeline.knowledge import method_config

    configs = {method: method_config(method) for method in METHODS}
    fields = type(configs["transe"]).model_fields
    return [
        {
            "parameter": name,
            **{method: str(getattr(config, name)) for method, config in configs.items()},
            "meaning": field.description,
        }
        for name, field in fields.items()
        if name != "method"
    ]


@kge_group.command("train")
@click.argument("methods", metavar="[METHOD]...", nargs=-1)
@_split
@_set
@_seed
@click.option("--shuffled", is_flag=True, help="On a knowledge graph shuffled keeping degrees.")
@click.option("--again", is_flag=True, help="Train again even when it is done.")
@_json
@click.pass_obj
def train(
    context: Context,
    /,
    methods: tuple[str, ...],
    split_id: str | None,
    assignments: tuple[str, ...],
    seed: int,
    shuffled: bool,
    again: bool,
    as_json: bool,
) -> None:
    """Train METHODs, by default transe, and write an item's vector for each.

    Epochs are chosen on held-out triples, then all triples are read. An item's vector
    is its own and, beside it, that of its neighbours, pooled by attention. Interrupted,
    the same command goes on from the last epoch.

    \b
    Examples:
      reelgraph kge train
      reelgraph kge train transe distmult --set embedding_size=128
      reelgraph --device cuda kge train complex --again
    """
    from ..pipeline.knowledge import embed, method_config

    split = chosen_split(context, split_id)
    values = dict(map(assignment, assignments))
    configs = [method_config(name, values) for name in methods or ("transe",)]
    options = _options(context, seed)
    done = [embed(split, one, options, shuffled=shuffled, force=again) for one in configs]
    records = split.manifest().jobs
    context.echo_rows([_trained(name, records[name]) for name in done], json=as_json)


def _trained(output: str, record: JobRecord) -> dict[str, Any]:
    return {
        "output": output,
        "epochs": record.epochs,
        "rows": record.rows,
        "seconds": record.seconds,
        "file": record.file,
    }


@kge_group.command("evaluate")
@click.argument("methods", metavar="[METHOD]...", nargs=-1)
@_split
@_set
@_seed
@_json
@click.pass_obj
def evaluate(
    context: Context,
    /,
    methods: tuple[str, ...],
    split_id: str | None,
    assignments: tuple[str, ...],
    seed: int,
    as_json: bool,
) -> None:
    """Link prediction on held-out triples, beside chance and degree.

    A tenth of the triples is held out at random; for each, all nodes are ranked as its
    tail and as its head, other known answers left out (filtered), equal scores counting
    half. METHODs are trained on the rest, epochs chosen on another twentieth. In
    brackets the 95 % bootstrap interval over the queries.

    \b
    Examples:
      reelgraph kge evaluate
      reelgraph kge evaluate distmult --set reg=0.05 --json
    """
    from ..model.knowledge.methods import METHODS
    from ..pipeline.knowledge import evaluate_links, method_config

    split = chosen_split(context, split_id)
    values = dict(map(assignment, assignments))
    configs = [method_config(name, values) for name in methods or METHODS]
    options = _options(context, seed)
    found: dict[str, Any] = {}
    for config in (None, *configs):
        found.update(evaluate_links(split, config, options))
    if as_json:
        context.echo_json(found)
    else:
        context.echo_rows([_row(name, result) for name, result in found.items()])


def _options(context: Context, seed: int) -> TrainingOptions:
    from ..model.base import TrainingOptions

    settings = context.settings
    return TrainingOptions(settings.device, settings.training_threads, seed, progress=True)


def _row(name: str, result: dict[str, Any]) -> dict[str, Any]:
    cells = {
        key: f"{value['mean']:.4f} [{value['low']:.4f}, {value['high']:.4f}]"
        for key, value in result.items()
        if key != "epochs"
    }
    return {"method": name, **cells, "epochs": result["epochs"]}
