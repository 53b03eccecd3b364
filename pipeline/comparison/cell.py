"""A cell of a comparison: one model with one seed on the data; computed, written, read again."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from ...artifacts import RunInput, digest, write_arrow
from ...errors import ArtifactError
from ...model import guard
from ...model.base import Model, Precision, TrainingOptions
from ...model.evaluation.order import reads_order, without_order
from ...model.evaluation.questions import Fold, ask
from ...model.evaluation.user_values import UserValues, user_values
from ...model.frames import fit_model
from ...model.memory import need_memory, peak, reset_peak
from ...model.training.loop import isolated_torch
from ...plugins import manager
from ..config import RunConfig
from ..identity import code_of_model
from .data import Data, Rows

_FACTS = b"reelgraph"  # the key of the facts in the file's schema
_SHUFFLED = "shuffled "  # before the metrics of questions whose history was shuffled


class Cell(BaseModel):
    """What a cell is made of, and what the process that computes it is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Data
    config: RunConfig
    fold: Fold = "test"
    device: str = "cpu"
    precision: Precision = "float32"
    threads: int = 1

    def key(self, inputs: list[RunInput]) -> str:
        """Digest of all that can change its figures: equal inputs are one cell."""
        config = self.config
        made_of = {
            **code_of_model(config.model),
            "data": self.data.fingerprint(),
            "model": config.model,
            "options": config.model_options().model_dump(mode="json"),
            "task": config.about,
            "knowledge": config.knowledge,
            "inputs": [one.dump() for one in inputs],
            "seed": config.seed,
            "epochs": config.epochs,
            "fold": self.fold,
            "precision": self.precision,
        }
        if config.relevant is not None:
            made_of["relevant"] = config.relevant
        return digest(made_of)


@dataclass(frozen=True)
class CellResult:
    """Figures of a finished cell; seconds and bytes of fitting and of asking.

    ``shuffled`` has the metrics with the histories' order shuffled, None for a model that does
    not read it.
    """

    values: UserValues
    shuffled: dict[str, Any] | None
    facts: dict[str, Any] = field(default_factory=dict)


def compute(cell: Cell, checkpoints: Path | None = None) -> CellResult:
    """Fit as the protocol says and measure every user of test; or of valid, fitted on train.

    :param checkpoints: a folder for the state of an interrupted fit, which goes on from there;
        how long the whole fit took is then not known. It is removed in the end.
    """
    goes_on = checkpoints is not None and checkpoints.exists()
    options = TrainingOptions(
        device=cell.device,
        precision=cell.precision,
        threads=cell.threads,
        seed=cell.config.seed,
        epochs=cell.config.epochs,
        checkpoint=checkpoints,
        progress=True,
    )
    rows, task, relevant = Rows(cell.data), cell.config.about, cell.config.relevant
    supplied, _ = rows.supplied(cell.config)
    folds = rows.folds(supplied)
    folds.rules.check_task(task)
    with isolated_torch(options):
        need_memory(_new(cell.config), folds.history, supplied)
        gc.collect()
        reset_peak()
        began = monotonic()
        refit = cell.fold == "test" and not rows.protocol.keeps_weights
        model = fit_model(lambda: _new(cell.config), folds, options, supplied, refit)
        fitted, fit_bytes = monotonic(), peak()
        reset_peak()
        values = user_values(model, folds, task, cell.fold, relevant)
        facts = {
            "fit_seconds": None if goes_on else round(fitted - began, 3),
            "score_seconds": round(monotonic() - fitted, 3),
            "fit_bytes": fit_bytes,
            "score_bytes": peak(),
            "summary": model.summary(),
        }
        shuffled = None
        if reads_order(model, ask(folds, cell.fold, task).queries):
            other = without_order(model)
            shuffled = user_values(other, folds, task, cell.fold, relevant).metrics
    if checkpoints is not None:
        shutil.rmtree(checkpoints, ignore_errors=True)
    return CellResult(values, shuffled, facts)


def checkpoints_of(file: Path) -> Path:
    """Where an interrupted fit of the cell with this file leaves its state."""
    return file.with_name("checkpoints")


def write_cell(path: Path, result: CellResult) -> None:
    """One Parquet file: a row per user, the facts in its schema."""
    columns = {"user": result.values.users, "weight": result.values.weights}
    columns |= result.values.metrics
    columns |= {_SHUFFLED + name: one for name, one in (result.shuffled or {}).items()}
    table = pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False)
    facts = json.dumps(result.facts, default=str).encode()
    write_arrow(path, table.replace_schema_metadata({_FACTS: facts}))


def read_cell(path: Path) -> CellResult:
    """:raises ArtifactError: when the file is damaged."""
    try:
        table = pq.read_table(path)
        facts = json.loads(table.schema.metadata[_FACTS])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{path} cannot be read: {error}", "Delete it and give the same command again."
        ) from None
    columns = {name: table[name].to_numpy() for name in table.column_names}
    users, weights = columns.pop("user"), columns.pop("weight")
    plain = {name: one for name, one in columns.items() if not name.startswith(_SHUFFLED)}
    other = {
        name.removeprefix(_SHUFFLED): one
        for name, one in columns.items()
        if name.startswith(_SHUFFLED)
    }
    return CellResult(UserValues(np.asarray(users), weights, plain), other or None, facts)


def _new(config: RunConfig) -> Model:
    owner = manager.model_owner(config.model)
    return guard.new_model(config.model_class(), config.model_options(), owner)


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone, which cannot tell it any more."""
    # on Windows the number of a parent that is gone stays
    while os.getppid() == parent and psutil.pid_exists(parent):
        sleep(1)
    os._exit(1)


def main() -> None:
    """Compute one cell: ``python -m reelgraph.pipeline.comparison.cell OUT``, the cell on stdin.

    An error that a user can act on goes to stdout as JSON, with exit code 1. An interrupted fit
    leaves its state beside OUT.
    """
    from ...errors import ReelgraphError, Stopped
    from ...settings import Settings

    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    told, out = json.load(sys.stdin), Path(sys.argv[1])
    manager.configure(Settings.model_validate(told["settings"]))
    try:
        write_cell(out, compute(Cell.model_validate(told["cell"]), checkpoints_of(out)))
    except (KeyboardInterrupt, Stopped):  # who started it says so
        sys.exit(130)
    except (ReelgraphError, MemoryError) as error:
        message = error.message if isinstance(error, ReelgraphError) else "it ran out of memory"
        sys.stdout.write(f"\n{json.dumps({'message': message})}")
        sys.exit(1)


if __name__ == "__main__":
    main()
