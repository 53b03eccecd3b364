"""The stage ``train``: epochs chosen on valid, then the final fit."""

from __future__ import annotations

import shutil
from pathlib import Path

from ...artifacts import (
    RunChanges,
    RunFolder,
    read_json,
    write_json,
)
from ...errors import MemoryNeedError
from ...model.base import FitResult, Model
from ...model.dataset import Folds
from ...model.memory import need_memory
from ...model.needs import Supplied, TrainingData
from ..identity import parent_epochs
from .baselines import baseline
from .work import Work


def train(work: Work) -> RunChanges:
    """Choose the epochs on valid, then fit once more on train + valid.

    Some protocols, such as ``leave-one-out``, keep the weights chosen on valid; a refit on
    all rows trains for the epochs of its parent.
    """
    folds, supplied = work.folds(), work.supplied()
    model = work.new_model()
    check_fits(work, model, folds, supplied)
    chosen = _given(work)
    if chosen is None:
        chosen = _choose(work, model, folds.for_choice(supplied))
    elif work.keeps_weights:
        options = work.fit_options("choice", epochs=chosen.epochs)
        model.fit(TrainingData(folds.train, None, supplied), options)
    if not work.keeps_weights:
        model = _fit_finally(work, chosen, TrainingData(folds.history, None, supplied))
    model.save(work.run.model)
    shutil.rmtree(work.checkpoints, ignore_errors=True)
    return {"chosen_epochs": chosen.epochs, "summary": model.summary()}


def _fit_finally(work: Work, chosen: FitResult, data: TrainingData) -> Model:
    """The model of the run, for the epochs that were chosen and at their learning rates."""
    epochs = chosen.epochs
    work.note(f"final fit on train + valid, {epochs} epochs" if epochs else "fit on train + valid")
    model = work.new_model()
    model.fit(data, chosen.final(work.fit_options("final")))
    return model


def _given(work: Work) -> FitResult | None:
    """Epochs that are not to be chosen: those of the configuration, or of a refit's parent."""
    config, runs = work.config, work.run.path.parent
    if config.epochs:
        return FitResult(config.epochs)
    epochs = parent_epochs(runs, config)
    if epochs is None:
        return None
    choice = RunFolder(runs / str(config.refit_of)).model / "choice.json"
    return _recorded(choice) if choice.is_file() else FitResult(epochs)


def check_fits(work: Work, model: Model, folds: Folds, supplied: Supplied) -> None:
    """Before anything is trained: does the model fit into memory, and which baseline does not?

    :raises MemoryNeedError: when the model of the run needs more than there is.
    """
    need_memory(model, folds.history, supplied)
    if not len(folds.test):
        return
    for name in dict.fromkeys(work.config.compared):
        try:
            if name != work.config.model:
                need_memory(baseline(name), folds.history)
        except MemoryNeedError as error:
            work.note(f"train: baseline {name} will be left out: {error.message}")


def _choose(work: Work, model: Model, data: TrainingData) -> FitResult:
    """Epochs chosen by early stopping on valid; remembered, so that a resumed run goes on.

    A closed form has none to choose, and is fitted on train only where those weights count.
    """
    if not model.chooses and not work.keeps_weights:
        return FitResult()
    choice = work.run.model / "choice.json"
    if choice.is_file() and not work.keeps_weights:
        return _recorded(choice)
    result = model.fit(data, work.fit_options("choice"))
    chosen = {"epochs": result.epochs, "settings": dict(result.settings)}
    write_json(choice, chosen | {"history": list(result.history)})
    return result


def _recorded(choice: Path) -> FitResult:
    content = read_json(choice)
    settings = content.get("settings", {})
    return FitResult(int(content["epochs"]), tuple(content["history"]), settings)
