"""Which texts of a column are among many others, at the speed of Arrow.

``Series.isin`` turns each of the many into a Python object at every call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Places = npt.NDArray[np.int64]


def places(column: pd.Series[Any] | pd.Index[Any], many: pd.Index[Any]) -> Places:
    """The place of each text in ``many``, which are distinct; -1 for one that is not there."""
    texts, among = _texts(column), _texts(many)
    found = pc.index_in(texts, value_set=among, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1)).astype(np.int64)


def among(
    column: pd.Series[Any] | pd.Index[Any], many: pd.Series[Any] | pd.Index[Any]
) -> npt.NDArray[np.bool]:
    """Whether each text of a column is one of ``many``."""
    found = pc.is_in(_texts(column), value_set=_texts(many), skip_nulls=True)
    return np.asarray(found).astype(bool)


def _texts(column: pd.Series[Any] | pd.Index[Any]) -> pa.Array:
    array = pa.array(column, from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return array.cast(pa.large_string())
