"""The network of LightGCN and how it learns.

Shapes: U users, N items, D ``embedding_size``, K layers, B draws in a batch.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..base import TrainingOptions
from ..data import Interactions
from ..histories import row_normalised, user_matrix
from ..needs import TrainingData
from ..training.draws import Draws
from ..training.pairwise import DrawBatch, PairwiseLearner, PairwiseModel
from ..training.sparse_tensor import sparse_tensor

_SPREAD = 0.1  # of what vectors begin with


class LightGCNNetwork(nn.Module):
    """Vectors of users and items, sent along the edges of train.

    ``E_u^(k+1) = Ã E_i^(k)`` and ``E_i^(k+1) = Ãᵀ E_u^(k)``, where ``Ã`` ``(U, N)`` has
    ``1 / √(|N_u| |N_i|)`` for an item i that user u has in train. ``E^(0)`` is learnt.

    :param own: False leaves ``E_u^(0)`` at 0, so that users are made of their items alone.
    """

    to_users: Tensor  # Ã, sparse
    to_items: Tensor

    def __init__(self, train: Interactions, size: int, layers: int, own: bool) -> None:
        super().__init__()
        ones = user_matrix(train)
        self.layers = layers
        self.neighbours = np.maximum(ones.sum(axis=0), 1).astype(np.float32)  # |N_i|, at least 1
        edges = row_normalised(ones).multiply(1 / np.sqrt(self.neighbours))
        users, items = ones.shape
        self.items = nn.Parameter(_SPREAD * torch.randn(items, size))
        first = _SPREAD * torch.randn(users, size) if own else torch.zeros(users, size)
        self.users = nn.Parameter(first, requires_grad=own)
        # they move with the network, and are no part of what is saved
        self.register_buffer("to_users", sparse_tensor(edges), persistent=False)
        self.register_buffer("to_items", sparse_tensor(edges.T), persistent=False)

    def forward(self) -> tuple[list[Tensor], list[Tensor]]:
        """``E^(0) … E^(K)`` of users, each ``(U, D)``, and of items, each ``(N, D)``."""
        users: list[Tensor] = [self.users]
        items: list[Tensor] = [self.items]
        for _ in range(self.layers):
            of_users, of_items = users[-1], items[-1]
            users.append(torch.sparse.mm(self.to_users, of_items))
            items.append(torch.sparse.mm(self.to_items, of_users))
        return users, items


class LightGCNLearner(PairwiseLearner[LightGCNNetwork]):
    """[BPR] over vectors that are the means of their layers.

    The loss of a draw is ``-ln σ(⟨e_u, e_i⟩ - ⟨e_u, e_j⟩) + λ/2 (|e_u^(0)|² + |e_i^(0)|² +
    |e_j^(0)|²)``; a batch has the mean. All vectors are sent along all edges for each batch. An
    epoch draws each event once; users who have every item teach nothing.
    """

    def __init__(
        self,
        network: LightGCNNetwork,
        model: PairwiseModel[LightGCNNetwork],
        data: TrainingData,
        options: TrainingOptions,
    ) -> None:
        learnt = [one for one in network.parameters() if one.requires_grad]
        optimizer = torch.optim.Adam(learnt, lr=model.config.learning_rate)
        draws = Draws(data.train)
        super().__init__(network, optimizer, model, options, draws, data.asked)

    def loss(self, batch: DrawBatch) -> Tensor:
        users, items = (torch.stack(layers).mean(0) for layers in self.network())
        apart = (users[batch.users] * (items[batch.targets] - items[batch.others])).sum(1)
        first = (
            self.network.users[batch.users],
            self.network.items[batch.targets],
            self.network.items[batch.others],
        )
        lengths = torch.stack([one.square().sum(1) for one in first]).sum(0)
        return (self.config.reg / 2 * lengths - functional.logsigmoid(apart)).mean()
