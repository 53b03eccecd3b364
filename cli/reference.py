"""Writes ``docs/reference.md``: every command, setting, hook, component and Cypher statement.

python -m reelgraph.cli.reference docs/reference.md
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from .. import cypher
from ..model.splits.base import Protocol
from ..plugins import hookspecs
from ..plugins.registry import HOOKS, PluginManager
from ..settings import Settings, environment_name
from .kge import defaults
from .root import main as root

_WIDTH = 96

_HEAD = """# Reference

Made by `make docs` from the program itself; a test fails when it is out of date.
"""


def reference() -> str:
    """The page's text, for what reelgraph itself brings, without other plugins."""
    manager = PluginManager(installed=False)
    parts = [
        _HEAD,
        "## Commands\n",
        *(_command(path, command) for path, command in walk(root)),
        "## Settings\n",
        "First one wins: flag, environment, `.env`, `reelgraph.toml` (its keys are the names in "
        "the first column), default.\n",
        _settings(),
        "## Hooks of plugins\n",
        *(_hook(name) for name in HOOKS),
        "## Sources\n",
        *(_component(name, source) for name, source in manager.sources().items()),
        "## Graph jobs\n",
        *(_component(name, job) for name, job in manager.graph_jobs().items()),
        "## Knowledge-graph embeddings\n",
        _embeddings(),
        "## Models\n",
        *(_component(name, model) for name, model in manager.models().items()),
        "## Protocols\n",
        *(_protocol(name, protocol) for name, protocol in manager.protocols().items()),
        "## Explainers\n",
        *(_component(name, one) for name, one in manager.explainers().items()),
        "## Cypher statements\n",
        _statements(),
    ]
    return "\n".join(parts)


def walk(
    group: click.Group, parent: click.Context | None = None
) -> Iterator[tuple[click.Context, click.Command]]:
    """The group and all commands below it, each with the context that its help needs."""
    name = None if parent else "reelgraph"
    context = parent or click.Context(group, info_name=name, terminal_width=_WIDTH)
    yield context, group
    for command_name in group.list_commands(context):
        command = group.get_command(context, command_name)
        if command is None or command.hidden:
            continue
        below = click.Context(command, context, command_name, terminal_width=_WIDTH)
        if isinstance(command, click.Group):
            yield from walk(command, below)
        else:
            yield below, command


def _command(context: click.Context, command: click.Command) -> str:
    return f"### `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"


def _settings() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() or field.default_factory else str(field.default)
        shown = "" if default in ("None", ".") else f"`{default}`"
        rows.append((f"`{name}`", f"`{environment_name(name)}`", shown, field.description or ""))
    return _table(("setting", "environment", "default", "meaning"), rows)


def _hook(name: str) -> str:
    function = getattr(hookspecs, name)
    text = inspect.getdoc(function) or ""
    plain = text.replace(":class:`~reelgraph.", "`reelgraph.").replace("``", "`")
    return f"### `{name}{inspect.signature(function)}`\n\n{plain}\n"


def _component(name: str, component: Any) -> str:
    text = f"### `{name}`\n\n{component.description}\n"
    config = getattr(component, "config_class", None)
    if config is not None and config.model_fields:
        text += "\n" + _fields(config, getattr(component, "default_config", {}))
    return text


def _protocol(name: str, protocol: type[Protocol]) -> str:
    text = f"### `{name}`\n\n{protocol.description}\n"
    rows = [
        (f"`{key}`", "" if one.default is None else f"`{one.default}`", one.description)
        for key, one in protocol.parameters.items()
    ]
    return text + ("\n" + _table(("parameter", "default", "meaning"), rows) if rows else "")


def _embeddings() -> str:
    rows = defaults()
    header = tuple(rows[0])
    cells = [(f"`{row['parameter']}`", *(str(row[name]) for name in header[1:])) for row in rows]
    return _table(header, cells)


def _fields(config: type[BaseModel], own: Mapping[str, Any]) -> str:
    rows = [
        (f"`{name}`", f"`{own.get(name, field.default)}`", field.description or "")
        for name, field in config.model_fields.items()
    ]
    return _table(("option", "default", "meaning"), rows)


def _statements() -> str:
    built_in = [s for s in cypher.statements() if not _of_plugin(s.id)]
    rows = [
        (
            f"`{statement.id}`",
            statement.mode + (", auto-commit" if statement.auto_commit else ""),
            ", ".join(f"`{parameter.name}`" for parameter in statement.parameters),
            statement.purpose,
        )
        for statement in built_in
    ]
    return _table(("id", "mode", "parameters", "purpose"), rows)


def _of_plugin(statement_id: str) -> bool:
    return not (Path(cypher.__file__).parent / f"{statement_id}.cypher").is_file()


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    cells = ((cell.replace("|", "\\|") for cell in line) for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
