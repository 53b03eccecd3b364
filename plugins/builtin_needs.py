"""What reelgraph supplies to models beside the interactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..model.suppliers.base import Supplier


@hookimpl
def register_needs(register: Callable[[type[Supplier[Any, Any]]], None]) -> None:
    from ..model.suppliers import facts, knowledge, properties

    register(knowledge.EmbeddingSupplier)
    register(knowledge.TriplesSupplier)
    register(knowledge.PathsSupplier)
    register(knowledge.AdjacencySupplier)
    register(facts.FactsSupplier)
    register(properties.ItemPropertiesSupplier)
    register(properties.UserPropertiesSupplier)
    register(properties.TextSupplier)
    register(properties.EventFeaturesSupplier)
