"""A page of the analysts' queries, each with the first rows of its answer on a real graph.

    python -m reelgraph.explore.samples docs/queries.md

It asks the graph of the workspace as an analyst would: about one user and one of the user's
recommendations, or one that is not, everything else by default.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..artifacts import atomic
from ..cypher import Statement
from ..errors import InputError
from ..graph.connection import GraphLike
from ..graph.contents import read_facts
from ..graph.session import open_graph
from ..settings import load_settings
from .queries import (
    Values,
    analyst_queries,
    by_theme,
    name,
    own_values,
    sentence,
    shown_values,
)

ROWS, ITEMS, WIDTH = 3, 2, 48  # of a sample; of a list in a cell; characters of a cell

_HEAD = """# The analysts' queries, with samples

Each query of `cypher/analyst/`, with the first rows of what it gives on a graph of {data} with \
runs of {models}. Texts with parameters filled in, to paste into the Browser: `reelgraph explore \
queries`. Long cells are cut, lists show their first entries, and columns without a value in these \
rows are left out. Made by `python -m reelgraph.explore.samples docs/queries.md` from the graph of \
a workspace.
"""


def page(graph: GraphLike, values: Values) -> str:
    """The page as Markdown.

    :param values: of parameters, as :func:`.queries.shown_values` gives them.
    """
    models = sorted({row["model"] for row in graph.run("analyst/run_overview").rows})
    data = read_facts(graph).name or "your own data"
    parts = [_HEAD.format(data=data, models=", ".join(f"`{one}`" for one in models))]
    for theme, members in by_theme(analyst_queries()).items():
        parts.append(f"\n## {theme}\n")
        parts += [_section(graph, query, values) for query in members]
    return "".join(parts)


def _section(graph: GraphLike, query: Statement, values: Values) -> str:
    given = own_values(query, values)
    rows = graph.run(query.id, **given).rows
    lines = [f"\n### `{name(query)}`\n\n", f"{sentence(query.purpose)}\n\n", _asked(query, given)]
    return "".join([*lines, *_table(rows)])


def _asked(query: Statement, given: Mapping[str, Any]) -> str:
    shown = [
        f"`{one.name}` = {json.dumps(given.get(one.name, one.default), ensure_ascii=False)}"
        for one in query.parameters
    ]
    return f"Parameters: {', '.join(shown)}.\n\n" if shown else "No parameters.\n\n"


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not rows:
        yield "No rows on this graph.\n"
        return
    columns = [name for name in rows[0] if any(row[name] is not None for row in rows[:ROWS])]
    for cells in (columns, ["---"] * len(columns)):
        yield f"| {' | '.join(cells)} |\n"
    for row in rows[:ROWS]:
        yield f"| {' | '.join(_cut(_cell(row[column])) for column in columns)} |\n"
    if len(rows) > ROWS:
        more = len(rows) - ROWS
        yield f"\n… and {more:,} more row{'' if more == 1 else 's'}.\n"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | int | str):
        return str(value)
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, Mapping):
        return _named(value)
    if isinstance(value, list | tuple):
        first = "; ".join(_cell(one) for one in value[:ITEMS])
        return first + ("; …" if len(value) > ITEMS else "")
    return str(value)


def _named(value: Mapping[str, Any]) -> str:
    """A user or an item by name; of anything else all that is known."""
    if "userId" in value:
        return f"user {value['userId']}"
    if "title" in value:
        year = value.get("year")
        return f"{value['title']}" + ("" if year is None else f" ({year})")
    return ", ".join(f"{key} {_cell(one)}" for key, one in value.items() if one is not None)


def _cut(text: str) -> str:
    text = text.replace("|", "\\|").replace("\n", " ")
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1].rstrip()}…"


def main(path: Path, workspace: Path) -> None:
    """Write the page from the graph of a workspace."""
    settings = load_settings({"workspace": workspace}).settings
    with open_graph(settings) as graph:
        text = page(graph, shown_values(graph))
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise InputError("give the page to write and, where it is not here, the workspace")
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) == 3 else "."))
