"""Loads plugins, asks them by hook, and keeps a failing one from breaking the rest.

Each hook is called plugin by plugin, in the order built-in, installed, folder. What a
plugin does wrong (it cannot be imported, a hook raises, a name is taken) is printed on
stderr once and shown by ``reelgraph plugins``; everything else goes on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from .. import __version__, cypher
from ..errors import PluginError, ReelgraphError
from . import contracts, discovery, hookspecs

if TYPE_CHECKING:
    import click

    from ..gds_jobs.base import Job
    from ..loader.source import Source
    from ..model.base import Model
    from ..model.explainers.base import Explainer
    from ..model.splits.base import Protocol
    from ..model.suppliers.base import Supplier

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("register_"))


@dataclass(frozen=True)
class PluginInfo:
    """One plugin as ``reelgraph plugins`` shows it; ``error`` is None for a healthy one."""

    name: str
    version: str | None
    origin: str
    hooks: tuple[str, ...] = ()
    error: str | None = None


class PluginManager:
    """All plugins of one configuration; they are imported when the manager is made.

    :param plugins_dir: folder of plain ``.py`` files and packages.
    :param trace: print every hook call and what it registered to stderr.
    :param installed: look for installed distributions too.
    """

    def __init__(
        self, plugins_dir: Path | None = None, trace: bool = False, installed: bool = True
    ) -> None:
        self._trace = trace
        self._pluggy = pluggy.PluginManager("reelgraph")
        self._pluggy.add_hookspecs(hookspecs)
        self._found: dict[str, discovery.Found] = {}
        self._errors: dict[str, list[str]] = {}
        self._cache: dict[str, dict[str, Any]] = {}
        self._owners: dict[str, dict[str, str]] = {}
        sources = [discovery.built_ins()]
        if installed:
            sources.append(discovery.installed())
        if plugins_dir:
            sources.append(_folder(plugins_dir))
        for found in chain(*sources):
            self._load(found)
        self.cypher_folders()

    def sources(self) -> dict[str, type[Source]]:
        """Sources by the name that ``reelgraph load NAME`` takes."""
        from ..loader.source import Source

        return self._classes("register_sources", Source)

    def models(self) -> dict[str, type[Model]]:
        """Models by the name that ``--model`` takes."""
        from ..model.base import Model

        return self._classes("register_models", Model)

    def model_owner(self, name: str) -> str:
        """``plugin 'NAME'`` of the plugin that registered the model; empty for built-in ones."""
        self.models()
        plugin = self._owners["register_models"].get(name)
        if plugin is None or self._found[plugin].origin == "built-in":
            return ""
        return f"plugin '{plugin}'"

    def model_version(self, name: str) -> str:
        """The version of the plugin that registered the model."""
        self.models()
        plugin = self._owners["register_models"].get(name)
        return (plugin and self._found[plugin].version) or ""

    def suppliers(self) -> dict[str, Supplier[Any, Any]]:
        """Suppliers by the kind of need that they meet."""
        from ..model.suppliers.base import Supplier

        def check(found: Any) -> tuple[str, Supplier[Any, Any]]:
            if not (isinstance(found, type) and issubclass(found, Supplier)):
                raise PluginError(f"register_needs: {found!r} is not a subclass of Supplier")
            mistakes = contracts.mistakes_of_supplier(found)
            if mistakes:
                raise PluginError(f"register_needs: {found.__name__} {'; '.join(mistakes)}")
            return found.need.kind, found()

        return self._collect("register_needs", check)

    def graph_jobs(self) -> dict[str, type[Job]]:
        """Graph jobs by name, in the order of registration."""
        from ..gds_jobs.base import Job

        return self._classes("register_graph_jobs", Job)

    def protocols(self) -> dict[str, type[Protocol]]:
        """Protocols by the name that ``--protocol`` takes."""
        from ..model.splits.base import Protocol

        return self._classes("register_protocols", Protocol)

    def explainers(self) -> dict[str, type[Explainer]]:
        """Explainers by name, in the order of registration."""
        from ..model.explainers.base import Explainer

        return self._classes("register_explainers", Explainer)

    def commands(self, reserved: Collection[str] = ()) -> dict[str, click.Command]:
        """Commands of plugins; one that takes a ``reserved`` name is reported and left out."""
        return self._collect("register_commands", lambda command: (command.name, command), reserved)

    def cypher_folders(self) -> dict[str, Path]:
        """Folders of Cypher files by prefix; their statements can be run by id."""

        def add(prefix: str, folder: Path) -> tuple[str, Path]:
            cypher.add_folder(prefix, folder)
            return prefix, folder

        return self._collect("register_cypher", add)

    def plugins(self) -> list[PluginInfo]:
        """All plugins, each asked by every hook, so that ``error`` is complete."""
        self.sources(), self.models(), self.suppliers(), self.graph_jobs(), self.protocols()
        self.explainers(), self.commands(), self.cypher_folders()
        return [self._info(found) for found in self._found.values()]

    def _load(self, found: discovery.Found) -> None:
        if found.name in self._found:
            first = self._found[found.name].origin
            second = replace(found, name=f"{found.name} ({found.origin})")
            self._found[second.name] = second
            self._report(second.name, f"not loaded: {first} has a plugin of this name")
            return
        self._found[found.name] = found
        try:
            self._pluggy.register(found.load(), found.name)
        except (Exception, SystemExit) as error:
            self._report(found.name, f"cannot be loaded: {_describe(error)}")
            if self._pluggy.has_plugin(found.name):
                self._pluggy.unregister(name=found.name)
            return
        unknown = [name for name in self._hooks(found.name) if name not in HOOKS]
        if unknown:
            self._report(found.name, f"implements unknown hooks: {', '.join(unknown)}")

    def _classes(self, hook: str, base: type[Any]) -> dict[str, type[Any]]:
        def check(found: Any) -> tuple[str, type[Any]]:
            if not (isinstance(found, type) and issubclass(found, base)):
                raise PluginError(f"{hook}: {found!r} is not a subclass of {base.__name__}")
            name = getattr(found, "name", None)
            if not isinstance(name, str):
                raise PluginError(f"{hook}: {found.__name__} has no name")
            mistakes = contracts.mistakes(found)
            if mistakes:
                raise PluginError(f"{hook}: {found.__name__} ('{name}') {'; '.join(mistakes)}")
            return name, found

        return self._collect(hook, check)

    def _collect(
        self, hook: str, check: Callable[..., tuple[Any, Any]], reserved: Collection[str] = ()
    ) -> dict[str, Any]:
        """Call a hook plugin by plugin and keep what each registers, by name."""
        if hook in self._cache:
            return self._cache[hook]
        things: dict[str, Any] = {}
        owners = dict.fromkeys(reserved, "reelgraph")
        for plugin, module in self._pluggy.list_name_plugin():
            if hook not in self._hooks(plugin):
                continue
            new: list[str] = []

            def register(*arguments: Any, plugin: str = plugin, new: list[str] = new) -> None:
                name, thing = check(*arguments)
                if name in owners:
                    self._report(plugin, f"{hook}: '{name}' is already taken by {owners[name]}")
                    return
                owners[name] = plugin
                things[name] = thing
                new.append(name)

            self._call(hook, plugin, module, register)
            if self._trace:
                print(f"[plugins] {hook} ({plugin}): {', '.join(new) or '-'}", file=sys.stderr)
        self._cache[hook], self._owners[hook] = things, owners
        return things

    def _call(self, hook: str, plugin: str, module: Any, register: Callable[..., None]) -> None:
        others = [other for _, other in self._pluggy.list_name_plugin() if other is not module]
        try:
            self._pluggy.subset_hook_caller(hook, others)(register=register)
        except (Exception, SystemExit) as error:
            self._report(plugin, f"{hook} failed: {_describe(error)}")

    def _hooks(self, plugin: str) -> tuple[str, ...]:
        callers = self._pluggy.get_hookcallers(self._pluggy.get_plugin(plugin)) or ()
        return tuple(sorted(caller.name for caller in callers))

    def _report(self, plugin: str, problem: str) -> None:
        self._errors.setdefault(plugin, []).append(problem)
        print(f"Warning: plugin '{plugin}': {problem}", file=sys.stderr)

    def _info(self, found: discovery.Found) -> PluginInfo:
        module = self._pluggy.get_plugin(found.name)
        version = found.version or getattr(module, "__version__", None)
        return PluginInfo(
            name=found.name,
            version=__version__ if found.origin == "built-in" else version,
            origin=found.origin,
            hooks=self._hooks(found.name) if module else (),
            error="; ".join(self._errors.get(found.name, ())) or None,
        )


def _folder(plugins_dir: Path) -> Iterator[discovery.Found]:
    """The folder's plugins, or, where it is missing, one that fails by the folder's name."""
    try:
        yield from discovery.in_folder(plugins_dir)
    except OSError as error:
        problem = error

        def fail() -> None:
            raise problem

        yield discovery.Found(str(plugins_dir), "plugins folder", fail)


def _describe(error: BaseException) -> str:
    return str(error) if isinstance(error, ReelgraphError) else f"{type(error).__name__}: {error}"
