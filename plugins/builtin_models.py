"""The models that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..model.base import Model


NAMES = (  # for who must not import torch
    "attention-lstm",
    "attn-graph-rec",
    "bayesian-svd++",
    "bias",
    "bpr-mf",
    "cke",
    "drifting-svd++",
    "ease",
    "ease-recency",
    "ffnn",
    "graphlf",
    "heterec",
    "heters",
    "ials",
    "item-knn",
    "libfm",
    "lightgcn",
    "lru-rec",
    "lstm-cnn",
    "lstm-recommender",
    "most-popular",
    "ncf",
    "random",
    "rating-attention-lstm",
    "rating-lstm",
    "recent-popular",
    "rkan",
    "rkge",
    "sasrec",
    "svd",
    "svd++",
    "user-knn",
)


@hookimpl
def register_models(register: Callable[[type[Model]], None]) -> None:
    from ..model.zoo.attention_lstm import AttentionLSTMRanker
    from ..model.zoo.attn_graph_rec import AttnGraphRec
    from ..model.zoo.bayesian_svdpp import BayesianSVDPP
    from ..model.zoo.bias import Bias
    from ..model.zoo.bpr_mf import BPRMF
    from ..model.zoo.cke import CKE
    from ..model.zoo.drifting_svdpp import DriftingSVDPP
    from ..model.zoo.ease import EASE
    from ..model.zoo.ease_recency import RecencyEASE
    from ..model.zoo.ffnn import FFNN
    from ..model.zoo.graphlf import GraphLF
    from ..model.zoo.heterec import HeteRec
    from ..model.zoo.heters import HeteRS
    from ..model.zoo.ials import IALS
    from ..model.zoo.item_knn import ItemKNN
    from ..model.zoo.libfm import LibFM
    from ..model.zoo.lightgcn import LightGCN
    from ..model.zoo.lru_rec import LRURec
    from ..model.zoo.lstm_cnn import LSTMCNN
    from ..model.zoo.lstm_recommender import LSTMRecommender
    from ..model.zoo.most_popular import MostPopular
    from ..model.zoo.ncf import NCF
    from ..model.zoo.random import Random
    from ..model.zoo.rating_attention_lstm import RatingAttentionLSTM
    from ..model.zoo.rating_lstm import RatingLSTM
    from ..model.zoo.recent_popular import RecentPopular
    from ..model.zoo.rkan import RKAN
    from ..model.zoo.rkge import RKGE
    from ..model.zoo.sasrec import SASRec
    from ..model.zoo.svd import SVD
    from ..model.zoo.svdpp import SVDPP
    from ..model.zoo.user_knn import UserKNN

    models: tuple[type[Model], ...] = (
        AttentionLSTMRanker,
        AttnGraphRec,
        BayesianSVDPP,
        Bias,
        BPRMF,
        CKE,
        DriftingSVDPP,
        EASE,
        RecencyEASE,
        FFNN,
        GraphLF,
        HeteRec,
        HeteRS,
        IALS,
        ItemKNN,
        LibFM,
        LightGCN,
        LRURec,
        LSTMCNN,
        LSTMRecommender,
        MostPopular,
        NCF,
        Random,
        RatingAttentionLSTM,
        RatingLSTM,
        RecentPopular,
        RKAN,
        RKGE,
        SASRec,
        SVD,
        SVDPP,
        UserKNN,
    )
    for model in models:
        register(model)
