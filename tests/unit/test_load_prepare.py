"""Tables made ready for a graph: ids of its type, users and items that only interactions have."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from reelgraph.errors import InputError
from reelgraph.loader.engine.prepare import Prepared, prepared
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, EdgeType, GraphSchema, InteractionTable

NUMBERS = {"idSpace": "x", "userIdType": "INTEGER", "itemIdType": "INTEGER"}


def tables(
    rows: list[tuple[Any, Any]], items: list[Any], users: list[Any] | None = None, **options: Any
) -> CanonicalTables:
    log = pd.DataFrame(rows, columns=["userId", "itemId"])
    item_table = pd.DataFrame({"itemId": items, "title": [f"t{one}" for one in items]})
    edges = pd.DataFrame({"start": items, "end": ["tag:a"] * len(items)})
    user_table = None if users is None else pd.DataFrame({"userId": users, "age": 30})
    return CanonicalTables(
        source="test",
        id_space="x",
        schema=GraphSchema("Thing", ("Tag",), (EdgeType("HAS_TAG", "Thing", "Tag"),)),
        users=user_table,
        items=item_table,
        entities=pd.DataFrame({"entityId": ["tag:a"], "name": ["a"], "labels": [["Tag"]]}),
        edges={"HAS_TAG": edges},
        interactions=InteractionTable.of("log.csv", log),
        **options,
    )


def ready(given: CanonicalTables, found: dict[str, Any], rejects: Rejects) -> Prepared:
    with prepared(None, given, found) as one:
        one.read(rejects)
        one.check(found)
        return one


def test_ids_of_another_type_than_the_graphs_are_bad_rows() -> None:
    """Not a reason to advise that the database be emptied."""
    given = tables([("1", "7"), ("bob", "7"), ("2", "x9")], ["7", "8", "x9"])
    with pytest.raises(InputError, match="line 4: column itemId: 'x9' is not a whole number"):
        ready(given, NUMBERS, Rejects())
    rejects = Rejects(limit=2)
    one = ready(given, NUMBERS, rejects)
    assert one.users["userId"].tolist() == [1]
    assert one.items["itemId"].tolist() == [7, 8]
    assert one.edges["HAS_TAG"]["start"].tolist() == [7, 8]
    assert one.rows()[
        "items left out: their id is not a whole number, as the ids in the database are"
    ]
    assert rejects.total == 2


def test_nothing_kept_is_an_error() -> None:
    given = tables([(1, 99), (2, 98)], [7, 8])
    with pytest.raises(InputError, match="no interaction is left: all rows were rejected"):
        ready(given, {}, Rejects(limit=5))


def test_what_the_side_files_lack_is_kept_if_asked() -> None:
    rows = [(1, 7), (1, 99), (5, 99), (5, 8)]
    with pytest.raises(InputError, match="'99' is not among the items") as caught:
        ready(tables(rows, [7, 8], [1, 2]), {}, Rejects())
    assert "--keep-unknown" in caught.value.hint
    one = ready(tables(rows, [7, 8], [1, 2], keep_unknown=True), {}, Rejects())
    assert one.users["userId"].tolist() == [1, 2, 5]
    assert one.users["age"].astype("object").tolist() == [30, 30, pd.NA]
    assert one.items["itemId"].tolist() == [7, 8, 99]
    assert one.items["title"].isna().tolist() == [False, False, True]
    assert one.spool.rows == 4
    report = one.rows()
    assert report["items that only the interactions have, kept"] == 1
    assert report["users that only the interactions have, kept"] == 1
