"""LRURec: a next-item ranker of linear recurrences.

[LRURec]: each state of a block is multiplied by a number of its own from event to event, so all
positions of a sequence are computed at once in a number of steps that grows with the logarithm of
its length. See :mod:`reelgraph.model.zoo.lru_network` for the mathematics.

As published, all positions are trained in one pass, each with a softmax over the whole catalogue,
and items have one vector each. Different here: a position may learn several events to come
(``ahead``), what the user already had is no candidate, and the first event is learnt, too, from
no history. The published options are ``--set ahead=1 --set dropout=0.2 --set batch_size=128 --set
learning_rate=0.001 --set schedule=constant --set epochs=500``. The defaults of how it learns are
those of the attention-LSTM; nothing was tuned for this model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from ..search_space import Between, OneOf, Space
from ..training.next_item_config import NextItemConfig
from .lru_network import LRUNetwork
from .sequence_ranker import SequenceRanker


class LRURecConfig(NextItemConfig):
    """Parameters of LRURec; how it learns is set as for the attention-LSTM."""

    blocks: int = Field(2, ge=1, description="recurrences, one above the other")

    search_space: ClassVar[Mapping[str, Space]] = {
        "embedding_size": OneOf((32, 64, 128)),
        "blocks": OneOf((1, 2, 3)),
        "dropout": Between(0.1, 0.6),
        "learning_rate": Between(5e-4, 5e-3, log=True),
        "reg": Between(1e-3, 0.1, log=True),
        "batch_size": OneOf((8, 16, 32)),
    }


class LRURec(SequenceRanker):
    """Memory and time grow with the length of a history, not with its square."""

    name = "lru-rec"
    description = "next-item ranker of linear recurrences (LRURec)"
    config_class = LRURecConfig
    config: LRURecConfig

    def make_network(self, items: int) -> LRUNetwork:
        config = self.config
        size, blocks, dropout = config.embedding_size, config.blocks, config.dropout
        return LRUNetwork(items, size, blocks=blocks, dropout=dropout)
