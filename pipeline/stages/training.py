"""The stage ``train``: epochs chosen on valid, then the final fit."""

from __future__ import annotations

import shutil
from dataclasses import replace

from ...artifacts import (
    RunChanges,
    read_json,
    write_json,
)
from ...errors import MemoryNeedError
from ...model.base import Model
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
    epochs = work.config.epochs or parent_epochs(work.run.path.parent, work.config)
    model = work.new_model()
    check_fits(work, model, folds, supplied)
    if epochs is None:
        epochs = _choose(work, model, TrainingData(folds.train, folds.valid, supplied))
    elif work.keeps_weights:
        model.fit(TrainingData(folds.train, None, supplied), replace(work.options, epochs=epochs))
    if not work.keeps_weights:
        work.note(
            f"final fit on train + valid, {epochs} epochs" if epochs else "fit on train + valid"
        )
        model = work.new_model()
        options = replace(
            work.options, epochs=max(epochs, 1), checkpoint=work.checkpoints / "final"
        )
        model.fit(TrainingData(folds.history, None, supplied), options)
    model.save(work.run.model)
    shutil.rmtree(work.checkpoints, ignore_errors=True)
    return {"chosen_epochs": epochs, "summary": model.summary()}


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


def _choose(work: Work, model: Model, data: TrainingData) -> int:
    """Epochs chosen by early stopping on valid; remembered, so that a resumed run goes on.

    A closed form has none to choose, and is fitted on train only where those weights count.
    """
    if not model.chooses and not work.keeps_weights:
        return 0
    choice = work.run.model / "choice.json"
    if choice.is_file() and not work.keeps_weights:
        return int(read_json(choice)["epochs"])
    options = replace(work.options, checkpoint=work.checkpoints / "choice")
    result = model.fit(data, options)
    write_json(choice, {"epochs": result.epochs, "history": list(result.history)})
    return result.epochs
