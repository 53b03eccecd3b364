"""A Gibbs sampler of biased factorisations in which both sides also have implicit parts.

A row of a side (a user; an item) has a vector ``θ = own + |N|^-½ Σ_{j ∈ N} part_j`` over the rows
of the other side that it was seen with, its first coordinate being the bias. Given the other
side, ratings are linear in ``θ`` with the features ``x = (1, P)`` of the other row, so with
``S = Σ x xᵀ`` over a row's ratings each own vector has a normal conditional distribution with
precision ``Λ + α S``, and each part one with ``Λ + α Σ_rows S / |N|``. Means and precisions of the
priors, one per coordinate, and the noise's ``α`` are drawn from theirs
(Salakhutdinov and Mnih, ICML 2008 [BPMF]).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .data import FloatArray
from .histories import row_normalised
from .normal_equations import outer_sums

Floats = npt.NDArray[np.float64]

_START = 0.1  # standard deviation of first vectors


@dataclass(frozen=True)
class Sample:
    """What a prediction needs of one sweep; stacked, each array has a first axis more.

    ``items`` are the items' ``θ`` and ``implicit`` the parts that they add to users who have them,
    both ``(items, dim)``; ``centre`` and ``precision`` ``(dim,)`` are the prior of users' own
    vectors, ``noise`` ``()`` is α.
    """

    items: FloatArray
    implicit: FloatArray
    centre: FloatArray
    precision: FloatArray
    noise: FloatArray

    @classmethod
    def stacked(cls, samples: Sequence[Self]) -> Self:
        return cls(
            **{one.name: np.stack([getattr(s, one.name) for s in samples]) for one in fields(cls)}
        )

    def number(self, number: int) -> Sample:
        """One sample of stacked ones."""
        return Sample(**{name: array[number] for name, array in self.arrays().items()})

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


class _Prior:
    """A normal distribution per coordinate, and its own draw given what it is the prior of."""

    def __init__(self, dim: int) -> None:
        self.centre, self.precision = np.zeros(dim), np.full(dim, 1 / _START**2)

    def draw(self, vectors: Floats, generator: np.random.Generator) -> None:
        count = len(vectors)
        spread = ((vectors - self.centre) ** 2).sum(axis=0) + self.centre**2
        self.precision = generator.gamma((count + 2) / 2, 2 / (1 + spread))
        centre = vectors.sum(axis=0) / (count + 1)
        scale = 1 / np.sqrt((count + 1) * self.precision)
        self.centre = centre + scale * generator.standard_normal(len(centre))


class _Side:
    """Users, or items: their own vectors and the parts that the other side's rows add."""

    def __init__(self, rest: sparse.csr_array, dim: int, generator: np.random.Generator) -> None:
        rows, others = rest.shape
        self.rest, self.generator = rest, generator
        self.owners = np.repeat(np.arange(rows), np.diff(rest.indptr))
        ones = sparse.csr_array((np.ones(rest.nnz), rest.indices, rest.indptr), shape=rest.shape)
        self.having = row_normalised(ones).astype(np.float64)
        self.had = self.having.T.tocsr()
        self.own = _START * generator.standard_normal((rows, dim))
        self.parts = _START * generator.standard_normal((others, dim))
        self.own[:, 0] = self.parts[:, 0] = 0
        self.priors = (_Prior(dim), _Prior(dim))
        self.vectors = self.own + self.having @ self.parts

    def draw(self, other: Floats, noise: float) -> None:
        """Draw everything of this side given the vectors of the other one."""
        features = other.copy()
        features[:, 0] = 1
        squares = outer_sums(self.rest, features, np.float64)
        left = self.rest.copy()
        left.data = self.left_over(other)
        towards = left @ features  # Σ x e of each row, kept up with what is drawn
        self._draw_own(squares, towards, noise)
        self._draw_parts(squares, towards, noise)
        for prior, vectors in zip(self.priors, (self.own, self.parts), strict=True):
            prior.draw(vectors, self.generator)

    def left_over(self, other: Floats) -> Floats:
        """What the vectors do not explain of each rating."""
        mine, theirs = self.vectors[self.owners], other[self.rest.indices]
        explained = (mine[:, 1:] * theirs[:, 1:]).sum(axis=1)
        return np.asarray(self.rest.data - explained - mine[:, 0] - theirs[:, 0])

    def _draw_own(self, squares: Floats, towards: Floats, noise: float) -> None:
        prior = self.priors[0]
        pull = noise * (towards + np.matmul(squares, self.own[..., None])[..., 0])
        pull += prior.precision * prior.centre
        drawn = _normal(noise * squares + np.diag(prior.precision), pull, self.generator)
        moved = drawn - self.own
        self.own, self.vectors = drawn, self.vectors + moved
        towards -= np.matmul(squares, moved[..., None])[..., 0]

    def _draw_parts(self, squares: Floats, towards: Floats, noise: float) -> None:
        """One after the other, because rows share them."""
        prior, dim = self.priors[1], self.own.shape[1]
        weights = self.had.copy()
        weights.data = weights.data**2
        shared = (weights @ squares.reshape(len(squares), -1)).reshape(-1, dim, dim)
        precisions = noise * shared + np.diag(prior.precision)
        covariances = np.linalg.inv(precisions)
        roots = np.linalg.cholesky((covariances + covariances.transpose(0, 2, 1)) / 2)
        draws = np.matmul(roots, self.generator.standard_normal((len(roots), dim))[..., None])[
            ..., 0
        ]
        start = prior.precision * prior.centre
        for part, (begin, end) in enumerate(
            zip(self.had.indptr[:-1], self.had.indptr[1:], strict=True)
        ):
            rows, share = self.had.indices[begin:end], self.had.data[begin:end]
            old = self.parts[part]
            pull = start + noise * (share @ towards[rows] + shared[part] @ old)
            moved = covariances[part] @ pull + draws[part] - old
            self.parts[part] = old + moved
            towards[rows] -= share[:, None] * (squares[rows] @ moved)
        self.vectors = self.own + self.having @ self.parts


class Sampler:
    """Draws users, items, their priors and the noise in turn.

    :param rest: ``(users, items)``: ratings less their mean.
    """

    def __init__(self, rest: sparse.csr_array, factors: int, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        rest = rest.astype(np.float64)
        self.users = _Side(rest, factors + 1, self.generator)
        self.items = _Side(rest.T.tocsr(), factors + 1, self.generator)
        self.noise = 1.0
        self.given = rest.data.copy()
        places = sparse.csr_array((np.arange(rest.nnz), rest.indices, rest.indptr), rest.shape)
        self.across = places.T.tocsr().data  # where the users' side has each rating of the items'

    def left_over(self) -> Floats:
        """What the vectors do not explain of each rating, in the order of ``rest``."""
        return self.users.left_over(self.items.vectors)

    def take_away(self, explained: Floats) -> None:
        """From now on the vectors explain ``rest`` less this, a number per rating of ``rest``."""
        self.users.rest.data = self.given - explained
        self.items.rest.data = self.users.rest.data[self.across]

    def sweep(self) -> Sample:
        left = self.left_over()
        self.noise = self.generator.gamma((len(left) + 1) / 2, 2 / (1 + (left**2).sum()))
        self.users.draw(self.items.vectors, self.noise)
        self.items.draw(self.users.vectors, self.noise)
        prior = self.users.priors[0]
        return Sample(
            self.items.vectors.astype(np.float32),
            self.users.parts.astype(np.float32),
            prior.centre.astype(np.float32),
            prior.precision.astype(np.float32),
            np.float32(self.noise),  # type: ignore[arg-type]
        )


def _normal(precisions: Floats, pull: Floats, generator: np.random.Generator) -> Floats:
    """Draws from ``N(A⁻¹ b, A⁻¹)`` for each row: ``(rows, dim)``."""
    roots = np.linalg.cholesky(precisions)
    noise = generator.standard_normal(pull.shape)
    mean = np.linalg.solve(precisions, pull[..., None])
    return np.asarray((mean + np.linalg.solve(roots.transpose(0, 2, 1), noise[..., None]))[..., 0])
