"""Recurrent knowledge attention network ([RKAN]).

As :mod:`.rkge`, but a path's state is ``C_T`` of its eq. 1, and self-attention over the states of
a pair's paths makes one of them: ``D`` has one state per row, ``W = softmax(D Dᵀ / d_k) D``
(eq. 2), ``h_j = Σ_i W_ij D_ij`` (eq. 3), ``r' = σ(W_r·h + b_r)`` (eq. 4), all as written: the
scale is ``d_k`` and not its root, and the attended states weigh the states themselves.
"""

from __future__ import annotations

from typing import ClassVar

from ..base import ModelConfig
from .path_model import PathModel, PathModelConfig
from .path_network import Pooling


class RKANConfig(PathModelConfig):
    """Parameters of RKAN."""


class RKAN(PathModel):
    """Ranks by states of paths that self-attention has weighed."""

    name = "rkan"
    description = "recurrent network over paths of knowledge and ratings, with attention (RKAN)"
    config_class: ClassVar[type[ModelConfig]] = RKANConfig

    config: RKANConfig

    @property
    def pooling(self) -> Pooling:
        return "attention"
