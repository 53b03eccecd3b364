"""How true and how faithful a run's explanations are: ``reelgraph evaluate --explanations``.

Of each user in a sample the model's best item is explained in several ways, and each is tested
by asking the model without the events that it names first. What the run's files show is looked
up in the data set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..artifacts import ExplainerFigures, Interval, RunExplanations, read_parquet, write_record
from ..errors import ArtifactError, InputError, ModelError
from ..list_lengths import MEASURED
from ..model.base import Model
from ..model.data import Catalogue, FloatArray, IntArray, Query
from ..model.dataset import Folds
from ..model.evaluation import faithfulness
from ..model.evaluation.path_quality import Shown, first_reasons, measure_paths
from ..model.evaluation.ranking import bootstrap
from ..model.explainers.base import Explainer
from ..model.explainers.counterfactual import Counterfactual, greedy
from ..model.explainers.knowledge_paths import Ties
from ..model.needs import EmbeddingNeed, TriplesNeed
from ..model.suppliers.base import AbsentError, Place
from ..model.training.loop import isolated_torch
from ..model.triples import Triples
from ..plugins import manager
from ..progress import ProgressBar
from .explaining import make_explainer
from .inputs import supplier_of
from .stages.work import Work

RANDOM, RECENT, SIMILAR, GREEDY = "random", "most recent first", "similar by knowledge", "greedy"
SHOWN_BY = "attention"  # the explainer whose reasons a run's files and the graph show
_GROUP = 16  # users at a time
_NO_SEEDS = "no runs of other seeds are given (--beside RUN)"


@dataclass(frozen=True)
class Ways:
    """The ways to explain a model: explainers by name, vectors of knowledge where there are any."""

    model: Model
    explainers: Mapping[str, Explainer]
    vectors: FloatArray | None
    seed: int

    def values(self, queries: Sequence[Query], items: IntArray) -> dict[str, list[FloatArray]]:
        """What each event counts, by way."""
        found = {RANDOM: faithfulness.at_random(queries, self.seed)}
        found[RECENT] = faithfulness.most_recent(queries)
        if self.vectors is not None:
            found[SIMILAR] = faithfulness.most_similar(queries, items, self.vectors)
        for name, one in self.explainers.items():
            found[name] = one.contributions(self.model, queries, items)
        return found


def evaluate_explanations(
    work: Work, users: int, seed: int, beside: Sequence[Work] = ()
) -> RunExplanations:
    """Measure a predicted run's explanations and write ``explanations.json``.

    :param users: how many users are drawn; all where there are fewer.
    :param beside: runs of the same model with other seeds.
    :raises InputError: for a rating run, no users with history, or runs beside it
        that differ in more than the seed.
    :raises ArtifactError: when files are missing.
    """
    if work.config.about != "ranking":
        raise InputError(
            f"run {work.run.run_id} predicts ratings, so it has no reasons of a list to measure",
            "Name a run of a model that recommends: reelgraph runs list",
        )
    for other in beside:
        _check_beside(work, other)
    with isolated_torch(work.options):
        record = _measured(work, users, seed, beside)
    write_record(work.run.explanations, record)
    return record


def _measured(work: Work, users: int, seed: int, beside: Sequence[Work]) -> RunExplanations:
    folds = work.folds()
    model = work.model(folds)
    queries = _sample(folds, users, seed)
    left_out: dict[str, str] = {}
    ways = Ways(model, _explainers(work, model, seed, left_out), _vectors(work, left_out), seed)
    others = [one.model(one.folds()) for one in beside]
    if not others:
        left_out["top-5 Jaccard over seeds"] = _NO_SEEDS
    triples = _triples(work, model.catalogue, False)
    rows = read_parquet(work.run.predictions)
    shown = _shown(rows, folds)
    drawn = _triples(work, model.catalogue, work.config.knowledge == "shuffled")
    ties = Ties(drawn, len(model.catalogue)) if drawn is not None else None
    quality = measure_paths(shown, folds.history, folds.test, ties, triples)
    if "lir" not in quality.of_users:
        left_out["LIR"] = "no times" if quality.of_users else "no paths"
    return RunExplanations(
        model=work.config.model,
        seed=seed,
        users=len(queries),
        most=faithfulness.MOST,
        n=MEASURED,
        recommendations=len(shown),
        coverage=quality.coverage,
        edges=quality.edges,
        path_validity=quality.valid,
        time_validity=quality.in_time,
        with_path=quality.with_path,
        paths={name: _interval(values, seed) for name, values in quality.of_users.items()},
        first=first_reasons(_best(shown), folds.history),
        explainers=_figures(_tested(ways, queries, others), seed),
        beside=tuple(one.run.run_id for one in beside),
        left_out=left_out,
    )


Figures = dict[str, dict[str, FloatArray]]  # a value per user, by way and measure


def _tested(ways: Ways, queries: Sequence[Query], others: Sequence[Model]) -> Figures:
    """Each measure of each way, group by group of users."""
    groups: list[Figures] = []
    with ProgressBar(total=len(queries), desc="explanations", unit=" users") as bar:
        for start in range(0, len(queries), _GROUP):
            part = queries[start : start + _GROUP]
            groups.append(_tested_group(ways, part, others))
            bar.update(len(part))
    return {
        way: {name: np.concatenate([group[way][name] for group in groups]) for name in measures}
        for way, measures in groups[0].items()
    }


def _tested_group(ways: Ways, queries: Sequence[Query], others: Sequence[Model]) -> Figures:
    model = ways.model
    items = model.recommend(queries, 1).items[:, 0]
    values = ways.values(queries, items)
    alone = values.get(Counterfactual.name)
    orders = {way: faithfulness.orders_of(one) for way, one in values.items()}
    orders[GREEDY] = greedy(model, queries, items, faithfulness.MOST)
    found: Figures = {}
    for way, order in orders.items():
        falls, stays = faithfulness.comprehensiveness(model, queries, items, order, n=MEASURED)
        found[way] = {"comprehensiveness": falls, "pos": stays}
        found[way]["sufficiency"] = faithfulness.sufficiency(model, queries, items, order)
        if alone is not None and way in values:
            found[way]["tau"] = faithfulness.agreement(values[way], alone)
    for name, one in ways.explainers.items() if others else ():
        seeds = [one.contributions(other, queries, items) for other in others]
        several = [orders[name], *map(faithfulness.orders_of, seeds)]
        found[name]["jaccard"] = faithfulness.overlap(several)
    return found


def _figures(tested: Figures, seed: int) -> dict[str, ExplainerFigures]:
    floor = tested[RANDOM]["comprehensiveness"].mean()
    span = tested[GREEDY]["comprehensiveness"].mean() - floor
    found = {}
    for way, measures in tested.items():
        intervals: dict[str, Any] = {
            name: _interval(values, seed) for name, values in measures.items()
        }
        share = (measures["comprehensiveness"].mean() - floor) / span if span > 0 else None
        found[way] = ExplainerFigures(**intervals, closed=None if share is None else float(share))
    return found


def _interval(values: FloatArray, seed: int) -> Interval | None:
    known = values[~np.isnan(values)]
    return bootstrap({"value": known.astype(np.float64)}, seed)["value"] if len(known) else None


def _sample(folds: Folds, users: int, seed: int) -> list[Query]:
    """What is asked of users with history, as in the run's predictions."""
    there = np.flatnonzero(np.diff(folds.history.offsets))
    if not len(there):
        raise InputError("no user has a history in this split", "Take another split.")
    drawn = np.sort(np.random.default_rng(seed).permutation(there)[:users])
    return [folds.history.query(user) for user in drawn.tolist()]


def _explainers(
    work: Work, model: Model, seed: int, left_out: dict[str, str]
) -> dict[str, Explainer]:
    """Those that can explain this model with what the data set has; why the others cannot."""
    found = {}
    for name, cls in manager.explainers().items():
        try:
            one = make_explainer(cls, work, model.catalogue, seed)
            one.contributions(model, [_one_event(model)], np.zeros(1, np.int64))
        except AbsentError as error:
            left_out[name] = f"the data set has {error.message}"
        except (ArtifactError, ModelError) as error:
            left_out[name] = error.message
        else:
            found[name] = one
    return found


def _one_event(model: Model) -> Query:
    """A question with a history of one event, to see whether an explainer can answer."""
    last = len(model.catalogue) - 1
    return Query("", np.array([last]), np.ones(1, np.float32), np.zeros(1, np.int64))


def _vectors(work: Work, left_out: dict[str, str]) -> FloatArray | None:
    """The knowledge vectors that the run read, side by side, each of length 1."""
    supplied = work.supplied()
    found = [supplied[need] for need in supplied if isinstance(need, EmbeddingNeed)]
    if not found:
        left_out[SIMILAR] = "the run reads no vectors of knowledge"
        return None
    lengths = [np.linalg.norm(one, axis=1, keepdims=True) for one in found]
    unit = [one / np.where(size > 0, size, 1) for one, size in zip(found, lengths, strict=True)]
    return np.concatenate(unit, axis=1)


def _triples(work: Work, catalogue: Catalogue, shuffled: bool) -> Triples | None:
    need = TriplesNeed()
    place = Place(work.split, catalogue, shuffled)
    try:
        found: Triples = supplier_of(need).read(need, place)
    except AbsentError:
        return None
    return found


def _shown(rows: pd.DataFrame, folds: Folds) -> list[Shown]:
    """The run's recommendations by rank; users without history have nothing to show."""
    if "fallback" in rows:
        rows = rows[rows["fallback"].isna()]
    rows = rows.sort_values(["user", "rank"])
    index = pd.Index(folds.history.catalogue.item_ids)
    users = pd.Index(folds.history.users).get_indexer(pd.Index(rows["user"]))
    items = index.get_indexer(pd.Index(rows["item"]))
    evidence = rows["evidenceIds"] if "evidenceIds" in rows else [()] * len(rows)
    return [
        Shown(int(user), int(item), index.get_indexer(pd.Index(list(ids))).astype(np.int64))
        for user, item, ids in zip(users, items, evidence, strict=True)
    ]


def _best(shown: Sequence[Shown]) -> list[Shown]:
    """The first recommendation of each user."""
    found: dict[int, Shown] = {}
    for one in shown:
        found.setdefault(one.user, one)
    return list(found.values())


def _check_beside(work: Work, other: Work) -> None:
    """:raises InputError: for a run that differs in more than the seed, or in nothing."""
    ours, theirs = work.config, other.config
    same = (
        work.split == other.split
        and (ours.model, ours.about, ours.knowledge)
        == (theirs.model, theirs.about, theirs.knowledge)
        and (ours.model_options(), ours.epochs) == (theirs.model_options(), theirs.epochs)
    )
    if same and ours.seed != theirs.seed:
        return
    raise InputError(
        f"run {other.run.run_id} is not {work.run.run_id} with another seed",
        "Make one with the same options: reelgraph run --seed N",
    )
