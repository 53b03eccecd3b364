"""Items by id, title or words of it: in queries and in commands."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner
from small_runs import fill, interactions

from reelgraph.cli.root import main
from reelgraph.errors import InputError
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.results.named import find_item, parse_user

_TITLES = """
UNWIND $titles AS row
MATCH (m:Item {itemId: row[0]})
SET m.title = row[1], m.year = row[2]
"""
_TYPES = "MERGE (d:Dataset) SET d.userIdType = $type, d.itemIdType = $type, d.name = 'small'"
TITLES = [
    [1, "The Lighthouse", 1990],
    [2, "The Lighthouse", 2019],
    [3, 'What? "Never" again: (part 2)', 1980],
    [4, "1984", 1984],
    [5, "Amélie", 2001],
]


@pytest.fixture
def small(graph: Graph) -> Graph:
    migrations.apply(graph)
    fill(graph, interactions())
    return graph


@pytest.fixture
def titled(small: Graph) -> Graph:
    graph = small
    graph.run_text(_TITLES, write=True, titles=TITLES)
    graph.run_text(_TYPES, write=True, type="INTEGER")
    return graph


def fitting(graph: Graph, name: int | str) -> list[tuple[Any, str]]:
    rows = graph.run("analyst/find_items", name=name).rows
    return [(row["itemId"], row["fits"]) for row in rows]


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("the lighthouse (2019)", 2),
        ('what? "never" AGAIN: (part 2)', 3),
        ("amélie", 5),
        ("3", 3),
        ("1984", 4),
    ],
)
def test_one_item(titled: Graph, name: str, item: int) -> None:
    assert find_item(titled, name) == item


def test_an_id_goes_before_a_title(titled: Graph) -> None:
    titled.run_text("MATCH (m:Item {itemId: 6}) SET m.title = '7'", write=True)
    assert find_item(titled, "7") == 7
    assert fitting(titled, 7)[:2] == fitting(titled, "7")[:2] == [(7, "id"), (6, "title")]


def test_several_items_are_listed_with_their_years(titled: Graph) -> None:
    with pytest.raises(InputError) as caught:
        find_item(titled, "The Lighthouse")
    assert "fits 2 items: The Lighthouse (1990), id 1; The Lighthouse (2019), id 2" in str(
        caught.value
    )


def test_the_nearest_are_suggested(titled: Graph) -> None:
    with pytest.raises(InputError) as caught:
        find_item(titled, "Ameelie")
    assert "Amélie (2001), id 5" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["~~ ", "", 'AND "', "zzzzzz", "\\"])
def test_nothing_fits(titled: Graph, name: str) -> None:
    with pytest.raises(InputError, match="there is no item"):
        find_item(titled, name)


def test_ids_that_are_strings(small: Graph) -> None:
    graph = small
    graph.run_text("MATCH (m:Item) SET m.itemId = 'm' + m.itemId", write=True)
    graph.run_text(_TYPES, write=True, type="STRING")
    assert (find_item(graph, "m7"), find_item(graph, "Movie 7")) == ("m7", "m7")
    assert parse_user(graph, "7") == "7"


def test_queries_take_the_title(titled: Graph) -> None:
    by_id = titled.run("analyst/paths", userId=1, item=5, limit=3).rows
    assert by_id == titled.run("analyst/paths", userId=1, item="Amélie", limit=3).rows != []


def test_a_graph_of_before_the_index(titled: Graph) -> None:
    titled.run_text("DROP INDEX item_words", write=True)
    try:
        with pytest.raises(InputError) as caught:
            find_item(titled, "Amélie")
        assert "reelgraph schema apply" in str(caught.value.hint)
    finally:
        titled.run("schema/V012__item_words")


def test_explain_says_what_is_meant(
    titled: Graph, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, ["explain", "1", "Lighthous"])
    assert result.exit_code != 0
    assert "there is no item 'Lighthous' in this graph" in result.output
    assert "Did you mean: The Lighthouse (1990), id 1" in result.output
