"""What a fit leaves in a folder, so that a later one with the same inputs goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch

from ...artifacts import atomic, digest
from ...errors import ModelError
from ..base import Model, TrainingOptions
from ..dataset import catalogue_digest
from ..needs import TrainingData

State = dict[str, Any]


class HasState(Protocol):
    """What can be saved and put back."""

    def state(self) -> State:
        """All that the next epoch depends on: weights and optimizer."""

    def load_state(self, state: State) -> None:
        """Go back to what :meth:`state` returned."""


class Checkpoint:
    """State of an interrupted fit in a folder, one file per digest of inputs."""

    def __init__(self, folder: Path | None, inputs: str) -> None:
        self.path = folder / f"{inputs}.pt" if folder else None

    def restore(self, learner: HasState) -> tuple[list[dict[str, Any]], State | None]:
        """Load what an earlier fit with the same inputs left: its epochs and its best state.

        :raises ModelError: when the file is damaged.
        """
        if self.path is None or not self.path.is_file():
            return [], None
        try:
            saved = torch.load(self.path, weights_only=True, map_location="cpu")
            learner.load_state(saved["last"])
        except Exception as error:
            raise ModelError(
                f"checkpoint {self.path} cannot be read: {error}", "Delete it and train again."
            ) from None
        return list(saved["history"]), saved["best"]

    def save(
        self, learner: HasState, history: Sequence[dict[str, Any]], best: State | None
    ) -> None:
        """Replace the file, whole or not at all.

        :raises ArtifactError: when the disk is full; what was saved before stays.
        """
        if self.path is None:
            return
        kept = {"last": learner.state(), "history": list(history), "best": best}
        # through a file of Python's: torch's own says "iostream error" when the disk is full
        with atomic(self.path) as temporary, temporary.open("wb") as file:
            torch.save(kept, file)


def fit_inputs(
    model: Model,
    data: TrainingData,
    arrays: Mapping[str, npt.NDArray[Any]],
    options: TrainingOptions,
) -> str:
    """Digest of all that a fit's result depends on.

    :param arrays: what is supplied beside the interactions, by name.
    """
    folds = [
        [_sha(one) for one in (fold.offsets, fold.items, fold.ratings, fold.timestamps)]
        if fold
        else None
        for fold in (data.train, data.valid)
    ]
    knowledge = {name: _sha(one) for name, one in arrays.items()}
    given = [catalogue_digest(data.catalogue), folds, data.targets, knowledge]
    chosen = sorted(options.settings.items())
    run = [options.seed, options.epochs, options.rates, options.precision, chosen]
    code = [type(model).__module__, type(model).__qualname__]
    config = model.config.model_dump()
    return digest([code, config, *given, *run])


def _sha(values: npt.NDArray[Any] | None) -> str | None:
    if values is None:
        return None
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
