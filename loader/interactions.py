"""The order of a user's interactions."""

from __future__ import annotations

import pandas as pd


def add_seq(interactions: pd.DataFrame) -> pd.DataFrame:
    """Sort by user and time and number each user's rows 1…n in ``seq``.

    The order is (timestamp, the source's row order, itemId); as row order never ties, item
    ids decide nothing here. Without timestamps it is the row order; missing ones come last.
    """
    keys = [name for name in ("userId", "timestamp") if name in interactions]
    ordered = interactions.sort_values(keys, kind="stable", ignore_index=True)
    seq = ordered.groupby("userId", sort=False).cumcount() + 1
    return ordered.assign(seq=seq.astype("int32"))
