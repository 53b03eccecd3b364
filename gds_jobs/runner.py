"""Running jobs on a split: one projection, results as Parquet, a record in the manifest."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..artifacts import SHUFFLED, SplitFolder, digest
from ..errors import InputError
from ..graph.connection import Graph
from ..graph.contract import Edges
from ..graph.gds import gds_errors
from ..progress import ProgressBar
from .base import FileJob, FileWork, GraphJob, JobOutput
from .inputs import SHUFFLE_SEED, Inputs, read_inputs
from .outputs import is_done, split_lock, write_output
from .projection import project
from .selection import Selection, check_types

_Todo = list[tuple[str, GraphJob, str]]  # output's name, job, fingerprint


def run_jobs(
    graph: Graph | None,
    split: SplitFolder,
    jobs: Sequence[GraphJob],
    *,
    shuffled: bool = False,
    force: bool = False,
    progress: bool = True,
) -> list[str]:
    """Run jobs on exactly the split's train rows and knowledge triples.

    A job whose configuration and inputs are those of its record in the split's manifest,
    and whose file is there, is skipped. The server is asked only when a job must run that
    needs it; jobs over files alone run before those. Two processes on one split take turns.

    :param graph: None when no job needs GDS.
    :param shuffled: use the degree-preserving shuffled triples; outputs end in ``-shuffled``.
    :param force: run jobs that could be skipped, too.
    :returns: names of all outputs, in the order of ``jobs``.
    :raises GdsMissingError: when a job must run and the server has no usable GDS.
    :raises InputError: when two jobs have one output, a job over train edges is shuffled, a
        relationship type or the ratings that a job names are not there, or a job needs GDS
        and there is no ``graph``.
    """
    names = [_name(job, shuffled) for job in jobs]
    _check(jobs, names, shuffled)
    inputs = read_inputs(split, shuffled)
    for job in jobs:
        check_types(job, inputs)
    all_jobs = [
        (name, job, job_fingerprint(job, split, inputs))
        for name, job in zip(names, jobs, strict=True)
    ]
    if force or _undone(split, all_jobs):
        with split_lock(split):  # another process may have done them meanwhile
            todo = all_jobs if force else _undone(split, all_jobs)
            _run(graph, split, inputs, todo, force, progress)
    return names


def _undone(split: SplitFolder, todo: _Todo) -> _Todo:
    return [one for one in todo if not is_done(split, one[0], one[2])]


def _run(
    graph: Graph | None,
    split: SplitFolder,
    inputs: Inputs,
    todo: _Todo,
    force: bool,
    progress: bool,
) -> None:
    """Jobs over files first: they are done even where the server has no GDS."""
    bar = ProgressBar(
        total=len(todo), desc="graph jobs", unit="job", disable=not (progress and todo)
    )
    with bar:
        _on_files(split, inputs, [one for one in todo if not one[1].needs_gds], bar, force)
        for key, some in _by_selection([one for one in todo if one[1].needs_gds]).items():
            _on_server(graph, split, key.apply(split, inputs), some, bar)


def _on_server(
    graph: Graph | None, split: SplitFolder, inputs: Inputs, todo: _Todo, bar: ProgressBar
) -> None:
    if graph is None:
        raise InputError(f"job {todo[0][0]} needs a server with GDS", "Give a connection.")
    needed = inputs.only(_union([job.config.edges for _, job, _ in todo]))
    label = "-".join([split.dataset.fingerprint[:8], split.split_id, *(name for name, *_ in todo)])
    with project(graph, needed, label) as projection:
        version = str(projection.gds.server_version())
        for name, job, fingerprint in todo:
            bar.set_postfix_str(name)
            began = time.monotonic()
            with gds_errors(f"graph job {name}"):
                output = job.run(projection)
            _write(split, name, job, output, began, fingerprint=fingerprint, gdsVersion=version)
            bar.update()


def _by_selection(todo: _Todo) -> dict[Selection, _Todo]:
    """Jobs that can share a projection, in the order in which they are first asked for."""
    found: dict[Selection, _Todo] = {}
    for one in todo:
        found.setdefault(Selection.of(one[1]), []).append(one)
    return found


def _on_files(
    split: SplitFolder, inputs: Inputs, todo: _Todo, bar: ProgressBar, force: bool
) -> None:
    for name, job, fingerprint in todo:
        bar.set_postfix_str(name)
        assert isinstance(job, FileJob)
        scratch = _scratch(split, name, job, fingerprint, force)
        began = time.monotonic()
        output = job.compute(FileWork(split, inputs, scratch, not bar.disable))
        _write(split, name, job, output, began, fingerprint=fingerprint)
        shutil.rmtree(scratch, ignore_errors=True)
        bar.update()


def _scratch(split: SplitFolder, name: str, job: GraphJob, fingerprint: str, force: bool) -> Path:
    """The folder of a job's parts; what other configurations or inputs left is deleted."""
    folder = split.output(job.kind, name).parent
    mine = folder / f".{name}.{fingerprint}"
    for other in folder.glob(f".{name}.*"):
        if other.is_dir() and (force or other != mine):
            shutil.rmtree(other, ignore_errors=True)
    return mine


def _write(
    split: SplitFolder, name: str, job: GraphJob, output: JobOutput, began: float, **facts: str
) -> None:
    about = {
        "config": job.config.model_dump(mode="json"),
        "edges": job.config.edges,
        "shuffleSeed": SHUFFLE_SEED if name.endswith(SHUFFLED) else None,
        "consumer": job.consumer,
    }
    write_output(split, name, output, began, **about, **facts)


def job_inputs(job: GraphJob, split: SplitFolder, inputs: Inputs) -> Inputs:
    """The nodes and edges that a job on a projection reads."""
    return Selection.of(job).apply(split, inputs).only(job.config.edges)


def job_fingerprint(
    job: GraphJob,
    split: SplitFolder,
    inputs: Inputs,
    config: Mapping[str, Any] | None = None,
) -> str:
    """Digest of all that can change the output: the job, its parameters, what it reads.

    The leak audit derives it again from the split's files.

    :param config: the parameters as a record has them, which may be older than an option.
    """
    if isinstance(job, FileJob):
        seen = job.sees(split, inputs)
    else:
        seen = job_inputs(job, split, inputs).fingerprint()
    return digest([job.name, config or job.config.model_dump(mode="json"), seen])


def _name(job: GraphJob, shuffled: bool) -> str:
    return f"{job.output_name}{SHUFFLED}" if shuffled else job.output_name


def _check(jobs: Sequence[GraphJob], names: list[str], shuffled: bool) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"job {twice[0]} is asked for twice", "Run one after the other.")
    for job in jobs:
        if shuffled and job.config.edges == "train":
            raise InputError(
                f"{job.output_name} reads train edges only, there is nothing to shuffle",
                "Run it without the shuffled knowledge graph.",
            )


def _union(edges: list[Edges]) -> Edges:
    return edges[0] if len(set(edges)) == 1 else "both"
