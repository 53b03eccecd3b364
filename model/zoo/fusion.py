"""An item's embedding, and its bias, as attention over what is known of it.

Shapes: N items, D ``embedding_size``, S sources of an item's embedding (its id, each kind of
knowledge vector, its facts), F facts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

ID, FACTS = "id", "item facts"  # no job has a name with a space
_LEAST = -1.0  # the bias of an item of which nothing is known, whose vector is 0
_NEVER = -1e9  # the logit of a source that an item lacks: finite, so that it may lack them all


class FactMap(nn.Module):
    """``z_facts(i)``: the sum of the vectors of an item's facts over √(their number)."""

    def __init__(self, n_items: int, facts: int, entries: int, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(facts, size).normal_(std=1 / math.sqrt(size)))
        self.register_buffer("columns", torch.zeros(entries, dtype=torch.int64))
        self.register_buffer("starts", torch.zeros(n_items + 1, dtype=torch.int64))

    def of_catalogue(self) -> Tensor:
        """``z_facts`` of the catalogue's items ``(N, D)``."""
        return self.forward(self.get_buffer("columns"), self.get_buffer("starts"))

    def forward(self, columns: Tensor, starts: Tensor) -> Tensor:
        """``(M, D)``, item m having the facts ``columns[starts[m]:starts[m + 1]]``."""
        sums = functional.embedding_bag(
            columns, self.weight, starts, mode="sum", include_last_offset=True
        )
        return sums / starts.diff().clamp_min(1).sqrt()[:, None]


class Fusion(nn.Module):
    """An item's embedding as attention over its sources, and its bias.

    ``v(i) = Σ_s a_s(i) z_s(i)``, with ``z_id`` a learned vector, ``z_s = W_s x_s(i)`` for the
    knowledge vector ``x_s``, ``z_facts`` of :class:`FactMap`, and
    ``a(i) = softmax_s(⟨q, tanh(z_s(i))⟩ + c_s)``. A source about which nothing is known of an
    item gets weight 0, its id where training has no event of it. The bias is
    ``b(i) = β_i + ⟨w, Σ_{s≠id} a_s z_s⟩``, ``β`` one value for all items without an id.

    In training each item that has another source loses its id with probability ``id_dropout``,
    for a whole step and all that it is used for, so that the rest learns to speak for it
    ([DropoutNet]). [KG-LSTM], section 3.4.2, fuses with the LSTM's state instead; here
    knowledge enters per item, so that scores stay inner products of a user and an item vector.
    """

    def __init__(
        self,
        n_items: int,
        size: int,
        sources: Mapping[str, int],
        facts: tuple[int, int] = (0, 0),
        id_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.names = (ID, *sources, *([FACTS] if facts[0] else []))
        self.widths, self.id_dropout = dict(sources), id_dropout
        self.ids = nn.Embedding(n_items, size)
        nn.init.normal_(self.ids.weight, std=1 / math.sqrt(size))
        self.bias = nn.Parameter(torch.zeros(n_items))
        self.maps = nn.ModuleList(nn.Linear(width, size, bias=False) for width in sources.values())
        self.facts = FactMap(n_items, *facts, size) if facts[0] else None
        if len(self.names) > 1:
            self.query = nn.Parameter(torch.zeros(size))
            self.prior = nn.Parameter(torch.zeros(len(self.names)))
            self.worth = nn.Parameter(torch.zeros(size))
            self.without_id = nn.Parameter(torch.zeros(()))
        known = torch.zeros(n_items, len(self.names), dtype=torch.bool)
        known[:, 0] = True
        self.register_buffer("known", known)
        for name, width in sources.items():
            self.register_buffer(f"knowledge_{name}", torch.zeros(n_items, width))

    def set_trained(self, trained: Tensor) -> None:
        """Say of which items training has events ``(N,)``: the others have no id."""
        self.get_buffer("known")[:, 0] = trained

    @property
    def new(self) -> npt.NDArray[np.bool_]:
        """The items without an event of which something is known, ``(N,)``."""
        known = self.get_buffer("known").cpu()
        told: npt.NDArray[np.bool_] = (~known[:, 0] & known[:, 1:].any(1)).numpy()
        return told

    def set_knowledge(self, name: str, vectors: Tensor) -> None:
        """Give a source its vectors, scaled to a mean square of 1 a known item."""
        self.get_buffer(f"knowledge_{name}").copy_(vectors / unit_scale(vectors))
        self.get_buffer("known")[:, self.names.index(name)] = (vectors != 0).any(1)

    def set_facts(self, facts: sparse.csr_array) -> None:
        """Give the items their facts ``(N, F)``."""
        if self.facts is not None:
            for name, values in (("columns", facts.indices), ("starts", facts.indptr)):
                self.facts.get_buffer(name).copy_(torch.from_numpy(values.astype(np.int64)))
            self.get_buffer("known")[:, -1] = torch.from_numpy(np.diff(facts.indptr) > 0)

    def weights_and_vectors(self) -> tuple[Tensor, Tensor]:
        """``a`` ``(N, S)``, rows summing to 1 or 0, and ``(v, b)`` ``(N, D + 1)``.

        Scaled to the length of all, the vector of an item of which nothing is known then has the
        lowest bias that there is.
        """
        return self._fused(self._known(), self.ids.weight, self.bias[:, None], self._knowledge())

    def of_new(self, columns: Tensor, starts: Tensor) -> Tensor:
        """``(v, b)`` ``(M, D + 1)`` of M items that have facts only, as :class:`FactMap` reads."""
        none = self.ids.weight.new_zeros(len(starts) - 1, self.ids.embedding_dim)
        told = [none] * len(self.names[1:])
        known = torch.zeros(len(none), len(self.names), dtype=torch.bool)
        if self.facts is not None:
            told[-1], known[:, -1] = self.facts(columns, starts), starts.diff() > 0
        return self._fused(known, none, none[:, :1], told)[1]

    def _fused(
        self, known: Tensor, ids: Tensor, bias: Tensor, told: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """As :meth:`weights_and_vectors`, from ``z`` and ``β`` ``(M, 1)``."""
        has_id, nothing = known[:, :1], ~known.any(1, keepdim=True)
        if not told:
            vectors = torch.cat([ids * has_id, bias.masked_fill(nothing, _LEAST)], 1)
            return has_id.to(ids.dtype), vectors
        z = torch.stack([ids, *told], dim=1)
        logits = torch.tanh(z) @ self.query + self.prior
        weights = logits.masked_fill(~known, _NEVER).softmax(1) * known
        parts = weights[:, :, None] * z
        knowledge = parts[:, 1:].sum(1)
        bias = torch.where(has_id, bias, self.without_id) + (knowledge @ self.worth)[:, None]
        vectors = torch.cat([parts[:, 0] + knowledge, bias.masked_fill(nothing, _LEAST)], 1)
        return weights, vectors

    def _knowledge(self) -> list[Tensor]:
        """``z_s`` of the sources beside the id, ``(N, D)`` each."""
        given = [self.get_buffer(f"knowledge_{name}") for name in self.widths]
        mapped = [
            layer(x) / math.sqrt(x.shape[1]) for layer, x in zip(self.maps, given, strict=True)
        ]
        return mapped if self.facts is None else [*mapped, self.facts.of_catalogue()]

    def _known(self) -> Tensor:
        """Which sources the items have ``(N, S)``, in training less the ids that are dropped."""
        known = self.get_buffer("known")
        if not (self.training and self.id_dropout and len(self.names) > 1):
            return known
        kept = torch.rand(len(known), device=known.device) >= self.id_dropout
        kept |= ~known[:, 1:].any(1)
        return torch.cat([known[:, :1] & kept[:, None], known[:, 1:]], 1)


def unit_scale(vectors: Tensor) -> Tensor:
    """What vectors ``(N, width)`` are divided by, so that the known ones' mean square is 1."""
    known = vectors.abs().sum(1) > 0
    return vectors[known].square().mean().sqrt() if known.any() else torch.tensor(1.0)
