"""What an explainer returns is checked, and its mistakes are named, as those of models are."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import ModelError, ReelgraphError
from ..base import Model
from ..data import FloatArray, IntArray, Query
from .base import Explainer


def guarded(explainer: Explainer) -> Explainer:
    """The same explainer; a wrong answer and an error inside become a ModelError that names it."""
    inner = explainer.contributions

    @functools.wraps(inner)
    def contributions(model: Model, queries: Sequence[Query], items: IntArray) -> list[FloatArray]:
        try:
            found = inner(model, queries, items)
        except (ReelgraphError, MemoryError):
            raise
        except Exception as error:
            raise ModelError(
                f"explainer '{explainer.name}' failed: {type(error).__name__}: {error}"
            ) from error
        for query, values in zip(queries, _as_many(explainer, found, queries), strict=True):
            _check(explainer, np.asarray(values), len(query.items))
        return found

    explainer.contributions = contributions  # type: ignore[method-assign]
    return explainer


def _as_many(explainer: Explainer, found: Any, queries: Sequence[Query]) -> Sequence[Any]:
    if not isinstance(found, Sequence) or len(found) != len(queries):
        raise ModelError(
            f"explainer '{explainer.name}' returned no list of {len(queries)} arrays, one per "
            "question"
        )
    return found


def _check(explainer: Explainer, values: Any, events: int) -> None:
    if values.shape != (events,) or values.dtype.kind not in "fiu":
        raise ModelError(
            f"explainer '{explainer.name}' returned {values.dtype} of shape {values.shape} for a "
            f"history of {events} events: a number per event is needed"
        )
    if not np.isfinite(values).all():
        raise ModelError(f"explainer '{explainer.name}' returned numbers that are not finite")
