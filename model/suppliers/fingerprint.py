"""One digest for whatever a supplier gives, so that changes are seen."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from ...artifacts import digest, frame_digest


def fingerprint(value: object) -> str:
    """Short SHA-256 of the content: arrays, sparse arrays, tables, dataclasses of them, JSON.

    It depends on values and order only, and is the same on every machine.
    """
    if isinstance(value, np.ndarray):
        return _of_array(value)
    if isinstance(value, pd.DataFrame):
        return frame_digest(value)
    if isinstance(value, sparse.csr_array):
        parts = [fingerprint(getattr(value, name)) for name in ("indptr", "indices", "data")]
        return digest([list(value.shape), *parts], 16)
    if dataclasses.is_dataclass(value):
        fields = [field.name for field in dataclasses.fields(value)]
        return digest([[name, fingerprint(getattr(value, name))] for name in fields], 16)
    if isinstance(value, Mapping):
        return digest([[str(key), fingerprint(value[key])] for key in sorted(value)], 16)
    return digest(value, 16)


def _of_array(array: npt.NDArray[Any]) -> str:
    if array.dtype.kind == "O":
        return digest(array.tolist(), 16)
    if array.dtype.kind in "iu":  # whatever the width
        array = array.astype("<i8")
    sha = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
    sha.update(np.ascontiguousarray(array).tobytes())
    return sha.hexdigest()[:16]
