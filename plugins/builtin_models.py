"""The models that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..model.base import Model


NAMES = (  # for who must not import torch
    "attention-lstm",
    "bias",
    "bpr-mf",
    "ease",
    "ials",
    "item-knn",
    "most-popular",
    "random",
    "recent-popular",
    "svd",
    "svd++",
    "user-knn",
)


@hookimpl
def register_models(register: Callable[[type[Model]], None]) -> None:
    from ..model.zoo.attention_lstm import AttentionLSTMRanker
    from ..model.zoo.bias import Bias
    from ..model.zoo.bpr_mf import BPRMF
    from ..model.zoo.ease import EASE
    from ..model.zoo.ials import IALS
    from ..model.zoo.item_knn import ItemKNN
    from ..model.zoo.most_popular import MostPopular
    from ..model.zoo.random import Random
    from ..model.zoo.recent_popular import RecentPopular
    from ..model.zoo.svd import SVD
    from ..model.zoo.svdpp import SVDPP
    from ..model.zoo.user_knn import UserKNN

    register(AttentionLSTMRanker)
    register(Bias)
    register(BPRMF)
    register(EASE)
    register(IALS)
    register(ItemKNN)
    register(MostPopular)
    register(Random)
    register(RecentPopular)
    register(SVD)
    register(SVDPP)
    register(UserKNN)
