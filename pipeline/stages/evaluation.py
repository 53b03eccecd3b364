"""The stage ``evaluate``: test metrics of the model, and of baselines on the same split."""

from __future__ import annotations

import gc
from dataclasses import replace

import pandas as pd

from ...artifacts import (
    ModelMetrics,
    RunChanges,
    RunMetrics,
    write_parquet,
    write_record,
)
from ...errors import MemoryNeedError, SettingsError
from ...model.base import Model
from ...model.dataset import Folds
from ...model.evaluation.measured import measured, one_table
from ...model.memory import need_memory
from ...model.needs import TrainingData
from ..inputs import supply
from .baselines import baseline, baseline_config
from .work import Work


def evaluate(work: Work) -> RunChanges:
    """Test metrics of the model and of the baselines on the same split.

    Writes ``metrics.json`` and ``metrics-per-user.parquet``.
    """
    folds = work.folds()
    if len(folds.test) == 0:
        work.run.user_metrics.unlink(missing_ok=True)
        write_record(work.run.metrics, RunMetrics(models={}))
        return {"metrics": None}
    found = {work.config.model: _evaluated(work, work.model(folds), folds)}
    left_out: dict[str, str] = {}
    for name in work.config.compared:
        if name in found or name in left_out:
            continue
        try:
            found[name] = _evaluated(work, _fitted(work, name, folds), folds)
        except (MemoryNeedError, SettingsError) as error:
            left_out[name] = error.message
            work.note(f"evaluate: baseline {name} is left out: {error.message}")
    metrics = {name: figures for name, (figures, _) in found.items()}
    record = RunMetrics(split=work.split.split_id, models=metrics)
    if left_out:
        record = record.model_copy(update={"left_out": left_out})
    of_users = one_table({name: table for name, (_, table) in found.items()})
    write_parquet(work.run.user_metrics, of_users)
    write_record(work.run.metrics, record)
    return {"metrics": metrics[work.config.model]}


def _evaluated(work: Work, model: Model, folds: Folds) -> tuple[ModelMetrics, pd.DataFrame]:
    config = work.config
    found = measured(model, folds, config.about, config.seed, relevant=config.relevant)
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
