"""Lists, attention and states of users, from their histories as the graph has them now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ...errors import ReelgraphError
from ...graph.connection import GraphLike
from ...graph.contents import DatasetFacts
from ...list_lengths import MOST_STORED
from ...model.data import FloatArray, Query
from ...results.new_lists import NewLists, no_rows
from ...results.run_files import cut_evidence
from ...results.run_graph import GraphRun, active_runs, read_runs
from ..graph_run import folder_work
from ..stages.pairs import Pairs
from ..stages.prediction import explained, popular_lists
from ..stages.work import FittedRun, Work


class Lists(FittedRun):
    """Asks a run's saved model, which is loaded when it is first needed."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._rating: tuple[tuple[str, str | None], Pairs] | None = None

    def of_users(
        self, graph: GraphLike, run: GraphRun, facts: DatasetFacts, users: Sequence[Any]
    ) -> tuple[NewLists, int]:
        """New lists of these users; of those without a history, of popular items.

        The number is of ratings of items that the model does not know.
        """
        rows = graph.run("refresh/histories", users=list(users), type=facts.interaction_type).rows
        queries = [self._query(row) for row in rows]
        warm = [query for query in queries if len(query.items)]
        parts, attended = [], no_rows("user", "item", "weight", "rank")
        if warm:
            predictions, attended = explained(self.model, warm, self.work.config)
            parts.append(predictions.assign(fallback=None))
        cold = np.array([query.user for query in queries if not len(query.items)])
        if len(cold):
            parts.append(popular_lists(self.folds, cold, self.work.config.n))
        none = no_rows("user", "item", "rank", "score")
        recommended = _stored(pd.concat(parts, ignore_index=True) if parts else none)
        recommended = recommended.drop(columns="predictedRating", errors="ignore")
        recommended, _ = cut_evidence(recommended, run.evidence_top)
        lengths = {row["user"]: len(row["items"]) for row in rows}
        new = NewLists(
            events=lengths,
            recommended=self._rated(graph, run, recommended),
            attended=_stored(attended),
            states=self._states(queries if run.slot else [], lengths),
        )
        return new, sum(lengths.values()) - sum(len(one.items) for one in queries)

    @cached_property
    def _items(self) -> pd.Index[Any]:
        index: pd.Index[Any] = pd.Index(self.folds.history.catalogue.item_ids)
        return index

    @cached_property
    def _users(self) -> pd.Index[Any]:
        index: pd.Index[Any] = pd.Index(self.folds.history.users)
        return index

    def _query(self, row: Mapping[str, Any]) -> Query:
        """The question 'what next?' after all events of items that the model knows."""
        history = self.folds.history
        places = self._items.get_indexer(pd.Index(row["items"], dtype=self._items.dtype))
        known = places >= 0
        ratings, times = (
            None if fitted is None else _values(row[name], known)
            for name, fitted in (("ratings", history.ratings), ("timestamps", history.timestamps))
        )
        user = int(self._users.get_indexer(pd.Index([row["user"]]))[0])
        return Query(
            user=row["user"],
            items=places[known].astype(np.int64),
            ratings=None if ratings is None else ratings.astype(np.float32),
            timestamps=None if times is None else times.astype(np.int64),
            known=history.query(user).known if user >= 0 else {},
        )

    def _states(self, queries: list[Query], lengths: Mapping[Any, int]) -> pd.DataFrame:
        """``user, historyLength, vector``: the length counts all events, as the live query does.

        Without a history the vector is None.
        """
        warm = [query for query in queries if len(query.items)]
        vectors = dict(zip([query.user for query in warm], self._vectors(warm), strict=True))
        columns = {
            "user": [query.user for query in queries],
            "historyLength": [lengths[query.user] for query in queries],
            "vector": [vectors.get(query.user) for query in queries],
        }
        return pd.DataFrame(columns)

    def _vectors(self, queries: list[Query]) -> list[FloatArray]:
        return list(self.model.vectors(queries).users) if queries else []

    def _rated(self, graph: GraphLike, run: GraphRun, recommended: pd.DataFrame) -> pd.DataFrame:
        """With what the rating run beside it predicts, which does not read the new ratings."""
        rating = active_runs(read_runs(graph)).get("rating")
        if rating is None or rating.run_id != run.rating_run:
            return recommended
        try:
            found = self._pairs_of(rating).rated(recommended["user"], recommended["item"])
        except ReelgraphError as error:
            self.work.note(f"no predicted ratings of run {rating.run_id}: {error.message}")
            return recommended
        return recommended.assign(predictedRating=found)

    def _pairs_of(self, rating: GraphRun) -> Pairs:
        """Its model is kept, as the ranking run's is."""
        content = rating.run_id, rating.digest
        if self._rating is None or self._rating[0] != content:
            work = folder_work(rating, self.work.settings, self.work.note)
            self._rating = content, Pairs(work)
        return self._rating[1]


def _values(values: Sequence[Any], known: Any) -> Any:
    """Those of known items as numbers; None where one is missing."""
    some = [value for value, is_known in zip(values, known, strict=True) if is_known]
    return None if any(value is None for value in some) else np.array(some, np.float64)


def _stored(frame: pd.DataFrame) -> pd.DataFrame:
    """As many rows per user as the graph keeps, by user and rank."""
    return frame[frame["rank"] <= MOST_STORED].sort_values(["user", "rank"], ignore_index=True)
