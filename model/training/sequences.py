"""Training sequences on a device, and what a batch of them asks a next-item network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..data import IntArray, Interactions


@dataclass(frozen=True)
class NextItemBatch:
    """B sequences of at most T items with P items in all.

    ``items`` ``(B, T)``, zeros on the right; ``real`` ``(B, T)`` says which are items;
    ``targets`` ``(P,)`` are the items, one sequence after the other; ``seen`` ``(2, K)`` are
    pairs (target, item) of what is no candidate there.
    """

    items: Tensor
    real: Tensor
    targets: Tensor
    seen: Tensor

    @property
    def size(self) -> int:
        return len(self.items)


class Sequences:
    """The sequences of all users, held on a device, so that a batch is gathered there."""

    def __init__(self, data: Interactions, device: torch.device) -> None:
        self.offsets = torch.from_numpy(data.offsets).to(device)
        self.items = torch.from_numpy(data.items).to(device)

    def batch(self, users: IntArray) -> NextItemBatch:
        """What the sequences of some users ask."""
        chosen = torch.from_numpy(users).to(self.items.device)
        starts = self.offsets[chosen]
        lengths = self.offsets[chosen + 1] - starts
        positions = torch.arange(int(lengths.max()), device=starts.device)
        real = positions < lengths[:, None]
        targets = self.items[(starts[:, None] + positions)[real]]
        items = torch.zeros_like(real, dtype=torch.int64).masked_scatter_(real, targets)
        return NextItemBatch(items, real, targets, seen_pairs(targets, lengths))


def seen_pairs(items: Tensor, lengths: Tensor) -> Tensor:
    """(position, item) of all items before each position, but not those that are its target.

    :param items: ``(P,)`` the sequences one after the other, whose positions are counted.
    """
    positions = torch.arange(len(items), device=items.device)
    before = positions - (lengths.cumsum(0) - lengths).repeat_interleave(lengths)
    asking = positions.repeat_interleave(before)
    # the pairs of a position in turn: the first, the second … event of its sequence
    skipped = before.cumsum(0) - positions
    pairs = torch.arange(len(asking), device=items.device)
    seen = items.index_select(0, pairs.sub_(skipped.index_select(0, asking)))
    others = seen != items.index_select(0, asking)  # False only where events may repeat
    return torch.stack([asking, seen] if others.all() else [asking[others], seen[others]])
