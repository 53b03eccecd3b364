"""What a ranker's items are made of beside their ids: vectors of graph jobs, and facts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor

from ..data import FloatArray, IntArray
from ..needs import EmbeddingNeed, Facts, FactsNeed, Need, TrainingData
from .fusion import FACTS, Fusion

_FALLBACK = "an item's embedding has one source less"
_FACTS = FactsNeed(fallback=_FALLBACK)


def needs_of(embeddings: Sequence[str], facts: bool) -> tuple[Need[Any], ...]:
    """The needs of a model that fuses vectors of these jobs, and facts or not."""
    return (*_needs(embeddings), *([_FACTS] if facts else []))


@dataclass(frozen=True)
class ItemSources:
    """``vectors`` ``(items, dim)`` by job, those that were supplied, and the items' facts.

    ``events`` ``(items,)`` is how many events of train each item has. Facts that no item of
    train has are left out: nothing can be learned of them.
    """

    vectors: dict[str, FloatArray]
    facts: Facts
    events: IntArray

    @classmethod
    def of(cls, embeddings: Sequence[str], facts: bool, data: TrainingData) -> Self:
        vectors = data.supplied.vectors(_needs(embeddings))
        events = np.bincount(data.train.items, minlength=len(data.catalogue))
        supplied = data.get(_FACTS) if facts else None
        if supplied is None:
            none = sparse.csr_array((len(data.catalogue), 0), dtype=np.float32)
            return cls(vectors, Facts(none, ()), events)
        return cls(vectors, _of_items(supplied, events > 0), events)

    @property
    def widths(self) -> dict[str, int]:
        return {name: one.shape[1] for name, one in self.vectors.items()}

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that a fit depends on, by name."""
        rows, names = self.facts.rows, np.array(self.facts.names, np.str_)
        return self.vectors | {
            f"{FACTS} {n}": one for n, one in enumerate((rows.indices, rows.indptr, names))
        }

    def give(self, fusion: Fusion) -> None:
        """Put them into the network."""
        fusion.set_trained(torch.from_numpy(self.events > 0))
        for name, one in self.vectors.items():
            fusion.set_knowledge(name, torch.from_numpy(one))
        fusion.set_facts(self.facts.rows)


def columns_of(names: Sequence[str], items: Sequence[Collection[str]]) -> tuple[Tensor, Tensor]:
    """Facts of items by name as columns and starts, as :class:`.fusion.FactMap` reads them.

    :param names: those that are known; others say nothing.
    """
    places = {name: n for n, name in enumerate(names)}
    known = [sorted({places[fact] for fact in told if fact in places}) for told in items]
    starts = np.cumsum([0, *(len(one) for one in known)])
    columns = np.concatenate([np.zeros(0, np.int64), *(np.array(one, np.int64) for one in known)])
    return torch.from_numpy(columns), torch.from_numpy(starts)


def _needs(embeddings: Sequence[str]) -> list[EmbeddingNeed]:
    return [EmbeddingNeed(name, fallback=_FALLBACK) for name in embeddings]


def _of_items(facts: Facts, items: npt.NDArray[np.bool_]) -> Facts:
    """Of all facts those that one of some items has."""
    told = np.flatnonzero(facts.rows[items].sum(0))
    rows = facts.rows[:, told]
    rows.sort_indices()
    return Facts(rows, tuple(facts.names[n] for n in told))
