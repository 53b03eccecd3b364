"""The page of the analysts' queries: complete, and cells that a table can hold."""

from __future__ import annotations

from pathlib import Path

import reelgraph
from reelgraph.explore.queries import analyst_queries, name
from reelgraph.explore.samples import WIDTH, _cell, _cut, _table

PAGE = Path(reelgraph.__path__[0]) / "docs" / "queries.md"


def test_the_page_has_every_query() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [name(one) for one in analyst_queries() if f"### `{name(one)}`" not in text]
    assert missing == []  # make it again: python -m reelgraph.explore.samples docs/queries.md


def test_cells_of_every_kind() -> None:
    because = [{"title": "Heat", "year": 1995, "rating": 3.0}, {"title": "Alien", "year": None}]
    assert _cell(because) == "Heat (1995); Alien"
    assert _cell([0.123456, None, 3]) == "0.123; ; …"
    assert _cell({"relation": "DIRECTED", "other": None}) == "relation DIRECTED"
    assert _cell({"userId": 7, "age": 24}) == "user 7"
    assert (_cell(True), _cell(None), _cell("a")) == ("True", "", "a")
    assert _cut("a|b\nc") == "a\\|b c"
    assert len(_cut("x" * 100)) == WIDTH


def test_a_table_leaves_out_empty_columns_and_counts_the_other_rows() -> None:
    rows = [{"rank": n, "fallback": None} for n in range(1, 6)]
    assert "".join(_table(rows)) == "| rank |\n| --- |\n| 1 |\n| 2 |\n| 3 |\n\n… and 2 more rows.\n"
    assert "".join(_table([])) == "No rows on this graph.\n"
