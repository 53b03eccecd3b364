"""Why an item stands where it does, as an explainer says it of the active run's saved model."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError, ModelError
from ..graph.connection import GraphLike
from ..list_lengths import SHOWN
from ..model.base import Model
from ..model.data import Catalogue, Query
from ..model.explainers.asking import descending, places_of
from ..model.explainers.base import Explainer
from ..model.explainers.counterfactual import Counterfactual, minimal_set
from ..model.explainers.guard import guarded
from ..model.needs import Supplied
from ..model.suppliers.base import AbsentError, Place
from ..model.training.loop import isolated_torch
from ..plugins import manager
from ..progress import Note
from ..results.run_graph import GraphRun, active_runs, read_runs
from ..settings import Settings
from .asked_pair import places_in
from .graph_run import named_work
from .inputs import supplier_of
from .item_names import named_item, read_items
from .stages.work import Work

_MOST = 10  # events that are taken away to get an item out of the list


def explained_by(
    settings: Settings,
    graph: GraphLike,
    user_id: int | str,
    item_id: int | str,
    name: str,
    note: Note,
) -> dict[str, Any]:
    """``runId, explainer, itemId, title, year, rank, score, evidence`` and ``without``.

    ``rank`` is among all items that the run had not read of the user. ``evidence`` are the items
    of the history that count most (``itemId, title, year, rating, timestamp, seq,
    contribution``). ``without`` is said by ``counterfactual`` alone: items of the history
    without which it would not be among the first ten, all of them needed; None where no ten
    items are enough, or it is not among these.

    :raises InputError: for an unknown explainer, one that cannot explain this model or data, no
        active run, or a user or item that the run does not know.
    :raises ArtifactError: when the run's folder is missing or holds something else by now.
    """
    known = manager.explainers()
    if name not in known:
        raise InputError(f"there is no explainer '{name}'", f"Known: {', '.join(known)}")
    run = active_runs(read_runs(graph)).get("ranking")
    if run is None:
        raise InputError(
            "no run is active in this graph, so there are no recommendations",
            "Make one: reelgraph run, or activate one: reelgraph runs list",
        )
    work = named_work(run, settings, note)
    folds = work.folds()
    asked = f"run {run.run_id} explains nothing here"
    user, item = places_in(folds.history, user_id, item_id, asked, f"recommend {user_id}")
    _say_refreshed(graph, run, user_id, note)
    query = folds.history.query(user)
    with isolated_torch(work.options):
        model = work.model(folds)
        found = _explained(work, model, known[name], query, item)
    items = read_items(work.split.dataset)
    without = found.pop("without")
    return {
        "runId": run.run_id,
        "explainer": name,
        **named_item(items, item),
        **found,
        "evidence": [
            {**named_item(items, int(query.items[n])), **_event(query, n), "contribution": value}
            for n, value in found["evidence"]
        ],
        "without": None
        if without is None
        else [named_item(items, int(query.items[n])) for n in without.tolist()],
    }


def _say_refreshed(graph: GraphLike, run: GraphRun, user_id: int | str, note: Note) -> None:
    """An explainer reads the run's data set, and not what came since."""
    row = graph.run("refresh/made_from", userId=user_id, written=run.written).single()
    if row is not None:
        note(
            f"user {user_id} has a newer list, made from {row['events']:,} ratings (reelgraph "
            "refresh); an explainer reads those of the run's data set alone"
        )


def _explained(
    work: Work, model: Model, cls: type[Explainer], query: Query, item: int
) -> dict[str, Any]:
    items = np.array([item])
    scores, ranks = places_of(model, [query], items, [query.items])
    try:
        explainer = make_explainer(cls, work, model.catalogue, work.config.seed)
        values = explainer.contributions(model, [query], items)[0]
    except AbsentError as error:
        raise InputError(
            f"explainer '{cls.name}' needs {error.message.removeprefix('no ')}, of which the data "
            "set has none",
            "Take another explainer.",
        ) from None
    except ModelError as error:
        raise InputError(f"{error.message}", "Take another explainer.") from None
    is_shown = cls is Counterfactual and ranks[0] <= SHOWN
    return {
        "rank": int(ranks[0]),
        "score": float(scores[0]),
        "evidence": [
            (n, float(values[n])) for n in descending(values)[: work.config.evidence].tolist()
        ],
        "without": minimal_set(model, query, item, SHOWN, _MOST) if is_shown else None,
    }


def make_explainer(cls: type[Explainer], work: Work, catalogue: Catalogue, seed: int) -> Explainer:
    """An explainer with what it needs, of the graph that the run's knowledge is from.

    :raises AbsentError: when the data set does not have it.
    """
    place = Place(work.split, catalogue, work.config.knowledge == "shuffled")
    supplied = {need: supplier_of(need).read(need, place) for need in cls.needs()}
    return guarded(cls(Supplied(supplied), seed))


def _event(query: Query, n: int) -> dict[str, Any]:
    return {
        "rating": None if query.ratings is None else float(query.ratings[n]),
        "timestamp": None if query.timestamps is None else int(query.timestamps[n]),
        "seq": n + 1,
    }
