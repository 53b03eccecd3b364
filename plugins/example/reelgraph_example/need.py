"""The need ``first seen``: since when each item has been rated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from reelgraph.artifacts import read_parquet
from reelgraph.model.needs import Need
from reelgraph.model.suppliers.base import AbsentError, Place, Supplier

Seconds = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FirstSeenNeed(Need[Seconds]):
    """Epoch seconds of each item's first train event: ``(items,)``, NaN without one."""

    kind: ClassVar[str] = "first seen"


class FirstSeenSupplier(Supplier[FirstSeenNeed, Seconds]):
    """Reads the train rows of a split, and no others: the leak audit tries it."""

    need = FirstSeenNeed

    def read(self, need: FirstSeenNeed, place: Place) -> Seconds:
        rows = read_parquet(place.split.dataset.interactions)
        if "timestamp" not in rows:
            raise AbsentError("no timestamps")
        folds = read_parquet(place.split.split)
        train = rows.merge(folds[folds["fold"] == "train"], on=["user", "item", "seq"])
        first = train.groupby("item")["timestamp"].min()
        return first.reindex(place.catalogue.item_ids).to_numpy(np.float64)
