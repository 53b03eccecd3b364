"""LSTM without attention for ratings, the baseline of [KG-LSTM]: state 32, embeddings 32.

The LSTM reads the user's events (eq. 3.11), and its last state, beside the question, makes the
rating. See :mod:`.rating_attention_network` for the mathematics.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..base import ModelConfig
from .neural_rating import NetworkInputs, NeuralRating, NeuralRatingConfig
from .rating_attention_network import RatingLSTMNetwork


class RatingLSTMConfig(NeuralRatingConfig):
    """Parameters of the LSTM."""

    hidden_size: int = Field(32, ge=1, description="size of the LSTM's state")
    history: int = Field(100, ge=1, description="last events of a history that are read by id")


class RatingLSTM(NeuralRating):
    """Predicts ratings; ranks by them."""

    name = "rating-lstm"
    description = "ratings by an LSTM over the history, without attention"
    config_class: ClassVar[type[ModelConfig]] = RatingLSTMConfig

    config: RatingLSTMConfig

    def build(self, given: NetworkInputs) -> RatingLSTMNetwork:
        config = self.config
        return RatingLSTMNetwork(
            given.items,
            given.scale,
            embedding_size=config.embedding_size,
            hidden_size=config.hidden_size,
            dropout=config.dropout,
            context=given.context,
        )
