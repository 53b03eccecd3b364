"""reelgraph's own models and those of the example plugin, by the suite for authors of plugins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from reelgraph.model.needs import EmbeddingNeed, Supplied
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig
from reelgraph.model.zoo.bias import Bias
from reelgraph.model.zoo.ease import EASE, EASEConfig
from reelgraph.model.zoo.ease_recency import RecencyEASE, RecencyEASEConfig
from reelgraph.model.zoo.most_popular import MostPopular
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import ITEMS
from reelgraph_example.model import Trending, TrendingConfig
from reelgraph_example.need import FirstSeenNeed

SMALL: dict[str, Any] = {
    "embedding_size": 8,
    "hidden_size": 16,
    "heads": 2,
    "learning_rate": 0.02,
    "batch_size": 8,
}


class TestMostPopular(ModelSuite):
    answers = (((1, 2), 0), ((), 0))

    def make(self) -> MostPopular:
        return MostPopular()


class TestBias(ModelSuite):
    """Items 9 and 4 have the highest ratings."""

    answers = (((1, 2), 9), ((), 9), ((9,), 4))

    def make(self) -> Bias:
        return Bias()


class TestEASE(ModelSuite):
    def make(self) -> EASE:
        return EASE(EASEConfig(reg=1.0))


class TestRecencyEASE(ModelSuite):
    answers = (((1, 2, 3, 4, 5), 0), ((0, 1, 2, 9, 10, 11, 6, 7), 8))

    def make(self) -> RecencyEASE:
        return RecencyEASE(RecencyEASEConfig(reg=1.0, half_life=3))


class TestAttentionLSTM(ModelSuite):
    def make(self) -> AttentionLSTMRanker:
        return AttentionLSTMRanker(AttentionLSTMConfig(**SMALL, embeddings=()))


class TestAttentionLSTMWithKnowledge(ModelSuite):
    def make(self) -> AttentionLSTMRanker:
        return AttentionLSTMRanker(AttentionLSTMConfig(**SMALL, embeddings=("facts",)))

    def supplied(self) -> Supplied:
        drawn = np.random.default_rng(0).normal(size=(ITEMS, 5)).astype(np.float32)
        drawn[4] = 0  # nothing known
        return Supplied({EmbeddingNeed("facts"): drawn})


@pytest.mark.gpu
class TestAttentionLSTMOnGPU(TestAttentionLSTM):
    options: ClassVar = replace(ModelSuite.options, device="cuda")

    def test_same_seed_same_result(self, chosen: Any) -> None:
        """Not promised on a GPU, where sums are made in any order; so are the next two."""

    def test_epochs_are_chosen_on_valid(self, chosen: Any) -> None:
        """The same on the CPU."""

    def test_an_interrupted_fit_goes_on(self, chosen: Any, tmp_path: Path) -> None:
        """The same on the CPU."""


class TestTrending(ModelSuite):
    """The item that both groups like."""

    answers = (((1, 2), 0), ((), 0))

    def make(self) -> Trending:
        return Trending(TrendingConfig(window=7))


class TestTrendingWithItsNeed(ModelSuite):
    """Item 11 is new, item 0 old: what is new counts more."""

    answers = (((1, 2), 11), ((), 11))

    def make(self) -> Trending:
        return Trending(TrendingConfig(window=7, half_life=30))

    def supplied(self) -> Supplied:
        days = np.arange(ITEMS, dtype=np.float64) * 10
        return Supplied({FirstSeenNeed(): days * 86_400})
