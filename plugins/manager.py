"""The plugins of the current configuration: what they registered, by kind.

The commands configure it once; everything else asks here.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..settings import Settings, load_settings
from .registry import PluginInfo, PluginManager

if TYPE_CHECKING:
    import click

    from ..gds_jobs.base import Job
    from ..loader.source import Source
    from ..model.base import Model
    from ..model.explainers.base import Explainer
    from ..model.splits.base import Protocol
    from ..model.suppliers.base import Supplier

_configured: tuple[Path | None, bool] | None = None
_current: PluginManager | None = None


def configure(settings: Settings) -> PluginManager:
    """Use the plugins that the settings name; loads them unless they already are."""
    global _configured, _current
    wanted = (settings.plugins_dir, settings.trace_plugins)
    if _current is None or wanted != _configured:
        _configured, _current = wanted, PluginManager(*wanted)
    return _current


def current() -> PluginManager:
    """The configured manager; without :func:`configure`, one by environment and files."""
    return _current or configure(load_settings().settings)


def sources() -> dict[str, type[Source]]:
    """:meth:`PluginManager.sources` of the current manager."""
    return current().sources()


def models() -> dict[str, type[Model]]:
    """:meth:`PluginManager.models` of the current manager."""
    return current().models()


def suppliers() -> dict[str, Supplier[Any, Any]]:
    """:meth:`PluginManager.suppliers` of the current manager."""
    return current().suppliers()


def model_owner(name: str) -> str:
    """:meth:`PluginManager.model_owner` of the current manager."""
    return current().model_owner(name)


def model_version(name: str) -> str:
    """:meth:`PluginManager.model_version` of the current manager."""
    return current().model_version(name)


def graph_jobs() -> dict[str, type[Job]]:
    """:meth:`PluginManager.graph_jobs` of the current manager."""
    return current().graph_jobs()


def protocols() -> dict[str, type[Protocol]]:
    """:meth:`PluginManager.protocols` of the current manager."""
    return current().protocols()


def explainers() -> dict[str, type[Explainer]]:
    """:meth:`PluginManager.explainers` of the current manager."""
    return current().explainers()


def commands(reserved: Collection[str] = ()) -> dict[str, click.Command]:
    """:meth:`PluginManager.commands` of the current manager."""
    return current().commands(reserved)


def cypher_folders() -> dict[str, Path]:
    """:meth:`PluginManager.cypher_folders` of the current manager."""
    return current().cypher_folders()


def plugins() -> list[PluginInfo]:
    """:meth:`PluginManager.plugins` of the current manager."""
    return current().plugins()
