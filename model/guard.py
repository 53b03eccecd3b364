"""What a model returns is checked where it meets the pipeline, and its mistakes are named.

A guarded model is the same object; its methods check the shape, the type and the finiteness
of what they return. What goes wrong inside becomes an error that names the model, its plugin
and the method, so that a plugin's mistake never looks like one of reelgraph, and a model that
returns NaN never reaches the files of a run.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..errors import ModelError, PluginError, ReelgraphError
from .base import Evidence, FitResult, Model, ModelConfig, Ranking, TrainingOptions, Vectors
from .data import Catalogue, FloatArray, IntArray, Query
from .memory import out_of_memory
from .needs import NOTHING, Supplied, TrainingData
from .rating_reasons import RatingReasons

M = TypeVar("M", bound=Model)

_EQUAL = 1e-3  # of a rating: what rounding may make of a sum
_PROBES = 2  # histories asked right after a fit
_DIVERGED = "Its training may have diverged: lower the learning rate, or regularise more."


def new_model(cls: type[M], config: ModelConfig | None, owner: str = "") -> M:
    """An unfitted model whose methods are guarded.

    :param owner: who registered it, in words, such as ``plugin 'mine'``; empty for built-in ones.
    """
    with _named(cls.name, "__init__", owner):
        return guarded(cls(config), owner)


def load_model(
    cls: type[M],
    folder: Path,
    catalogue: Catalogue,
    supplied: Supplied = NOTHING,
    owner: str = "",
) -> M:
    """A fitted model from its files, guarded."""
    with _named(cls.name, "load", owner):
        model = cls.load(folder, catalogue, supplied)
        if not isinstance(model, cls):
            raise _Wrong(f"returned {_kind(model)}, not a {cls.__name__}")
    return guarded(model, owner)


def guarded(model: M, owner: str = "") -> M:
    """The same model; each of its methods is replaced by one that checks what it returns."""
    for name, check in _CHECKS.items():
        setattr(model, name, _method(model, name, check, owner))
    return model


class _Wrong(Exception):
    """What is wrong with a returned value, in words that follow the method's name."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


_Check = Callable[..., Any]


def _method(model: Model, name: str, check: _Check, owner: str) -> Callable[..., Any]:
    inner = getattr(model, name)

    @functools.wraps(inner)
    def call(*arguments: Any, **named: Any) -> Any:
        with _named(model.name, name, owner):
            return check(model, inner(*arguments, **named), *arguments, **named)

    return call


@contextmanager
def _named(model: str, method: str, owner: str) -> Iterator[None]:
    """Errors inside become ones that name the model, its plugin and the method."""
    who = f"{owner}: model '{model}'" if owner else f"model '{model}'"
    try:
        yield
    except ReelgraphError:
        raise
    except _Wrong as error:
        hint = error.hint or "Nothing was written. Mend the model, or use another one."
        raise ModelError(f"{who}: method {method} {error}", hint) from None
    except MemoryError:
        raise out_of_memory(f"{who}: method {method}") from None
    except Exception as error:
        if isinstance(error, OSError) and not owner:
            raise  # of the disk, told by the file's name
        if _is_out_of_memory(error):
            raise out_of_memory(f"{who}: method {method}") from None
        kind = PluginError if owner else ModelError
        raise kind(
            f"{who}: method {method} failed: {type(error).__name__}: {error}{_place(error)}",
            "Mend the plugin, or use another model." if owner else "Please report this.",
        ) from error


def _is_out_of_memory(error: Exception) -> bool:
    """Torch has no MemoryError on the CPU."""
    text = str(error)
    return isinstance(error, RuntimeError) and (
        "out of memory" in text or "not enough memory" in text or "can't allocate memory" in text
    )


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def _check_fit(
    model: Model, result: Any, data: TrainingData, options: TrainingOptions
) -> FitResult:
    """A fitted model answers; the first NaN shows here and not after the predictions."""
    if not isinstance(result, FitResult):
        raise _Wrong(f"returned {_kind(result)}, not a FitResult")
    if getattr(model, "catalogue", None) is None:
        raise _Wrong("did not set self.catalogue to that of the train rows")
    asked = np.flatnonzero(np.diff(data.train.offsets))[:_PROBES].tolist()
    model.score([data.train.query(user) for user in asked])
    return result


def _check_score(
    model: Model, scores: Any, queries: Sequence[Query], items: IntArray | None = None
) -> FloatArray:
    count = len(model.catalogue) if items is None else len(items)
    return _numbers(scores, (len(queries), count), "(queries, items)")


def _check_recommend(
    model: Model, ranking: Any, queries: Sequence[Query], n: int, exclude: Any = None
) -> Ranking:
    if not isinstance(ranking, Ranking):
        raise _Wrong(f"returned {_kind(ranking)}, not a Ranking")
    items = _array(ranking.items, "items", "iu").astype(np.int64, copy=False)
    width = items.shape[1] if items.ndim == 2 else n
    if items.shape != (len(queries), width) or width > n:
        raise _Wrong(f"returned items of shape {items.shape}, not ({len(queries)}, {n})")
    if ((items < -1) | (items >= len(model.catalogue))).any():
        raise _Wrong(f"returned items outside the catalogue of {len(model.catalogue):,}")
    scores = _array(ranking.scores, "scores", "fiu").astype(np.float32, copy=False)
    if scores.shape != items.shape:
        raise _Wrong(f"returned scores of shape {scores.shape} for items of {items.shape}")
    _finite(scores[items >= 0], "scores")
    return Ranking(items, scores)


def _check_explain(
    model: Model, found: Any, queries: Sequence[Query], items: Sequence[IntArray]
) -> list[Evidence]:
    return [
        Evidence(
            _numbers(one.weights, (len(query.items),), "(history)", "weights"),
            _numbers(
                one.contributions,
                (len(asked), len(query.items)),
                "(candidates, history)",
                "contributions",
            ),
            _numbers(one.bias, (len(asked),), "(candidates)", "bias"),
            None
            if one.recency is None
            else _numbers(one.recency, (len(query.items),), "(history)", "recency"),
        )
        for one, query, asked in zip(
            _list(found, len(queries), Evidence), queries, items, strict=True
        )
    ]


def _check_ratings(
    model: Model, found: Any, queries: Sequence[Query], items: Sequence[IntArray]
) -> list[FloatArray]:
    return [
        _numbers(one, (len(asked),), "(items)", "ratings")
        for one, asked in zip(_list(found, len(queries), object), items, strict=True)
    ]


def _check_reasons(model: Model, found: Any, query: Query, item: int) -> RatingReasons:
    """Reasons that do not add up to the prediction are no reasons."""
    if not isinstance(found, RatingReasons):
        raise _Wrong(f"returned {_kind(found)}, not RatingReasons")
    predicted = float(model.predict_rating([query], [np.array([item])])[0][0])
    if not abs(found.rating - predicted) < _EQUAL:
        raise _Wrong(f"returned parts that add up to {found.rating:g}, not to {predicted:g}")
    return found


def _check_vectors(model: Model, found: Any, queries: Sequence[Query]) -> Vectors:
    if not isinstance(found, Vectors):
        raise _Wrong(f"returned {_kind(found)}, not Vectors")
    users = _array(found.users, "users", "fiu")
    size = users.shape[1] if users.ndim == 2 else 0
    return Vectors(
        _numbers(found.users, (len(queries), size), "(queries, dim)", "users"),
        _numbers(found.items, (len(model.catalogue), size), "(items, dim)", "items"),
    )


def _check_summary(model: Model, found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _Wrong(f"returned {_kind(found)}, not a dict")
    return found


def _check_memory(model: Model, found: Any, sizes: Any) -> int:
    if isinstance(found, bool) or not isinstance(found, int | np.integer | float):
        raise _Wrong(f"returned {_kind(found)}, not a number of bytes")
    return int(found)


def _check_nothing(model: Model, found: Any, *arguments: Any, **named: Any) -> Any:
    return found


_CHECKS: dict[str, _Check] = {
    "memory": _check_memory,
    "fit": _check_fit,
    "score": _check_score,
    "recommend": _check_recommend,
    "explain": _check_explain,
    "predict_rating": _check_ratings,
    "explain_rating": _check_reasons,
    "vectors": _check_vectors,
    "summary": _check_summary,
    "save": _check_nothing,
}


def _numbers(value: Any, shape: tuple[int, ...], axes: str, what: str = "scores") -> FloatArray:
    """The value as float32, when it has this shape and is finite."""
    array = _array(value, what, "fiu")
    if array.shape != shape:
        raise _Wrong(f"returned {what} of shape {array.shape}, not {shape}: {axes}")
    with np.errstate(over="ignore"):
        numbers = array.astype(np.float32, copy=False)
    _finite(numbers, what)
    return numbers


def _array(value: Any, what: str, kinds: str) -> npt.NDArray[Any]:
    if not isinstance(value, np.ndarray):
        raise _Wrong(f"returned {what} as {_kind(value)}, not as a NumPy array")
    if value.dtype.kind not in kinds:
        raise _Wrong(f"returned {what} of type {value.dtype}, not float32")
    return value


def _finite(numbers: npt.NDArray[Any], what: str) -> None:
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        first = numbers[wrong].flat[0]
        raise _Wrong(
            f"returned {what} that are not finite: {np.count_nonzero(wrong):,} of "
            f"{numbers.size:,}, the first is {first}",
            f"Nothing was written. {_DIVERGED}",
        )


def _list(value: Any, length: int, kind: type) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise _Wrong(f"returned {_kind(value)}, not a list")
    if len(value) != length:
        raise _Wrong(f"returned {len(value)} answers to {length} queries")
    odd = [one for one in value if not isinstance(one, kind)]
    if odd:
        raise _Wrong(f"returned a list with {_kind(odd[0])}, not {kind.__name__}")
    return list(value)


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
