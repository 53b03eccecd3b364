"""Feed-forward network ("FFNN") for ratings, the baseline of [KG-LSTM], eq. 3.25 to 3.28.

``h_1 = ReLU(W_1 x + b_1)`` and so on through layers of 128, 64 and 32 with dropout .3, then
``y = W_out h_L + b_out``; ``x`` is the user's vector, the item's, and the features of the
question. It reads the history without order.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor

from ..base import ModelConfig
from ..rating_context import Scale
from ..training.rated import Asked, Padded, RatingNetwork
from .neural_rating import NetworkInputs, NeuralRating, NeuralRatingConfig
from .rating_network import UserVectors, at, item_vectors, layers


class FFNNConfig(NeuralRatingConfig):
    """Parameters of the feed-forward network."""

    layers: tuple[int, ...] = Field((128, 64, 32), min_length=1, description="sizes of its layers")
    dropout: float = Field(0.3, ge=0, lt=1, description="dropout of what the layers give")


class FeedForward(RatingNetwork):
    """The network: ``x = [e_u; e_m; context]`` through layers to one number."""

    def __init__(self, n_items: int, scale: Scale, config: FFNNConfig, context: int) -> None:
        super().__init__()
        size = config.embedding_size
        self.users, self.items = UserVectors(n_items, size), item_vectors(n_items, size)
        sizes = (2 * size + context, *config.layers, 1)
        self.layers = layers(sizes, config.dropout, scale.mean)

    def forward(self, histories: Padded, asked: Asked) -> Tensor:
        user = at(asked.places, self.users(histories))
        x = torch.cat([user, self.items(asked.items), asked.context], dim=-1)
        found: Tensor = self.layers(x).squeeze(-1)
        return found


class FFNN(NeuralRating):
    """Predicts ratings; ranks by them."""

    name = "ffnn"
    description = "ratings by a feed-forward network over features"
    config_class: ClassVar[type[ModelConfig]] = FFNNConfig

    config: FFNNConfig

    def build(self, given: NetworkInputs) -> FeedForward:
        return FeedForward(given.items, given.scale, self.config, given.context)
