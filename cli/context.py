"""What every command shares: settings, the connection, and how things are shown."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ..settings import LoadedSettings, Settings

if TYPE_CHECKING:
    from ..graph.connection import Graph


class Context:
    """The object that ``@click.pass_obj`` hands to a command."""

    def __init__(self, loaded: LoadedSettings) -> None:
        self.loaded = loaded

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    @contextmanager
    def graph(self, local: bool = False) -> Iterator[Graph]:
        """A verified connection to the user's server, or to the local one."""
        from ..graph.session import open_graph

        with open_graph(self.settings, local=local) as graph:
            yield graph

    def echo_rows(
        self,
        rows: Sequence[Mapping[str, Any]],
        json: bool = False,
        title: str | None = None,
    ) -> None:
        """Print rows as a table that fits the terminal, or as JSON."""
        if json:
            self.echo_json(list(rows))
        else:
            from .tables import print_table

            print_table(rows, title)

    def echo_json(self, value: Any) -> None:
        click.echo(jsonlib.dumps(value, indent=2, default=str, ensure_ascii=False))

    def note(self, text: str) -> None:
        """Say something about the work, on stderr, so that output can be piped."""
        click.echo(text, err=True)
