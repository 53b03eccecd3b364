"""What models have in common to which a history is a set of items."""

from __future__ import annotations

import numpy as np

from reelgraph.model.base import Model
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import ITEMS, query


class SetSuite(ModelSuite):
    """After the items of a group come those that are missing, in whatever order they came."""

    answers = (((1, 2, 3, 4, 5), 0), ((6, 7, 8, 9, 10), 11), ((11, 10, 9, 7, 6), 8))

    def test_the_order_of_a_history_says_nothing(self, model: Model) -> None:
        found = model.score([query(1, 2, 3), query(3, 1, 2)])
        np.testing.assert_allclose(found[0], found[1], rtol=1e-4, atol=1e-5)

    def test_an_event_that_is_repeated_counts_once(self, model: Model) -> None:
        repeated, once = model.score([query(1, 1, 2), query(1, 2)])
        np.testing.assert_allclose(repeated, once, rtol=1e-4, atol=1e-5)
        if "evidence" in model.provides:
            (found,) = model.explain([query(1, 1, 2)], [np.arange(ITEMS)])
            assert found.weights[0] == 0
            assert not found.contributions[:, 0].any()


class SumSuite(SetSuite):
    """The score is a sum over the history, so that without one there is nothing to rank by."""

    def test_without_a_history_all_scores_are_0(self, model: Model) -> None:
        assert not model.score([query()]).any()
