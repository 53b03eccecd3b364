"""``reelgraph gds``: graph jobs on a split."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from . import completion
from .chosen import chosen_run, chosen_split, split_option
from .context import Context
from .run_options import assignment

if TYPE_CHECKING:
    from ..artifacts import JobRecord, SplitFolder
    from ..gds_jobs.base import Job
    from ..graph.connection import Graph


@click.group("gds")
def gds_group() -> None:
    """Embeddings, similarities, walks and paths, most of them by Neo4j Graph Data Science.

    Jobs read exactly a split's train ratings and the knowledge relationships, as a
    projection on the server or from the files; their results lie beside the split as
    Parquet files.

    \b
    Examples:
      reelgraph gds list
      reelgraph gds run
    """


@gds_group.command("list")
@click.argument("names", metavar="[JOB]...", nargs=-1, shell_complete=completion.jobs)
@click.option("--json", "as_json", is_flag=True, help="Print all about the jobs as JSON.")
@click.pass_obj
def list_jobs(context: Context, names: tuple[str, ...], as_json: bool) -> None:
    """List the jobs, or describe JOBs: their cost, who uses them, and their parameters.

    'Repeats' says whether the same seed on one thread gives the same bytes. Outputs are
    Parquet files beside the split.

    \b
    Examples:
      reelgraph gds list
      reelgraph gds list paths walks
      reelgraph gds list --json
    """
    from ..gds_jobs.naming import make_job
    from ..plugins import manager

    known = manager.graph_jobs()
    jobs = [_described(type(make_job(name, known))) for name in names or known]
    if as_json:
        context.echo_json(jobs)
    elif not names:
        short = ("job", "what", "needs", "reads", "repeats")
        context.echo_rows([{key: job[key] for key in short} for job in jobs])
        context.note("Parameters, cost and use of one: reelgraph gds list JOB")
    else:
        for job in jobs:
            parameters = job.pop("parameters")
            context.echo_rows([{"": key, " ": value} for key, value in job.items()])
            context.echo_rows(parameters)


@gds_group.command("run")
@click.argument("names", metavar="[JOB]...", nargs=-1, shell_complete=completion.jobs)
@split_option("Split to run on.")
@click.option(
    "--run",
    "run_id",
    help="Run on its split; without JOB, its graph jobs.",
    shell_complete=completion.runs,
)
@click.option("--dataset", help="Fingerprint of the split's data set. [default: the last export]")
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the jobs, such as --set embedding_size=64; may be repeated.",
)
@click.option(
    "--shuffled",
    is_flag=True,
    help="Read a knowledge graph that is shuffled with all degrees kept.",
)
@click.option("--again", is_flag=True, help="Run jobs again even when they are done.")
@click.option(
    "--write", is_flag=True, help="Write embeddings and structure onto the graph's nodes, too."
)
@click.option("--json", "as_json", is_flag=True, help="Print the outputs as JSON.")
@click.pass_obj
def run(
    context: Context,
    names: tuple[str, ...],
    split_id: str | None,
    run_id: str | None,
    dataset: str | None,
    assignments: tuple[str, ...],
    shuffled: bool,
    again: bool,
    write: bool,
    as_json: bool,
) -> None:
    """Run jobs on a split; what is done and unchanged is skipped.

    Without JOB, it runs the jobs of --run, with its parameters, or those that
    'reelgraph run' needs. JOB is a name from 'reelgraph gds list', which may end with the
    edges to read: fastrp-train is fastrp over the split's train ratings, fastrp-both over
    these and the knowledge. Outputs of other jobs that JOB reads are made first.

    With --write, vectors become properties such as embeddingFastrp of items, and structure
    becomes trainDegree, trainPageRank and trainCommunity of items and users; the export
    leaves them out.

    \b
    Examples:
      reelgraph gds run
      reelgraph gds run --run attention-lstm-user-time-1a2b3c4d --again
      reelgraph gds run fastrp node2vec-train --split user-time
      reelgraph gds run fastrp --set embedding_size=64 --again
      reelgraph gds run fastrp --shuffled
      reelgraph gds run node-similarity --set types=DIRECTED,ACTED_IN
      reelgraph gds run structure --run attention-lstm-user-time-1a2b3c4d --write
    """
    from ..gds_jobs.naming import make_job, with_reads
    from ..gds_jobs.node_properties import check_writable
    from ..gds_jobs.runner import run_jobs
    from ..graph.unfinished import check_finished
    from ..plugins import manager

    if write and shuffled:
        raise InputError("--write and --shuffled exclude each other", "Leave one of them out.")
    values = dict(map(assignment, assignments))
    if values and not names:
        raise InputError("--set is for named jobs", "Name them: reelgraph gds run JOB --set ...")
    known = manager.graph_jobs()
    jobs = [make_job(name, known, values) for name in names]
    split = _split(context, split_id, run_id, dataset)
    if jobs:
        batches = [(shuffled, with_reads(jobs, known, made=_made(split, shuffled)))]
    else:
        batches = _of_run(context, run_id, split, shuffled)
        jobs = [job for _, some in batches for job in some]
    if write:
        check_writable([job.output_name for job in jobs], [job.kind for job in jobs])
    needs_server = write or any(job.needs_gds for _, some in batches for job in some)
    with context.graph() if needs_server else nullcontext() as graph:
        if graph is not None:
            check_finished(graph)
        done: list[str] = []
        for is_shuffled, some in batches:
            done += run_jobs(graph, split, some, shuffled=is_shuffled, force=again)
        if write and graph is not None:
            _write(context, graph, split, done, {job.output_name for job in jobs})
    records = split.manifest().jobs
    context.echo_rows([_output(name, records[name]) for name in done], json=as_json)


def _write(
    context: Context, graph: Graph, split: SplitFolder, done: list[str], wanted: set[str]
) -> None:
    """Outputs of the wanted jobs onto the graph's nodes."""
    from ..artifacts import SHUFFLED
    from ..gds_jobs.node_properties import write_properties

    for name in done:
        if name.removesuffix(SHUFFLED) in wanted:
            context.note(f"{name}: {write_properties(graph, split, name)}")


def _split(
    context: Context, split_id: str | None, run_id: str | None, dataset: str | None
) -> SplitFolder:
    from ..pipeline.folders import split_of

    if run_id is None:
        return chosen_split(context, split_id, dataset)
    if split_id is not None or dataset is not None:
        raise InputError(
            "--run says which split it is: leave out --split and --dataset",
            "reelgraph runs show RUN shows the split of a run.",
        )
    return split_of(context.settings, chosen_run(context, run_id))


def _made(split: SplitFolder, shuffled: bool) -> list[str]:
    """Outputs that are there, on the real or on the shuffled knowledge graph."""
    from ..artifacts import SHUFFLED
    from ..gds_jobs.outputs import output_name, records

    made = records(split)
    names = {name.removesuffix(SHUFFLED) for name in made}
    return [name for name in names if output_name(split, name, shuffled) in made]


def _of_run(
    context: Context, run_id: str | None, split: SplitFolder, shuffled: bool
) -> list[tuple[bool, list[Job]]]:
    """The jobs of a run, or of the default one; True for those on the shuffled knowledge."""
    from ..pipeline.config import RunConfig
    from ..pipeline.graph_side import jobs_of

    config = RunConfig()
    if run_id is not None:
        config = RunConfig.model_validate(chosen_run(context, run_id).manifest().config)
    if shuffled:
        config = config.model_copy(update={"knowledge": "shuffled"})
    found = jobs_of(config, split)
    if found.left_out:
        context.note(f"without {', '.join(sorted(found.left_out))}: no knowledge relationships")
    both = [(False, found.jobs), (True, found.shuffled)]
    return [(flag, jobs) for flag, jobs in both if jobs and (flag or not shuffled)]


_READ = {
    "knowledge": "knowledge edges",
    "train": "train ratings",
    "both": "train ratings and knowledge edges",
}


def _what_it_reads(job: Job) -> str:
    from ..gds_jobs.base import FileJob

    outputs = [f"output of {name}" for name in job.reads] if isinstance(job, FileJob) else []
    return ", ".join([_READ[job.edges], *outputs] if job.edges else outputs)


def _described(cls: type[Job]) -> dict[str, Any]:
    default = cls.default()
    parameters = [
        {"parameter": name, "default": getattr(default, name), "meaning": field.description}
        for name, field in cls.config_class.model_fields.items()
    ]
    return {
        "job": cls.name,
        "what": cls.description,
        "needs": "GDS" if cls.needs_gds else "files",
        "reads": _what_it_reads(cls()),
        "writes": f"{cls.kind}/{cls.name}",
        "used by": cls.consumer,
        "cost": cls.cost,
        "repeats": "yes" if cls.reproducible else "no",
        "parameters": parameters,
    }


def _output(name: str, record: JobRecord) -> dict[str, Any]:
    return {
        "output": name,
        "edges": record.edges,
        "rows": record.rows,
        "seconds": record.seconds,
        "file": record.file,
    }
