"""Pairs of user and item with the paths between them, in batches of padded tensors.

B pairs of U users have P paths of at most T nodes, a pair at most S.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from torch import Tensor, nn

from ...errors import ModelError
from ..base import TrainingOptions
from ..data import IntArray, Interactions
from ..histories import user_matrix
from ..needs import Paths
from .batch_learner import BatchLearner, LearningConfig

_OTHER = "It was made for another split: run its job on this one."


@dataclass(frozen=True)
class PathRows:
    """Paths of B pairs.

    :param nodes: ``(P, T)``, zeros behind the end; the first node is the user and is not read.
    :param lengths: ``(P,)``, nodes of each path, at least 2.
    :param real: ``(B, S)``, where a pair has a path; the paths lie there row by row.
    """

    nodes: Tensor
    lengths: Tensor
    real: Tensor


@dataclass(frozen=True)
class HistoryRows:
    """Items that B users have: those of user b begin at ``offsets[b]`` of ``items``, ``counts[b]``
    of them."""

    items: Tensor
    offsets: Tensor
    counts: Tensor

    @classmethod
    def of(cls, ones: sparse.csr_array, device: torch.device) -> HistoryRows:
        """Of the rows of a matrix of ones."""
        arrays = (ones.indices.astype(np.int64), ones.indptr[:-1].astype(np.int64))
        counts = np.diff(ones.indptr).astype(np.float32)
        return cls(*(torch.from_numpy(one).to(device) for one in (*arrays, counts)))


@dataclass(frozen=True)
class PathBatch:
    """B pairs: ``owner`` ``(B,)`` is the row of each one's user among the ``histories``.

    ``items`` ``(B,)`` are asked about; ``targets`` ``(B,)`` is 1 for events, whose item does not
    count in the user's history, and 0 for what was sampled.
    """

    histories: HistoryRows
    owner: Tensor
    items: Tensor
    targets: Tensor
    paths: PathRows

    @property
    def size(self) -> int:
        return len(self.owner)


class PathPairs:
    """The pairs of a table of paths, on a device.

    :raises ModelError: when the table has no path, or is not one of this train fold: an event
        that train does not have, or an item that is another one there.
    """

    def __init__(self, paths: Paths, train: Interactions, device: torch.device) -> None:
        self.device, table = device, paths.table
        if table.empty:
            raise ModelError("there is no path from a user to an item", "Take a larger data set.")
        first = np.flatnonzero(table["rank"].to_numpy() == 1)
        pairs = table.iloc[first]
        lengths = table["nodes"].map(len).to_numpy(np.int64)
        flat = np.concatenate(table["nodes"].to_numpy()).astype(np.int64)
        nodes = np.zeros((len(table), int(lengths.max())), np.int64)
        nodes[np.arange(nodes.shape[1]) < lengths[:, None]] = flat
        ends = flat[np.cumsum(lengths) - 1][first]
        self.histories = user_matrix(train)
        self.users = np.searchsorted(train.users, pairs["user"].to_numpy())
        self.labels = ~pairs["sampled"].to_numpy(bool)
        if self.labels.all():
            raise ModelError(
                "the paths are those of events alone, with nothing sampled to tell them from",
                "Find paths with negatives=1 or more.",
            )
        had = self._had(train, pairs["user"].to_numpy(), ends)
        known = train.catalogue.item_ids[np.minimum(ends, len(train.catalogue) - 1)]
        if (known != pairs["item"].to_numpy()).any() or (self.labels & ~had).any():
            raise ModelError("the paths are of events that train does not have", _OTHER)
        self.items, self.nodes = ends, int(flat.max()) + 1
        self._starts = np.append(first, len(table))
        # what was sampled may be an event by now: of valid, when the final fit reads it, too
        self.rows = np.flatnonzero(self.labels | ~had)
        self._tables = (
            torch.from_numpy(nodes).to(device),
            torch.from_numpy(lengths.copy()).to(device),
        )

    def __len__(self) -> int:
        return len(self.rows)

    def arrays(self) -> dict[str, npt.NDArray[np.int64]]:
        """All that a fit reads of the paths, for its digest."""
        nodes, lengths = (one.cpu().numpy() for one in self._tables)
        starts = self._starts[:-1][self.rows]
        return {"nodes": nodes, "lengths": lengths, "pairs": starts, "users": self.users}

    def batch(self, rows: IntArray) -> PathBatch:
        """What some pairs, by their place in :attr:`rows`, ask."""
        pairs = self.rows[rows]
        users, owner = np.unique(self.users[pairs], return_inverse=True)
        counts = np.diff(self._starts)[pairs]
        real = np.arange(int(counts.max())) < counts[:, None]
        paths = (self._starts[pairs][:, None] + np.arange(real.shape[1]))[real]
        nodes, lengths = (one[self._on(paths)] for one in self._tables)
        nodes = nodes[:, : int(lengths.max())]
        return PathBatch(
            HistoryRows.of(self.histories[users], self.device),
            self._on(owner),
            self._on(self.items[pairs]),
            self._on(self.labels[pairs].astype(np.float32)),
            PathRows(nodes, lengths, self._on(real)),
        )

    def _on(self, values: npt.NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(values).to(self.device)

    def _had(
        self, train: Interactions, users: npt.NDArray[np.generic], items: IntArray
    ) -> npt.NDArray[np.bool_]:
        """Which pairs are events of train."""
        row = np.minimum(self.users, len(train.users) - 1)
        width = len(train.catalogue)
        ones = self.histories.tocoo()
        keys = ones.coords[0].astype(np.int64) * width + ones.coords[1]
        inside = (train.users[row] == users) & (items < width)
        found: npt.NDArray[np.bool_] = inside & np.isin(row * width + items, keys)
        return found


class PathNetwork(nn.Module):
    """Closeness of pairs by the paths between them."""

    def forward(self, batch: PathBatch) -> tuple[Tensor, Tensor]:
        """Closeness and inner product of each pair, ``(B,)`` both, before the sigmoid."""
        raise NotImplementedError


class PathLearner(BatchLearner[PathNetwork, PathBatch]):
    """Binary cross-entropy of events against what was sampled ([RKAN], eq. 5), by AdamW.

    :param vector_loss: what the same loss of the inner product counts beside it; 0 in the paper.
    :param figure: what :meth:`validate` gives.
    """

    def __init__(
        self,
        network: PathNetwork,
        config: LearningConfig,
        pairs: PathPairs,
        options: TrainingOptions,
        vector_loss: float,
        figure: Callable[[], float | None],
    ) -> None:
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=config.learning_rate, weight_decay=config.reg, fused=True
        )
        super().__init__(network, optimizer, config, options)
        self.pairs, self.figure, self.vector_loss = pairs, figure, vector_loss

    @property
    def sequences(self) -> int:
        return len(self.pairs)

    def batches(self, number: int) -> Iterator[PathBatch]:
        order = np.random.default_rng([self.options.seed, number]).permutation(len(self.pairs))
        for start in range(0, len(order), self.config.batch_size):
            yield self.pairs.batch(order[start : start + self.config.batch_size])

    def loss(self, batch: PathBatch) -> Tensor:
        with self.precision.products():
            closeness, product = self.network(batch)
        found = _cross_entropy(closeness.float(), batch.targets)
        if self.vector_loss:
            found = found + self.vector_loss * _cross_entropy(product.float(), batch.targets)
        return found

    def validate(self) -> float | None:
        return self.figure()


_cross_entropy = nn.functional.binary_cross_entropy_with_logits
