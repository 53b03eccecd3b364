"""Runs that are there already, as rows of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...artifacts import RunFolder, RunManifest, Task
from ...errors import InputError
from ...model.base import TrainingOptions
from ...model.evaluation.order import reads_order, without_order
from ...model.evaluation.questions import ask
from ...model.evaluation.user_values import check_metrics, user_values
from ...model.training.loop import isolated_torch
from ...progress import Note
from ...settings import Settings
from ..config import RunConfig
from ..folders import find_run, split_of
from ..stages.work import Work
from .cell import CellResult
from .table import Measured, what_is_relevant


@dataclass(frozen=True)
class ComparedRuns:
    """Rows of runs, and what they are on; runs that differ in their seed alone are one row."""

    title: str
    task: Task
    rows: tuple[Measured, ...]
    notes: tuple[str, ...]


def compare_runs(
    settings: Settings, names: Sequence[str], note: Note, metrics: Sequence[str] = ()
) -> ComparedRuns:
    """Measure every user of the runs' test rows with their saved models.

    :param metrics: those that will be shown, so that an unknown one is refused first.
    :raises InputError: for runs of other splits or tasks than the first.
    :raises ArtifactError: for a run that is not there or is not trained.
    """
    runs = [find_run(settings, name, finished=()) for name in dict.fromkeys(names)]
    manifests = [run.manifest() for run in runs]
    first = manifests[0]
    for run, one in zip(runs, manifests, strict=True):
        if (one.dataset, one.split, one.task) != (first.dataset, first.split, first.task):
            raise InputError(
                f"run {run.run_id} is about {one.task} on split {one.split}, and "
                f"{first.run_id} about {first.task} on {first.split}",
                "Compare runs of one split and task: reelgraph runs list",
            )
    if len({RunConfig.model_validate(one.config).relevant for one in manifests}) > 1:
        raise InputError(
            "the runs differ in what is relevant",
            "Compare runs with the same --relevant.",
        )
    check_metrics(metrics, first.task)
    groups: dict[str, dict[int, RunFolder]] = {}
    for run, one in zip(runs, manifests, strict=True):
        groups.setdefault(_without_seed(one), {})[one.seed] = run
    alone = [_model(one) for one in groups]
    rows = []
    for place, group in enumerate(groups.values()):
        run_ids = [run.run_id for run in group.values()]
        name = alone[place] if alone.count(alone[place]) == 1 else run_ids[0]
        leaks = any((audit := run.manifest().audit) and audit.failed for run in group.values())
        cells = {seed: _measured(settings, run, note) for seed, run in group.items()}
        rows.append(Measured(f"{name} (LEAKS)" if leaks else name, cells))
    relevant = RunConfig.model_validate(first.config).relevant
    label = (f"{first.protocol}: {first.label}",) if first.label else ()
    title = f"split {first.split} of data set {first.dataset}"
    return ComparedRuns(title, first.task, tuple(rows), (*label, *what_is_relevant(relevant)))


def _without_seed(manifest: RunManifest) -> str:
    config = RunConfig.model_validate(manifest.config)
    return config.model_copy(update={"seed": 0}).model_dump_json()


def _model(text: str) -> str:
    return RunConfig.model_validate_json(text).model


def _measured(settings: Settings, run: RunFolder, note: Note) -> CellResult:
    manifest, config = run.manifest(), RunConfig.model_validate(run.manifest().config)
    options = TrainingOptions(device=settings.device, threads=settings.training_threads)
    split = split_of(settings, run)
    work = Work(run, split, config, manifest.inputs, options, note, settings)
    note(f"{run.run_id}: asking its model")
    with isolated_torch(options):
        folds = work.folds()
        model = work.model(folds)
        values = user_values(model, folds, config.about, "test", config.relevant)
        shuffled = None
        if reads_order(model, ask(folds, "test", config.about).queries):
            other = without_order(model)
            shuffled = user_values(other, folds, config.about, "test", config.relevant).metrics
    trained = manifest.stages.get("train")
    facts = {"fit_seconds": trained.seconds if trained else None}
    return CellResult(values, shuffled, facts)
