"""The sources that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..loader.source import Source


@hookimpl
def register_sources(register: Callable[[type[Source]], None]) -> None:
    from ..loader.credits import Credits
    from ..loader.imdb import Imdb
    from ..loader.ml100k import MovieLens100K
    from ..loader.movielens import MovieLens
    from ..loader.recbole import RecBole
    from ..loader.tabular import TabularSource

    register(MovieLens100K)
    register(TabularSource)
    register(MovieLens)
    register(Credits)
    register(Imdb)
    register(RecBole)
