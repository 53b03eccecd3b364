"""Options that several networks have in common: their bounds, and how they are described."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .schedules import SCHEDULE, ScheduleName

Accumulate = Annotated[int, Field(ge=1, description="batches that make one step")]
BatchOfSequences = Annotated[
    int, Field(ge=1, description="sequences in a batch, fewer where they are long")
]
Clip = Annotated[float, Field(ge=0, description="largest norm of a gradient; 0 for any")]
Epochs = Annotated[int, Field(ge=1, description="epochs at most")]
EpochsOfDraws = Annotated[
    int, Field(ge=1, description="epochs at most, each with a draw for each event")
]
Patience = Annotated[int, Field(ge=1, description="epochs without a better figure on valid")]
RateOfAdamW = Annotated[float, Field(gt=0, description="first step size of AdamW")]
RateSchedule = Annotated[ScheduleName, Field(description=SCHEDULE)]
