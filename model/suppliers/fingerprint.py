"""One digest for whatever a supplier gives, so that changes are seen."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from ...artifacts import digest, frame_digest
from ...errors import ModelError

_PLAIN = (str, int, float, bool, type(None))


@singledispatch
def fingerprint(value: object) -> str:
    """Short SHA-256 of the content: arrays, sparse arrays, tables, and dataclasses, mappings,
    lists and tuples of these and of plain values.

    It depends on values and order only, and is the same on every machine.

    :raises ModelError: for a value of another type, which would be compared by its name alone.
    """
    if isinstance(value, _PLAIN):
        return digest(value, 16)
    if isinstance(value, np.generic):
        return digest(value.item(), 16)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return fingerprint(
            {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        )
    raise ModelError(
        f"a need was supplied with a {type(value).__name__}, whose content cannot be compared",
        "Supply arrays, tables, sparse arrays, dataclasses, mappings, lists or plain values.",
    )


@fingerprint.register
def _(value: pd.DataFrame) -> str:
    return frame_digest(value)


@fingerprint.register
def _(value: pd.Series) -> str:
    return frame_digest(value.to_frame("values"))


@fingerprint.register(sparse.sparray)
@fingerprint.register(sparse.spmatrix)
def _(value: Any) -> str:
    rows = value.tocsr()
    parts = [fingerprint(getattr(rows, name)) for name in ("indptr", "indices", "data")]
    return digest([list(rows.shape), *parts], 16)


@fingerprint.register(Mapping)
def _(value: Mapping[str, object]) -> str:
    return digest([[str(key), fingerprint(value[key])] for key in sorted(value)], 16)


@fingerprint.register(list)
@fingerprint.register(tuple)
def _(value: list[object] | tuple[object, ...]) -> str:
    plain = all(isinstance(one, _PLAIN) for one in value)
    return digest(list(value) if plain else [fingerprint(one) for one in value], 16)


@fingerprint.register(np.ndarray)
def _(value: npt.NDArray[Any]) -> str:
    if value.dtype.kind == "O":
        return fingerprint(value.tolist())
    if value.dtype.kind in "iu":  # whatever the width
        value = value.astype("<i8")
    sha = hashlib.sha256(f"{value.dtype.str} {value.shape}".encode())
    sha.update(np.ascontiguousarray(value).tobytes())
    return sha.hexdigest()[:16]
