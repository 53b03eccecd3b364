"""Interactions on their way: checked, ordered, numbered, digested; and joined with a graph's."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.engine.digests import of_rows
from reelgraph.loader.engine.ratings import join
from reelgraph.loader.engine.records import NO_TIME, Histories
from reelgraph.loader.engine.spool import Spool
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import InteractionTable

USERS, ITEMS = pd.Series(range(1, 7)), pd.Series(range(1, 60))

few = settings(max_examples=50, deadline=None)  # each example makes 64 small files

Row = tuple[int, int, int | None]  # user, item, timestamp
rows = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 50), st.none() | st.integers(0, 3)),
    unique_by=lambda row: row[:2],
)


def frame(rows: list[Row]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["userId", "itemId", "timestamp"])
    return table.astype({"timestamp": "Int64"}).assign(rating=3.0, line=range(2, 2 + len(rows)))


def in_chunks(table: pd.DataFrame, size: int, **options: Any) -> InteractionTable:
    parts = [table.iloc[n : n + size] for n in range(0, len(table), size)]
    return InteractionTable("f.inter", lambda _: iter(parts), **options)


def histories(spool: Spool) -> dict[Any, list[tuple[Any, int]]]:
    """Item and seq of each user, as the spool gives them."""
    found: dict[Any, list[tuple[Any, int]]] = {}
    for part in spool.histories():
        for user, item, seq in zip(part.user, part.item, part.seq, strict=True):
            own = found.setdefault(spool.user_ids[user], [])
            own.append((spool.item_ids[item], int(seq)))
    return found


def time_then_place(time: int | None, place: int) -> tuple[bool, int, int]:
    return time is None, time or 0, place


@few
@given(rows, st.integers(1, 9))
def test_seq_is_the_order_by_time_then_row(rows: list[Row], size: int) -> None:
    expected = defaultdict(list)
    order = sorted(range(len(rows)), key=lambda n: time_then_place(rows[n][2], n))
    for n in order:
        user, item, _ = rows[n]
        expected[user].append((item, len(expected[user]) + 1))
    with Spool(USERS, ITEMS) as spool:
        spool.fill(in_chunks(frame(rows), size), Rejects())
        assert histories(spool) == expected
        assert spool.rows == len(rows)


@pytest.mark.slow
@few
@given(rows, rows)
def test_a_digest_tells_whether_a_history_is_the_same(some: list[Row], others: list[Row]) -> None:
    results = []
    for number, table in enumerate((some, others, some)):
        items = ITEMS if number < 2 else ITEMS.iloc[::-1].reset_index(drop=True)
        with Spool(USERS, items) as spool:
            spool.fill(in_chunks(frame(table), 4), Rejects())
            results.append((histories(spool), times(spool), spool.digests))
    for n, user in enumerate(USERS):
        whole = [(result[0].get(user), result[1].get(n)) for result in results]
        same = [one == whole[0] for one in whole]
        assert [result[2][n] == results[0][2][n] for result in results] == same
    assert results[0][2].tolist() == results[2][2].tolist()


def times(spool: Spool) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for part in spool.histories():
        for user, time in zip(part.user.tolist(), part.timestamp.tolist(), strict=True):
            found.setdefault(user, []).append(time)
    return found


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(1, 1, 0), (9, 1, 0)], "f.inter, line 3: column userId: '9' is not among the users"),
        ([(1, 1, 0), (1, 99, 0)], "f.inter, line 3: column itemId: '99' is not among the items"),
        ([(1, 1, 0), (None, 1, 0)], "f.inter, line 3: column userId: there is no id"),
        (
            [(1, 1, 0), (1, 2, 0), (2, 1, 0), (1, 1, 5), (1, 1, 0)],
            "f.inter, line 5: user 1 has rated item 1 before, in line 2",
        ),
    ],
)
def test_wrong_rows_are_refused(rows: list[Row], message: str) -> None:
    table = frame(rows).astype({"userId": "Int64"})
    with pytest.raises(InputError) as caught, Spool(USERS, ITEMS) as spool:
        spool.fill(in_chunks(table, 2), Rejects())
    assert caught.value.message == message


MANY: list[Any] = [*map(str, range(30)), "bob", "12345678901234567890", "bob"]


def test_an_odd_user_is_refused_and_the_others_stay_numbers() -> None:
    table = frame([(user, n + 1, None) for n, user in enumerate(MANY)]).astype({"userId": "str"})
    rows = in_chunks(table, 7, columns={"userId": "who"})
    rejects = Rejects(limit=3)
    with Spool(None, ITEMS) as spool:
        spool.fill(rows, rejects)
        assert sorted(histories(spool)) == list(range(30))
        assert spool.rows == 30
    assert rejects.total == 3
    message = "line 32: column who: 'bob' is not a whole number"
    with pytest.raises(InputError, match=message), Spool(None, ITEMS) as spool:
        spool.fill(rows, Rejects(limit=0))
    with Spool(None, ITEMS, texts=frozenset({"userId"})) as spool:
        spool.fill(in_chunks(table.drop_duplicates("userId"), 7), Rejects())
        assert set(histories(spool)) == set(MANY)


def test_ids_are_numbers_where_those_of_the_graph_are() -> None:
    table = frame([(1, 1, 0), (2, 2, 0)]).assign(userId=["7", "bob"])
    rejects = Rejects(limit=1)
    with Spool(None, ITEMS, whole=frozenset({"userId"})) as spool:
        spool.fill(in_chunks(table, 2), rejects)
        assert list(histories(spool)) == [7]
    assert rejects.total == 1


def test_unknown_users_and_items_are_kept_if_asked() -> None:
    table = frame([(9, 1, 0), (1, 99, 0), (9, 98, 1)])
    with Spool(USERS, ITEMS, keep_unknown=True) as spool:
        spool.fill(in_chunks(table, 2), Rejects())
        assert histories(spool) == {9: [(1, 1), (98, 2)], 1: [(99, 1)]}
    texts = table.astype({"itemId": "str"}).replace({"itemId": {"98": "x"}})
    message = "line 4: column itemId: 'x' is not a whole number"
    with pytest.raises(InputError, match=message):  # noqa: SIM117
        with Spool(USERS, ITEMS, keep_unknown=True) as spool:
            spool.fill(in_chunks(texts, 2), Rejects())


def test_wrong_rows_are_left_out_up_to_a_limit() -> None:
    table = frame([(1, 1, 0), (9, 1, 0), (1, 99, 0), (1, 1, 5), (2, 1, 0)])
    rejects = Rejects(limit=3)
    with Spool(USERS, ITEMS) as spool:
        spool.fill(in_chunks(table, 2), rejects)
        assert histories(spool) == {1: [(1, 1)], 2: [(1, 1)]}
    assert rejects.counts == {
        "column userId: is not among the users": 1,
        "column itemId: is not among the items": 1,
        "a second row of the user and item": 1,
    }
    with pytest.raises(InputError, match="More than 2"), Spool(USERS, ITEMS) as spool:
        spool.fill(in_chunks(table, 2), Rejects(limit=2))


@pytest.mark.parametrize(("repeated", "items"), [("first", [1, 2]), ("last", [2, 1])])
def test_repeated_rows_are_counted(repeated: Any, items: list[int]) -> None:
    table = frame([(1, 1, 0), (1, 2, 5), (1, 1, 9), (1, 1, 8)])
    with Spool(USERS, ITEMS) as spool:
        spool.fill(in_chunks(table, 2, repeated=repeated), Rejects())
        assert [item for item, _ in histories(spool)[1]] == items
        kept = {"first": "earliest", "last": "latest"}[repeated]
        assert spool.report[f"interactions repeated: {kept} one kept"] == 2


@pytest.mark.parametrize(("repeated", "time"), [("first", 1), ("last", 9)])
def test_of_repeated_rows_the_time_decides_and_rows_only_between_equal_times(
    repeated: Any, time: int
) -> None:
    """Newest first, oldest first, in any order; a row without time only where none has one."""
    for times in ([9, 1, None], [1, 9, None], [None, 9, 1], [5, None, 9, 1]):
        table = frame([(1, 1, when) for when in times]).assign(rating=times)
        with Spool(USERS, ITEMS) as spool:
            spool.fill(in_chunks(table, 2, repeated=repeated), Rejects())
            (whole,) = spool.histories()
            assert (whole.timestamp.tolist(), whole.rating.tolist()) == ([time], [time])
    table = frame([(1, 1, 7), (1, 1, 7), (1, 1, 7)]).assign(rating=[3.0, 4.0, 5.0])
    with Spool(USERS, ITEMS) as spool:
        spool.fill(in_chunks(table, 2, repeated=repeated), Rejects())
        (whole,) = spool.histories()
        assert whole.rating.tolist() == [5.0 if repeated == "last" else 3.0]


def test_what_is_behind_the_second_orders_events() -> None:
    table = frame([(1, 3, 0), (1, 2, 0), (1, 1, 0)]).assign(nanoseconds=[900, 500, 100])
    with Spool(USERS, ITEMS) as spool:
        spool.fill(in_chunks(table, 2), Rejects())
        assert [item for item, _ in histories(spool)[1]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("ids", "found"), [(["7", "10", "7"], [7, 10]), (["7", "x", "07"], ["7", "x", "07"])]
)
def test_users_of_the_interactions(ids: list[str], found: list[Any]) -> None:
    table = frame([(0, n + 1, 0) for n in range(3)]).assign(userId=ids)
    with Spool(None, ITEMS) as spool:
        spool.fill(in_chunks(table, 1), Rejects())
        assert spool.user_ids.tolist() == found


def test_ids_that_an_index_cannot_take() -> None:
    table = frame([(0, 1, 0)]).assign(userId="x" * 5000)
    with pytest.raises(InputError, match="more than 4000 bytes"), Spool(None, ITEMS) as spool:
        spool.fill(in_chunks(table, 1), Rejects())


def test_items_of_the_graph_are_counted_and_left_out() -> None:
    with Spool(USERS, ITEMS.astype("str"), only_known_items=True) as spool:
        spool.fill(in_chunks(frame([(1, 1, 0), (1, 99, 0)]), 9), Rejects())
        assert histories(spool) == {1: [("1", 1)]}
        assert spool.report["interactions about items that the graph does not have"] == 1


def test_a_digest_of_properties() -> None:
    table = pd.DataFrame({"a": ["x", "x", "y"], "b": [1, 2, 1], "c": [["p"], ["p"], ["q"]]})
    base = of_rows(table)
    assert len(set(base)) == 3
    assert of_rows(table[["c", "b", "a"]].assign(d=None)).tolist() == base.tolist()
    assert of_rows(table.rename(columns={"b": "e"})).tolist() != base.tolist()
    assert of_rows(table.iloc[::-1]).tolist() == base[::-1].tolist()


old_rows = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 9), st.none() | st.integers(0, 3)),
    unique_by=lambda row: row[:2],
    min_size=1,
)


@pytest.mark.slow
@few
@given(old_rows, rows.filter(bool))
def test_joined_histories(old: list[Row], new: list[Row]) -> None:
    """Against the plain way: a dictionary of rows, sorted by time; old ones stand first."""
    present: dict[int, dict[int, list[Any]]] = defaultdict(dict)
    for user, item, time in sorted(old, key=lambda row: (row[0], time_then_place(row[2], row[1]))):
        seq = len(present[user]) + 1
        present[user][item] = [f"{user}-{item}", item, 3.0, time, seq]
    wanted = {user: {item: row[3:] for item, row in own.items()} for user, own in present.items()}
    for user, item, time in new:
        known = wanted.setdefault(user, {}).setdefault(item, [time, None])
        if time is not None and (known[0] is None or time >= known[0]):
            known[0] = time  # of a row and the graph's own the later one counts
    place = {row[:2]: n for n, row in enumerate(new)}
    for user in {row[0] for row in new}:
        own = wanted[user]

        def key(item: int, user: int = user, own: dict[int, list[Any]] = own) -> tuple[Any, ...]:
            time, seq = own[item]
            if all(
                (user, one) in place for one in present.get(user, {})
            ):  # the source has all rows
                return time_then_place(time, place[user, item])
            return (*time_then_place(time, 0), seq is None, seq or place[user, item])

        order = sorted(own, key=key)
        wanted[user] = {item: [own[item][0], order.index(item) + 1] for item in own}
    with Spool(USERS, ITEMS) as spool:
        spool.fill(in_chunks(frame(new), 4), Rejects())
        users, items = spool.user_ids.to_numpy(), spool.item_ids.to_numpy()
        whole = Histories.together(list(spool.histories()))
    touched = set(users[whole.user].tolist())
    there = [
        {"userId": user, "rows": list(own.values())}
        for user, own in present.items()
        if user in touched
    ]
    if not there:
        return
    created, updates, _ = join(there, whole, users, items)
    result = {user: {item: row[3:] for item, row in own.items()} for user, own in present.items()}
    for update in updates:
        user, item = map(int, update["id"].split("-"))
        time, seq = result[user][item]
        changed = update["properties"]
        assert changed
        assert changed.get("timestamp", "absent") != time
        assert changed.get("seq", "absent") != seq
        result[user][item] = [changed.get("timestamp", time), changed.get("seq", seq)]
    for user, item, time, seq in zip(
        users[created.user].tolist(),
        items[created.item].tolist(),
        created.timestamp.tolist(),
        created.seq.tolist(),
        strict=True,
    ):
        assert item not in result.setdefault(user, {})
        result[user][item] = [None if time == NO_TIME else time, seq]
    assert result == wanted
