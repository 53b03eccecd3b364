"""Run folders: made, named by what they are made from, locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import __version__
from ..artifacts import MANIFEST, SHUFFLED, RunFolder, SplitFolder, digest, write_manifest
from ..errors import ArtifactError, InputError
from ..gds_jobs.naming import edges_of, make_job
from ..locks import held
from ..model.knowledge.methods import METHODS
from ..plugins import manager
from ..settings import Settings
from .config import RunConfig
from .inputs import Input, supplier_of


def open_run(
    settings: Settings, split: SplitFolder, config: RunConfig, inputs: Sequence[Input]
) -> RunFolder:
    """The run's folder with its manifest, made when it is new."""
    run = run_folder(settings, split, config, inputs)
    if not (run.path / MANIFEST).is_file():
        jobs, about = _job_fingerprints(split, config, inputs), split.manifest()
        write_manifest(
            run.path,
            {
                "runId": run.run_id,
                "task": "ranking",
                "model": config.model,
                "dataset": split.dataset.fingerprint,
                "split": split.split_id,
                "protocol": config.protocol,
                **{name: about[name] for name in ("order", "label") if name in about},
                "knowledge": config.knowledge,
                "inputs": [vars(one) for one in inputs],
                "jobs": jobs,
                "similarities": _similarities(split, jobs),
                "seed": config.seed,
                "refitOf": config.refit_of,
                "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
                "version": __version__,
                "config": resolved(config),
                "stages": {},
            },
        )
    return run


def resolved(config: RunConfig) -> dict[str, Any]:
    """The configuration with the model's defaults filled in, as JSON values."""
    options = config.model_options().model_dump(mode="json")
    return {**config.model_dump(mode="json"), "options": options}


def run_folder(
    settings: Settings, split: SplitFolder, config: RunConfig, inputs: Sequence[Input]
) -> RunFolder:
    """The folder of the run that these inputs make; equal inputs have one folder."""
    identity = {
        "dataset": split.dataset.fingerprint,
        "split": split.split_id,
        "config": {**resolved(config), "protocol_parameters": None},  # the split's id has them
        "inputs": [vars(one) for one in inputs],
        "jobs": _job_fingerprints(split, config, inputs),
        "epochs": parent_epochs(settings.runs_dir, config),
        "version": __version__,
    }
    run_id = f"{config.model}-{split.split_id}-{digest(identity, 8)}"
    return RunFolder(settings.runs_dir / run_id)


def input_outputs(config: RunConfig, inputs: Sequence[Input]) -> list[str]:
    """Names of the outputs of jobs that the model's inputs are read from."""
    there = {one.need for one in inputs if one.absent is None}
    names = [
        name
        for need in config.needs()
        if str(need) in there
        for name in supplier_of(need).jobs(need)
    ]
    shuffled = config.knowledge == "shuffled"
    return [f"{name}{SHUFFLED}" if shuffled and has_knowledge(name) else name for name in names]


def has_knowledge(name: str) -> bool:
    """Whether vectors of this name have read knowledge, so that there can be shuffled ones."""
    if name in METHODS:
        return True
    try:
        known = manager.graph_jobs()
        return edges_of(make_job(name, known), known) != "train"
    except InputError:  # a plugin that is not there any more
        return True


def _job_outputs(config: RunConfig, inputs: Sequence[Input]) -> list[str]:
    """Names of the outputs of jobs that a run reads: for its model's needs, and ``jobs``."""
    known = manager.graph_jobs()
    others = [
        name if name in METHODS else make_job(name, known, parameters).output_name
        for name, parameters in config.jobs.items()
        if not (name in METHODS and config.knowledge == "none")
    ]
    return [*input_outputs(config, inputs), *others]


def _job_fingerprints(
    split: SplitFolder, config: RunConfig, inputs: Sequence[Input]
) -> dict[str, str]:
    """Fingerprints of the graph jobs that the run reads, so that a job done anew is a new run."""
    made = split.manifest().get("jobs", {})
    names = sorted(set(_job_outputs(config, inputs)))
    return {name: made[name]["fingerprint"] for name in names if name in made}


def _similarities(split: SplitFolder, jobs: Iterable[str]) -> list[str]:
    """Those of the run's jobs whose output becomes ``SIMILAR_TO``."""
    made = split.manifest().get("jobs", {})
    return [name for name in jobs if made[name]["kind"] == "similarity"]


def parent_epochs(runs_dir: Path, config: RunConfig) -> int | None:
    """The epochs that a refit's parent chose on valid; None for a run that is no refit."""
    if config.refit_of is None:
        return None
    epochs: int = RunFolder(runs_dir / config.refit_of).manifest()["chosenEpochs"]
    return epochs


def check_jobs(run: RunFolder, split: SplitFolder) -> None:
    """:raises ArtifactError: when graph jobs of the run were done anew since it was begun."""
    made = split.manifest().get("jobs", {})
    for name, fingerprint in run.manifest()["jobs"].items():
        if made.get(name, {}).get("fingerprint") != fingerprint:
            raise ArtifactError(
                f"run {run.run_id} was begun with another output of graph job {name} than "
                f"{split.path} has now",
                f"Make a new run: reelgraph train --split {split.split_id}",
            )


@contextmanager
def locked(run: RunFolder) -> Iterator[None]:
    """Hold the run for this process.

    :raises ArtifactError: when another process works on it.
    """
    with held(run.path, f"run {run.run_id}"):
        yield
