"""Training sequences on a device, and what a batch of them asks a next-item network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..data import FloatArray, IntArray, Interactions

_NEARLY_ALL = 0.9  # of the steps from one event to the next


@dataclass(frozen=True)
class NextItemBatch:
    """B sequences of at most T items with P items in all.

    ``items`` ``(B, T)``, zeros on the right; ``real`` ``(B, T)`` says which are items;
    ``targets`` and ``shares`` ``(P, A)`` are the next A items of each position, one sequence
    after the other, and how much each counts, in sum 1; ``seen`` ``(2, K)`` are pairs
    (position, item) of what is no candidate there; targets and seen items by their places among
    the candidates. ``gains`` ``(B, T)`` are what the events count as evidence, None for 1.
    """

    items: Tensor
    real: Tensor
    targets: Tensor
    shares: Tensor
    seen: Tensor
    gains: Tensor | None = None

    @property
    def size(self) -> int:
        return len(self.items)


class Sequences:
    """The sequences of all users, held on a device, so that a batch is gathered there.

    ``candidates`` are the items that occur in them, ascending, None where these are all.

    :param gains: what each event counts as evidence, ``(events,)``; None for 1.
    :param ahead: how many of the events to come are targets of a position.
    :param decay: what each of them counts, as a share of the one before it.
    :param reorders: whether :meth:`reorder` changes anything.
    """

    def __init__(
        self,
        data: Interactions,
        device: torch.device,
        gains: FloatArray | None = None,
        ahead: int = 1,
        decay: float = 1.0,
        reorders: bool = False,
    ) -> None:
        self.offsets = torch.from_numpy(data.offsets).to(device)
        self.items = torch.from_numpy(data.items).to(device)
        candidates, places = torch.unique(self.items, return_inverse=True)
        every = len(candidates) == len(data.catalogue)
        self.candidates = None if every else candidates
        self.places = self.items if every else places
        self.gains = None if gains is None else torch.from_numpy(gains).to(device)
        self.shares = decay ** torch.arange(ahead, device=device)
        self.repeats = _repeats(data)
        self.data, self.given = data, (self.items, self.places, self.gains)
        self.times = data.timestamps if reorders and _ties(data) else None

    def reorder(self, generator: np.random.Generator) -> None:
        """Put events of a user with equal times in another order, drawn at random.

        Their order in the source says nothing, and a network must not learn it by heart. Where
        nearly all times are equal, they say nothing, and the order of the rows is kept.
        """
        if self.times is None:
            return
        drawn = generator.random(len(self.data))
        order = np.lexsort((drawn, self.times, _users(self.data)))
        index = torch.from_numpy(order).to(self.items.device)
        items, places, gains = self.given
        self.items, self.places = items[index], places[index]
        self.gains = None if gains is None else gains[index]

    def batch(self, users: IntArray) -> NextItemBatch:
        """What the sequences of some users ask."""
        chosen = torch.from_numpy(users).to(self.items.device)
        starts, ends = self.offsets[chosen], self.offsets[chosen + 1]
        positions = torch.arange(int((ends - starts).max()), device=starts.device)
        events = starts[:, None] + positions
        real = events < ends[:, None]
        events = events[real]
        items = torch.zeros_like(real, dtype=torch.int64).masked_scatter_(real, self.items[events])
        targets, shares = self._targets(events, ends.repeat_interleave(ends - starts))
        seen = seen_pairs(targets, ends - starts, self.repeats)
        return NextItemBatch(items, real, targets, shares, seen, self._gains(real, events))

    def _targets(self, events: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
        """The places of the next events ``(P, A)``, and their shares; 0 for what is not there."""
        ahead = events[:, None] + torch.arange(len(self.shares), device=events.device)
        shares = self.shares * (ahead < ends[:, None])
        shares = shares / shares.sum(1, keepdim=True)
        return self.places[torch.minimum(ahead, ends[:, None] - 1)], shares

    def _gains(self, real: Tensor, events: Tensor) -> Tensor | None:
        if self.gains is None:
            return None
        return torch.zeros_like(real, dtype=torch.float32).masked_scatter_(real, self.gains[events])


def _users(data: Interactions) -> IntArray:
    """The number of each event's user."""
    return np.repeat(np.arange(len(data.users)), np.diff(data.offsets))


def _repeats(data: Interactions) -> bool:
    """Whether any user has an item twice."""
    pairs = _users(data) * len(data.catalogue) + data.items
    return len(np.unique(pairs)) < len(pairs)


def _ties(data: Interactions) -> bool:
    """Whether some times of a user are equal, not nearly all, and all are in their order."""
    if data.timestamps is None:
        return False
    steps = np.diff(data.timestamps)[np.diff(_users(data)) == 0]
    if not len(steps):
        return False
    return bool(0 < (steps == 0).mean() < _NEARLY_ALL and (steps >= 0).all())


def seen_pairs(targets: Tensor, lengths: Tensor, repeats: bool = True) -> Tensor:
    """(position, item) of all items before each position, but not those among its targets.

    :param targets: ``(P, A)`` of sequences one after the other, whose positions are counted;
        the first of each is the item at the position.
    :param repeats: False where no sequence has an item twice, so that nothing is left out.
    """
    items = targets[:, 0]
    positions = torch.arange(len(items), device=items.device)
    before = positions - (lengths.cumsum(0) - lengths).repeat_interleave(lengths)
    asking = positions.repeat_interleave(before)
    # the pairs of a position in turn: the first, the second … event of its sequence
    skipped = before.cumsum(0) - positions
    pairs = torch.arange(len(asking), device=items.device)
    seen = items.index_select(0, pairs.sub_(skipped.index_select(0, asking)))
    if not repeats:
        return torch.stack([asking, seen])
    others = (seen[:, None] != targets.index_select(0, asking)).all(1)
    return torch.stack([asking[others], seen[others]])
