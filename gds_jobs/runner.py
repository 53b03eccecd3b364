"""Running jobs on a split: one projection, results as Parquet, a record in the manifest."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..artifacts import SHUFFLED, Edges, Provenance, SplitFolder
from ..errors import InputError
from ..graph.connection import Graph
from ..graph.gds import gds_errors
from ..model.knowledge.shuffle import SHUFFLE_SEED
from ..progress import ProgressBar
from .base import FileJob, FileWork, GraphJob, Job, JobOutput
from .fingerprints import fingerprint, seen
from .outputs import is_done, output_name, read_digests, records, split_lock, write_output
from .projection import project
from .selection import Selection, check_types
from .split_graph import SplitGraph, read_split_graph


@dataclass(frozen=True)
class _Task:
    """A job with the name of its output, what it sees, and the outputs that it reads."""

    name: str
    job: Job
    seen: str
    reads: tuple[str, ...]


def run_jobs(
    graph: Graph | None,
    split: SplitFolder,
    jobs: Sequence[Job],
    *,
    shuffled: bool = False,
    force: bool = False,
    progress: bool = True,
    device: str = "cpu",
    threads: int = 1,
) -> list[str]:
    """Run jobs on exactly the split's train rows and knowledge triples.

    A job whose configuration and inputs are those of its record in the split's manifest,
    and whose file is there, is skipped. The server is asked only when a job must run that
    needs it; jobs over files alone run before those. Two processes on one split take turns.

    :param graph: None when no job needs GDS.
    :param shuffled: use the degree-preserving shuffled triples; outputs end in ``-shuffled``.
    :param force: run jobs that could be skipped, too.
    :param device: where jobs that train by torch compute, with ``threads`` threads.
    :returns: names of all outputs, in the order of ``jobs``.
    :raises GdsMissingError: when a job must run and the server has no usable GDS.
    :raises InputError: when two jobs have one output, a job over train edges is shuffled, a
        relationship type or the ratings that a job names are not there, or a job needs GDS
        and there is no ``graph``.
    """
    names = [_name(job, shuffled) for job in jobs]
    _check(split, jobs, names, shuffled)
    inputs = read_split_graph(split, shuffled)
    for job in jobs:
        if isinstance(job, GraphJob):
            check_types(job, inputs)
    tasks = [
        _Task(name, job, seen(job, split, inputs), reads_of(split, job, shuffled))
        for name, job in zip(names, jobs, strict=True)
    ]
    if force or _undone(split, tasks):
        with split_lock(split):  # another process may have done them meanwhile
            todo = tasks if force else _undone(split, tasks)
            work = FileWork(
                "", split, inputs, split.path, device=device, threads=threads, progress=progress
            )
            _run(graph, work, todo, force)
    return names


def reads_of(split: SplitFolder, job: Job, shuffled: bool) -> tuple[str, ...]:
    """Names of the outputs of other jobs that a job reads."""
    reads = job.reads if isinstance(job, FileJob) else ()
    return tuple(output_name(split, name, shuffled) for name in reads)


def _undone(split: SplitFolder, tasks: list[_Task]) -> list[_Task]:
    """Tasks that must be done, with those that read what is not done."""
    undone = {task.name for task in tasks if not _is_done(split, task)}
    while more := {task.name for task in tasks if undone.intersection(task.reads)} - undone:
        undone |= more
    return [task for task in tasks if task.name in undone]


def _is_done(split: SplitFolder, task: _Task) -> bool:
    made = all(name in records(split) for name in task.reads)
    return made and is_done(split, task.name, _fingerprint(split, task))


def _fingerprint(split: SplitFolder, task: _Task) -> str:
    return fingerprint(task.job, task.seen, split, task.reads)


def _run(graph: Graph | None, work: FileWork, todo: list[_Task], force: bool) -> None:
    """What is read before what reads it; jobs over files first, which need no GDS.

    :param work: what all file jobs get; each has its own name, scratch folder and outputs.
    """
    split, inputs = work.split, work.inputs
    bar = ProgressBar(
        total=len(todo), desc="graph jobs", unit="job", disable=not (work.progress and todo)
    )
    with bar:
        while todo:
            waiting = {task.name for task in todo}
            ready = [task for task in todo if not waiting.intersection(task.reads)]
            now = [task for task in ready if not task.job.needs_gds] or ready
            if not now:
                names = ", ".join(sorted(waiting))
                raise InputError(
                    f"jobs read each other: {names}", "Take one of them out of the circle."
                )
            for task in now:
                if isinstance(task.job, FileJob):
                    _on_files(work, task, task.job, bar, force)
            on_server = [(one, one.job) for one in now if isinstance(one.job, GraphJob)]
            for key, some in _by_selection(on_server).items():
                _on_server(graph, split, key.apply(split, inputs), some, bar)
            todo = [task for task in todo if task not in now]


_GraphTasks = list[tuple[_Task, GraphJob]]


def _on_server(
    graph: Graph | None, split: SplitFolder, inputs: SplitGraph, todo: _GraphTasks, bar: ProgressBar
) -> None:
    names = [task.name for task, _ in todo]
    if graph is None:
        raise InputError(f"job {names[0]} needs a server with GDS", "Give a connection.")
    needed = inputs.only(_union({job.edges for _, job in todo}))
    label = "-".join([split.dataset.fingerprint[:8], split.split_id, *names])
    with project(graph, needed, label) as projection:
        version = str(projection.gds.server_version())
        for task, job in todo:
            bar.set_postfix_str(task.name)
            began = time.monotonic()
            with gds_errors(f"graph job {task.name}"):
                output = job.run(projection)
            _write(split, task, output, began, version)
            bar.update()


def _by_selection(todo: _GraphTasks) -> dict[Selection, _GraphTasks]:
    """Jobs that can share a projection, in the order in which they are first asked for."""
    found: dict[Selection, _GraphTasks] = {}
    for task, job in todo:
        found.setdefault(Selection.of(job), []).append((task, job))
    return found


def _on_files(work: FileWork, task: _Task, job: FileJob, bar: ProgressBar, force: bool) -> None:
    split = work.split
    bar.set_postfix_str(task.name)
    read_digests(split, task.reads)  # says what is missing
    paths = [split.path / records(split)[name].file for name in task.reads]
    scratch = _scratch(split, task, force)
    outputs = dict(zip(job.reads, paths, strict=True))
    began = time.monotonic()
    output = job.compute(replace(work, name=task.name, scratch=scratch, outputs=outputs))
    _write(split, task, output, began)
    shutil.rmtree(scratch, ignore_errors=True)
    bar.update()


def _scratch(split: SplitFolder, task: _Task, force: bool) -> Path:
    """The folder of a job's parts; what other configurations or inputs left is deleted."""
    folder = split.output(task.job.kind, task.name).parent
    mine = folder / f".{task.name}.{_fingerprint(split, task)}"
    for other in folder.glob(f".{task.name}.*"):
        if other.is_dir() and (force or other != mine):
            shutil.rmtree(other, ignore_errors=True)
    return mine


def _write(
    split: SplitFolder, task: _Task, output: JobOutput, began: float, gds_version: str | None = None
) -> None:
    made = Provenance(
        config=task.job.config.model_dump(mode="json"),
        edges=_edges(split, task.job, task.reads),
        shuffle_seed=SHUFFLE_SEED if task.name.endswith(SHUFFLED) else None,
        consumer=task.job.consumer,
        fingerprint=_fingerprint(split, task),
    )
    only_some_have: dict[str, object] = {}
    if task.reads:
        only_some_have["reads"] = read_digests(split, task.reads)
    if gds_version is not None:
        only_some_have["gds_version"] = gds_version
    write_output(split, task.name, output, began, made.model_copy(update=only_some_have))


def _name(job: Job, shuffled: bool) -> str:
    return f"{job.output_name}{SHUFFLED}" if shuffled else job.output_name


def _check(split: SplitFolder, jobs: Sequence[Job], names: list[str], shuffled: bool) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"job {twice[0]} is asked for twice", "Run one after the other.")
    for job in jobs:
        if shuffled and _edges(split, job, reads_of(split, job, shuffled)) == "train":
            raise InputError(
                f"{job.output_name} reads train edges only, so there is nothing to shuffle",
                "Run it without the shuffled knowledge graph.",
            )


def _edges(split: SplitFolder, job: Job, reads: tuple[str, ...]) -> Edges:
    """Edges that a job reads, itself or in the outputs of other jobs."""
    made = records(split)
    found: set[Edges] = {made[name].edges for name in reads if name in made}
    return _union(found | ({job.edges} if job.edges else set()))


def _union(edges: set[Edges]) -> Edges:
    return edges.pop() if len(edges) == 1 else "both"
