"""Draws of BPR: a user, an item of theirs and one that they have not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from ..data import Interactions
from ..histories import user_matrix


class Draws:
    """Draws ``(user, item of the user, item that the user has not)`` of whole epochs.

    Users who have every item are left out. An event that is repeated is drawn once.

    :param known_only: items that nobody has in train are not drawn as what a user has not, so
        that nothing is learned against them.
    """

    def __init__(self, train: Interactions, known_only: bool = False) -> None:
        ones = user_matrix(train)
        lengths = np.diff(ones.indptr)
        others = np.unique(ones.indices) if known_only else np.arange(ones.shape[1])
        self.others = torch.from_numpy(others.astype(np.int64))
        everything = lengths == len(others)  # there is nothing that they have not
        users = np.repeat(np.arange(len(lengths)), lengths)
        kept = ~everything[users]
        self.users = torch.from_numpy(users[kept])
        self.items = torch.from_numpy(ones.indices[kept].astype(np.int64))
        self.known = torch.sort(self.users * ones.shape[1] + self.items).values
        self.catalogue = ones.shape[1]

    def __len__(self) -> int:
        return len(self.users)

    def epoch(
        self, size: int, generator: torch.Generator, by_user: bool = False
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """Each event once, in random order, ``size`` of them at a time.

        :param by_user: users are in random order, with all events of a user together, so that a
            batch has few users.
        """
        order = torch.randperm(len(self.users), generator=generator)
        if by_user and len(order):
            place = torch.randperm(int(self.users.max()) + 1, generator=generator)
            order = order[torch.argsort(place[self.users[order]], stable=True)]
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            users = self.users[rows]
            yield users, self.items[rows], self._others(users, generator)

    def _others(self, users: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Uniform among the items that each user has not."""
        found = self._drawn(len(users), generator)
        while len(wrong := torch.nonzero(self._has(users, found))[:, 0]):
            found[wrong] = self._drawn(len(wrong), generator)
        return found

    def _drawn(self, count: int, generator: torch.Generator) -> torch.Tensor:
        return self.others[torch.randint(len(self.others), (count,), generator=generator)]

    def _has(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        key = users * self.catalogue + items
        place = torch.searchsorted(self.known, key).clamp(max=len(self.known) - 1)
        return torch.eq(self.known[place], key)
