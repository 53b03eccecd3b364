"""The sources that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..loader.source import Source


@hookimpl
def register_sources(register: Callable[[type[Source]], None]) -> None:
    from ..loader.ml100k import MovieLens100K

    register(MovieLens100K)
