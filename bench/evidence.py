"""Whether the reasons are what the scores rest on, and which films they name first.

    python bench/evidence.py datasets/<fingerprint>/splits/user-time
    python bench/evidence.py datasets/<fingerprint>/splits/user-time --set gains=[]

A model is fitted on train, its epochs chosen on valid, and asked for the best item of users of
valid; test rows are not read. AOPC is by how much that item's score falls without the first 1 to 5
events of an order (model/evaluation/faithfulness.py): random is the floor, the greedily built set
the ceiling. "closed" is the share of the way between both. Intervals are over users.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from reelgraph.artifacts import DatasetFolder, SplitFolder
from reelgraph.model.base import Evidence, Model, TrainingOptions
from reelgraph.model.data import IntArray, Query
from reelgraph.model.dataset import load_catalogue, load_folds, read_vectors
from reelgraph.model.evaluation import faithfulness
from reelgraph.model.evaluation.ranking import bootstrap
from reelgraph.model.frames import fit_model
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.inputs import supply
from reelgraph.plugins import manager

LOW = 2  # of 5: such a rating says that a film was not liked


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--model", "name", default="attention-lstm", show_default=True)
@click.option("--set", "options", multiple=True, help="NAME=VALUE, an option of the model.")
@click.option("--users", default=150, show_default=True, help="Users, drawn at random.")
@click.option("--seed", default=42, show_default=True)
@click.option("--similar-by", default="fastrp", show_default=True, help="Vectors of knowledge.")
def main(
    folder: Path, name: str, options: Sequence[str], users: int, seed: int, similar_by: str
) -> None:
    split = SplitFolder(DatasetFolder(folder.resolve().parents[1]), folder.name)
    catalogue = load_catalogue(split)
    folds = load_folds(split, catalogue)
    values = {key: json.loads(text) for key, text in (one.split("=", 1) for one in options)}
    config = RunConfig(model=name, options=values, seed=seed)
    cls = manager.models()[name]
    supplied = supply(config, split)[0]
    model = fit_model(
        lambda: cls(cls.config_class(**values)),
        folds,
        TrainingOptions(seed=seed, progress=True),
        supplied,
        refit=False,
    )
    asked = np.flatnonzero(np.diff(folds.valid.offsets) > 0)
    every = [folds.train.query(user) for user in asked.tolist()]
    reasons(every, explained(model, every)[1])
    drawn = np.sort(np.random.default_rng(seed).permutation(len(every))[:users])
    queries = [every[user] for user in drawn.tolist()]
    items, evidence = explained(model, queries)
    vectors = read_vectors(split, similar_by, False, catalogue.item_ids)
    orders = {
        "random": faithfulness.at_random(queries, seed),
        "most recent first": faithfulness.most_recent(queries),
        "most similar by knowledge": faithfulness.most_similar(queries, items, vectors),
        "contribution (the reasons shown)": faithfulness.by_contribution(evidence),
        "left out one at a time": faithfulness.leave_one_out(model, queries, items),
        "greedy": faithfulness.greedy(model, queries, items),
    }
    table(model, queries, items, orders)


def explained(model: Model, queries: Sequence[Query]) -> tuple[IntArray, list[Evidence]]:
    """The best item of each question, and why."""
    items = model.recommend(queries, 1).items[:, 0]
    return items, model.explain(queries, [np.array([item]) for item in items])


def reasons(queries: Sequence[Query], evidence: Sequence[Evidence]) -> None:
    """What the first reason is, over the users."""
    first = [order[0] for order in faithfulness.by_contribution(evidence)]
    ages = np.array([len(q.items) - 1 - at for q, at in zip(queries, first, strict=True)])
    print(f"users {len(queries)}; the first reason is")
    if all(query.ratings is not None for query in queries):
        found: Any = [q.ratings[at] for q, at in zip(queries, first, strict=True)]  # type: ignore[index]
        rated = np.concatenate([query.ratings for query in queries if query.ratings is not None])
        low, share = np.mean(np.array(found) <= LOW), np.mean(rated <= LOW)
        print(f"  rated {LOW} or less     {low:.3f}   (of all ratings: {share:.3f})")
    print(f"  the last event      {np.mean(ages == 0):.3f}")
    print(f"  one of the last 5   {np.mean(ages < 5):.3f}")


def table(
    model: Model,
    queries: Sequence[Query],
    items: IntArray,
    orders: dict[str, list[IntArray]],
) -> None:
    falls = {
        name: faithfulness.comprehensiveness(model, queries, items, order)
        for name, order in orders.items()
    }
    floor, ceiling = falls["random"].mean(), falls["greedy"].mean()
    print(f"\nAOPC of the best item's score, {len(queries)} users      closed")
    for name, values in falls.items():
        found = bootstrap({"aopc": values})["aopc"]
        closed = (values.mean() - floor) / (ceiling - floor)
        print(f"  {name:<34}{found.mean:.3f} [{found.low:.3f}, {found.high:.3f}]   {closed:.2f}")


if __name__ == "__main__":
    main()
