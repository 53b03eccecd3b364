"""Which values of a model's options are worth trying; stated beside the configuration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..artifacts import Task

Value = float | int | str | bool | None

GRID_POINTS = 5  # of a range


@dataclass(frozen=True)
class Between:
    """Numbers from ``low`` to ``high``, both included; ``log`` spreads them by ratio.

    ``task``: the option matters for this task alone.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False
    task: Task | None = None

    def grid(self) -> tuple[Value, ...]:
        """At most five values from end to end.

        >>> Between(1, 100, log=True).grid(), Between(1, 3, whole=True).grid()
        ((1.0, 3.16228, 10.0, 31.6228, 100.0), (1, 2, 3))
        """
        make = np.geomspace if self.log else np.linspace
        points = [float(f"{one:.6g}") for one in make(self.low, self.high, GRID_POINTS)]
        return tuple(dict.fromkeys(round(one) if self.whole else one for one in points))


@dataclass(frozen=True)
class OneOf:
    """One of some values; ``task`` as in :class:`Between`."""

    values: tuple[Value, ...]
    task: Task | None = None

    def grid(self) -> tuple[Value, ...]:
        return self.values


Space = Between | OneOf
