"""A list for somebody whom no data set knows: from items or genres that they like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..artifacts import RunFolder
from ..errors import InputError
from ..model.data import IntArray
from ..model.dataset import Folds
from ..model.evaluation.questions import not_candidates
from ..model.fallback import most_popular
from ..model.liked import liked_query
from ..model.training.loop import isolated_torch
from ..progress import Note
from ..results.verdicts import folder_audit
from ..settings import Settings
from .identity import check_behaviour
from .item_names import find_items, items_of_genres, read_items
from .stages.prediction import explained
from .stages.work import work_of

STAND_INS = 5
"""Most rated items of the genres that stand for a taste when no item is named."""


@dataclass(frozen=True)
class NewUserList:
    """``rows`` are as those of :func:`~reelgraph.results.reasons.recommendations`, with
    ``predictedRating`` where the model predicts ratings; ``rule`` says how they were made,
    ``history`` has the items that were taken to be liked.
    """

    run_id: str
    task: str
    audit: str
    rule: str
    history: list[dict[str, Any]]
    rows: list[dict[str, Any]]


def recommend_for(
    settings: Settings,
    run: RunFolder,
    liked: Sequence[str],
    genres: Sequence[str],
    n: int,
    note: Note,
) -> NewUserList:
    """The best ``n`` items by a run's saved model for somebody who likes these items.

    :param liked: titles or ids. Without any, the most rated items of the genres stand for them.
    :param genres: names; only items of any of them are recommended.
    :raises InputError: when nothing is named, or a name fits no item or genre, or several items.
    :raises ArtifactError: when the run was made by another behaviour or its files are missing.
    """
    if not liked and not genres:
        raise InputError("nothing is named that is liked", "Name items: --like TITLE")
    check_behaviour(run)
    work = work_of(settings, run, note)
    folds, items = work.folds(), read_items(work.split.dataset)
    of_genres = items_of_genres(work.split.dataset, genres) if genres else np.arange(len(items))
    history = find_items(items, liked) if liked else most_rated(folds, of_genres)
    others = np.setdiff1d(np.arange(len(items)), of_genres)
    exclude = np.unique(np.concatenate([history, others, not_candidates(folds)]))
    query = liked_query(folds.history, history)
    with isolated_torch(work.options):
        config = work.config.model_copy(update={"n": n})
        found, _ = explained(work.model(folds), [query], config, [exclude])
    if found.empty:
        raise InputError("no item is left to recommend", "Name fewer items, or another genre.")
    rating = None if query.ratings is None else float(query.ratings[0])
    return NewUserList(
        run_id=run.run_id,
        task=work.config.about,
        audit=folder_audit(run),
        rule=_rule(len(history) if not liked else None, genres, rating),
        history=[_item(items, place) for place in history.tolist()],
        rows=_rows(found, items),
    )


def most_rated(folds: Folds, of_genres: IntArray) -> IntArray:
    """The most rated items of the genres in train and valid, the most rated one last.

    :raises InputError: when nobody has rated any.
    """
    others = np.setdiff1d(np.arange(len(folds.history.catalogue)), of_genres)
    ranking = most_popular(folds.history, STAND_INS, [others])
    rated = (ranking.items[0] >= 0) & (ranking.scores[0] > 0)
    if not rated.any():
        raise InputError("nobody has rated an item of this genre", "Name items: --like TITLE")
    best: IntArray = ranking.items[0][rated]
    return best[::-1]


def _rule(stand_ins: int | None, genres: Sequence[str], rating: float | None) -> str:
    """How the list was made, as one or two sentences.

    :param stand_ins: how many items of the genres stand for a taste; None where items are named.
    """
    of = " or ".join(genres)
    what = "the named items"
    if stand_ins == 1:
        what = f"the only rated item of {of}"
    elif stand_ins is not None:
        few = "rated" if stand_ins < STAND_INS else "most rated"
        what = f"the {stand_ins} {few} items of {of}"
    each = "" if rating is None else f", each rated {rating:g}"
    only = f" Only items of {of} are listed." if genres else ""
    return f"The model was asked as for a user whose whole history is {what}{each}.{only}"


def _item(items: pd.DataFrame, place: int) -> dict[str, Any]:
    row = items.iloc[place]
    identifier, year = row["itemId"], row["year"]
    return {
        "itemId": identifier.item() if isinstance(identifier, np.generic) else identifier,
        "title": row["title"],
        "year": None if pd.isna(year) else int(year),
    }


def _rows(found: pd.DataFrame, items: pd.DataFrame) -> list[dict[str, Any]]:
    places = pd.Index(items["itemId"])
    rows = []
    for row in found.to_dict("records"):
        because = [
            {**_item(items, int(places.get_loc(item))), "contribution": float(contribution)}
            for item, contribution in zip(
                row.get("evidenceIds", ()), row.get("evidenceContributions", ()), strict=True
            )
        ]
        shown = {
            "rank": int(row["rank"]),
            **_item(items, int(places.get_loc(row["item"]))),
            "score": float(row["score"]),
        }
        if "predictedRating" in row:
            shown["predictedRating"] = float(row["predictedRating"])
        rows.append({**shown, "because": because})
    return rows
