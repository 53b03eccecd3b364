"""A comparison in the terminal: a table of figures, then one of differences and costs.

Each has as many columns as fit; the others come below, in a further table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .context import Context

if TYPE_CHECKING:
    from ..pipeline.comparison.table import Comparison, Row


_NAME = 22  # characters: with them, three metrics fit into 80


@dataclass(frozen=True)
class _Column:
    """A cell per row, of one line or two."""

    head: str
    cells: tuple[Text, ...]

    @property
    def width(self) -> int:
        lines = (line for cell in self.cells for line in cell.plain.split("\n"))
        return max(map(len, (self.head, *lines)))


def show(context: Context, table: Comparison) -> None:
    """Print the tables, then what a reader has to know of them, on stderr."""
    from ..pipeline.comparison.formats import left_out, legend

    console = Console(highlight=False)
    rows = [row for row in table.rows if row.figures is not None]
    names = [row.name for row in rows]
    _print(console, names, _figures(rows, table))
    _print(console, names, [*_tests(rows, table), *_costs(rows)])
    for line in [*legend(table), *(f"left out: {line}" for line in left_out(table))]:
        context.note(line)


def _print(console: Console, names: Sequence[str], columns: Sequence[_Column]) -> None:
    """As few tables as the width allows; names are broken between words, figures never."""
    unlimited = console.options.update(max_width=10_000)
    while columns:
        fitting = next(
            count
            for count in range(len(columns), 0, -1)
            if count == 1
            or console.measure(_table(names, columns[:count]), options=unlimited).minimum
            <= console.width
        )
        console.print(_table(names, columns[:fitting]))
        columns = columns[fitting:]


def _table(names: Sequence[str], columns: Sequence[_Column]) -> Table:
    made = Table(box=SIMPLE_HEAD)
    longest = max(map(len, names))
    made.add_column("model", overflow="fold", min_width=min(longest, _NAME))
    for column in columns:
        made.add_column(Text(column.head), no_wrap=True, min_width=column.width)
    for place, name in enumerate(names):
        made.add_row(Text(name), *(column.cells[place] for column in columns))
    return made


def _figures(rows: Sequence[Row], table: Comparison) -> list[_Column]:
    from ..pipeline.comparison.formats import figure_text, metric_name

    found = []
    for metric in table.metrics:
        figures = [row.figures[metric] for row in rows if row.figures is not None]
        cells = [
            Text.assemble((mean, "bold" if figure.best else ""), "\n", interval)
            for figure, (mean, interval) in ((one, figure_text(one)) for one in figures)
        ]
        found.append(_Column(metric_name(metric), tuple(cells)))
    return found


def _tests(rows: Sequence[Row], table: Comparison) -> list[_Column]:
    from ..pipeline.comparison.formats import heads_of_test, less_the_best

    tests = [less_the_best(row, table.metrics[0]) for row in rows]
    difference, p = heads_of_test(table)
    return [
        _Column(difference, tuple(Text(f"{value}\n{interval}") for value, interval, _ in tests)),
        _Column(p, tuple(Text(p) for *_, p in tests)),
    ]


def _costs(rows: Sequence[Row]) -> list[_Column]:
    from ..pipeline.comparison.formats import COST_NAMES, costs

    every = [costs(row) for row in rows]
    return [
        _Column(name, tuple(Text("\n".join(one[place])) for one in every))
        for place, name in enumerate(COST_NAMES)
    ]
