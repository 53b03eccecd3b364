"""A comparison in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .context import Context
from .tables import print_records

if TYPE_CHECKING:
    from ..pipeline.comparison.table import Comparison, Row


def show(context: Context, table: Comparison) -> None:
    """Print the table, then what a reader has to know of it, on stderr."""
    from ..pipeline.comparison.formats import left_out, legend

    rows = [_row(row, table) for row in table.rows if row.figures is not None]
    _print(rows)
    for line in [*legend(table), *(f"left out: {line}" for line in left_out(table))]:
        context.note(line)


def _print(rows: list[dict[str, Any]]) -> None:
    """A table whose cells keep their lines; in a narrow terminal a paragraph per model."""
    console = Console(highlight=False)
    shown = Table(box=SIMPLE_HEAD)
    for name in rows[0]:
        shown.add_column(name, no_wrap=True)
    for row in rows:
        shown.add_row(*row.values())
    unlimited = console.options.update(max_width=10_000)
    if console.measure(shown, options=unlimited).maximum <= console.width:
        console.print(shown)
    else:
        print_records(console, rows, "model")


def _row(row: Row, table: Comparison) -> dict[str, Any]:
    from ..pipeline.comparison.formats import COST_NAMES, costs, figure_text, metric_name, to_best

    figures = row.figures or {}
    cells: dict[str, Any] = {"model": row.name}
    for metric in table.metrics:
        mean, interval = figure_text(figures[metric])
        best = figures[metric].best
        cells[metric_name(metric)] = Text.assemble((mean, "bold" if best else ""), "\n", interval)
    difference, p = to_best(row, table.metrics[0])
    cells |= {"to best": difference, "p": p}
    return cells | dict(zip(COST_NAMES, costs(row), strict=True))
