"""Where plugins are found: the built-in modules, entry points, and a folder of plain files."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

ENTRY_POINT_GROUP = "reelgraph"
BUILT_INS = (
    "builtin_sources",
    "builtin_graph_jobs",
    "builtin_models",
    "builtin_needs",
    "builtin_protocols",
    "builtin_explainers",
)


@dataclass(frozen=True)
class Found:
    """A plugin that is not imported yet: ``load`` imports it and may raise anything."""

    name: str
    origin: str
    load: Callable[[], Any]
    version: str | None = None


def built_ins() -> Iterator[Found]:
    """The modules that register what reelgraph itself brings."""
    for name in BUILT_INS:
        yield Found(name, "built-in", _import_built_in(name))


def installed() -> Iterator[Found]:
    """Plugins of installed distributions, sorted by name."""
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name):
        yield _from_entry_point(entry)


def in_folder(folder: Path) -> Iterator[Found]:
    """Each ``*.py`` file and each package of ``folder``; names that begin with _ or . are left out.

    :raises FileNotFoundError: when there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"the plugins folder {folder} does not exist")
    for path in sorted(folder.iterdir()):
        package = path / "__init__.py"
        if path.name.startswith(("_", ".")):
            continue
        if path.suffix == ".py":
            yield Found(path.stem, str(path), _import_file(path.stem, path))
        elif package.is_file():
            yield Found(path.name, str(path), _import_file(path.name, package))


def _import_built_in(name: str) -> Callable[[], ModuleType]:
    return lambda: importlib.import_module(f".{name}", __package__)


def _from_entry_point(entry: EntryPoint) -> Found:
    distribution = entry.dist
    return Found(
        name=entry.name,
        origin=f"package {distribution.name}" if distribution else "entry point",
        load=entry.load,
        version=distribution.version if distribution else None,
    )


def _import_file(name: str, path: Path) -> Callable[[], ModuleType]:
    """Import under a name of its own, so that no file shadows an installed package."""
    module_name = f"reelgraph_plugin_{name}"

    def load() -> ModuleType:
        folders = [str(path.parent)] if path.name == "__init__.py" else None
        spec = importlib.util.spec_from_file_location(
            module_name, path, submodule_search_locations=folders
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[module_name]
            raise
        return module

    return load
