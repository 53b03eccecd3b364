"""Recurrent knowledge graph embedding ([RKGE]).

A path ``p_l = e_0 → … → e_T`` from a user to an item goes through an LSTM that all paths share;
the average or the maximum of the last outputs ``h_T`` of a pair's paths goes through a layer to
the closeness ``σ(W_r·h + b_r)``, which is fitted by binary cross-entropy to events and sampled
negatives. See :class:`.path_model.PathModel` for users, ranking and evidence.

What differs from the authors' code: there, vectors of the nodes are learnt beforehand, a user's is
the mean of the items', the maximum pools, and the inner product of the vectors ranks.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ..base import ModelConfig
from .path_model import PathModel, PathModelConfig
from .path_network import Pooling


class RKGEConfig(PathModelConfig):
    """Parameters of RKGE."""

    pooling: Literal["average", "max"] = Field(
        "average", description="how the states of a pair's paths become one"
    )


class RKGE(PathModel):
    """Ranks by pooled states of paths."""

    name = "rkge"
    description = "recurrent network over paths of knowledge and ratings, pooled (RKGE)"
    config_class: ClassVar[type[ModelConfig]] = RKGEConfig

    config: RKGEConfig

    @property
    def pooling(self) -> Pooling:
        return self.config.pooling
