"""The options that all networks have in common which learn to rank the next item."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from ..base import ModelConfig
from .options import Accumulate, BatchOfSequences, Clip, Patience, RateOfAdamW, RateSchedule


def heads_divide(size: str) -> Any:
    """The validator of a configuration whose option ``size`` is shared by its ``heads``."""

    def check(config: Any) -> Any:
        if getattr(config, size) % config.heads:
            raise ValueError(f"{size} must be a multiple of heads")
        return config

    return model_validator(mode="after")(check)


class NextItemConfig(ModelConfig):
    """What :class:`~.next_item.NextItemLearner` reads, and how long it learns."""

    embedding_size: int = Field(64, ge=1, description="size of item and user vectors")
    dropout: float = Field(0.4, ge=0, lt=1, description="dropout of embeddings and states")
    learning_rate: RateOfAdamW = 2e-3
    reg: float = Field(0.01, ge=0, description="weight decay of AdamW")
    batch_size: BatchOfSequences = 16
    clip: Clip = 5.0
    accumulate: Accumulate = 1
    epochs: int = Field(24, ge=1, description="epochs at most; half-cosine falls over as many")
    schedule: RateSchedule = "half-cosine"
    patience: Patience = 8
    ahead: int | None = Field(
        None,
        ge=1,
        description="events to come that a position learns to predict; by default as many as the "
        "median question of valid has right answers, 5 at most and 5 without valid",
    )
    decay: float = Field(
        0.8, gt=0, le=1, description="what each of them counts, as a share of the one before"
    )
    reorder: bool = Field(
        True, description="draw a new order of a user's events of equal times each epoch"
    )
