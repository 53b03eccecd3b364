"""Stochastic gradient descent by the batch where the classical way is one draw at a time."""

from __future__ import annotations

import torch

_OFTEN = 20  # how often the most frequent row may be expected in a batch


def stable_batch(most: int, *rows: torch.Tensor) -> int:
    """The size of batches whose added steps stay near those of one draw after another.

    Each step of a batch starts from the same parameters. A row that is drawn often in it, such as
    an item that half of all users have, would jump; so batches are smaller there.

    :param most: the largest size; ``rows`` are the tables' rows of all draws.
    """
    frequent = max((int(one.bincount().max()) for one in rows if len(one)), default=1)
    total = max((len(one) for one in rows), default=1)
    return max(1, min(most, _OFTEN * total // max(frequent, 1)))
