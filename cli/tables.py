"""Tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def print_table(
    rows: Sequence[Mapping[str, Any]], title: str | None = None, whole: str | None = None
) -> None:
    """Print rows with their keys as the header; long cells wrap at the terminal's width.

    A cell may be rich's ``Text``, such as a bold one.

    :param whole: a column whose cells are never broken; in a terminal that is too narrow for
        that, each of its cells gets a line of its own.
    """
    console = Console(highlight=False)
    if not rows:
        console.print(Text(f"{title}: nothing" if title else "nothing"))
        return
    shown = None if title is None else Text(title)  # plain strings would be read as markup
    table = Table(title=shown, title_justify="left", box=SIMPLE_HEAD, title_style="bold")
    for name, value in rows[0].items():
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        justify: JustifyMethod = "right" if numeric else "left"
        words = _longest_word([name, *(row[name] for row in rows)]) if whole else None
        table.add_column(
            Text(str(name)),
            justify=justify,
            overflow="fold",
            no_wrap=name == whole,
            min_width=words,
        )
    for row in rows:
        table.add_row(*(_text(value) for value in row.values()))
    unlimited = console.options.update(max_width=10_000)
    if whole is not None and console.measure(table, options=unlimited).minimum > console.width:
        print_records(console, rows, whole)
    else:
        console.print(table)


def _text(value: Any) -> Text:
    return value if isinstance(value, Text) else Text(_cell(value))


def _one_line(value: Any) -> Text:
    return Text(" ").join(_text(value).split("\n"))


def print_records(console: Console, rows: Sequence[Mapping[str, Any]], whole: str) -> None:
    """A line with the cell that stays whole, then one with what else is known."""
    for row in rows:
        console.print(Text(_cell(row[whole])), soft_wrap=True)
        others = [
            Text.assemble(f"{name} ", _one_line(value))
            for name, value in row.items()
            if name != whole and value not in (None, "")
        ]
        console.print(Padding(Text(", ").join(others), (0, 0, 0, 4)))


def _longest_word(values: Iterable[Any]) -> int:
    return max(len(word) for value in values for word in (_cell(value).split() or [""]))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(part) for part in value)
    return str(value)
