"""Node tables as they are written."""

from __future__ import annotations

import pandas as pd

from reelgraph.loader.engine.nodes import NodeTable


def test_items_without_a_title_are_called_by_their_ids() -> None:
    frame = pd.DataFrame({"itemId": [20, 3], "title": pd.Series(["A", None], dtype="str")})
    ordered, digests = NodeTable("items", "itemId", frame).ordered()
    assert ordered.to_numpy().tolist() == [[3, "3"], [20, "A"]]
    _, named = NodeTable("items", "itemId", frame.fillna({"title": "3"})).ordered()
    assert digests.tolist() == named.tolist()
    entities = frame.rename(columns={"itemId": "entityId"})
    ordered, _ = NodeTable("entities", "entityId", entities).ordered()
    assert ordered["title"].isna().tolist() == [True, False]


def test_users_without_a_name_are_called_by_their_ids() -> None:
    frame = pd.DataFrame({"userId": [20, 3], "name": pd.Series(["Ann", None], dtype="str")})
    ordered, _ = NodeTable("users", "userId", frame).ordered()
    assert ordered.to_numpy().tolist() == [[3, "user 3"], [20, "Ann"]]
