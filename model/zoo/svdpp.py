"""SVD++: biased matrix factorisation that also reads what a user has rated, not only how.

``r̂_ui = μ + b_u + b_i + q_i·(p_u + |N_u|^-½ Σ_{j ∈ N_u} y_j)`` ([Bias], section 4.1), ``N_u`` being
the items of the history, by the loss and the steps of model svd, with λ on ``y``, too.

All ``y`` of a user's items move alike in a step, by ``η e q_i / √|N_u|``, so their sum moves by
``η e q_i``. Users are taken in groups: within one, these sums follow each step, and the ``y``
themselves move when the group is done. An epoch then costs as much as one of svd.

The defaults are chosen on valid of MovieLens 100K, ``user-time``; λ .02 and 20 epochs, as often
used, do worse there.

A query's ``Σ y_j`` comes from its history, and what its ratings add from there as in model svd.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field
from scipy import sparse

from ..base import ModelConfig, TrainingOptions
from ..data import FloatArray, IntArray, Interactions, Query
from ..histories import query_matrix, row_normalised, user_matrix
from ..search_space import Between, OneOf, Space
from ..storage import Arrays
from ..training.descent import passes, stable_batch
from .svd import SVD, SVDConfig

_GROUP = 64  # users


class SVDPPConfig(SVDConfig):
    """Parameters of SVD++."""

    factors: int = Field(20, ge=1, description="length of the vectors of users and items")
    epochs: int = Field(40, ge=1, description="passes over the train rows")
    reg: float = Field(0.08, ge=0, description="λ: pulls vectors and biases towards 0")
    learning_rate: float = Field(0.007, gt=0, description="length of a step")

    search_space: ClassVar[Mapping[str, Space]] = {
        "factors": OneOf((10, 20, 50, 100)),
        "epochs": Between(10, 80, whole=True),
        "reg": Between(0.01, 0.2, log=True),
        "learning_rate": Between(0.002, 0.02, log=True),
    }


class SVDPP(SVD):
    """Predicts ratings; ranks by them."""

    name = "svd++"
    description = "ratings by SVD++, which also reads what was rated"
    config_class: ClassVar[type[ModelConfig]] = SVDPPConfig

    implicit: FloatArray  # (items, factors + 1): y, the first column is 0

    def _descend(self, train: Interactions, rest: FloatArray, options: TrainingOptions) -> None:
        generator = torch.Generator().manual_seed(options.seed)
        tables = self._tables(generator, len(train.users), *[len(train.catalogue)] * 2)
        p, q, self.implicit = *tables[:2], tables[2].numpy()
        having = row_normalised(user_matrix(train))
        for _ in passes(self.epochs, self.name, options):
            users = torch.randperm(len(train.users), generator=generator).numpy()
            for start in range(0, len(users), _GROUP):
                group = np.sort(users[start : start + _GROUP])
                moved = self._group(group, having[group], train, rest, p, q, generator)
                self._move_implicit(having[group], moved, np.diff(train.offsets)[group])
        self.item_factors = q.numpy()

    def _group(
        self,
        group: IntArray,
        having: sparse.csr_array,
        train: Interactions,
        rest: FloatArray,
        p: torch.Tensor,
        q: torch.Tensor,
        generator: torch.Generator,
    ) -> FloatArray:
        """One pass over the rows of some users: how far ``Σ y / √|N|`` of each has moved."""
        lengths = np.diff(train.offsets)[group]
        events = np.arange(lengths.sum()) + np.repeat(
            train.offsets[group] - np.cumsum(lengths) + lengths, lengths
        )
        place = torch.from_numpy(np.repeat(np.arange(len(group)), lengths))
        rows = (torch.from_numpy(train.items[events]), torch.from_numpy(rest[events]))
        known = torch.from_numpy(having @ self.implicit)
        first, numbers = known.clone(), torch.from_numpy(group)
        size = stable_batch(self.config.batch_size, place, rows[0])
        order = torch.randperm(len(events), generator=generator)
        for start in range(0, len(order), size):
            part = order[start : start + size]
            who = place[part]
            user = numbers[who]
            step = self._step(p, q, user, rows[0][part], rows[1][part], p[user] + known[who])
            step[:, 0] = 0
            known.index_add_(0, who, step)
        return np.asarray((known - first).numpy())

    def _move_implicit(self, having: sparse.csr_array, moved: FloatArray, rows: IntArray) -> None:
        """Each ``y`` takes its share of the sums, and is pulled once for each row of its users."""
        pulls = having.copy()
        pulls.data = np.repeat(rows, np.diff(having.indptr)).astype(np.float32)
        strength = np.float32(self.config.learning_rate * self.config.reg)
        kept = np.exp(-strength * np.asarray(pulls.sum(axis=0)).ravel())
        self.implicit = (self.implicit * kept[:, None] + having.T @ moved).astype(np.float32)

    def _before_ratings(self, queries: Sequence[Query]) -> FloatArray:
        having = row_normalised(query_matrix(queries, len(self.catalogue)))
        return np.asarray(having @ self.implicit, np.float32)

    def arrays(self) -> Arrays:
        return {**super().arrays(), "implicit": self.implicit}

    def take(self, arrays: Arrays) -> None:
        super().take(arrays)
        self.implicit = arrays["implicit"]
