"""The stages that need the graph before training: export with its split, and graph jobs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from ..artifacts import SplitFolder
from ..errors import GdsMissingError, InputError
from ..export.dataset import export_dataset
from ..gds_jobs.base import Job
from ..gds_jobs.naming import edges_of, make_job, needs_server, with_reads
from ..gds_jobs.runner import run_jobs
from ..graph.connection import Graph
from ..model.needs import EmbeddingNeed
from ..model.splits.splitting import write_split
from ..plugins import manager
from ..progress import Note, seconds_since
from ..settings import Settings
from .config import RunConfig
from .inputs import needed_jobs


def export(settings: Settings, graph: Graph, config: RunConfig, note: Note) -> SplitFolder:
    """Read the graph into a data set folder and split it."""
    began = time.monotonic()
    dataset = export_dataset(graph, settings.datasets_dir)
    split = write_split(dataset, config.bound_protocol())
    note(f"export: data set {dataset.fingerprint}, split {split.split_id} ({seconds_since(began)})")
    for name, reading in split.manifest().files.items():
        note(f"export: {name} file: {reading}")
    return split


def graph_jobs(
    settings: Settings,
    graph: Graph,
    split: SplitFolder,
    config: RunConfig,
    note: Note,
    force: bool = False,
) -> dict[str, str]:
    """Run the graph jobs that the run asks for; returns those that could not be run, and why.

    Jobs over files and knowledge-graph embeddings need no GDS. Without it the model trains
    without the other jobs' vectors, and this says so.
    """
    found = jobs_of(config, split)
    if found.left_out:
        names = ", ".join(sorted(found.left_out))
        note(f"gds: without {names}: no knowledge relationships")
    began = time.monotonic()
    known, done = manager.graph_jobs(), []
    missing = dict.fromkeys(found.left_out, "no knowledge relationships")
    unserved: set[str] = set()
    for on_server in (False, True):
        for shuffled, jobs in ((False, found.jobs), (True, found.shuffled)):
            some = [job for job in jobs if needs_server(job, known) == on_server]
            if not some:
                continue
            try:
                done += run_jobs(
                    graph,
                    split,
                    some,
                    shuffled=shuffled,
                    force=force,
                    device=settings.device,
                    threads=settings.training_threads,
                )
            except GdsMissingError as error:
                unserved |= {job.output_name for job in some}
                missing |= {job.output_name: error.message for job in some}
                reason = error.message
    if unserved:
        note(f"gds: without {', '.join(sorted(unserved))}. {reason}")
    note(f"gds: {', '.join(done) or 'nothing to do'} ({seconds_since(began)})")
    return missing


@dataclass(frozen=True)
class RunJobs:
    """What a run asks for: jobs, and those on the shuffled knowledge graph; what is in
    ``left_out`` has no edges to read."""

    jobs: list[Job]
    shuffled: list[Job]
    left_out: frozenset[str]


def jobs_of(config: RunConfig, split: SplitFolder) -> RunJobs:
    """The graph jobs of a run; without knowledge relationships, not those over them.

    Where a run is on the shuffled knowledge graph, what its model reads is made on that only.
    """
    known, needed = manager.graph_jobs(), needed_jobs(config)
    asked = {**needed, **config.graph_jobs}
    jobs = {name: make_job(name, known, asked[name]) for name in asked}
    _check_names(config, jobs)
    edges = {name: edges_of(job, known) for name, job in jobs.items()}
    left_out: set[str] = set()
    if not split.dataset.manifest().counts.triples:
        left_out = {name for name in jobs if edges[name] == "knowledge"}
    of_shuffled: set[str] = set()
    if config.knowledge == "shuffled":
        of_shuffled = {name for name in needed if edges[name] != "train"}
    some = [job for name, job in jobs.items() if name in of_shuffled - left_out]
    shuffled = with_reads(some, known, config.graph_jobs)
    plain = [job for name, job in jobs.items() if name not in of_shuffled | left_out]
    plain += [job for job in shuffled if edges_of(job, known) == "train"]
    return RunJobs(
        with_reads(plain, known, config.graph_jobs),
        [job for job in shuffled if edges_of(job, known) != "train"],
        frozenset(left_out),
    )


def _check_names(config: RunConfig, jobs: Mapping[str, Job]) -> None:
    """:raises InputError: when the model would not read what its job makes."""
    for name in needed_jobs(config):
        if name in jobs and jobs[name].output_name != name:
            raise InputError(
                f"the model reads {name}, but jobs makes it as {jobs[name].output_name}",
                f"Name it so in both: {jobs[name].output_name}",
            )
    for need in config.needs():
        job = jobs.get(need.job) if isinstance(need, EmbeddingNeed) else None
        if job is not None and job.kind != "embeddings":
            raise InputError(
                f"the model reads vectors, but {job.output_name} makes {job.kind}",
                "Name the job that makes vectors of them, such as walk-vectors or "
                "structure-vectors.",
            )
