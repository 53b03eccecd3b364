"""An evaluation's own work beside the bare product and ``torch.topk``, in one run.

    python bench/evaluate.py --rounds 5

The data are made up, in the shape of MovieLens 1M (6,040 users, 3,706 items, 132 events in the
history and 33 in test per user); the model is a product of two matrices, so that what is not the
product is the evaluation's. Seconds are those of the process, on one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Self

import click
import numpy as np
import torch

from reelgraph.model.base import FitResult, Model, TrainingOptions
from reelgraph.model.data import Catalogue, FloatArray, IntArray, Interactions, Query
from reelgraph.model.dataset import Folds
from reelgraph.model.evaluation.metrics import accuracy, find_hits
from reelgraph.model.evaluation.ranking import evaluate
from reelgraph.model.needs import NOTHING, Supplied, TrainingData

USERS, ITEMS, SIZE, HISTORY, TEST, N = 6_040, 3_706, 64, 132, 33, 10


class Product(Model):
    """Scores are the product of made-up user and item vectors."""

    name = "product"
    description = "a bare product, for this benchmark"

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        random = np.random.default_rng(1)
        self.catalogue = catalogue
        self.of_users = random.normal(size=(USERS, SIZE)).astype(np.float32)
        self.of_items = random.normal(size=(ITEMS, SIZE)).astype(np.float32)

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        users = np.array([query.user for query in queries])
        return np.asarray(self.of_users[users] @ self.of_items.T, np.float32)

    def save(self, folder: Path) -> None:
        raise NotImplementedError

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        raise NotImplementedError


def made_up() -> Folds:
    """Each user's items are drawn without repetition; the last ones are test."""
    random = np.random.default_rng(0)
    drawn = random.random((USERS, ITEMS)).argpartition(HISTORY + TEST)[:, : HISTORY + TEST]
    catalogue, users = Catalogue(np.arange(ITEMS)), np.arange(USERS)

    def rows(items: IntArray) -> Interactions:
        offsets = np.arange(USERS + 1) * items.shape[1]
        return Interactions(catalogue, users, offsets, items.reshape(-1).astype(np.int64))

    history = rows(drawn[:, :HISTORY])
    return Folds(history, rows(drawn[:, :0]), rows(drawn[:, HISTORY:]), history)


def bare(model: Product) -> torch.Tensor:
    scores = torch.from_numpy(model.of_users) @ torch.from_numpy(model.of_items).T
    return torch.topk(scores, N, dim=1).indices


def seconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
def main(rounds: int) -> None:
    """Print the median seconds of each part, its rate, and its ratio to the bare work."""
    torch.set_num_threads(1)
    folds = made_up()
    model = Product(folds.train.catalogue)
    queries = [folds.history.query(user) for user in range(USERS)]
    tests = [folds.test.history(user) for user in range(USERS)]
    ranked, sizes = model.recommend(queries, N).items, np.full(USERS, TEST)
    parts: dict[str, Callable[[], object]] = {
        "product and topk alone": lambda: bare(model),
        "lists: product, exclusion, rank": lambda: model.recommend(queries, N),
        "hits and accuracy": lambda: accuracy(find_hits(ranked, tests), sizes, [1, 5, N]),
        "evaluate, whole": lambda: evaluate(model, folds),
        "evaluate with slices": lambda: evaluate(model, folds, sliced=True),
    }
    for work in parts.values():
        work()  # once for the caches
    taken: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, work in parts.items():
            taken[name].append(seconds(work))
    first = median(taken["product and topk alone"])
    click.echo("| what | seconds | million scores/s | times the bare work |\n|---|--:|--:|--:|")
    for name, all_taken in taken.items():
        one = median(all_taken)
        click.echo(f"| {name} | {one:.3f} | {USERS * ITEMS / one / 1e6:.1f} | {one / first:.2f} |")


if __name__ == "__main__":
    main()
