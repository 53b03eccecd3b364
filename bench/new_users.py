"""How good lists are for people whom no training has seen: from a few titles, or from a genre.

    python bench/new_users.py datasets/<MovieLens 100K>/splits/user-time

A fifth of the users is held out, with all of their ratings; models are fitted on the others as
a run is (protocol user-time on their rows, no knowledge). Of each held-out user with at least
ten films rated 4 and more, 1, 3 or 5 of these are drawn and named, as 'recommend --like' does,
and the list is right where it has another of them. For a genre, the one that most of the user's
liked films have is named alone, and the list has only its films: the model is asked as for
somebody whose history is the five most rated of them, which it may list, too. Beside each stands
what is most popular among the same candidates, which is what 'recommend --genre' gives. P@10,
with 95 % intervals over users; p by 10,000 flips of the differences' signs. --group 1 to 4 holds
other users out, by which rules are chosen.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
import pandas as pd

from reelgraph.artifacts import DatasetFolder, SplitFolder, read_parquet
from reelgraph.model.base import Model, TrainingOptions
from reelgraph.model.data import IntArray
from reelgraph.model.dataset import Folds, load_catalogue, make_folds
from reelgraph.model.evaluation.metrics import Values, find_hits, precision
from reelgraph.model.evaluation.ranking import bootstrap, compare
from reelgraph.model.fallback import most_popular
from reelgraph.model.frames import fit_model
from reelgraph.model.liked import liked_query
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import make_split
from reelgraph.pipeline.item_names import GENRE, items_of_genres
from reelgraph.plugins import manager

LIKED, LEAST, N = 4.0, 10, 10
STAND_INS = 5  # most rated films of a genre that stand for a history


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--models", default="ease-recency,attention-lstm", show_default=True)
@click.option("--seed", default=42, show_default=True)
@click.option("--group", default=0, show_default=True, type=click.IntRange(0, 4))
def main(folder: Path, models: str, seed: int, group: int) -> None:
    split = SplitFolder(DatasetFolder(folder.resolve().parents[1]), folder.name)
    catalogue = load_catalogue(split)
    rows = read_parquet(split.dataset.interactions)
    generator = np.random.default_rng(seed)
    users = np.unique(rows["user"])
    fifth = len(users) // 5
    held = generator.permutation(users)[group * fifth : (group + 1) * fifth]
    others = rows[~rows["user"].isin(held)]
    protocol = bound("user-time", {}, manager.protocols())
    cut = make_split(others, protocol)
    folds = make_folds(others.merge(cut, on=["user", "item", "seq"]), catalogue, protocol.rules)
    liked = liked_items(rows[rows["user"].isin(held)], pd.Index(catalogue.item_ids))
    drawn = [generator.permutation(items) for items in liked]
    genres = favourite_genres(split.dataset, liked)
    click.echo(f"{len(liked)} of {len(held)} held-out users like {LEAST} films and more")
    for name in models.split(","):
        model = fit_model(manager.models()[name], folds, TrainingOptions(seed=seed, progress=True))
        for k in (1, 3, 5):
            named = [items[:k] for items in drawn]
            show(f"{name}, {k} titles", *titles(model, folds, liked, named))
        show(f"{name}, a genre", *of_genres(model, folds, liked, genres))


def liked_items(rows: pd.DataFrame, index: pd.Index) -> list[IntArray]:
    """Places of the films that each user rated high, of users with enough of them."""
    high = rows[rows["rating"] >= LIKED]
    found = [index.get_indexer(part["item"]) for _, part in high.groupby("user")]
    return [items.astype(np.int64) for items in found if len(items) >= LEAST]


def favourite_genres(dataset: DatasetFolder, liked: list[IntArray]) -> list[IntArray]:
    """The films of the genre that most of each user's liked films have."""
    entities = read_parquet(dataset.entities)
    names = entities.loc[[GENRE in labels for labels in entities["labels"]], "name"].dropna()
    of = [items_of_genres(dataset, [name]) for name in sorted(names)]
    return [max(of, key=lambda items: np.isin(mine, items).sum()) for mine in liked]


def titles(
    model: Model, folds: Folds, liked: list[IntArray], named: list[IntArray]
) -> tuple[Values, Values]:
    """P@10 of the model and of what is popular, per user."""
    queries = [liked_query(folds.history, items) for items in named]
    answers = [np.setdiff1d(mine, given) for mine, given in zip(liked, named, strict=True)]
    lists = model.recommend(queries, N, named).items
    return of_lists(lists, answers), of_lists(most_popular(folds.history, N, named).items, answers)


def of_genres(
    model: Model, folds: Folds, liked: list[IntArray], genres: list[IntArray]
) -> tuple[Values, Values]:
    """The same where only a genre is known: its most rated films stand for the history."""
    every = np.arange(len(folds.history.catalogue))
    exclude = [np.setdiff1d(every, items) for items in genres]
    best = most_popular(folds.history, STAND_INS, exclude).items
    queries = [liked_query(folds.history, items[items >= 0][::-1]) for items in best]
    lists = model.recommend(queries, N, exclude).items
    popular = most_popular(folds.history, N, exclude).items
    return of_lists(lists, liked), of_lists(popular, liked)


def of_lists(lists: IntArray, answers: list[IntArray]) -> Values:
    return precision(find_hits(lists, answers), np.array([len(one) for one in answers]))


def show(what: str, ours: Values, popular: Values) -> None:
    """A row of a Markdown table."""
    model, beside = (bootstrap({"p": one})["p"] for one in (ours, popular))
    p = compare(popular, ours)["p"]
    cells = [f"{one.mean:.3f} [{one.low:.3f}, {one.high:.3f}]" for one in (model, beside)]
    click.echo(f"| {what} | {' | '.join(cells)} | {p:.4f} |")


if __name__ == "__main__":
    main()
