"""Figures of baselines on the test fold of one split, each with its interval over users.

    python bench/baselines.py datasets/<fingerprint>/splits/user-time
    python bench/baselines.py datasets/<fingerprint>/splits/random --task rating
    python bench/baselines.py --train u1.base --test u1.test --task rating

A model may have options: --model "ease-recency half_life=8". Each is fitted once, on train and
valid, with the options given here; its defaults were chosen on valid (--fold valid shows that).
Ties in time are in the order of (timestamp, the source's row order, item id).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Literal

import click
import pandas as pd
import torch

from reelgraph.artifacts import DatasetFolder, Interval, SplitFolder, Task
from reelgraph.model.base import Model, TrainingOptions
from reelgraph.model.dataset import Folds, load_catalogue, load_folds
from reelgraph.model.evaluation.ranking import evaluate
from reelgraph.model.evaluation.rating import evaluate_ratings
from reelgraph.model.frames import split_frame
from reelgraph.model.needs import TrainingData
from reelgraph.model.splits.fold_files import read_fold
from reelgraph.plugins import manager

MODELS: dict[Task, tuple[str, ...]] = {
    "ranking": (
        "random",
        "most-popular",
        "recent-popular",
        "bpr-mf",
        "user-knn",
        "item-knn",
        "ials",
        "ease",
        "ease-recency",
    ),
    "rating": (
        "bias",
        "user-knn",
        "item-knn",
        "svd",
        "svd reg=0.12 epochs=120",
        "svd++",
        "bayesian-svd++",
    ),
}
SHOWN: dict[Task, tuple[str, ...]] = {
    "ranking": ("precision@1", "precision@5", "precision@10", "sum_rr@10", "ndcg@10"),
    "rating": ("rmse", "mse", "mae", "r2"),
}


def made(row: str) -> Model:
    """An unfitted model of ``name key=value …``."""
    name, *options = row.split()
    values = dict(option.split("=", 1) for option in options)
    cls = manager.models()[name]
    return cls(cls.config_class(**{key: json.loads(value) for key, value in values.items()}))


def folds_of(folder: Path | None, train: Path | None, test: Path | None) -> Folds:
    if folder is not None:
        split = SplitFolder(DatasetFolder(folder.resolve().parents[1]), folder.name)
        return load_folds(split, load_catalogue(split))
    if train is None or test is None:
        raise click.UsageError("give the folder of a split, or --train and --test")
    frame = pd.concat([read_fold(path) for path in (train, test)], ignore_index=True)
    frame = frame.assign(**{name: pd.to_numeric(frame[name]) for name in frame if name != "line"})
    return split_frame(frame, "given", train=str(train), test=str(test))


def figures(model: Model, folds: Folds, task: Task, fold: Literal["valid", "test"]) -> list[str]:
    measure = evaluate if task == "ranking" else evaluate_ratings
    found = measure(model, folds, fold=fold).metrics
    return [_cell(found[name]) for name in SHOWN[task]]


def _cell(interval: Interval) -> str:
    return f"{interval.mean:.4f} [{interval.low:.3f}, {interval.high:.3f}]"


@click.command(help=__doc__)
@click.argument("folder", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--train", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--test", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--task", type=click.Choice(["ranking", "rating"]), default="ranking")
@click.option("--fold", type=click.Choice(["valid", "test"]), default="test")
@click.option("--model", "rows", multiple=True, help="Default: all baselines of the task.")
@click.option("--seed", default=42, show_default=True)
@click.option("--threads", default=1, show_default=True)
def main(
    folder: Path | None,
    train: Path | None,
    test: Path | None,
    task: Task,
    fold: Literal["valid", "test"],
    rows: Sequence[str],
    seed: int,
    threads: int,
) -> None:
    torch.set_num_threads(threads)
    folds = folds_of(folder, train, test)
    read = folds.train if fold == "valid" else folds.history
    read = replace(read, known=None)
    click.echo(f"| model | {' | '.join(SHOWN[task])} | fit, test |")
    click.echo(f"|{'---|' * (len(SHOWN[task]) + 2)}")
    for row in rows or MODELS[task]:
        started, model = monotonic(), made(row)
        model.fit(TrainingData(read), TrainingOptions(seed=seed, threads=threads))
        fitted = monotonic()
        cells = figures(model, folds, task, fold)
        seconds = f"{fitted - started:.0f} s, {monotonic() - fitted:.0f} s"
        click.echo(f"| {row} | {' | '.join(cells)} | {seconds} |")


if __name__ == "__main__":
    main()
