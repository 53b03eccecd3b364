"""The stages that need the graph before training: export with its split, and graph jobs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from ..artifacts import SplitFolder
from ..errors import GdsMissingError
from ..gds_jobs.base import GraphJob
from ..gds_jobs.export import export_dataset
from ..gds_jobs.jobs import make_job
from ..gds_jobs.runner import run_jobs
from ..graph.connection import Graph
from ..model.base import TrainingOptions
from ..model.knowledge.methods import METHODS
from ..model.splits import write_split
from ..plugins import manager
from ..settings import Settings
from .config import RunConfig
from .knowledge import embed, method_config
from .notes import Note, since


def export(settings: Settings, graph: Graph, config: RunConfig, note: Note) -> SplitFolder:
    """Read the graph into a data set folder and split it."""
    began = time.monotonic()
    dataset = export_dataset(graph, settings.datasets_dir)
    split = write_split(dataset, config.protocol, **config.protocol_parameters)
    note(f"export: data set {dataset.fingerprint}, split {split.split_id} ({since(began)})")
    return split


def graph_jobs(
    settings: Settings,
    graph: Graph,
    split: SplitFolder,
    config: RunConfig,
    note: Note,
    force: bool = False,
) -> tuple[str, ...]:
    """Run the graph jobs that the run asks for; returns the embeddings that are there.

    Without GDS the model trains without its embeddings, and this says so; knowledge-graph
    embeddings do not need it.
    """
    wanted = config.embeddings()
    trained = tuple(name for name in wanted if name in METHODS)
    jobs, left_out = jobs_of(config, split)
    wanted = tuple(name for name in wanted if name not in {*trained, *left_out})
    if not _has_knowledge(split) and (left_out or trained):
        names = ", ".join(sorted({*left_out, *trained}))
        note(f"gds: without {names}: no knowledge relationships")
        trained = ()
    _train(settings, split, config, trained, note, force)
    began = time.monotonic()
    try:
        done = run_jobs(graph, split, jobs, force=force)
        if config.knowledge == "shuffled":
            shuffled = _jobs({name: config.jobs.get(name, {}) for name in wanted})
            done += run_jobs(graph, split, shuffled, shuffled=True, force=force)
    except GdsMissingError as error:
        without = "without its embeddings" if trained else "without embeddings"
        note(f"gds: skipped, the model trains {without}. {error.message}")
        return trained
    note(f"gds: {', '.join(done) or 'nothing to do'} ({since(began)})")
    return (*wanted, *trained)


def jobs_of(config: RunConfig, split: SplitFolder) -> tuple[list[GraphJob], set[str]]:
    """The graph jobs that a run asks for, and names of those that have no edges to read.

    Without knowledge relationships, jobs over them are left out.
    """
    wanted = (name for name in config.embeddings() if name not in METHODS)
    jobs = _jobs({**{name: {} for name in wanted}, **config.jobs})
    if _has_knowledge(split):
        return jobs, set()
    left_out = {job.output_name for job in jobs if job.config.edges == "knowledge"}
    return [job for job in jobs if job.output_name not in left_out], left_out


def _has_knowledge(split: SplitFolder) -> bool:
    return bool(split.dataset.manifest()["counts"]["triples"])


def _train(
    settings: Settings,
    split: SplitFolder,
    config: RunConfig,
    methods: Sequence[str],
    note: Note,
    force: bool,
) -> None:
    """Knowledge-graph embeddings that the run's model asks for."""
    if not methods:
        return
    began = time.monotonic()
    options = TrainingOptions(settings.device, settings.training_threads, progress=True)
    shuffled = config.knowledge == "shuffled"
    configs = [method_config(name) for name in methods]
    done = [embed(split, one, options, shuffled=shuffled, force=force) for one in configs]
    note(f"kge: {', '.join(done)} ({since(began)})")


def _jobs(wanted: dict[str, dict[str, Any]]) -> list[GraphJob]:
    known = manager.graph_jobs()
    return [make_job(name, known, parameters) for name, parameters in wanted.items()]
