"""The options of the attention-LSTM and what a search tries of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from ..rating_gains import GAINS, Gains
from ..search_space import Between, OneOf, Space
from ..training.next_item_config import NextItemConfig, heads_divide


class AttentionLSTMConfig(NextItemConfig):
    """Parameters of the attention-LSTM."""

    hidden_size: int = Field(128, ge=1, description="size of the LSTM's state")
    heads: int = Field(4, ge=1, description="attention heads; divides hidden_size")
    gains: Gains = Field((0.2, 0.35, 0.8, 1.0, 1.0), description=GAINS)
    linear_weight: float | None = Field(
        None,
        ge=0,
        description="weight of the linear item model beside the network; chosen on valid unless "
        "given, 0 for none; there is none for more than 10,000 items",
    )
    new_item_offset: float | None = Field(
        None,
        description="added to the scores of items that are known by knowledge alone; chosen on "
        "valid unless given",
    )
    embeddings: tuple[str, ...] = Field(
        ("fastrp", "node2vec", "walk-vectors"),
        description="graph jobs whose vectors are fused in; those that cannot be made, as "
        "without GDS, are left out",
    )
    facts: bool = Field(True, description="fuse in what knowledge, title and year say of an item")
    id_dropout: float = Field(
        0.1,
        ge=0,
        lt=1,
        description="share of the items with knowledge that lose their id in a step",
    )

    search_space: ClassVar[Mapping[str, Space]] = {
        "embedding_size": OneOf((32, 64, 128)),
        "hidden_size": OneOf((64, 128, 256)),
        "dropout": Between(0.1, 0.6),
        "learning_rate": Between(5e-4, 5e-3, log=True),
        "reg": Between(1e-3, 0.1, log=True),
        "batch_size": OneOf((8, 16, 32)),
    }

    _heads_divide = heads_divide("hidden_size")
