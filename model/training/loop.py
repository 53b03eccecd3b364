"""The training loop: set up → sanity check → epochs → keep the best.

An epoch's randomness depends on (seed, epoch) only, so a fit that was interrupted goes on
from its last whole epoch and ends with the same weights as an undisturbed one.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from threadpoolctl import threadpool_limits

from ...artifacts import write_json_lines
from ...errors import ModelError
from ...progress import ProgressBar
from ..base import FitResult, TrainingOptions
from .checkpoints import Checkpoint, HasState
from .diagnosis import NotFinite
from .interrupts import sigterm_noted, stopped
from .schedules import Schedule, best_epoch, scores, should_stop

_LOWER = "Lower the learning rate, or check the embeddings for extreme values."


class Learner(HasState, Protocol):
    """What the loop needs of a model: one epoch, a figure on valid, and its state."""

    @property
    def sequences(self) -> int:
        """Sequences of an epoch."""

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """Whose learning rate a schedule sets."""

    def check(self) -> float:
        """The loss of two validation batches before any step."""

    def epoch(self, number: int) -> Iterator[tuple[int, float]]:
        """Train one epoch; yields the sequences and the loss of each step."""

    def validate(self) -> float | None:
        """The figure that chooses epochs, higher is better; None without valid."""


def run_epochs(
    learner: Learner,
    options: TrainingOptions,
    max_epochs: int,
    patience: int,
    inputs: str,
    schedule: Schedule | None = None,
) -> FitResult:
    """Train; afterwards the learner holds the weights of the chosen epoch.

    :param max_epochs: epochs at most; exactly as many with ``options.epochs`` or without valid.
    :param patience: epochs without a better figure on valid before stopping.
    :param inputs: digest of everything that the result depends on; names the checkpoint.
    :param schedule: learning rates; without one they stay the optimizer's. ``options.rates``
        go before it.
    :raises ModelError: when the loss is not finite.
    :raises Stopped: after SIGTERM, between two batches.
    """
    checkpoint = Checkpoint(options.checkpoint, inputs)
    history, best = checkpoint.restore(learner)
    if not history:
        _finite(learner.check(), "before the first step")
    last = max_epochs if options.epochs is None else options.epochs
    with _bar(learner, options, last, len(history)) as bar, sigterm_noted() as told:
        while len(history) < last and not should_stop(scores(history), patience):
            row: dict[str, Any] = {"epoch": len(history) + 1}
            _set_rate(learner, options, schedule, history, row)
            try:
                _train(learner, options, row, bar.update, told)
            except _Told:
                raise stopped(len(history), checkpoint.path) from None
            history.append(row)
            if "valid" in row and best_epoch(scores(history)) == row["epoch"]:
                best = copy.deepcopy(learner.state())
            checkpoint.save(learner, history, best)
            _tell(options, history)
            bar.set_postfix({k: v for k, v in row.items() if k in ("epoch", "loss", "valid")})
    if best is not None:
        learner.load_state(best)
    return FitResult(best_epoch(scores(history)) or len(history), tuple(history))


class _Told(Exception):
    """SIGTERM has come."""


def _train(
    learner: Learner,
    options: TrainingOptions,
    row: dict[str, Any],
    advance: Callable[[int], Any],
    told: Callable[[], bool],
) -> None:
    """One epoch and its figure on valid, into its ``row`` of the history."""
    number, started = row["epoch"], time.monotonic()
    losses: list[float] = []
    seed_epoch(options.seed, number)
    try:
        for sequences, loss in learner.epoch(number):
            losses.append(_finite(loss, f"in epoch {number}, batch {len(losses) + 1}"))
            advance(sequences)
            if told():
                raise _Told
    except NotFinite as error:
        where = f"training stopped in epoch {number}, batch {len(losses) + 1}"
        raise ModelError(f"{where}: {error.message}", error.hint) from None
    row["loss"] = sum(losses) / max(len(losses), 1)
    # with the number of epochs fixed beforehand nothing is chosen, so nothing is measured
    figure = learner.validate() if options.epochs is None else None
    if figure is not None:
        row["valid"] = figure
    row["seconds"] = round(time.monotonic() - started, 3)


def _set_rate(
    learner: Learner,
    options: TrainingOptions,
    schedule: Schedule | None,
    history: Sequence[dict[str, Any]],
    row: dict[str, Any],
) -> None:
    """The learning rate of the next epoch, noted in its ``row``."""
    done = len(history)
    if options.rates and done < len(options.rates):
        rate = options.rates[done]
    elif schedule:
        rate = schedule(done + 1, scores(history))
    else:
        return
    for group in learner.optimizer.param_groups:
        group["lr"] = rate
    row["learning_rate"] = rate


def _tell(options: TrainingOptions, history: Sequence[dict[str, Any]]) -> None:
    """Write the epochs so far, and report the last."""
    if options.history:
        write_json_lines(options.history, history)
    if options.report:
        options.report(history[-1])


def _bar(learner: Learner, options: TrainingOptions, last: int, done: int) -> ProgressBar:
    return ProgressBar(
        total=last * learner.sequences,
        initial=done * learner.sequences,
        desc="train",
        unit="sequence",
        disable=not options.progress,
    )


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

    NumPy's products and systems have as many threads: more of them than free cores wait for each
    other, which made iALS twenty times as slow on a busy machine.

    :return: the device to train on.
    """
    device = pick_device(options.device)
    threads = torch.get_num_threads()
    own_state = torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])
    with own_state, threadpool_limits(options.threads, user_api="blas"):
        torch.set_num_threads(options.threads)
        try:
            yield device
        finally:
            torch.set_num_threads(threads)


def _finite(loss: float, where: str) -> float:
    if not math.isfinite(loss):
        raise ModelError(f"the training loss is {loss} {where}", _LOWER)
    return loss
