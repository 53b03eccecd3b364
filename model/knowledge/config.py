"""Parameters of knowledge-graph embeddings; importable without torch."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, field_validator

from ..base import ModelConfig

Method = Literal["transe", "distmult", "complex"]
METHODS: tuple[Method, ...] = get_args(Method)

_BILINEAR: dict[str, object] = {
    "embedding_size": 128,
    "learning_rate": 0.02,
    "batch_size": 512,
    "reg": 0.03,
}
#: what is the default for a method, chosen on held-out triples of ML-100K's graph
PRESETS: dict[Method, dict[str, object]] = {
    "transe": {"embedding_size": 128, "epochs": 100},
    "distmult": _BILINEAR,
    "complex": _BILINEAR,
}


class EmbeddingConfig(ModelConfig):
    """Parameters of a knowledge-graph embedding."""

    embedding_size: int = Field(
        64, ge=2, description="length of the vectors; complex: half real, half imaginary parts"
    )
    epochs: int = Field(
        60, ge=1, description="epochs at most; fewer are chosen on held-out triples"
    )
    patience: int = Field(6, ge=1, description="epochs without a better figure before stopping")
    learning_rate: float = Field(0.01, gt=0, description="learning rate of Adam")
    batch_size: int = Field(2048, ge=1, description="triples per step")
    negatives: int = Field(512, ge=1, description="random nodes that a batch is compared with")
    reg: float = Field(1e-3, ge=0, description="weight of the cubed norms of distmult and complex")

    @field_validator("embedding_size")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("must be even: complex vectors have two halves")
        return value
