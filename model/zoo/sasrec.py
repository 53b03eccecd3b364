"""SASRec: a next-item ranker of causal self-attention, trained with the full softmax.

[SASRec] with the loss of [SASRec+]: all positions are trained in one pass, each with a softmax
over the whole catalogue in place of one sampled negative, which is what makes it strong. Items
have one vector each. See :mod:`reelgraph.model.zoo.sasrec_network` for the mathematics.

Different from both: a position may learn several events to come (``ahead``), what the user
already had is no candidate, and the first event is learnt, too, from no history. The published
options are ``--set ahead=1 --set heads=1 --set dropout=0.2 --set max_length=200 --set
batch_size=128 --set learning_rate=0.001 --set reg=0 --set schedule=constant --set epochs=500
--set embedding_size=50`` (MovieLens 1M). The defaults of how it learns are those of the
attention-LSTM; nothing was tuned for this model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from ..search_space import Between, OneOf, Space
from ..training.next_item_config import NextItemConfig, heads_divide
from .sasrec_network import SASRecNetwork
from .sequence_ranker import SequenceRanker


class SASRecConfig(NextItemConfig):
    """Parameters of SASRec; how it learns is set as for the attention-LSTM."""

    blocks: int = Field(2, ge=1, description="layers of attention")
    heads: int = Field(2, ge=1, description="attention heads; divides embedding_size")
    max_length: int = Field(
        1000,
        ge=1,
        description="events of a history that are looked at, the last ones; time and memory grow "
        "with its square",
    )

    search_space: ClassVar[Mapping[str, Space]] = {
        "embedding_size": OneOf((32, 64, 128)),
        "blocks": OneOf((1, 2, 3)),
        "heads": OneOf((1, 2, 4)),
        "dropout": Between(0.1, 0.6),
        "learning_rate": Between(5e-4, 5e-3, log=True),
        "reg": Between(1e-3, 0.1, log=True),
        "batch_size": OneOf((8, 16, 32)),
    }

    _heads_divide = heads_divide("embedding_size")


class SASRec(SequenceRanker):
    """Each event looks at all before it, in each of the layers."""

    name = "sasrec"
    description = "next-item ranker of causal self-attention (SASRec, full softmax)"
    config_class = SASRecConfig
    config: SASRecConfig

    @property
    def longest(self) -> int:
        return self.config.max_length

    def make_network(self, items: int) -> SASRecNetwork:
        config = self.config
        return SASRecNetwork(
            items,
            config.embedding_size,
            blocks=config.blocks,
            heads=config.heads,
            dropout=config.dropout,
            places=config.max_length,
        )
