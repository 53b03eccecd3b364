"""What knowledge is worth to items and users of whom little is known: real, none, shuffled.

    python bench/cold_items.py datasets/<fingerprint>/splits/global-time-successive --seeds 1

Each row is fitted as a run is: epochs and all else chosen on valid, then fitted on train +
valid, and asked the questions of test. Lists are kept in --lists, so that an interrupted
measurement goes on. Differences are paired over users (10,000 random flips of signs), whose
values are the mean over seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import click
import numpy as np

from reelgraph.artifacts import DatasetFolder, SplitFolder, atomic
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import IntArray, Interactions, Knowledge
from reelgraph.model.dataset import Folds, load_catalogue, load_folds
from reelgraph.model.evaluation.metrics import Values, accuracy, find_hits
from reelgraph.model.evaluation.questions import Fold, Questions, ask, read_rows
from reelgraph.model.evaluation.ranking import answer, compare
from reelgraph.model.evaluation.slices import Mask, Part, parts
from reelgraph.model.frames import fit_model
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.identity import BEHAVIOUR_VERSION
from reelgraph.pipeline.inputs import supply

METRIC, N = "ndcg@10", 10
ROWS: tuple[Knowledge, ...] = ("none", "shuffled", "real")
SLICES = ("cold items", "items with 1–5", "cold users", "users with 1–4")


def lists(
    split: SplitFolder, folds: Folds, asked: Questions, knowledge: Knowledge, seed: int, fold: Fold
) -> IntArray:
    """What a fitted model shows for each question, ``(questions, 10)``."""
    config = RunConfig(knowledge=knowledge)
    supplied = supply(config, split)[0]
    options = TrainingOptions(seed=seed, threads=1, progress=True)
    model = fit_model(AttentionLSTMRanker, folds, options, supplied, refit=fold == "test")
    click.echo(f"{knowledge}, seed {seed}: {model.summary()}", err=True)
    return answer(model, asked, N, read_rows(folds, fold)).items


def per_user(asked: Questions, shown: IntArray, right: Mask, owners: Mask) -> Values:
    """The metric summed over each user's questions, 0 for users that are not in the slice."""
    tests = [test[right[test]] for test in asked.tests]
    counts = np.array([len(test) for test in tests]) * owners[asked.owners]
    kept = np.flatnonzero(counts)
    found = accuracy(find_hits(shown[kept], [tests[n] for n in kept]), counts[kept], [N])[METRIC]
    return np.bincount(asked.owners[kept], found, minlength=len(owners))


def questions(asked: Questions, right: Mask, owners: Mask) -> IntArray:
    """How many questions of the slice each user has."""
    told = np.array([right[test].any() for test in asked.tests]) & owners[asked.owners]
    return np.bincount(asked.owners[told], minlength=len(owners))


def row(
    asked: Questions, shown: dict[str, list[IntArray]], known: Interactions, part: Part | None
) -> str | None:
    """The figures of a slice, or of all questions; None where it has no questions."""
    of = part.of if part else None
    right = part.mask if part and of == "items" else np.ones(len(known.catalogue), bool)
    owners = part.mask if part and of == "users" else np.ones(len(known.users), bool)
    counts = questions(asked, right, owners)
    there = counts > 0
    if not there.any():
        return None
    # as many values as users, whose mean is the mean over questions
    scale = there.sum() / counts.sum()
    values = {
        name: np.mean([per_user(asked, one, right, owners) for one in seeds], 0)[there] * scale
        for name, seeds in shown.items()
    }
    cells = [part.name if part else "all", f"{there.sum():,}", f"{counts.sum():,}"]
    cells += [f"{values[name].mean():.4f}" for name in ROWS]
    for other in ROWS[:2]:
        test = compare(values[other], values["real"])
        interval = f"[{test['low']:+.4f}, {test['high']:+.4f}]"
        cells.append(f"{test['difference']:+.4f} {interval}, p = {test['p']:.4f}")
    return f"| {' | '.join(cells)} |"


def collected(
    split: SplitFolder, folds: Folds, asked: Questions, seeds: Sequence[int], fold: Fold, kept: Path
) -> dict[str, list[IntArray]]:
    """Lists of every row and seed, those that are kept not made again."""
    kept.mkdir(parents=True, exist_ok=True)
    shown: dict[str, list[IntArray]] = {}
    for knowledge in ROWS:
        for seed in seeds:
            about = (split.dataset.fingerprint, split.split_id, fold, knowledge, seed)
            path = kept / f"{'-'.join(map(str, about))}-{BEHAVIOUR_VERSION}.npy"
            if not path.is_file():
                found = lists(split, folds, asked, knowledge, seed, fold)
                with atomic(path) as temporary, temporary.open("wb") as file:
                    np.save(file, found)
            shown.setdefault(knowledge, []).append(np.load(path))
    return shown


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seeds", default=3, show_default=True)
@click.option("--fold", type=click.Choice(get_args(Fold)), default="test", show_default=True)
@click.option("--lists", "kept", type=click.Path(path_type=Path), default=Path("cold-items"))
def main(folder: Path, seeds: int, fold: Fold, kept: Path) -> None:
    split = SplitFolder(DatasetFolder(folder.resolve().parents[1]), folder.name)
    folds = load_folds(split, load_catalogue(split))
    asked = ask(folds, fold)
    shown = collected(split, folds, asked, range(42, 42 + seeds), fold, kept)
    known = read_rows(folds, fold)
    found = {one.name: one for one in parts(known, np.unique(asked.owners), True)}
    click.echo(f"{folder.name}, {fold} fold, {seeds} seeds; {METRIC}, differences of real\n")
    click.echo("| slice | users | questions | none | shuffled | real | − none | − shuffled |")
    click.echo("|---|--:|--:|--:|--:|--:|---|---|")
    for name in (None, *SLICES):
        part = found.get(name) if name else None
        if (name is None or part) and (line := row(asked, shown, known, part)):
            click.echo(line)


if __name__ == "__main__":
    main()
