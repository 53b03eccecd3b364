"""The LSTM recommender of [AttnGraphRec]: the history's order, embeddings, dense layers.

Its text gives the parts and neither equation nor size. Here, after ``t`` events of a user::

    x_s = [e_m; r]                       of event s: the movie, the rating in standard deviations
    h_t = LSTM(x_t, h_t-1, c_t-1)
    y   = w ReLU(W_2 ReLU(W_1 [h_t; e_u; e_i] + b_1) + b_2) + b

with ``e_i`` of the movie that is asked about. Sizes are those of the same project's other model.

What differs: there, ``e_u`` is looked up by the user's number. Here it is made of the history
(:class:`.rating_network.UserVectors`), without order, so that anybody with a history is known.
Beside ``rating-lstm`` this model has no figures of the past, and the LSTM does not read ``e_u``.
"""

from __future__ import annotations

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from ..base import ModelConfig
from ..rating_context import Scale
from ..training.dropout import Dropout
from ..training.rated import Asked, Padded, RatingNetwork
from .neural_rating import NetworkInputs, NeuralRating, NeuralRatingConfig
from .rating_network import UserVectors, at, item_vectors, layers


class LSTMRecommenderConfig(NeuralRatingConfig):
    """Parameters of the LSTM recommender."""

    embedding_size: int = Field(64, ge=1, description="size of item and user vectors")
    hidden_size: int = Field(128, ge=1, description="size of the LSTM's state")
    layers: tuple[int, ...] = Field((128, 64), min_length=1, description="sizes of the layers")
    dropout: float = Field(0.2, ge=0, lt=1, description="dropout of what the layers give")
    history: int = Field(100, ge=1, description="last events of a history that are read by id")


class LSTMRecommenderNetwork(RatingNetwork):
    """The network: a state, a user and a movie to one number."""

    def __init__(self, n_items: int, scale: Scale, config: LSTMRecommenderConfig) -> None:
        super().__init__()
        size, hidden = config.embedding_size, config.hidden_size
        self.users, self.items = UserVectors(n_items, size), item_vectors(n_items, size)
        self.lstm = nn.LSTM(size + 1, hidden, batch_first=True)
        self.dropout = Dropout(config.dropout)
        sizes = (hidden + 2 * size, *config.layers, 1)
        self.layers = layers(sizes, config.dropout, scale.mean)

    def forward(self, histories: Padded, asked: Asked) -> Tensor:
        read = torch.cat([self._states(histories), self.users(histories)], -1)
        question = torch.cat([at(asked.places, read), self.items(asked.items)], -1)
        found: Tensor = self.layers(question).squeeze(-1)
        return found

    def _states(self, histories: Padded) -> Tensor:
        """``h`` after 0 … T events ``(B, T + 1, H)``; zeros after none."""
        x = torch.cat([self.items(histories.items), histories.steps[..., :1]], -1)
        if not x.shape[1]:
            return x.new_zeros((len(x), 1, self.lstm.hidden_size))
        return nn.functional.pad(self.dropout(self.lstm(x)[0]), (0, 0, 1, 0))


class LSTMRecommender(NeuralRating):
    """Predicts ratings; ranks by them."""

    name = "lstm-recommender"
    description = "ratings by an LSTM over the history, embeddings and layers"
    config_class: ClassVar[type[ModelConfig]] = LSTMRecommenderConfig

    config: LSTMRecommenderConfig

    def build(self, given: NetworkInputs) -> LSTMRecommenderNetwork:
        return LSTMRecommenderNetwork(given.items, given.scale, self.config)
