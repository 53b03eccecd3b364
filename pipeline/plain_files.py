"""A model evaluated on plain files, beside baselines: no graph, no data set, no run."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..artifacts import ModelMetrics, RunMetrics, digest, write_parquet, write_record
from ..errors import InputError, MemoryNeedError, SettingsError
from ..model import guard
from ..model.base import Model, Precision, TrainingOptions
from ..model.data import FloatArray
from ..model.dataset import Folds
from ..model.evaluation.measured import measured, one_table
from ..model.frames import fit_model
from ..model.item_files import read_genres
from ..model.memory import need_memory
from ..model.training.loop import isolated_torch
from ..plugins import manager
from ..progress import Note
from .comparison.data import Data, Rows
from .config import RunConfig
from .identity import code_of_model
from .inputs import notes_of
from .stages.baselines import baseline_config


@dataclass(frozen=True)
class Evaluated:
    """Figures of the model and its baselines; ``users`` has a row per model and user."""

    metrics: RunMetrics
    users: pd.DataFrame

    def write(self, folder: Path) -> None:
        """``metrics.json`` and ``metrics-per-user.parquet``, as in the folder of a run."""
        write_parquet(folder / "metrics-per-user.parquet", self.users)
        write_record(folder / "metrics.json", self.metrics)


def evaluation_id(
    data: Data, config: RunConfig, items: Path | None, precision: Precision = "float32"
) -> str:
    """A name made from all that can change the figures."""
    made_of = {
        "data": data.fingerprint(),
        "config": config.resolved().model_dump(mode="json") | {"protocol_parameters": None},
        "items": digest(items.read_bytes().hex()) if items else None,
        **code_of_model(config.model),
        "precision": precision,
    }
    return f"{config.model}-{data.bound().split_id}-{digest(made_of, 8)}"


def evaluate_files(
    data: Data,
    config: RunConfig,
    options: TrainingOptions,
    note: Note,
    items: Path | None = None,
) -> Evaluated:
    """Fit the model and its baselines as a run would be, and measure them on the test rows.

    :param items: a file of item properties, whose genres give the diversity of lists.
    :raises InputError: for files that cannot be read or cut, or have no test rows.
    """
    rows = Rows(data)
    folds = rows.folds()
    if not len(folds.test):
        raise InputError("there are no test rows", "Take a protocol that holds some out.")
    _tell(folds, note)
    described = {"genre": read_genres(items, folds.train.catalogue)} if items else {}
    found: dict[str, tuple[ModelMetrics, pd.DataFrame]] = {}
    left_out: dict[str, str] = {}
    with isolated_torch(options):
        found[config.model] = _measured(rows, folds, config, options, described, note)
        for name in dict.fromkeys(config.compared):
            if name == config.model:
                continue
            try:
                beside = baseline_config(name, config.about).model_copy(
                    update={"seed": config.seed, "relevant": config.relevant}
                )
                found[name] = _measured(rows, folds, beside, options, described, note)
            except (MemoryNeedError, SettingsError) as error:
                left_out[name] = error.message
                note(f"baseline {name} is left out: {error.message}")
    metrics = RunMetrics(
        split=data.bound().split_id, models={name: one for name, (one, _) in found.items()}
    )
    if left_out:
        metrics = metrics.model_copy(update={"left_out": left_out})
    return Evaluated(metrics, one_table({name: table for name, (_, table) in found.items()}))


def _measured(
    rows: Rows,
    folds: Folds,
    config: RunConfig,
    options: TrainingOptions,
    described: Mapping[str, FloatArray],
    note: Note,
) -> tuple[ModelMetrics, pd.DataFrame]:
    supplied, inputs = rows.supplied(config)
    for line in notes_of(config, inputs):
        note(f"{config.model}, {line}")
    owner = manager.model_owner(config.model)

    def new() -> Model:
        return guard.new_model(config.model_class(), config.model_options(), owner)

    need_memory(new(), folds.history, supplied)
    asked = replace(options, seed=config.seed, epochs=config.epochs)
    model = fit_model(new, folds, asked, supplied, refit=not rows.protocol.keeps_weights)
    found = measured(model, folds, config.about, config.seed, described, config.relevant)
    del model
    gc.collect()  # one large model in memory at a time
    return found


def _tell(folds: Folds, note: Note) -> None:
    """How many rows there are, and who and what is in test alone."""
    known, test = folds.history, folds.test
    asked = np.diff(test.offsets) > 0
    users = int((asked & (np.diff(known.offsets) == 0)).sum())
    items = len(np.setdiff1d(test.items, known.items))
    note(
        f"{len(folds.train):,} train, {len(folds.valid):,} valid and {len(test):,} test rows; "
        f"of the test rows' {int(asked.sum()):,} users {users:,} and of their "
        f"{len(np.unique(test.items)):,} items {items:,} are not in train"
    )
