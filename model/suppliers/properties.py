"""Suppliers of what a data set says of its items, users and events."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt
import pandas as pd

from ...artifacts import SplitFolder, read_parquet
from ..features.files import write_features
from ..needs import EventFeaturesNeed, ItemPropertiesNeed, TextNeed, UserPropertiesNeed
from ..splits.base import Protocol
from .base import AbsentError, Place, Supplier

_READ = ("train", "valid")  # folds that a model may see


class ItemPropertiesSupplier(Supplier[ItemPropertiesNeed, pd.DataFrame]):
    """Columns of the items' table."""

    need = ItemPropertiesNeed

    def read(self, need: ItemPropertiesNeed, place: Place) -> pd.DataFrame:
        items = read_parquet(place.split.dataset.items)
        return _columns(items, "itemId", need.names, place.catalogue.item_ids, "item")


class UserPropertiesSupplier(Supplier[UserPropertiesNeed, pd.DataFrame]):
    """Columns of the users' table."""

    need = UserPropertiesNeed

    def read(self, need: UserPropertiesNeed, place: Place) -> pd.DataFrame:
        users = read_parquet(place.split.dataset.users)
        return _columns(users, "userId", need.names, place.users, "user")


class TextSupplier(Supplier[TextNeed, tuple[str, ...]]):
    """One column of the items' table as texts."""

    need = TextNeed

    def read(self, need: TextNeed, place: Place) -> tuple[str, ...]:
        items = read_parquet(place.split.dataset.items)
        column = _columns(items, "itemId", (need.name,), place.catalogue.item_ids, "item")
        return tuple("" if pd.isna(text) else str(text) for text in column[need.name])


class EventFeaturesSupplier(Supplier[EventFeaturesNeed, pd.DataFrame]):
    """The split's features, those of test events left out."""

    need = EventFeaturesNeed

    def prepare(self, need: EventFeaturesNeed, split: SplitFolder, protocol: Protocol) -> None:
        if split.manifest().features is None:
            write_features(split, protocol, {})

    def read(self, need: EventFeaturesNeed, place: Place) -> pd.DataFrame:
        events = read_parquet(place.split.path / "features" / "events.parquet")
        return events[events["fold"].isin(_READ)].reset_index(drop=True)


def _columns(
    table: pd.DataFrame, key: str, names: tuple[str, ...], ids: npt.NDArray[Any], what: str
) -> pd.DataFrame:
    """Named columns, a row per id.

    :raises AbsentError: when the table lacks one.
    """
    missing = [name for name in names if name not in table]
    if missing:
        raise AbsentError(f"no {what} property '{missing[0]}'")
    return table.set_index(key, drop=False)[list(names)].reindex(ids).reset_index(drop=True)
