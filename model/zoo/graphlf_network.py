"""The network of GraphLF and how it learns.

Shapes: N items, M items and entities, D ``factors``, U users, B draws in a batch.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from ..base import TrainingOptions
from ..histories import user_matrix
from ..needs import TrainingData
from ..training.draws import Draws
from ..training.pairwise import DrawBatch, PairwiseLearner, PairwiseModel
from ..training.sparse_tensor import sparse_tensor

_SPREAD = 0.1  # of what values begin with


class GraphLFNetwork(nn.Module):
    """``values`` ``(M, D)`` of items and entities, and the weight of what the graph alone says.

    :param seeds: ``(N, M)``, where walks go that begin at an item.
    """

    seeds: Tensor

    def __init__(self, seeds: sparse.csr_array, size: int) -> None:
        super().__init__()
        self.values = nn.Parameter(_SPREAD * torch.randn(seeds.shape[1], size))
        self.rule = nn.Parameter(torch.zeros(()))
        self.register_buffer("seeds", sparse_tensor(seeds), persistent=False)

    def forward(self) -> Tensor:
        """``z``: the values that a walk from each item meets, ``(N, D)``."""
        found: Tensor = torch.sparse.mm(self.seeds, self.values)
        return found

    def weight(self) -> Tensor:
        """``a``, above 0."""
        return functional.softplus(self.rule)


class GraphLFLearner(PairwiseLearner[GraphLFNetwork]):
    """[BPR] with the history less the item that is asked for.

    The loss of a draw (user ``u``, an item ``i`` of theirs, an item ``j`` that is not) is
    ``-ln σ(x_ui - x_uj) + λ/2 (|z_u|² + |z_i|² + |z_j|²)``, where ``x`` and ``z_u`` are of the
    history without ``i``; a batch has the mean. All values are sent along all seeds for each batch.

    :param walks: ``(N, N)``, what the graph alone says of two items.
    """

    def __init__(
        self,
        network: GraphLFNetwork,
        walks: sparse.csr_array,
        model: PairwiseModel[GraphLFNetwork],
        data: TrainingData,
        options: TrainingOptions,
    ) -> None:
        optimizer = torch.optim.Adam(network.parameters(), lr=model.config.learning_rate)
        draws = Draws(data.train, known_only=True)
        super().__init__(network, optimizer, model, options, draws, data.asked)
        ones = user_matrix(data.train)
        self.histories = sparse_tensor(ones).to(self.device)
        self.lengths = torch.from_numpy(np.diff(ones.indptr).astype(np.float32)).to(self.device)
        self.walks = torch.from_numpy(walks.toarray()).to(self.device)
        self.walked = torch.from_numpy((ones @ walks).toarray()).to(self.device)

    def loss(self, batch: DrawBatch) -> Tensor:
        z = self.network()
        user, liked, other = batch.users, batch.targets, batch.others
        rest = (self.lengths[user] - 1).clamp(min=1)  # without another item, all of it is 0
        of_user = (torch.sparse.mm(self.histories, z)[user] - z[liked]) / rest[:, None]
        of_graph = self._walked(user, liked, liked) - self._walked(user, liked, other)
        apart = self.network.weight() * of_graph / rest
        apart = apart + (of_user * (z[liked] - z[other])).sum(1)
        lengths = torch.stack([one.square().sum(1) for one in (of_user, z[liked], z[other])]).sum(0)
        return (self.config.reg / 2 * lengths - functional.logsigmoid(apart)).mean()

    def _walked(self, user: Tensor, left_out: Tensor, item: Tensor) -> Tensor:
        """What the graph says of items by the histories without those left out, ``(B,)``."""
        return self.walked[user, item] - self.walks[left_out, item]
