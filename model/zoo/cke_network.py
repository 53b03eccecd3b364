"""The network of model cke and how it learns.

Shapes: U users, N items, D ``factors``, B draws in a batch, M items that are asked for, V words.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..base import TrainingOptions
from ..data import FloatArray
from ..knowledge.transr import Corrupted, TransR
from ..needs import TrainingData
from ..training.draws import Draws
from ..training.pairwise import DrawBatch, PairwiseLearner, PairwiseModel
from ..triples import Triples
from .word_autoencoder import WordAutoencoder

_SPREAD = 0.1  # of what vectors begin with
_READ = 256  # items of a batch whose words are reconstructed


class CKENetwork(nn.Module):
    """Users and offsets of items, and what the structure and the words say of the items.

    ``e_i = η_i + v_i + x_i``: the offset, 0 without an event of train; the node's vector, 0 where
    no triple names the item; the middle layer of the autoencoder, 0 without a word.

    :param structure: the graph, and ``(N,)`` which items a triple names.
    """

    def __init__(
        self,
        users: int,
        trained: Tensor,
        size: int,
        structure: tuple[TransR, Tensor] | None,
        words: WordAutoencoder | None,
    ) -> None:
        super().__init__()
        self.users = nn.Parameter(_SPREAD * torch.randn(users, size))
        self.offsets = nn.Parameter(_SPREAD * torch.randn(len(trained), size))
        self.structure = structure[0] if structure else None
        self.words = words
        self.register_buffer("trained", trained, persistent=False)
        named = structure[1] if structure else torch.zeros_like(trained)
        self.register_buffer("named", named, persistent=False)

    def forward(self, items: Tensor, noise: float = 0.0) -> Tensor:
        """``e`` of items ``(M,)``: ``(M, D)``. ``noise`` is the share of words that are hidden."""
        found = self.offsets[items] * self.get_buffer("trained")[items, None]
        if self.structure is not None:
            nodes = functional.embedding(items, self.structure.nodes)
            found = found + nodes * self.get_buffer("named")[items, None]
        return found if self.words is None else found + self.words.middle(items, noise)


class CKELearner(PairwiseLearner[CKENetwork]):
    """[BPR] over the sums, beside the losses of the structure and of the words.

    The loss of a batch is the mean of ``-ln σ(⟨u, e_i⟩ - ⟨u, e_j⟩)`` over draws; the mean of
    TransR's over as many random triples, times ``knowledge_weight``; and the mean squared error of
    the words of up to 256 items of the batch, times ``text_weight``. AdamW decays all parameters.
    Negatives are items of train, so that what has no event there is ranked by its knowledge and
    not by having been a negative.

    :param weights: of the structure's loss and of that of the words.
    """

    def __init__(
        self,
        network: CKENetwork,
        model: PairwiseModel[CKENetwork],
        data: TrainingData,
        options: TrainingOptions,
        triples: Triples | None,
        weights: tuple[float, float],
        noise: float,
    ) -> None:
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=model.config.learning_rate, weight_decay=model.config.reg
        )
        draws = Draws(data.train, known_only=True)
        super().__init__(network, optimizer, model, options, draws, data.asked)
        self.triples = Corrupted(triples) if triples else None
        self.weights, self.noise = weights, noise

    def loss(self, batch: DrawBatch) -> Tensor:
        noise = self.noise if self.network.training else 0.0
        both, place = torch.unique(torch.cat([batch.targets, batch.others]), return_inverse=True)
        items = self.network(both, noise)
        liked, other = items[place].chunk(2)
        apart = (self.network.users[batch.users] * (liked - other)).sum(1)
        loss = -functional.logsigmoid(apart).mean()
        if self.network.structure is not None and self.triples is not None:
            rows = self.triples.draw(batch.size).to(self.device)
            loss = loss + self.weights[0] * self.network.structure.loss(rows) / batch.size
        if self.network.words is not None:
            some = both[torch.randperm(len(both), device=self.device)[:_READ]]
            loss = loss + self.weights[1] * self.network.words.loss(some, noise)
        return loss


def item_vectors(network: CKENetwork) -> FloatArray:
    """``e`` of all items, ``(N, D)``."""
    with torch.inference_mode():
        items = torch.arange(len(network.offsets), device=network.offsets.device)
        found: FloatArray = network(items).cpu().numpy()
    return found
