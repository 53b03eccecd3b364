"""The sources that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..loader.source import Source


@hookimpl
def register_sources(register: Callable[[type[Source]], None]) -> None:
    from ..loader.sources.credits import Credits
    from ..loader.sources.imdb import Imdb
    from ..loader.sources.ml100k import MovieLens100K
    from ..loader.sources.movielens import MovieLens
    from ..loader.sources.recbole import RecBole
    from ..loader.sources.tabular import TabularSource

    register(MovieLens100K)
    register(TabularSource)
    register(MovieLens)
    register(Credits)
    register(Imdb)
    register(RecBole)
