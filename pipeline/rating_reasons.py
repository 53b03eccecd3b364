"""What a rating that the active rating run predicts is made of, by the run's saved model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..graph.connection import GraphLike
from ..model.base import Model
from ..model.data import Interactions
from ..model.rating_reasons import RatingReasons
from ..model.training.loop import isolated_torch
from ..plugins import manager
from ..progress import Note
from ..results.run_graph import active_runs, read_runs
from ..settings import Settings
from .asked_pair import places_in, rating_of
from .graph_run import named_work
from .item_names import named_item, plain, read_items
from .stages.work import Work


def rating_explanation(
    settings: Settings, graph: GraphLike, user_id: int | str, item_id: int | str, note: Note
) -> dict[str, Any]:
    """``runId, itemId, title, year, predictedRating, parts, because``.

    ``parts`` (``part, contribution``) and ``because`` add up to the predicted rating. Each of
    ``because`` is an item of the user's history (``itemId, title, year``) or another user
    (``userId``) with ``rating`` and ``contribution``, the largest contributions first.

    :raises InputError: when no rating run is active, its model cannot say what a rating is made
        of, or it predicts nothing for this user and item.
    :raises ArtifactError: when the run's folder is missing or holds something else by now.
    """
    run = active_runs(read_runs(graph)).get("rating")
    if run is None:
        raise InputError(
            "no rating run is active in this graph, so there are no predicted ratings",
            "Make one: reelgraph run --model bias",
        )
    work = named_work(run, settings, note, "rating run")
    _check_model(work)
    folds, items = work.folds(), read_items(work.split.dataset)
    nothing = f"rating run {run.run_id} predicts nothing here"
    instead = f"recommend {user_id} --task rating"
    user, item = places_in(folds.history, user_id, item_id, nothing, instead)
    with isolated_torch(work.options):
        found = work.model(folds).explain_rating(folds.history.query(user), item)
    return {
        "runId": run.run_id,
        **named_item(items, item),
        "predictedRating": found.rating,
        "parts": [{"part": name, "contribution": part} for name, part in found.parts.items()],
        "because": _because(found, folds.history, items, user, item),
    }


def _check_model(work: Work) -> None:
    """:raises InputError: for a model that cannot say; names those that can."""
    if work.config.model_class().explain_rating is not Model.explain_rating:
        return
    able = [
        name
        for name, one in manager.models().items()
        if one.explain_rating is not Model.explain_rating
    ]
    raise InputError(
        f"model '{work.config.model}' of rating run {work.run.run_id} cannot say what a "
        "predicted rating is made of",
        f"Models that can: {', '.join(sorted(able))}. "
        f"Make a run of one: reelgraph run --task rating --model {able[0]}",
    )


def _because(
    found: RatingReasons, history: Interactions, items: pd.DataFrame, user: int, item: int
) -> list[dict[str, Any]]:
    rows = []
    for place in np.argsort(-np.abs(found.contributions), kind="stable").tolist():
        neighbour = int(found.neighbours[place])
        if found.of == "items":
            who, rating = named_item(items, neighbour), rating_of(history, user, neighbour)
        else:
            who = {"userId": plain(history.users[neighbour])}
            rating = rating_of(history, neighbour, item)
        rows.append({**who, "rating": rating, "contribution": float(found.contributions[place])})
    return rows
