"""The options that all networks have in common which learn to rank the next item."""

from __future__ import annotations

from pydantic import Field

from ..base import ModelConfig
from .schedules import SCHEDULE, ScheduleName


class NextItemConfig(ModelConfig):
    """What :class:`~.next_item.NextItemLearner` reads, and how long it learns."""

    embedding_size: int = Field(64, ge=1, description="size of item and user vectors")
    dropout: float = Field(0.4, ge=0, lt=1, description="dropout of embeddings and states")
    learning_rate: float = Field(2e-3, gt=0, description="first step size of AdamW")
    reg: float = Field(0.01, ge=0, description="weight decay of AdamW")
    batch_size: int = Field(16, ge=1, description="sequences in a batch, fewer where they are long")
    clip: float = Field(5.0, ge=0, description="largest norm of a gradient; 0 for any")
    accumulate: int = Field(1, ge=1, description="batches that make one step")
    epochs: int = Field(24, ge=1, description="epochs at most; half-cosine falls over as many")
    schedule: ScheduleName = Field("half-cosine", description=SCHEDULE)
    patience: int = Field(8, ge=1, description="epochs without a better figure on valid")
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
