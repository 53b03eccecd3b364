"""Neural collaborative filtering ("NCF") for ratings, the baseline of [KG-LSTM].

Its eq. 3.21 to 3.24: ``z = [V_u; V_m]`` through layers of 128 and 64 with ReLU, then
``ŷ = σ(h·a_L)``, here on the scale of the ratings. It knows ids and ratings and nothing else; a
user is known by the history (:class:`.rating_network.UserVectors`), without order.
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
from .rating_network import OnScale, UserVectors, at, item_vectors, layers


class NCFConfig(NeuralRatingConfig):
    """Parameters of NCF."""

    embedding_size: int = Field(50, ge=1, description="size of item and user vectors")
    layers: tuple[int, ...] = Field((128, 64), min_length=1, description="sizes of its layers")


class NCFNetwork(RatingNetwork):
    """The network: ids through layers to one number."""

    def __init__(self, n_items: int, scale: Scale, config: NCFConfig) -> None:
        super().__init__()
        size = config.embedding_size
        self.users, self.items = UserVectors(n_items, size), item_vectors(n_items, size)
        self.layers = layers((2 * size, *config.layers, 1), config.dropout)
        self.on_scale = OnScale(scale)

    def forward(self, histories: Padded, asked: Asked) -> Tensor:
        user = at(asked.places, self.users(histories))
        z = torch.cat([user, self.items(asked.items)], dim=-1)
        found: Tensor = self.on_scale(self.layers(z).squeeze(-1))
        return found


class NCF(NeuralRating):
    """Predicts ratings; ranks by them."""

    name = "ncf"
    description = "ratings by neural collaborative filtering (NCF)"
    config_class: ClassVar[type[ModelConfig]] = NCFConfig

    config: NCFConfig

    def build(self, given: NetworkInputs) -> NCFNetwork:
        return NCFNetwork(given.items, given.scale, self.config)
