"""A search with Optuna, kept in a file so that it goes on after an interruption.

The sampler is seeded anew for each trial by how many are done, so a search that was interrupted
and goes on finds what one without interruption finds.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from ...errors import ArtifactError, ModelError, SettingsError
from ...locks import held
from ...model.base import TrainingOptions
from ...model.evaluation.significance import ERRORS
from ...model.evaluation.user_values import check_metrics
from ...model.search_space import OneOf, Space, Value
from ...progress import Note
from ..inputs import notes_of
from .command import as_set
from .objective import Objective

if TYPE_CHECKING:
    import optuna
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage

Sampler = Literal["random", "grid", "tpe"]
SAMPLERS: tuple[Sampler, ...] = get_args(Sampler)

_WHY = "why"  # the attribute of a trial whose model could not be fitted
_FIGURES = "folds"


@dataclass(frozen=True)
class Trial:
    """A choice of options with its figure: the mean of ``folds``; None where ``why`` says so."""

    number: int
    options: Mapping[str, Value]
    value: float | None
    folds: tuple[float, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Search:
    """The finished trials of a search, in their order."""

    metric: str
    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """:raises ModelError: when no trial has a figure."""
        done = [one for one in self.trials if one.value is not None]
        if not done:
            why = self.trials[0].why if self.trials else "there was none"
            raise ModelError(f"no trial could be measured: {why}", "Set other options: --set")
        sign = 1 if self.metric in ERRORS else -1
        return min(done, key=lambda one: sign * (one.value or 0.0))


def library() -> ModuleType:
    """Optuna. :raises SettingsError: when it is not installed."""
    try:
        import optuna
    except ImportError:
        raise SettingsError(
            "reelgraph tune needs Optuna, which is not installed", "pip install 'reelgraph[tune]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def search(
    objective: Objective,
    trials: int,
    sampler: Sampler,
    storage: Path,
    options: TrainingOptions,
    note: Note,
) -> Search:
    """Go on with the search until ``trials`` are done; a grid may end earlier.

    :param storage: a journal, or SQLite where it ends with ``.db`` or ``.sqlite``.
    :raises SettingsError: without Optuna.
    :raises InputError: when the model has no search space, or the metric is unknown.
    :raises ArtifactError: when another process works on the same storage, or it is damaged.
    """
    optuna, space = library(), objective.space()
    check_metrics([objective.metric], objective.task)
    storage.parent.mkdir(parents=True, exist_ok=True)
    lock = storage.with_name(f".{storage.name}.lock")
    lock.mkdir(exist_ok=True)
    key = objective.key(options.precision)
    options = replace(options, seed=objective.seed, checkpoint=lock / key)
    with held(lock, f"the search in {storage}"):
        study = _study(optuna, f"{objective.model}-{sampler}-{key}", objective.metric, storage)
        choices = _grid(space, objective.seed) if sampler == "grid" else None
        wanted = trials if choices is None else min(trials, len(choices))
        for line in notes_of(objective.config({}), objective.inputs):
            note(line)
        before = len(_done(study))
        if before:
            note(f"{before} trials were done before, in {storage}")
        for number in range(before, wanted):
            study.sampler = _sampler(optuna, sampler, objective.seed + number)
            if choices is not None:
                study.enqueue_trial(choices[number])
            one = _try(optuna, study, objective, space, options)
            shutil.rmtree(lock / key, ignore_errors=True)  # an interrupted fit's
            found = one.why if one.value is None else f"{objective.metric} {one.value:.4f}"
            note(f"[{number + 1}/{wanted}] {as_set(one.options)}: {found}")
        return Search(objective.metric, tuple(_done(study)))


def _study(tool: ModuleType, name: str, metric: str, storage: Path) -> optuna.Study:
    """The search in the file, begun where it is not there."""
    try:
        study: optuna.Study = tool.create_study(
            storage=_open(tool, storage),
            study_name=name,
            direction="minimize" if metric in ERRORS else "maximize",
            load_if_exists=True,
        )
        _forget_interrupted(tool, study)
    except OSError:
        raise
    except Exception as error:  # of JSON, of SQL or of Optuna, as the damage is
        raise ArtifactError(
            f"{storage} cannot be read as a search: {error}",
            "Give another file (--storage), or delete this one to begin again.",
        ) from None
    return study


def _open(optuna: Any, storage: Path) -> BaseStorage:
    if storage.suffix in (".db", ".sqlite", ".sqlite3"):
        found: BaseStorage = optuna.storages.RDBStorage(f"sqlite:///{storage}")
        return found
    backend = optuna.storages.journal.JournalFileBackend(str(storage))
    journal: BaseStorage = optuna.storages.JournalStorage(backend)
    return journal


def _sampler(optuna: Any, name: Sampler, seed: int) -> BaseSampler:
    made = optuna.samplers.TPESampler if name == "tpe" else optuna.samplers.RandomSampler
    found: BaseSampler = made(seed=seed)
    return found


def _grid(space: Mapping[str, Space], seed: int) -> list[dict[str, Value]]:
    """All combinations in a random order, so that the first ones are spread over the grid."""
    every = list(itertools.product(*(one.grid() for one in space.values())))
    order = np.random.default_rng(seed).permutation(len(every))
    return [dict(zip(space, every[place], strict=True)) for place in order]


def _try(
    optuna: ModuleType,
    study: optuna.Study,
    objective: Objective,
    space: Mapping[str, Space],
    options: TrainingOptions,
) -> Trial:
    trial = study.ask()
    chosen = {name: _suggest(trial, name, one) for name, one in space.items()}
    try:
        figures = objective.measure(chosen, options)
    except (ModelError, SettingsError) as error:
        trial.set_user_attr(_WHY, error.message)
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return Trial(trial.number, chosen, None, (), error.message)
    except (Exception, KeyboardInterrupt):
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
        raise
    trial.set_user_attr(_FIGURES, figures)
    mean = float(np.mean(figures))
    study.tell(trial, mean)
    return Trial(trial.number, chosen, mean, tuple(figures))


def _suggest(trial: optuna.Trial, name: str, space: Space) -> Value:
    if isinstance(space, OneOf):
        chosen: Value = trial.suggest_categorical(name, list(space.values))
        return chosen
    if space.whole:
        return trial.suggest_int(name, int(space.low), int(space.high), log=space.log)
    return trial.suggest_float(name, space.low, space.high, log=space.log)


def _forget_interrupted(optuna: ModuleType, study: optuna.Study) -> None:
    """A killed process leaves its trial running."""
    for one in study.get_trials(deepcopy=False):
        if one.state in (optuna.trial.TrialState.RUNNING, optuna.trial.TrialState.WAITING):
            study.tell(one.number, state=optuna.trial.TrialState.FAIL)


def _done(study: optuna.Study) -> list[Trial]:
    """Trials with a figure, or with the reason why there is none; interrupted ones are not."""
    found: Sequence[Any] = study.get_trials(deepcopy=False)
    return [
        Trial(
            one.number,
            one.params,
            one.value,
            tuple(one.user_attrs.get(_FIGURES, ())),
            one.user_attrs.get(_WHY, ""),
        )
        for one in found
        if one.value is not None or _WHY in one.user_attrs
    ]
