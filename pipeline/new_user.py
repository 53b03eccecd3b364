"""A list for somebody whom no data set knows: from items or genres that they like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..artifacts import RunFolder
from ..errors import InputError
from ..model.evaluation.questions import not_candidates
from ..model.liked import liked_query
from ..model.training.loop import isolated_torch
from ..progress import Note
from ..results.verdicts import folder_audit
from ..settings import Settings
from .identity import check_behaviour
from .item_names import find_items, items_of_genres, named_item, read_items
from .stages.prediction import explained, popular_lists
from .stages.work import work_of


@dataclass(frozen=True)
class NewUserList:
    """``rows`` are as those of :func:`~reelgraph.results.reasons.recommendations`, with
    ``predictedRating`` where the model predicts ratings; ``rule`` says how they were made,
    ``history`` has the named items. Where only genres are named, the model is not asked:
    ``history`` is empty, and each row has how many users rated the item as ``score`` and
    ``fallback``.
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

    Genres alone are answered by what is most rated in them: no model that was measured knows
    more of a person who names a genre (``docs/evaluation.md``).

    :param liked: titles or ids; may be empty when there are genres.
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
    history = find_items(items, liked)
    query = liked_query(folds.history, history)
    others = np.setdiff1d(np.arange(len(items)), of_genres)
    exclude = np.unique(np.concatenate([history, others, not_candidates(folds)]))
    if liked:
        with isolated_torch(work.options):
            config = work.config.model_copy(update={"n": n})
            found, _ = explained(work.model(folds), [query], config, [exclude])
    else:
        found = _rated(popular_lists(folds, [query.user], n, exclude))
    if found.empty:
        raise InputError("no item is left to recommend", "Name fewer items, or another genre.")
    rating = None if query.ratings is None or not liked else float(query.ratings[0])
    return NewUserList(
        run_id=run.run_id,
        task=work.config.about,
        audit=folder_audit(run),
        rule=_rule(liked, genres, rating),
        history=[named_item(items, place) for place in history.tolist()],
        rows=_rows(found, items),
    )


def _rated(found: pd.DataFrame) -> pd.DataFrame:
    """:raises InputError: when nobody has rated any of the items."""
    rated = found[found["score"] > 0]
    if rated.empty:
        raise InputError("nobody has rated an item of this genre", "Name items: --like TITLE")
    return rated


def _rule(liked: Sequence[str], genres: Sequence[str], rating: float | None) -> str:
    """How the list was made, as one or two sentences."""
    of = " or ".join(genres)
    if not liked:
        return f"No item is named, so these are the items of {of} that most users rated."
    each = "" if rating is None else f", each rated {rating:g}"
    only = f" Only items of {of} are listed." if genres else ""
    return f"The model was asked as for a user whose whole history is the named items{each}.{only}"


def _rows(found: pd.DataFrame, items: pd.DataFrame) -> list[dict[str, Any]]:
    places = pd.Index(items["itemId"])
    rows = []
    for row in found.to_dict("records"):
        because = [
            {**named_item(items, int(places.get_loc(item))), "contribution": float(contribution)}
            for item, contribution in zip(
                row.get("evidenceIds", ()), row.get("evidenceContributions", ()), strict=True
            )
        ]
        shown = {
            "rank": int(row["rank"]),
            **named_item(items, int(places.get_loc(row["item"]))),
            "score": float(row["score"]),
        }
        if "predictedRating" in row:
            shown["predictedRating"] = float(row["predictedRating"])
        if "fallback" in row:
            shown["fallback"] = row["fallback"]
        rows.append({**shown, "because": because})
    return rows
