"""What a fit leaves in a folder, so that a later one with the same inputs goes on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import torch

from ...artifacts import atomic
from ...errors import ModelError

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
