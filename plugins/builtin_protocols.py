"""The protocols that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..model.splits.base import Protocol


@hookimpl
def register_protocols(register: Callable[[type[Protocol]], None]) -> None:
    from ..model.splits.lookup import BUILT_IN_PROTOCOLS

    for protocol in BUILT_IN_PROTOCOLS.values():
        register(protocol)
