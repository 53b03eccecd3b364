"""Of reasons that are shown: whether they are true, and how good their paths are.

A path leads from the user over an item of the history and what it shares to the recommendation.
LIR, SEP and ETD are those of Balloccu et al., SIGIR 2022 ([Explanation quality]).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..data import FloatArray, IntArray, Interactions
from ..explainers.knowledge_paths import Tie, Ties
from ..triples import Triples

_DECAY = 2 / 11  # β: a span of 10, as in the authors' code


@dataclass(frozen=True)
class Shown:
    """A recommendation of user ``user`` (a row of the folds) with its evidence.

    ``evidence`` are items of the history, the strongest first; all by index.
    """

    user: int
    item: int
    evidence: IntArray


@dataclass(frozen=True)
class PathQuality:
    """Figures of shown recommendations; those with an interval have a value per user.

    ``coverage`` is the share with evidence, ``edges`` the number of edges of their paths,
    ``valid`` the share of these that the data set has, None without edges, ``in_time`` the share
    of the interactions among them that were before what is tested, None without times or test
    rows.
    ``with_path`` is the share of recommendations with evidence that knowledge ties to the item.
    """

    coverage: float
    edges: int
    valid: float | None
    in_time: float | None
    with_path: float
    of_users: dict[str, FloatArray]


def measure_paths(
    shown: Sequence[Shown],
    history: Interactions,
    test: Interactions,
    ties: Ties | None,
    triples: Triples | None,
) -> PathQuality:
    """Figures of shown recommendations.

    :param history: what the run read of the users; ``test`` has the same users.
    :param ties: what paths were taken from; it may be a shuffled graph, as a run's may.
    :param triples: the data set's own, by which their edges are checked.
    """
    edges = _Edges(history, test, triples)
    checks = [(edge, when) for one in shown for edge, when in edges.of(one, ties)]
    valid, times = [edge for edge, _ in checks], [when for _, when in checks if when is not None]
    paths = [(one, _path(one, ties)) for one in shown] if ties else []
    return PathQuality(
        coverage=_share([len(one.evidence) > 0 for one in shown]),
        edges=len(checks),
        valid=_share(valid) if valid else None,
        in_time=_share(times) if times else None,
        with_path=_share([path is not None for _, path in paths]),
        of_users=_quality(
            [(one, *path) for one, path in paths if path is not None], history, triples
        ),
    )


class _Edges:
    """Looks each edge of a path up in what the data set has."""

    def __init__(self, history: Interactions, test: Interactions, triples: Triples | None) -> None:
        self.history = history
        self.known = set() if triples is None else set(map(tuple, triples.rows.tolist()))
        self.first = [_first_time(test, user) for user in range(len(test.users))]

    def of(self, one: Shown, ties: Ties | None) -> Iterator[tuple[bool, bool | None]]:
        """Per edge whether it is there and, of an interaction, whether it was in time."""
        start, end = self.history.offsets[one.user], self.history.offsets[one.user + 1]
        known = self.history.items[start:end]
        for event in one.evidence.tolist():
            places = np.flatnonzero(known == event)
            yield len(places) > 0, self._in_time(one.user, start + places)
            for tie in ties.between(one.item, event) if ties else ():
                yield self._is_there(one.item, tie.here, tie.entity, event), None
                if tie.entity is not None:
                    yield self._is_there(event, tie.there, tie.entity, event), None

    def _is_there(self, item: int, relation: int, entity: int | None, event: int) -> bool:
        other = event if entity is None else entity
        return (item, relation, other) in self.known or (other, relation, item) in self.known

    def _in_time(self, user: int, places: IntArray) -> bool | None:
        first, times = self.first[user], self.history.timestamps
        if first is None or times is None or not len(places):
            return None
        return bool((times[places] <= first).any())


def _first_time(test: Interactions, user: int) -> int | None:
    events = slice(test.offsets[user], test.offsets[user + 1])
    if test.timestamps is None or not len(test.items[events]):
        return None
    return int(test.timestamps[events].min())


def _path(one: Shown, ties: Ties | None) -> tuple[int, Tie] | None:
    """The strongest evidence that knowledge ties to the item, and the rarest thing shared."""
    for event in one.evidence.tolist() if ties else ():
        found = ties.between(one.item, event) if ties else []
        if found:
            return event, found[0]
    return None


def _quality(
    paths: Sequence[tuple[Shown, int, Tie]], history: Interactions, triples: Triples | None
) -> dict[str, FloatArray]:
    """LIR, SEP and ETD per user with paths; LIR only where there are times."""
    if triples is None or not paths:
        return {}
    popular = shared_entity_popularity(triples, len(history.catalogue))
    by_user: dict[int, list[tuple[Shown, int, Tie]]] = {}
    for path in paths:
        by_user.setdefault(path[0].user, []).append(path)
    lir, sep, etd = [], [], []
    for user, found in by_user.items():
        recency = _recency(history, user)
        if recency is not None:
            lir.append(np.mean([recency.get(event, 0) for _, event, _ in found]))
        entities = [popular[tie.here, tie.entity] for *_, tie in found if tie.entity is not None]
        if entities:
            sep.append(np.mean(entities))
        kinds = {tie.here for *_, tie in found}
        etd.append(len(kinds) / min(len(found), len(triples.relations)))
    every = {"lir": lir, "sep": sep, "etd": etd}
    return {name: np.array(values, np.float32) for name, values in every.items() if values}


def _recency(history: Interactions, user: int) -> dict[int, float] | None:
    if history.timestamps is None:
        return None
    events = slice(history.offsets[user], history.offsets[user + 1])
    values = linking_interaction_recency(history.timestamps[events])
    return dict(zip(history.items[events].tolist(), values.tolist(), strict=True))


def first_reasons(shown: Sequence[Shown], history: Interactions) -> dict[str, float]:
    """What the strongest reason of each recommendation is, as shares of those with evidence.

    ``last`` the user's last event, ``lastFive`` one of the last five, ``lowRated`` one that the
    user rated below the own mean, beside the share of such events in all histories
    (``lowRatedOfAll``); the last two only where there are ratings.
    """
    ages, low = [], []
    below = _below_own_mean(history)
    for one in (one for one in shown if len(one.evidence)):
        start, end = history.offsets[one.user], history.offsets[one.user + 1]
        places = np.flatnonzero(history.items[start:end] == one.evidence[0])
        if len(places):
            ages.append(end - start - 1 - places[-1])
            low.append(below is not None and below[start + places[-1]])
    if not ages:
        return {}
    found = {"last": np.mean(np.equal(ages, 0)), "lastFive": np.mean(np.less(ages, 5))}
    if below is not None:
        found |= {"lowRated": np.mean(low), "lowRatedOfAll": np.mean(below)}
    return {name: float(share) for name, share in found.items()}


def _below_own_mean(history: Interactions) -> npt.NDArray[np.bool_] | None:
    """Which events were rated below the mean of their user."""
    if history.ratings is None:
        return None
    owners = np.repeat(np.arange(len(history.users)), np.diff(history.offsets))
    counts = np.bincount(owners)
    means = np.bincount(owners, history.ratings) / np.maximum(counts, 1)
    low: npt.NDArray[np.bool_] = history.ratings < means[owners]
    return low


def linking_interaction_recency(times: IntArray) -> FloatArray:
    """LIR of each interaction of a user, 0 for the oldest to 1 for the latest.

    LIR(i) = (1 − β) LIR(i − 1) + β t(i), LIR(1) = t(1), scaled to [0, 1] per user.

    :param times: of the user's interactions, rising.
    """
    return _scaled(_smoothed(times))


def shared_entity_popularity(triples: Triples, n_items: int) -> dict[tuple[int, int], float]:
    """SEP by relation and node, 0 for the rarest to 1 for the most popular one.

    SEP(i) = (1 − β) SEP(i − 1) + β v(i) over the nodes of a type in the order of v, the number
    of their relationships, scaled to [0, 1]. The type of a node is here its relation: who
    directs and acts has a value as a director and another one as an actor.

    :param n_items: nodes from this index on are entities; items have no value.
    """
    found: dict[tuple[int, int], float] = {}
    for relation in range(len(triples.relations)):
        rows = triples.rows[triples.rows[:, 1] == relation]
        ends = rows[:, [0, 2]]
        nodes, counts = np.unique(ends[ends >= n_items], return_counts=True)
        order = np.argsort(counts, kind="stable")
        values = _scaled(_smoothed(counts[order]))
        pairs = zip(nodes[order].tolist(), values.tolist(), strict=True)
        found |= {(relation, node): value for node, value in pairs}
    return found


def _smoothed(values: IntArray) -> FloatArray:
    found = values.astype(np.float64)
    for i in range(1, len(found)):
        found[i] = (1 - _DECAY) * found[i - 1] + _DECAY * found[i]
    return found  # type: ignore[return-value]


def _scaled(values: FloatArray) -> FloatArray:
    span = np.ptp(values) if len(values) else 0
    found: FloatArray = (values - values.min()) / span if span else np.zeros_like(values)
    return found


def _share(found: Sequence[bool]) -> float:
    return float(np.mean(found)) if found else 0.0
