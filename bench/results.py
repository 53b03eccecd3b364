"""Writes ``docs/results.md`` from stored comparisons.

    python bench/results.py

``docs/results/tables.toml`` names the tables in their order: a heading, a text, the command that
made the table, and its file, which is what ``reelgraph compare --format json`` writes. The rest of
the page is made from these, so that no figure is typed.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import click
from pydantic import BaseModel, ConfigDict

from reelgraph.artifacts import atomic
from reelgraph.pipeline.comparison.formats import FORMATS, from_json

RESULTS = Path(__file__).parents[1] / "docs" / "results"
HEAD = """# Results

Models beside each other, on the same rows and under the same protocol.
[evaluation.md](evaluation.md) explains protocols and metrics. This page is written by
`python bench/results.py` from the files in [`results/`](results); do not edit it.

[`results/cells`](results/cells) has figures per user of MovieLens 100K, `user-time`, one folder for
each model and seed. Copied into `comparisons/` of a workspace with the demo's split, they are read
by `reelgraph compare`, which fits only what is missing.
"""


class Table(BaseModel):
    """A table of the page."""

    model_config = ConfigDict(extra="forbid")

    file: str
    heading: str
    command: str
    text: str = ""


def tables(folder: Path) -> list[Table]:
    """Those of ``tables.toml``, in its order."""
    listed = tomllib.loads((folder / "tables.toml").read_text(encoding="utf-8"))
    return [Table(**one) for one in listed["table"]]


def page(folder: Path) -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(_section(folder, one) for one in tables(folder))])


def _section(folder: Path, table: Table) -> str:
    comparison = from_json((folder / table.file).read_text(encoding="utf-8"))
    parts = [
        f"## {table.heading}",
        table.text.strip(),
        f"```bash\n{table.command.strip()}\n```",
        FORMATS["markdown"](comparison).strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


@click.command(help=__doc__)
def main() -> None:
    target = RESULTS.with_suffix(".md")
    with atomic(target) as temporary:
        temporary.write_text(page(RESULTS), encoding="utf-8")
    click.echo(f"written: docs/{target.name}")


if __name__ == "__main__":
    main()
