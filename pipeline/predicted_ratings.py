"""Predicted ratings for the recommendations of a ranking run, made before they are written.

They are asked of the rating run's saved model, as a file in a run's folder; what is written into
the graph is read from there (:mod:`reelgraph.results.predicted_ratings`).
"""

from __future__ import annotations

import pandas as pd

from ..artifacts import RunFolder, write_parquet
from ..errors import ReelgraphError
from ..graph.connection import Counters, GraphLike
from ..graph.results_lock import holding_results
from ..model.training.loop import isolated_torch
from ..progress import Note
from ..results.predicted_ratings import PredictedRatings, Switches, add_ratings, listed, stored
from ..results.retire import GRACE_SECONDS
from ..results.run_content import content_digest
from ..results.run_graph import GraphRun, active_runs, is_content, read_runs
from ..settings import Settings
from .graph_run import folder_work
from .identity import locked
from .stages.pairs import Pairs
from .stages.work import Work


def ratings_for(
    work: Work, graph: GraphLike, evidence_top: int | None = None
) -> PredictedRatings | None:
    """What the write-back of a run needs where a run of the other task is active, as a file.

    A ranking run is written without predicted ratings where the rating run's folder does not
    give them; a note then says why. None also where there is nothing to predict.

    :param evidence_top: as :func:`~reelgraph.results.writeback.write_run` gets it.
    :raises ReelgraphError: when the run is a rating run, and cannot predict.
    """
    runs = read_runs(graph)
    active = active_runs(runs)
    digest = content_digest(work.run, work.split)
    content = work.run.run_id, digest, evidence_top
    mine = [run for run in runs if is_content(run, *content)]
    if work.config.about == "rating":
        ranking = active.get("ranking")
        if ranking is None or ranking.rating_run in [run.run_id for run in mine]:
            return None
        return _ratings(work, work.run, stored(graph, ranking.run_id), digest, str(ranking.digest))
    rating = active.get("rating")
    if rating is None or rating.run_id in [run.rating_run for run in mine if run.complete]:
        return None
    try:
        other = folder_work(rating, work.settings, work.note)
        return _ratings(other, work.run, listed(work.run), str(rating.digest), digest)
    except ReelgraphError as error:
        work.note(_without(rating, error))
        return None


def watched_beside(work: Work, graph: GraphLike) -> Switches:
    """Watches the active run of the other task, from before :func:`ratings_for` asks for it."""
    other = "ranking" if work.config.about == "rating" else "rating"
    return Switches({other: active_runs(read_runs(graph)).get(other)}, work.note)


def rate_active(settings: Settings, graph: GraphLike, note: Note) -> Counters:
    """Predicted ratings of the active rating run on the active ranking run, where they lack.

    For runs that became active again. Where the rating run's folder does not give them, a note
    says why.
    """
    active = active_runs(read_runs(graph))
    ranking, rating = active.get("ranking"), active.get("rating")
    if ranking is None or rating is None or ranking.rating_run == rating.run_id:
        return Counters()
    try:
        work, pairs = folder_work(rating, settings, note), stored(graph, ranking.run_id)
        with locked(work.run):
            found = _ratings(work, work.run, pairs, str(rating.digest), str(ranking.digest))
    except ReelgraphError as error:
        note(_without(rating, error))
        return Counters()
    switches = Switches({"ranking": ranking, "rating": rating}, note)

    def write() -> Counters:
        counters = add_ratings(graph, found, GRACE_SECONDS)
        switches.tell(graph)
        return counters

    return holding_results(graph, write)


def _ratings(
    rating: Work, written: RunFolder, pairs: pd.DataFrame, digest: str, ranking: str
) -> PredictedRatings:
    """Predict and write the file into the folder of the run that is being written."""
    with isolated_torch(rating.options):
        predicted = Pairs(rating).rated(pairs["user"], pairs["item"])
    write_parquet(written.predicted_ratings, pairs.assign(predictedRating=predicted))
    return PredictedRatings(written.predicted_ratings, digest, ranking)


def _without(rating: GraphRun, error: ReelgraphError) -> str:
    hint = f" {error.hint}" if error.hint else ""
    return f"no predicted ratings of run {rating.run_id}: {error.message}.{hint}"
