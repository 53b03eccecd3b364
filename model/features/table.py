"""What the builder gives: numbers and codes of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from .content import Codes


@dataclass(frozen=True)
class FeatureTable:
    """Features of events, row by row as the events were given.

    - ``numeric``: ``(events, numbers)`` float32, scaled, 0 where nothing is known; ``names``
    - ``categories[name]``: ``(events,)`` codes, 0 for unknown
    - ``lists[name]``: ``(movies + 1, length)`` codes of each movie, 0 behind the last; those
      of event ``e`` are row ``item_rows[e]``, see :meth:`codes`
    - ``sizes[name]``: number of codes, 0 included, for embedding tables
    - ``label``: goes with everything that is made from the table, when it is not empty
    - ``left_out``: numbers asked for that the rows cannot give
    """

    names: tuple[str, ...]
    numeric: npt.NDArray[np.float32]
    categories: Mapping[str, Codes]
    lists: Mapping[str, Codes]
    item_rows: npt.NDArray[np.int64]
    sizes: Mapping[str, int]
    label: str = ""
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.numeric)

    def codes(self, name: str) -> Codes:
        """``(events,)`` codes of a category or ``(events, length)`` of a list."""
        if name in self.categories:
            return self.categories[name]
        return np.asarray(self.lists[name][self.item_rows])

    def frame(self) -> pd.DataFrame:
        """Numbers and categories as columns, codes with ``_code`` behind their names."""
        numbers = pd.DataFrame(self.numeric, columns=list(self.names))
        codes = {f"{name}_code": values for name, values in self.categories.items()}
        return pd.concat([numbers, pd.DataFrame(codes)], axis=1)
