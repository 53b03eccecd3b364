"""The hooks of reelgraph. Each gets ``register`` and calls it once per thing it brings.

::

    import reelgraph.plugins

    @reelgraph.plugins.hookimpl
    def register_models(register):
        from .model import MyModel  # imported here, so that 'reelgraph --help' stays fast
        register(MyModel)
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    import click

    from ..gds_jobs.base import Job
    from ..loader.source import Source
    from ..model.base import Model
    from ..model.explainers.base import Explainer
    from ..model.splits.base import Protocol
    from ..model.suppliers.base import Supplier

hookspec = pluggy.HookspecMarker("reelgraph")
hookimpl = pluggy.HookimplMarker("reelgraph")


@hookspec
def register_sources(register: Callable[[type[Source]], None]) -> None:
    """Register a :class:`~reelgraph.loader.source.Source` for ``reelgraph load NAME``."""


@hookspec
def register_models(register: Callable[[type[Model]], None]) -> None:
    """Register a :class:`~reelgraph.model.base.Model` for ``reelgraph train --model NAME``."""


@hookspec
def register_needs(register: Callable[[type[Supplier[Any, Any]]], None]) -> None:
    """Register a :class:`~reelgraph.model.suppliers.base.Supplier` for needs of its kind."""


@hookspec
def register_graph_jobs(register: Callable[[type[Job]], None]) -> None:
    """Register a :class:`~reelgraph.gds_jobs.base.Job` for ``reelgraph gds``."""


@hookspec
def register_protocols(register: Callable[[type[Protocol]], None]) -> None:
    """Register a :class:`~reelgraph.model.splits.base.Protocol` for ``--protocol NAME``."""


@hookspec
def register_explainers(register: Callable[[type[Explainer]], None]) -> None:
    """Register an :class:`~reelgraph.model.explainers.base.Explainer` of a model's scores."""


@hookspec
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Register a Click command or group below ``reelgraph``."""


@hookspec
def register_cypher(register: Callable[[str, Path], None]) -> None:
    """Register a folder of ``.cypher`` files; their ids begin with the given prefix."""
