"""A plugin for reelgraph that brings one of each: a source, a model, a need, a job, a protocol
and an explainer.

The hooks import what they register when they are called, so that ``reelgraph --help``
does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reelgraph.plugins import hookimpl

if TYPE_CHECKING:
    import click

    from reelgraph.gds_jobs.base import Job
    from reelgraph.loader.source import Source
    from reelgraph.model.base import Model
    from reelgraph.model.explainers.base import Explainer
    from reelgraph.model.splits.base import Protocol
    from reelgraph.model.suppliers.base import Supplier


@hookimpl
def register_sources(register: Callable[[type[Source]], None]) -> None:
    from .source import CsvSource

    register(CsvSource)


@hookimpl
def register_models(register: Callable[[type[Model]], None]) -> None:
    from .model import Trending

    register(Trending)


@hookimpl
def register_needs(register: Callable[[type[Supplier[Any, Any]]], None]) -> None:
    from .need import FirstSeenSupplier

    register(FirstSeenSupplier)


@hookimpl
def register_graph_jobs(register: Callable[[type[Job]], None]) -> None:
    from .graph_job import Cores

    register(Cores)


@hookimpl
def register_protocols(register: Callable[[type[Protocol]], None]) -> None:
    from .protocol import FirstEvents

    register(FirstEvents)


@hookimpl
def register_explainers(register: Callable[[type[Explainer]], None]) -> None:
    from .explainer import ByRating

    register(ByRating)


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    from .command import most_rated

    register(most_rated)


@hookimpl
def register_cypher(register: Callable[[str, Path], None]) -> None:
    register("example", Path(__file__).parent / "cypher")
