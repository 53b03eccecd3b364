"""Run folders: made, named by what they are made from, locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import __version__
from ..artifacts import (
    MANIFEST,
    SHUFFLED,
    RunFolder,
    RunInput,
    RunManifest,
    SplitFolder,
    digest,
    write_manifest,
)
from ..errors import ArtifactError, InputError
from ..gds_jobs.naming import edges_of, make_job
from ..locks import held
from ..plugins import manager
from ..plugins.code import code_of
from ..settings import Settings
from .config import RunConfig
from .inputs import needed_jobs, supplier_of

#: Raised when the same inputs would give other results. It is part of a run's identity; the
#: package's version is not, since most releases change no result.
BEHAVIOUR_VERSION = 6


def code_of_model(model: str) -> dict[str, Any]:
    """What stands for the code in an identity: the behaviour version and a plugin's own code."""
    found: dict[str, Any] = {"behaviour": BEHAVIOUR_VERSION}
    if sources := code_of(manager.models()[model]):
        found["code"] = {"version": manager.model_version(model), "sources": sources}
    return found


def open_run(
    settings: Settings, split: SplitFolder, config: RunConfig, inputs: Sequence[RunInput]
) -> RunFolder:
    """The run's folder with its manifest, made when it is new."""
    run = run_folder(settings, split, config, inputs)
    if not (run.path / MANIFEST).is_file():
        jobs, about = _job_fingerprints(split, config, inputs), split.manifest()
        manifest = RunManifest(
            run_id=run.run_id,
            task=config.about,
            model=config.model,
            dataset=split.dataset.fingerprint,
            split=split.split_id,
            protocol=config.protocol,
            order=about.order,
            knowledge=config.knowledge,
            inputs=tuple(inputs),
            jobs=jobs,
            similarities=_similarities(split, jobs),
            seed=config.seed,
            refit_of=config.refit_of,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            version=__version__,
            behaviour=BEHAVIOUR_VERSION,
            config=config.resolved().model_dump(mode="json"),
            stages={},
        )
        if about.label:
            manifest = manifest.model_copy(update={"label": about.label})
        write_manifest(run.path, manifest)
    return run


def run_folder(
    settings: Settings, split: SplitFolder, config: RunConfig, inputs: Sequence[RunInput]
) -> RunFolder:
    """The folder of the run that these inputs make; equal inputs have one folder."""
    resolved = config.resolved().model_dump(mode="json")
    if config.relevant is None:
        del resolved["relevant"]  # runs that were made before there was a choice
    identity = {
        "dataset": split.dataset.fingerprint,
        "split": split.split_id,
        "config": {
            **resolved,
            "protocol_parameters": None,
        },  # the split's id has them
        "inputs": [one.dump() for one in inputs],
        "jobs": _job_fingerprints(split, config, inputs),
        "epochs": parent_epochs(settings.runs_dir, config),
        **code_of_model(config.model),
    }
    run_id = f"{config.model}-{split.split_id}-{digest(identity, 8)}"
    return RunFolder(settings.runs_dir / run_id)


def input_outputs(config: RunConfig, inputs: Sequence[RunInput]) -> list[str]:
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
    try:
        known = manager.graph_jobs()
        return edges_of(make_job(name, known), known) != "train"
    except InputError:  # a plugin that is not there any more
        return True


def _job_outputs(config: RunConfig, inputs: Sequence[RunInput]) -> list[str]:
    """Names of the outputs of jobs that a run reads: for its model's needs, and ``jobs``."""
    known, needed = manager.graph_jobs(), needed_jobs(config)
    others = [
        make_job(name, known, parameters).output_name
        for name, parameters in config.graph_jobs.items()
        if name not in needed
    ]
    return [*input_outputs(config, inputs), *others]


def _job_fingerprints(
    split: SplitFolder, config: RunConfig, inputs: Sequence[RunInput]
) -> dict[str, str]:
    """Fingerprints of the graph jobs that the run reads, so that a job done anew is a new run."""
    made = split.manifest().jobs
    names = sorted(set(_job_outputs(config, inputs)))
    return {name: made[name].fingerprint for name in names if name in made}


def _similarities(split: SplitFolder, jobs: Iterable[str]) -> tuple[str, ...]:
    """Those of the run's jobs whose output becomes ``SIMILAR_TO``."""
    made = split.manifest().jobs
    return tuple(name for name in jobs if made[name].kind == "similarity")


def parent_epochs(runs_dir: Path, config: RunConfig) -> int | None:
    """The epochs that a refit's parent chose on valid; None for a run that is not a refit."""
    if config.refit_of is None:
        return None
    parent = RunFolder(runs_dir / config.refit_of)
    epochs = parent.manifest().chosen_epochs
    if epochs is None:
        raise ArtifactError(
            f"run {parent.run_id} has not chosen its epochs yet, and a refit needs them",
            f"Train it first: reelgraph train {parent.run_id}",
        )
    return epochs


def check_jobs(run: RunFolder, split: SplitFolder) -> None:
    """:raises ArtifactError: when graph jobs of the run were done anew since it was begun."""
    made = split.manifest().jobs
    for name, fingerprint in run.manifest().jobs.items():
        if name not in made or made[name].fingerprint != fingerprint:
            raise ArtifactError(
                f"run {run.run_id} was begun with another output of graph job {name} than "
                f"{split.path} has now",
                f"Make a new run: reelgraph train --split {split.split_id}",
            )


def check_behaviour(run: RunFolder, *, writes_only: bool = False) -> None:
    """Refuse a run that another behaviour began: half of its results would be of this one.

    :param writes_only: nothing is computed, which a run of an older behaviour may be asked.
    :raises ArtifactError: says which program to use.
    """
    began = run.manifest().behaviour
    if began > BEHAVIOUR_VERSION or (began < BEHAVIOUR_VERSION and not writes_only):
        which = "a newer" if began > BEHAVIOUR_VERSION else "an older"
        raise ArtifactError(
            f"run {run.run_id} was begun by {which} version of reelgraph (behaviour {began}, this "
            f"one has {BEHAVIOUR_VERSION}), whose results may be others",
            "Go on with the version that began it, or make a new run: reelgraph run",
        )


@contextmanager
def locked(run: RunFolder) -> Iterator[None]:
    """Hold the run for this process.

    :raises ArtifactError: when another process works on it.
    """
    with held(run.path, f"run {run.run_id}"):
        yield
