"""A training step of the attention-LSTM beside the sum of its bare parts.

    python bench/train.py datasets/<fingerprint>/splits/user-time

The bare parts get the shapes of the same batches, on the same threads, in turn with the step:

- ``nn.LSTM`` forward and backward, of the batch's padded sequences;
- the product of all positions with the whole catalogue, its softmax, and the two products of
  the gradient: all positions of the batch at once, as it is usually written, and in the parts
  that the step uses, which stay in the cache. The ratio is given beside both.

Beside that: the share of making the batches, what a figure on valid costs, and scoring with
top-n of all users against the bare product and ``torch.topk``. On the CPU, seconds are those of
the process on all its threads, so that other work on the machine counts little; on CUDA they
are those of the clock, after all kernels have ended. Data, weights and order are the same in
each run. Test rows are not read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from torch import Tensor, nn

from reelgraph.artifacts import DatasetFolder, SplitFolder
from reelgraph.model.base import Precision, TrainingOptions
from reelgraph.model.dataset import load_catalogue, load_folds
from reelgraph.model.training.loop import isolated_torch, seed_epoch
from reelgraph.model.training.loss import loss_positions
from reelgraph.model.training.next_item import NextItemLearner
from reelgraph.model.training.sequences import NextItemBatch
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig

N = 10
RANKINGS = 5  # times an epoch, as one takes little
WAYS = ("catalogue at once", "catalogue in parts")


class Stopwatch:
    """Adds up seconds by name."""

    def __init__(self, device: torch.device) -> None:
        self.cuda = device.type == "cuda"
        self.seconds: dict[str, float] = {}

    def now(self) -> float:
        if not self.cuda:
            return time.process_time()
        torch.cuda.synchronize()
        return time.perf_counter()

    def run(self, name: str, work: Callable[[], Any]) -> Any:
        began = self.now()
        result = work()
        self.seconds[name] = self.seconds.get(name, 0.0) + self.now() - began
        return result


class BareParts:
    """What a step cannot do without, on random numbers of a batch's shapes."""

    def __init__(self, config: AttentionLSTMConfig, items: int, device: torch.device) -> None:
        self.lstm = nn.LSTM(config.embedding_size, config.hidden_size, batch_first=True).to(device)
        self.items = torch.randn(items, config.embedding_size + 1, device=device)
        self.device = device

    def recurrent(self, batch: NextItemBatch) -> None:
        """``nn.LSTM`` forward and backward, weights and inputs."""
        size, length = batch.items.shape
        if length < 2:
            return
        inputs = torch.randn(size, length - 1, self.lstm.input_size, device=self.device)
        states = self.lstm(inputs.requires_grad_())[0]
        torch.autograd.backward(states, torch.ones_like(states))

    def catalogue(self, positions: int, at_once: int) -> Tensor:
        """Scores of the catalogue, softmax, and the gradients by both factors."""
        users = torch.randn(positions, self.items.shape[1], device=self.device)
        by_items = torch.zeros_like(self.items)
        for part in users.split(at_once):
            scores = torch.mm(part, self.items.T)
            torch.softmax(scores, 1, out=scores)
            _by_users = torch.mm(scores, self.items)
            by_items.addmm_(scores.T, part)
        return by_items


def epoch(
    learner: NextItemLearner, parts: BareParts, watch: Stopwatch, number: int, most: int
) -> None:
    """One epoch's batches, at most ``most``: the step and each bare part, in turn."""
    learner.network.train()
    seed_epoch(42, number)
    batches, items = learner.batches(number), len(parts.items)
    for _ in range(most):
        batch = watch.run("making batches", lambda: next(batches, None))
        if batch is None:
            return
        positions = len(batch.targets)
        watch.run("step", lambda batch=batch: learner.step([batch]))
        watch.run("nn.LSTM", lambda batch=batch: parts.recurrent(batch))
        for name, size in zip(
            WAYS, (positions, loss_positions(items, parts.device.type)), strict=True
        ):
            watch.run(name, lambda size=size, p=positions: parts.catalogue(p, size))


def ranking(model: AttentionLSTMRanker, learner: NextItemLearner, watch: Stopwatch) -> None:
    """Top-n of all users, a few times; beside it the product of the same vectors and topk."""
    train = learner.histories.data
    queries = [train.query(user) for user in learner.users.tolist()]
    vectors = watch.run("user vectors", lambda: model.vectors(queries))
    model.vectors = lambda _: vectors  # type: ignore[method-assign]
    users, items = torch.from_numpy(vectors.users), torch.from_numpy(vectors.items)
    for _ in range(RANKINGS):
        watch.run("scores and top-n", lambda: model.recommend(queries, N))
        scores: Tensor = watch.run("bare product", lambda: users @ items.T)
        watch.run("bare topk", lambda scores=scores: torch.topk(scores, N))
    del model.vectors


def table(watch: Stopwatch, epochs: int) -> list[str]:
    """The lines of a Markdown table: what, seconds per epoch, ratio."""
    s = {name: seconds / epochs for name, seconds in watch.seconds.items()}
    total = s["step"] + s["making batches"]
    ratios = {
        "making batches": f"{s['making batches'] / total:.1%} of batches and steps",
        "valid": f"{s['valid'] / total:.1%} of batches and steps",
    }
    for name in WAYS:
        bare = s["nn.LSTM"] + s[name]
        ratios[name] = f"with nn.LSTM {bare / s['step']:.0%} of the step"
    bare = s["bare product"] + s["bare topk"]
    ratios["scores and top-n"] = f"{s['scores and top-n'] / bare:.2f} times the bare two"
    return [f"| {name} | {one:.3f} | {ratios.get(name, '')} |" for name, one in s.items()]


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--threads", default=1, show_default=True)
@click.option("--device", default="cpu", show_default=True)
@click.option(
    "--precision", type=click.Choice(["float32", "bfloat16", "float16"]), default="float32"
)
@click.option("--epochs", default=3, show_default=True, help="Measured, after one that is not.")
@click.option("--batches", default=10**9, help="Of an epoch at most; all by default.")
@click.option("--set", "options", multiple=True, metavar="KEY=VALUE", help="Model parameters.")
def main(
    folder: Path,
    threads: int,
    device: str,
    precision: Precision,
    epochs: int,
    batches: int,
    options: tuple[str, ...],
) -> None:
    split = SplitFolder(DatasetFolder(folder.resolve().parents[1]), folder.name)
    folds = load_folds(split, load_catalogue(split))
    given = dict(option.split("=", 1) for option in options)
    config = AttentionLSTMConfig.model_validate({"embeddings": (), **given})
    model = AttentionLSTMRanker(config)
    machine = TrainingOptions(threads=threads, device=device, precision=precision)
    with isolated_torch(machine) as on:
        learner = model.learner(folds.for_choice(), machine, on)
        parts = BareParts(config, len(folds.train.catalogue), on)
        epoch(learner, parts, Stopwatch(on), 1, min(batches, 10))
        watch = Stopwatch(on)
        for number in range(2, 2 + epochs):
            epoch(learner, parts, watch, number, batches)
            watch.run("valid", learner.validate)
            ranking(model, learner, watch)
    sizes = f"embedding {config.embedding_size}, hidden {config.hidden_size}"
    shape = f"{len(folds.train.catalogue):,} items, {len(folds.train):,} events"
    mean = np.mean(np.diff(folds.train.offsets))
    click.echo(f"{folder.name}: {shape}, {mean:.0f} per user; {sizes}; {threads} threads, {on}\n")
    click.echo("| what | seconds per epoch | ratio |\n|---|--:|---|")
    click.echo("\n".join(table(watch, epochs)))


if __name__ == "__main__":
    main()
