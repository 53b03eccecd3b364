"""The network of model libfm and how it learns.

Shapes: N items, F facts, D ``factors``, B draws in a batch, M items that are asked for.
"""

from __future__ import annotations

import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from ..base import TrainingOptions
from ..data import FloatArray
from ..histories import user_matrix
from ..needs import TrainingData
from ..training.draws import Draws
from ..training.pairwise import DrawBatch, PairwiseLearner, PairwiseModel
from .sparse_rows import SparseRows

_SPREAD = 0.1  # of what vectors begin with, as in libFM


class FactorizationMachine(nn.Module):
    """Weights and vectors of the features: items, facts, and items as part of a history.

    An item has its own feature with value 1, unless training has no event of it, and n facts
    with value ``1 / √n``. What all of these are for a user is in two sums, ``q`` and ``c``: see
    :mod:`.libfm`.
    """

    def __init__(self, facts: sparse.csr_array, trained: Tensor, size: int) -> None:
        super().__init__()
        n_items, n_facts = facts.shape
        self.weights = nn.Parameter(torch.zeros(n_items))
        self.items = nn.Parameter(_SPREAD * torch.randn(n_items, size))
        self.history = nn.Parameter(_SPREAD * torch.randn(n_items, size))
        self.fact_weights = nn.Parameter(torch.zeros(n_facts))
        self.facts = nn.Parameter(_SPREAD * torch.randn(n_facts, size))
        self.register_buffer("trained", trained, persistent=False)
        self.told = SparseRows(facts)

    def forward(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """``q`` ``(M, D)`` and ``c`` ``(M,)`` of items ``(M,)``."""
        own = self.get_buffer("trained")[items].to(self.items.dtype)
        return self.combined(
            self.weights[items] * own, self.items[items] * own[:, None], *self.told.of(items)
        )

    def combined(
        self, weight: Tensor, own: Tensor, columns: Tensor, starts: Tensor
    ) -> tuple[Tensor, Tensor]:
        """``q`` and ``c`` from the item's own weight ``(M,)`` and vector ``(M, D)``.

        Item m has the facts ``columns[starts[m]:starts[m + 1]]``.
        """
        if not len(self.facts):
            return own, weight
        squares = self.facts.square().sum(1, keepdim=True)
        table = torch.cat([self.facts, self.fact_weights[:, None], squares], 1)
        sums = functional.embedding_bag(
            columns, table, starts, mode="sum", include_last_offset=True
        )
        count = starts.diff().clamp_min(1)
        told = sums[:, :-2] / count.sqrt()[:, None]
        # pairs of facts: half of the square of their sum, less what each is with itself
        pairs = (told.square().sum(1) - sums[:, -1] / count) / 2 + (own * told).sum(1)
        return own + told, weight + sums[:, -2] / count.sqrt() + pairs


class FMLearner(PairwiseLearner[FactorizationMachine]):
    """[BPR] over the scores of the machine.

    The loss of a draw is ``-ln σ(ŷ_ui - ŷ_uj)``; a batch has the mean, and AdamW lets all
    parameters decay. The user of a draw is what the history says without the item i, as in the
    question that is asked of the model. Negatives are items of train, so that what has no event
    there is ranked by its facts and not by having been a negative. The draws of a user stand
    together: a history is then summed once or twice in an epoch.
    """

    by_user = True

    def __init__(
        self,
        network: FactorizationMachine,
        model: PairwiseModel[FactorizationMachine],
        data: TrainingData,
        options: TrainingOptions,
    ) -> None:
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=model.config.learning_rate, weight_decay=model.config.reg
        )
        draws = Draws(data.train, known_only=True)
        super().__init__(network, optimizer, model, options, draws, data.asked)
        self.histories = SparseRows(user_matrix(data.train)).to(self.device)

    def loss(self, batch: DrawBatch) -> Tensor:
        users = self.users(batch)
        both, place = torch.unique(torch.cat([batch.targets, batch.others]), return_inverse=True)
        q, c = self.network(both)
        liked, other = place.chunk(2)
        apart = (users * (q[liked] - q[other])).sum(1) + c[liked] - c[other]
        return -functional.logsigmoid(apart).mean()

    def users(self, batch: DrawBatch) -> Tensor:
        """``a`` of each draw without its own item: ``(B, D)``."""
        users, place = torch.unique(batch.users, return_inverse=True)
        columns, starts = self.histories.of(users)
        sums = functional.embedding_bag(
            columns, self.network.history, starts, mode="sum", include_last_offset=True
        )
        rest = (starts.diff() - 1).clamp_min(1).sqrt()
        return (sums[place] - self.network.history[batch.targets]) / rest[place, None]


def answers(network: FactorizationMachine) -> tuple[FloatArray, FloatArray]:
    """What asking needs: ``y`` ``(N, D)``, and ``q`` with ``c`` beside it ``(N, D + 1)``.

    An item of which nothing is known says nothing in a history, and is ranked by the lowest
    ``c`` that there is.
    """
    with torch.inference_mode():
        trained, told = network.get_buffer("trained"), network.told.lengths() > 0
        items = torch.arange(len(trained), device=trained.device)
        q, c = network(items)
        c = torch.where(trained | told, c, c.min())
        history = network.history * trained[:, None]
        ranked = torch.cat([q, c[:, None]], 1)
    return history.cpu().numpy(), ranked.cpu().numpy()
