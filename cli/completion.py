"""What the shell offers, such as runs, splits and models, without a server and without torch."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from ..errors import ReelgraphError
from ..settings import Settings, load_settings

_MANIFEST = "manifest.json"  # of artifacts, whose import takes a second


def runs(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Ids of the runs on disk, or of those whose last eight characters are typed."""
    names = _runs(ctx)
    return _items(names, typed) or _items(
        [name for name in names if name.rpartition("-")[2].startswith(typed)], ""
    )


def splits(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Ids of the exported splits."""
    settings = _settings(ctx)
    found = settings.datasets_dir.glob(f"*/splits/*/{_MANIFEST}") if settings else ()
    return _items((path.parent.name for path in found), typed)


def models(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The built-in models, and those of plugins that a run was made with."""
    import json

    from ..plugins.builtin_models import NAMES

    settings, used = _settings(ctx), []
    for path in settings.runs_dir.glob(f"*/{_MANIFEST}") if settings else ():
        used.append(str(json.loads(path.read_text(encoding="utf-8")).get("model", "")))
    return _items((*NAMES, *used), typed)


def jobs(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Graph jobs, those of plugins included."""
    from ..plugins import manager

    settings = _settings(ctx)
    if settings:
        manager.configure(settings)
    return _items(manager.graph_jobs(), typed)


def protocols(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Protocols, those of plugins included."""
    from ..plugins import manager

    settings = _settings(ctx)
    if settings:
        manager.configure(settings)
    return _items(manager.protocols(), typed)


def _runs(ctx: click.Context) -> list[str]:
    settings = _settings(ctx)
    found = settings.runs_dir.glob(f"*/{_MANIFEST}") if settings else ()
    return [path.parent.name for path in found]


def _settings(ctx: click.Context) -> Settings | None:
    """The settings as the command line so far gives them; None where they are wrong."""
    try:
        return load_settings(ctx.find_root().params).settings
    except ReelgraphError:
        return None


def _items(names: Iterable[str], typed: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in sorted(set(names)) if name.startswith(typed)]
