"""The models that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..model.base import Model


NAMES = ("attention-lstm", "bias", "ease", "most-popular")  # for who must not import torch


@hookimpl
def register_models(register: Callable[[type[Model]], None]) -> None:
    from ..model.zoo.attention_lstm import AttentionLSTMRanker
    from ..model.zoo.bias import Bias
    from ..model.zoo.ease import EASE
    from ..model.zoo.most_popular import MostPopular

    register(AttentionLSTMRanker)
    register(Bias)
    register(EASE)
    register(MostPopular)
