"""Evaluation by full ranking, with intervals over users and a paired test.

Every item of the catalogue that the user has not interacted with in train (and valid,
when testing) is a candidate; with protocol ``given`` every such item of the train file.
Sampled candidates are not offered. Users without test events are left out. Equal scores
are ordered by item id. :mod:`.questions` says what is asked of each user.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ...artifacts import Interval, ModelMetrics, Slice
from ...list_lengths import MEASURED
from ..base import Model, Ranking, chunks, join_rankings
from ..data import FloatArray, IntArray, Interactions
from ..dataset import Folds
from ..fallback import FALLBACK, most_popular, recommend
from .metrics import (
    Values,
    accuracy,
    coverage,
    diversity,
    find_hits,
    gini,
    novelty,
    serendipity,
)
from .questions import Fold, Questions, ask, read_rows
from .slices import parts, slices

RESAMPLES = 1000


def evaluate(
    model: Model,
    folds: Folds,
    n: int = MEASURED,
    seed: int = 42,
    fold: Fold = "test",
    described: Mapping[str, FloatArray] | None = None,
    relevant: float | None = None,
    sliced: bool = False,
) -> ModelMetrics:
    """Metrics of a fitted model on one fold.

    The history of a question, which is also what is excluded, is train and valid for ``test``
    and train for ``valid``; with targets ``last`` and ``successive`` of ``global-time`` all
    rows of the user before the target. Means are over questions, one per user but for
    ``successive``; users that the fit has not seen are ``cold``, and ``warm`` has the figures
    of the others where there are any. A question without history is answered by the most
    popular items, whatever the model is (:mod:`..fallback`).

    :param described: vectors of the items by name, ``(items, dim)``, such as a column per genre;
        for each the diversity of lists is measured.
    :param relevant: only items rated so and more are right answers; the history stays whole.
    :param sliced: whether there are figures of slices, too (:mod:`.slices`).
    :returns: the metrics at cut-offs 1, 5 and ``n``, with intervals over users.
    :raises InputError: on a split that is not for ranking, or without the ratings that
        ``relevant`` needs.
    """
    return measure(model, folds, n, seed, fold, described, relevant, sliced)[0]


def measure(
    model: Model,
    folds: Folds,
    n: int = MEASURED,
    seed: int = 42,
    fold: Fold = "test",
    described: Mapping[str, FloatArray] | None = None,
    relevant: float | None = None,
    sliced: bool = False,
) -> tuple[ModelMetrics, pd.DataFrame]:
    """As :func:`evaluate`, with a row per user: ``user, questions`` and a column per metric."""
    all_asked, asked = _asked(folds, fold, relevant)
    known = read_rows(folds, fold)
    ranking = answer(model, asked, n, known)
    values = _per_question(asked, ranking, n)
    cold = np.diff(known.offsets)[asked.owners] == 0
    found = ModelMetrics(
        fold=fold,
        users=len(np.unique(asked.owners)),
        cold=len(np.unique(asked.owners[cold])),
        questions=len(asked.queries),
        n=n,
        history=folds.rules.history(fold),
        candidates=folds.rules.candidates,
        metrics=bootstrap(values, seed, asked.owners if asked.several else None),
        beyond=_beyond(asked, ranking, known, n, described or {}),
    )
    only_some_have: dict[str, object] = {}
    if relevant is not None:
        left_out = len(all_asked.queries) - len(asked.queries)
        only_some_have |= {"relevant": float(relevant), "unanswered": left_out}
    if any(not len(query.items) for query in asked.queries):
        only_some_have["fallback"] = FALLBACK
    if cold.any() and not cold.all():
        warm = {name: one[~cold] for name, one in values.items()}
        only_some_have["warm"] = bootstrap(warm, seed, asked.owners[~cold])
    if sliced:
        only_some_have["slices"] = _slices(asked, ranking, known, n, seed)
    return found.model_copy(update=only_some_have), _user_table(asked, known, values)


def _asked(folds: Folds, fold: Fold, relevant: float | None) -> tuple[Questions, Questions]:
    """All questions, and those with a relevant answer."""
    every = ask(folds, fold)
    return every, every if relevant is None else every.liked(relevant)


def _user_table(asked: Questions, known: Interactions, values: dict[str, Values]) -> pd.DataFrame:
    owners, questions = np.unique(asked.owners, return_counts=True)
    columns = {"user": known.users[owners], "questions": questions}
    return pd.DataFrame(columns | _over_users(asked, values))


def per_user(
    model: Model,
    folds: Folds,
    n: int = MEASURED,
    fold: Fold = "test",
    relevant: float | None = None,
) -> dict[str, Values]:
    """Each metric for each user with right answers in the fold, users in the folds' order.

    A user with several questions (``successive``) has the mean of them.
    """
    asked = _asked(folds, fold, relevant)[1]
    ranking = answer(model, asked, n, read_rows(folds, fold))
    return _over_users(asked, _per_question(asked, ranking, n))


def _over_users(asked: Questions, values: dict[str, Values]) -> dict[str, Values]:
    if not asked.several or not asked.queries:
        return values
    _, first, counts = np.unique(asked.owners, return_index=True, return_counts=True)
    return {name: np.add.reduceat(one, first) / counts for name, one in values.items()}


def bootstrap(
    values: dict[str, Values], seed: int = 42, owners: IntArray | None = None
) -> dict[str, Interval]:
    """Mean and 95 % percentile interval over users, the same resamples for all metrics.

    :param owners: the user of each value, in groups, where users have several values: the
        mean is over values, and a resample draws users with all of theirs.
    """
    names = list(values)
    table = np.stack([values[name] for name in names], axis=1)
    if not len(table):
        return {name: Interval(mean=0.0, low=0.0, high=0.0) for name in names}
    mean = table.mean(axis=0)
    counts: Values = np.ones(len(table))
    if owners is not None:
        _, first, sizes = np.unique(owners, return_index=True, return_counts=True)
        counts = sizes.astype(np.float64)
        table = np.add.reduceat(table, first, axis=0)
    users = len(table)
    generator = np.random.default_rng(seed)
    # a resample of users is how often each of them is drawn
    drawn = generator.multinomial(users, np.full(users, 1 / users), size=RESAMPLES)
    size = (drawn @ counts)[:, None]
    low, high = np.percentile(drawn @ table / size, [2.5, 97.5], axis=0)
    return {
        name: Interval(mean=float(mean[i]), low=float(low[i]), high=float(high[i]))
        for i, name in enumerate(names)
    }


def compare(first: Values, second: Values, seed: int = 42) -> dict[str, float]:
    """Paired test of two models on the same users: is ``second`` better than ``first``?

    :returns: ``difference`` of the means (second minus first), its 95 % bootstrap interval
        ``low, high``, and ``p``: two-sided, by 10,000 random flips of the differences' signs.
    :raises ValueError: when the two are not of the same users.
    """
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} and {len(second)} users")
    differences = second - first
    interval = bootstrap({"difference": differences}, seed)["difference"]
    changed = differences[differences != 0]
    sums = _flipped_sums(changed, seed)
    reached = np.count_nonzero(np.abs(sums) >= abs(changed.sum()) - 1e-12)
    return {
        "difference": interval.mean,
        "low": interval.low,
        "high": interval.high,
        "p": (reached + 1) / (len(sums) + 1),
    }


def _flipped_sums(differences: Values, seed: int) -> Values:
    """``(10_000,)`` sums with random signs, some resamples at a time for the sake of memory."""
    generator, parts = np.random.default_rng(seed), []
    for _ in range(100):
        flips = generator.integers(0, 2, (100, len(differences)), dtype=np.int8)
        parts.append((2 * flips - 1) @ differences)
    return np.concatenate(parts)


def answer(model: Model, asked: Questions, n: int, read: Interactions) -> Ranking:
    """The best ``n`` of each question, chunk by chunk, so that scores fit into memory."""
    return join_rankings(
        [
            recommend(model, asked.queries[part], n, asked.excluded(part), read)
            for part in chunks(len(asked.queries), len(read.catalogue))
        ]
    )


def _beyond(
    asked: Questions,
    ranking: Ranking,
    known: Interactions,
    n: int,
    described: Mapping[str, FloatArray],
) -> dict[str, float]:
    """The figures beside accuracy. Lists with fewer than two described items have no diversity."""
    items, n_items = ranking.items, len(known.catalogue)
    popularity = np.bincount(known.items, minlength=n_items)
    found = {
        "coverage": coverage(items, n_items),
        "gini": gini(items, n_items),
        "novelty": novelty(items, popularity, len(known.users)),
    }
    if asked.queries:
        hits, expected = find_hits(items, asked.tests), _expected(asked, known, n)
        found["serendipity"] = float(serendipity(items, hits, expected).mean())
    for name, vectors in described.items():
        of_lists = diversity(items, vectors)
        if not np.isnan(of_lists).all():
            found[f"{name}_diversity"] = float(np.nanmean(of_lists))
    return {f"{name}@{n}": value for name, value in found.items()}


def _slices(
    asked: Questions, ranking: Ranking, known: Interactions, n: int, seed: int
) -> dict[str, Slice]:
    question = np.repeat(np.arange(len(asked.tests)), [len(test) for test in asked.tests])
    items = np.concatenate([np.zeros(0, np.int64), *asked.tests])

    def figures(places: IntArray, among: IntArray) -> dict[str, Interval]:
        counts = np.bincount(question[places], minlength=len(asked.tests))[among]
        tests = np.split(items[places], np.cumsum(counts)[:-1])
        values = accuracy(find_hits(ranking.items[among], tests), counts, [n])
        return bootstrap(values, seed, asked.owners[among] if asked.several else None)

    found = parts(known, np.unique(asked.owners), not len(asked.not_candidates))
    return slices(found, asked.owners[question], items, question, figures)


def _expected(asked: Questions, known: Interactions, n: int) -> IntArray:
    """The most popular candidates of each question, ``(questions, n)``."""
    excluded = _excluded(asked)
    return np.concatenate(
        [
            most_popular(known, n, excluded[part]).items
            for part in chunks(len(excluded), len(known.catalogue))
        ]
    )


def _excluded(asked: Questions) -> Sequence[IntArray]:
    found = asked.excluded(slice(None))
    return [query.items for query in asked.queries] if found is None else found


def metrics_of_lists(n: int = MEASURED) -> list[str]:
    """Names of the metrics of lists of ``n``."""
    return list(accuracy(np.zeros((0, n), bool), np.zeros(0, np.int64), _cutoffs(n)))


def _cutoffs(n: int) -> list[int]:
    return sorted({1, 5, n})


def _per_question(asked: Questions, ranking: Ranking, n: int) -> dict[str, Values]:
    if not asked.queries:
        return accuracy(np.zeros((0, n), bool), np.zeros(0, np.int64), _cutoffs(n))
    relevant = np.array([len(test) for test in asked.tests])
    return accuracy(find_hits(ranking.items, asked.tests), relevant, _cutoffs(n))
