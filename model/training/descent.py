"""Stochastic gradient descent by the batch where the classical way is one draw at a time."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from ...progress import ProgressBar
from ..base import TrainingOptions
from .loop import isolated_torch

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


def passes(count: int, name: str, options: TrainingOptions, unit: str = "epoch") -> Iterator[int]:
    """The numbers of passes, told where progress is asked for, with the options' threads."""
    bar = ProgressBar(total=count, desc=name, unit=f" {unit}s", disable=not options.progress)
    with isolated_torch(options), bar:
        for number in range(count):
            yield number
            bar.update()
