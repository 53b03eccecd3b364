"""The training loop: set up → sanity check → epochs → keep the best.

An epoch's randomness depends on (seed, epoch) only, so a fit that was interrupted goes on
from its last whole epoch and ends with the same weights as an undisturbed one.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import torch

from ...artifacts import atomic
from ...errors import ModelError
from ...progress import ProgressBar
from ..base import FitResult, TrainingOptions

State = dict[str, Any]


class Learner(Protocol):
    """What the loop needs of a model: one epoch, a figure on valid, and its state."""

    @property
    def sequences(self) -> int:
        """Sequences of an epoch."""

    def check(self) -> float:
        """The loss of two validation batches before any step."""

    def epoch(self, number: int) -> Iterator[tuple[int, float]]:
        """Train one epoch; yields the sequences and the loss of each batch."""

    def validate(self) -> float | None:
        """The figure that chooses epochs, higher is better; None without valid."""

    def state(self) -> State:
        """All that the next epoch depends on: weights and optimizer."""

    def load_state(self, state: State) -> None:
        """Go back to what :meth:`state` returned."""


def run_epochs(
    learner: Learner, options: TrainingOptions, max_epochs: int, patience: int, inputs: str
) -> FitResult:
    """Train; afterwards the learner holds the weights of the chosen epoch.

    :param max_epochs: epochs at most; exactly as many with ``options.epochs`` or without valid.
    :param patience: epochs without a better figure on valid before stopping.
    :param inputs: digest of everything that the result depends on; names the checkpoint.
    :raises ModelError: when the loss is not finite.
    """
    checkpoint = Checkpoint(options.checkpoint, inputs)
    history, best = checkpoint.restore(learner)
    if not history:
        _finite(learner.check(), "before the first step")
    last = max_epochs if options.epochs is None else options.epochs
    bar = ProgressBar(
        total=last * learner.sequences,
        initial=len(history) * learner.sequences,
        desc="train",
        unit="sequence",
        disable=not options.progress,
    )
    with bar:
        while len(history) < last and not should_stop(scores(history), patience):
            number = len(history) + 1
            started = time.monotonic()
            seed_epoch(options.seed, number)
            losses = []
            for sequences, loss in learner.epoch(number):
                losses.append(loss)
                bar.update(sequences)
            row: dict[str, Any] = {
                "epoch": number,
                "loss": _finite(sum(losses) / max(len(losses), 1), f"in epoch {number}"),
            }
            # with the number of epochs fixed beforehand nothing is chosen, so nothing is measured
            figure = learner.validate() if options.epochs is None else None
            if figure is not None:
                row["valid"] = figure
            row["seconds"] = round(time.monotonic() - started, 3)
            history.append(row)
            if figure is not None and best_epoch(scores(history)) == number:
                best = copy.deepcopy(learner.state())
            checkpoint.save(learner, history, best)
            bar.set_postfix({k: v for k, v in row.items() if k in ("epoch", "loss", "valid")})
            if options.report:
                options.report(row)
    if best is not None:
        learner.load_state(best)
    return FitResult(best_epoch(scores(history)) or len(history), tuple(history))


def scores(history: Sequence[dict[str, Any]]) -> list[float]:
    """The figures on valid so far, each the mean of its epoch and the two before it.

    One epoch's figure goes up and down by more than what is to be chosen. The first two epochs
    have less behind them and are means of what there is.
    """
    figures = [row["valid"] for row in history if "valid" in row]
    return [sum(figures[max(0, i - 2) : i + 1]) / min(i + 1, 3) for i in range(len(figures))]


def best_epoch(figures: Sequence[float]) -> int:
    """The epoch, from 1, with the best figure, the earliest of equals; 0 without figures."""
    return max(range(len(figures)), key=lambda i: figures[i]) + 1 if figures else 0


def should_stop(figures: Sequence[float], patience: int) -> bool:
    """True after ``patience`` epochs without a figure better than the best before them."""
    return bool(figures) and len(figures) - best_epoch(figures) >= patience


def half_cosine(epoch: int, epochs: int) -> float:
    """Share of the learning rate in an epoch from 1: falls from 1 to .05 over ``epochs``.

    It depends on the epochs at most, not on those that a fit runs: a final fit for the epochs
    chosen on valid takes the same steps as the fit that chose them.
    """
    done = min(epoch - 1, epochs) / epochs
    return 0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2


class Checkpoint:
    """State of an interrupted fit in a folder, one file per digest of inputs."""

    def __init__(self, folder: Path | None, inputs: str) -> None:
        self.path = folder / f"{inputs}.pt" if folder else None

    def restore(self, learner: Learner) -> tuple[list[dict[str, Any]], State | None]:
        """Load what an earlier fit with the same inputs left: its epochs and its best state."""
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

    def save(self, learner: Learner, history: Sequence[dict[str, Any]], best: State | None) -> None:
        if self.path is None:
            return
        with atomic(self.path) as temporary:
            torch.save({"last": learner.state(), "history": list(history), "best": best}, temporary)


def seed_epoch(seed: int, epoch: int) -> None:
    """Seed torch for one epoch (0: initial weights), on CPU and CUDA."""
    torch.manual_seed((seed * 1_000_003 + epoch) % 2**63)


def pick_device(name: str) -> torch.device:
    """``auto`` is CUDA where there is a usable device, else the CPU.

    :raises ModelError: when CUDA is asked for and not there.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(f"device {name} is not available", "Use --device cpu or auto.")
    return torch.device(name)


@contextmanager
def isolated_torch(options: TrainingOptions) -> Iterator[torch.device]:
    """torch with threads and a random state of its own, both put back afterwards.

    :return: the device to train on.
    """
    device = pick_device(options.device)
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.set_num_threads(options.threads)
        try:
            yield device
        finally:
            torch.set_num_threads(threads)


def _finite(loss: float, where: str) -> float:
    if not math.isfinite(loss):
        raise ModelError(
            f"the training loss is {loss} {where}",
            "Lower the learning rate, or check the embeddings for extreme values.",
        )
    return loss
