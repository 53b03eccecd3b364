"""EASE, a linear item-to-item model in closed form.

Steck, Embarrassingly shallow autoencoders for sparse data, WWW 2019: with ``X``
``(users, items)`` of zeros and ones, ``P = (XᵀX + λI)⁻¹`` and ``B = I - P · diag(1/diag P)``,
the scores of a user are ``x B``. With recency: :mod:`.ease_recency`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy import sparse
from scipy.linalg import lapack

from ...errors import ModelError
from ..base import RANKING_MEMORY, Evidence, FitResult, Model, ModelConfig, Sizes, TrainingOptions
from ..data import Catalogue, FloatArray, IntArray, Interactions, Query
from ..memory import gigabytes
from ..needs import NOTHING, Supplied, TrainingData
from ..search_space import Between, Space
from ..storage import load_model, save_model

Matrix = npt.NDArray[np.float64]

_CELLS = 2**24  # of a matrix, worked on at once
_LARGE = 4000  # items from which a fit takes long enough to be told of


class EASEConfig(ModelConfig):
    """Parameters of EASE."""

    reg: float = Field(300.0, gt=0, description="λ, added to the diagonal of XᵀX")

    search_space: ClassVar[Mapping[str, Space]] = {"reg": Between(10, 5000, log=True)}


class EASE(Model):
    """The score is a sum over the history, so it comes with exact evidence (bias 0)."""

    name = "ease"
    description = "linear item-to-item model in closed form (EASE)"
    config_class: ClassVar[type[ModelConfig]] = EASEConfig
    provides = frozenset({"ranking", "evidence"})

    chooses = False
    seeded = False

    config: EASEConfig
    catalogue: Catalogue
    item_weights: FloatArray  # B, (items, items)

    def memory(self, sizes: Sizes) -> int:
        return ease_memory(sizes)

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue = data.catalogue
        self.item_weights = item_weights(data.train, self.config.reg, options.progress)
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        x = np.zeros((len(queries), len(self.catalogue)), np.float32)
        for row, query in zip(x, queries, strict=True):
            np.add.at(row, query.items, 1)
        return x @ (self.item_weights if items is None else self.item_weights[:, items])

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        length = len(query.items)
        parts = self.item_weights[np.ix_(query.items, items)].T
        weights = np.full(length, 1 / max(length, 1), np.float32)
        return Evidence(weights, parts, np.zeros(len(items), np.float32))

    def save(self, folder: Path) -> None:
        arrays = {"item_weights": self.item_weights}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.item_weights = catalogue, arrays["item_weights"]
        return model


def ease_memory(sizes: Sizes) -> int:
    """The Gram matrix in double precision, inverted in place, and the weights in single."""
    return 12 * sizes.items**2 + 24 * _CELLS + 24 * sizes.interactions + RANKING_MEMORY


def item_weights(train: Interactions, reg: float, progress: bool = False) -> FloatArray:
    """``B``, ``(items, items)``.

    :param progress: say on stderr which step of a long fit begins.
    :raises ModelError: when ``XᵀX + λI`` is singular to working precision.
    """
    tell = _teller(len(train.catalogue), progress)
    tell("Gram matrix")
    gram = _gram(train)
    gram[np.diag_indices_from(gram)] += reg
    tell("inverse")
    return _weights(_inverse(gram))


def _gram(train: Interactions) -> Matrix:
    """``XᵀX``, some rows at a time; X is sparse, and only products of its ones are formed."""
    users, items = len(train.users), len(train.catalogue)
    row = np.repeat(np.arange(users), np.diff(train.offsets))
    x = sparse.csr_array((np.ones(len(row)), (row, train.items)), shape=(users, items))
    x.sum_duplicates()  # repeated events; older versions of SciPy leave them apart
    x.data[:] = 1
    transposed = x.T.tocsr()
    gram = np.empty((items, items), order="F")  # symmetric, so its columns are its rows
    for start in range(0, items, step := max(1, _CELLS // max(items, 1))):
        gram[:, start : start + step] = (transposed[start : start + step] @ x).toarray().T
    return gram


def _inverse(gram: Matrix) -> Matrix:
    """The inverse of a positive definite matrix in its own memory, upper triangle only."""
    factor, failed = lapack.dpotrf(gram, lower=0, clean=0, overwrite_a=1)
    if not failed:
        inverse, failed = lapack.dpotri(factor, lower=0, overwrite_c=1)
    if failed:
        raise ModelError(
            "EASE cannot invert XᵀX + λI: it is singular to working precision",
            "Give a larger reg: --set reg=300",
        )
    return np.asarray(inverse)


def _weights(p: Matrix) -> FloatArray:
    """``B`` in single precision from the upper triangle of ``P``, some columns at a time."""
    items, diagonal = len(p), np.diag(p).copy()
    weights = np.empty((items, items), np.float32)
    for start in range(0, items, step := max(1, _CELLS // max(items, 1))):
        end = min(start + step, items)
        part = np.triu(p[:end, start:end], -start)
        weights[:end, start:end] = -part / diagonal[start:end]
        # the same values across the diagonal, divided by the other item's entry
        weights[start:end, :end] = np.where(
            np.tri(end - start, end, start - 1, dtype=bool),
            -part.T / diagonal[:end],
            weights[start:end, :end],
        )
    np.fill_diagonal(weights, 0)
    return weights


def _teller(items: int, progress: bool) -> Callable[[str], None]:
    """Says on stderr which step of a long fit begins."""

    def tell(step: str) -> None:
        if progress and items >= _LARGE:
            size = gigabytes(8 * items**2)
            print(f"ease: {step} of {items:,} × {items:,} items ({size}) …", file=sys.stderr)

    return tell
