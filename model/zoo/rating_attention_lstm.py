"""The attention-LSTM of [KG-LSTM] for ratings, with its preset.

State 64, embeddings 32, dropout .5, L2 1e-6, Adam, and a learning rate that is cut to a fifth
after five epochs without a better figure on valid. The mathematics stands in
:mod:`.rating_attention_network`, and what knowledge adds in :mod:`.rating_fusion`. The layers are
not linear in the attended events, so the prediction is no sum over them and there is no evidence.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..base import ModelConfig
from ..needs import EmbeddingNeed
from ..training.rated import PAIRS
from .neural_rating import NetworkInputs, NeuralRating, NeuralRatingConfig
from .rating_attention_network import RatingAttentionNetwork


class RatingAttentionLSTMConfig(NeuralRatingConfig):
    """Parameters of the attention-LSTM for ratings."""

    hidden_size: int = Field(64, ge=1, description="size of the LSTM's state")
    attention_size: int = Field(32, ge=1, description="size of what the attention compares")
    dropout: float = Field(0.5, ge=0, lt=1, description="dropout of what the layers give")
    history: int = Field(100, ge=1, description="last events of a history that are read by id")
    embeddings: tuple[str, ...] = Field(
        ("transe",), description="graph jobs whose vectors of the movie asked about are fused in"
    )


class RatingAttentionLSTM(NeuralRating):
    """Predicts ratings; ranks by them."""

    name = "rating-attention-lstm"
    description = "ratings by an LSTM with attention, fused with knowledge"
    config_class: ClassVar[type[ModelConfig]] = RatingAttentionLSTMConfig

    config: RatingAttentionLSTMConfig

    @classmethod
    def needs(cls, config: RatingAttentionLSTMConfig) -> tuple[EmbeddingNeed, ...]:
        fallback = "the fusion has one source less"
        return tuple(EmbeddingNeed(name, fallback=fallback) for name in config.embeddings)

    def build(self, given: NetworkInputs) -> RatingAttentionNetwork:
        config = self.config
        return RatingAttentionNetwork(
            given.items,
            given.scale,
            embedding_size=config.embedding_size,
            hidden_size=config.hidden_size,
            attention_size=config.attention_size,
            dropout=config.dropout,
            knowledge=given.knowledge,
            context=given.context,
        )

    def cells(self, history: int) -> int:
        fused = 4 * self.config.hidden_size * (1 + len(self.config.embeddings))
        return super().cells(history) + fused + 3 * self.config.attention_size * max(history, 1)

    def activations(self) -> int:
        pairs = max(PAIRS, self.config.history**2)
        return super().activations() + 16 * pairs * self.config.attention_size
