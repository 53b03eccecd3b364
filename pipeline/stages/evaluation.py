"""The stage ``evaluate``: test metrics of the model, and of baselines on the same split."""

from __future__ import annotations

import gc
from dataclasses import replace

from ...artifacts import (
    ModelMetrics,
    RunChanges,
    RunMetrics,
    write_record,
)
from ...errors import MemoryNeedError, SettingsError
from ...model.base import Model
from ...model.dataset import Folds
from ...model.evaluation.ranking import evaluate as evaluate_model
from ...model.evaluation.rating import evaluate_ratings
from ...model.memory import need_memory
from ...model.needs import TrainingData
from ..inputs import supply
from .baselines import baseline, baseline_config
from .work import Work


def evaluate(work: Work) -> RunChanges:
    """Test metrics of the model and of the baselines on the same split; writes ``metrics.json``."""
    folds = work.folds()
    if len(folds.test) == 0:
        write_record(work.run.metrics, RunMetrics(models={}))
        return {"metrics": None}
    metrics = {work.config.model: _evaluated(work, work.model(folds), folds)}
    left_out: dict[str, str] = {}
    for name in work.config.compared:
        if name in metrics or name in left_out:
            continue
        try:
            metrics[name] = _evaluated(work, _fitted(work, name, folds), folds)
        except (MemoryNeedError, SettingsError) as error:
            left_out[name] = error.message
            work.note(f"evaluate: baseline {name} is left out: {error.message}")
    found = RunMetrics(split=work.split.split_id, models=metrics)
    if left_out:
        found = found.model_copy(update={"left_out": left_out})
    write_record(work.run.metrics, found)
    return {"metrics": metrics[work.config.model]}


def _evaluated(work: Work, model: Model, folds: Folds) -> ModelMetrics:
    if work.config.about == "rating":
        found = evaluate_ratings(model, folds, seed=work.config.seed)
    else:
        found = evaluate_model(model, folds, seed=work.config.seed)
    del model
    gc.collect()  # one large model in memory at a time
    return found


def _fitted(work: Work, name: str, folds: Folds) -> Model:
    config = baseline_config(name, work.config.about)
    model = baseline(name)
    supplied = supply(config, work.split)[0]
    need_memory(model, folds.history, supplied)
    data = TrainingData(folds.history, None, supplied)
    model.fit(data, replace(work.options, checkpoint=None))
    return model
