"""What every command shares: settings, the connection, and how things are shown."""

from __future__ import annotations

import json as jsonlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ..errors import ReelgraphError
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

    def for_local_server(self) -> Context:
        """The same settings without the user's own server."""
        own = {"uri": None, "username": "neo4j", "password": None, "database": "neo4j"}
        settings = self.settings.model_copy(update=own)
        return Context(replace(self.loaded, settings=settings))

    @contextmanager
    def graph(self, local: bool = False) -> Iterator[Graph]:
        """A verified connection to the user's server, or to the local one."""
        from ..graph.session import open_graph

        with open_graph(self.settings, local=local) as graph:
            yield graph

    @contextmanager
    def graph_if_there(self, without: str) -> Iterator[Graph | None]:
        """A connection; without a server None, and a note that begins with ``without``."""
        from contextlib import ExitStack

        with ExitStack() as stack:
            graph: Graph | None = None
            try:
                graph = stack.enter_context(self.graph())
            except ReelgraphError as error:
                self.note(f"{without}: {error.message}")
            yield graph

    def echo_rows(
        self,
        rows: Sequence[Mapping[str, Any]],
        json: bool = False,
        title: str | None = None,
        whole: str | None = None,
    ) -> None:
        """Print rows as a table that fits the terminal, or as JSON.

        :param whole: a column whose cells are never broken, so that they can be copied.
        """
        if json:
            self.echo_json(list(rows))
        else:
            from .tables import print_table

            print_table(rows, title, whole)

    def echo_json(self, value: Any) -> None:
        text = jsonlib.dumps(_plain(value), indent=2, allow_nan=False, ensure_ascii=False)
        click.echo(text)

    def note(self, text: str) -> None:
        """Say something about the work, on stderr, so that output can be piped."""
        click.echo(text, err=True)


def _plain(value: Any) -> Any:
    """The value as JSON has it: null for a number that is not finite, text for other types."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    tolist = getattr(value, "tolist", None)  # of numpy: arrays and numbers
    return str(value) if tolist is None else _plain(tolist())
