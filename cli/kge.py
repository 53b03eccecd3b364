"""``reelgraph kge``: knowledge-graph embeddings of a split's data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from .chosen import chosen_split, split_option
from .context import Context
from .run_options import assignment

if TYPE_CHECKING:
    from ..artifacts import JobRecord
    from ..gds_jobs.jobs.knowledge import KnowledgeJob

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
    from ..gds_jobs.jobs.knowledge import KNOWLEDGE_JOBS
    from ..model.knowledge.config import EmbeddingConfig

    configs = {job.name: job.default() for job in KNOWLEDGE_JOBS}
    return [
        {
            "parameter": name,
            **{method: str(getattr(config, name)) for method, config in configs.items()},
            "meaning": field.description,
        }
        for name, field in EmbeddingConfig.model_fields.items()
    ]


def _jobs(methods: Sequence[str], assignments: Sequence[str], seed: int) -> list[KnowledgeJob]:
    """The methods' jobs. :raises InputError: for an unknown one or an unfit parameter."""
    from ..gds_jobs.jobs.knowledge import KNOWLEDGE_JOBS, KnowledgeJob
    from ..gds_jobs.naming import make_job

    known = {job.name: job for job in KNOWLEDGE_JOBS}
    unknown = [name for name in methods if name not in known]
    if unknown:
        raise InputError(f"there is no method '{unknown[0]}'", f"Methods: {', '.join(known)}")
    values = {"seed": seed, **dict(map(assignment, assignments))}
    made = [make_job(name, known, values) for name in methods]
    return [job for job in made if isinstance(job, KnowledgeJob)]


@kge_group.command("train")
@click.argument("methods", metavar="[METHOD]...", nargs=-1)
@_split
@_set
@_seed
@click.option(
    "--shuffled",
    is_flag=True,
    help="Read a knowledge graph that is shuffled with all degrees kept.",
)
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

    Epochs are chosen on held-out triples; then the method is trained on all triples. An
    item's vector is its own and, appended to it, that of its neighbours, pooled by
    attention. After an interruption the same command goes on from the last epoch.

    \b
    Examples:
      reelgraph kge train
      reelgraph kge train transe distmult --set embedding_size=128
      reelgraph --device cuda kge train complex --again
    """
    from ..gds_jobs.runner import run_jobs

    split = chosen_split(context, split_id)
    settings = context.settings
    done = run_jobs(
        None,
        split,
        _jobs(methods or ("transe",), assignments, seed),
        shuffled=shuffled,
        force=again,
        device=settings.device,
        threads=settings.training_threads,
    )
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
    """Measure link prediction on held-out triples, beside chance and degree.

    A tenth of the triples is held out at random. For each of them, all nodes are ranked
    as its tail and as its head; other known answers are left out (filtered), and equal
    scores count half. METHODs are trained on the rest, and another twentieth chooses the
    epochs. Brackets hold the 95 % bootstrap interval over the queries.

    \b
    Examples:
      reelgraph kge evaluate
      reelgraph kge evaluate distmult --set reg=0.05 --json
    """
    from ..gds_jobs.knowledge_training import evaluate_baselines, evaluate_method
    from ..model.base import TrainingOptions
    from ..model.knowledge.config import METHODS

    split = chosen_split(context, split_id)
    jobs = _jobs(methods or METHODS, assignments, seed)
    settings = context.settings
    options = TrainingOptions(settings.device, settings.training_threads, seed, progress=True)
    found = evaluate_baselines(split, seed)
    for job in jobs:
        found |= evaluate_method(split, job.method, job.config, options)
    if as_json:
        context.echo_json(found)
    else:
        context.echo_rows([_row(name, result) for name, result in found.items()])


def _row(name: str, result: dict[str, Any]) -> dict[str, Any]:
    cells = {
        key: f"{value['mean']:.4f} [{value['low']:.4f}, {value['high']:.4f}]"
        for key, value in result.items()
        if key != "epochs"
    }
    return {"method": name, **cells, "epochs": result["epochs"]}
