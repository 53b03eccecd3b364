"""What every model must do, on a tiny data set whose right answer is known.

Two groups of six films; everybody has the films of one group in their order, and film 0
is liked by both groups. A new model's test is a subclass of :class:`ModelSuite`.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from reelgraph.errors import ModelError
from reelgraph.model.base import Model, TrainingOptions
from reelgraph.model.data import Catalogue, Query, interactions_from_frame
from reelgraph.model.needs import EmbeddingNeed, Supplied, TrainingData
from reelgraph.model.zoo.attention_lstm import AttentionLSTMConfig, AttentionLSTMRanker
from reelgraph.model.zoo.ease import EASE, EASEConfig
from reelgraph.model.zoo.most_popular import MostPopular

N = 12
OPTIONS = TrainingOptions(seed=3, epochs=12)


def knowledge() -> np.ndarray:
    draw = np.random.default_rng(0).normal(size=(N, 5)).astype(np.float32)
    draw[4] = 0  # nothing known
    return draw


CATALOGUE = Catalogue(np.arange(100, 100 + N))
SUPPLIED = Supplied({EmbeddingNeed("facts"): knowledge()})


def rows() -> pd.DataFrame:
    """60 users: the six films of one group in a cycle, from a place that differs."""
    found = []
    for user in range(60):
        group, start = user % 2, user // 2
        films = [0] if group and user % 3 else []
        films += [group * 6 + (start + i) % 6 for i in range(6)]
        found += [(user, 100 + film, seq + 1) for seq, film in enumerate(films)]
    return pd.DataFrame(found, columns=["user", "item", "seq"])


def train():
    return TrainingData(interactions_from_frame(rows(), CATALOGUE), None, SUPPLIED)


def query(*items: int, user: int = 1) -> Query:
    return Query(user, np.array(items, np.int64))


FITTED: dict[type, Model] = {}  # each model is fitted once


class ModelSuite:
    """Subclass it as ``TestX`` with ``make`` and, where it is another, ``answer``."""

    # histories and the film that must come first
    answers: ClassVar = [((1, 2, 3, 4, 5), 0), ((6, 7, 8, 9, 10), 11), ((9, 10, 11, 6, 7), 8)]

    def make(self) -> Model:
        raise NotImplementedError

    @pytest.fixture
    def model(self) -> Model:
        if type(self) not in FITTED:
            FITTED[type(self)] = self.make()
            FITTED[type(self)].fit(train(), OPTIONS)
        return FITTED[type(self)]

    def test_right_answer(self, model):
        histories = [query(*history) for history, _ in self.answers]
        found = model.recommend(histories, 1).items[:, 0].tolist()
        assert found == [film for _, film in self.answers]

    def test_scores_are_finite_and_of_all_items(self, model):
        scores = model.score([query(1, 2), query()])
        assert scores.shape == (2, N)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_scores_of_some_items(self, model):
        asked = np.array([7, 2, 2])
        some = model.score([query(1, 2)], asked)
        np.testing.assert_allclose(some, model.score([query(1, 2)])[:, asked], rtol=1e-5)

    def test_unknown_user(self, model):
        known, unknown = query(1, 2, user=1), query(1, 2, user=999)
        np.testing.assert_array_equal(model.score([known]), model.score([unknown]))

    def test_empty_history(self, model):
        ranking = model.recommend([query()], 5)
        assert sorted(set(ranking.items[0].tolist())) == sorted(ranking.items[0].tolist())
        assert (ranking.items >= 0).all()

    def test_no_queries(self, model):
        assert model.score([]).shape == (0, N)

    def test_history_is_excluded_and_short_lists_say_so(self, model):
        ranking = model.recommend([query(*range(10))], 5)
        assert sorted(ranking.items[0, :2].tolist()) == [10, 11]
        assert ranking.items[0, 2:].tolist() == [-1, -1, -1]

    def test_a_query_is_alone(self, model):
        together = model.score([query(1, 2, 3, 4), query(6), query(*range(12))])
        np.testing.assert_allclose(together[1:2], model.score([query(6)]), rtol=1e-4, atol=1e-5)

    def test_save_and_load(self, model, tmp_path):
        model.save(tmp_path / "model")
        loaded = type(model).load(tmp_path / "model", Catalogue(CATALOGUE.item_ids))
        asked = [query(1, 2, 3), query()]
        np.testing.assert_array_equal(loaded.score(asked), model.score(asked))
        assert loaded.config == model.config
        loaded.save(tmp_path / "again")
        for name in ("config.json", "weights.safetensors"):
            first, second = (tmp_path / folder / name for folder in ("model", "again"))
            assert first.read_bytes() == second.read_bytes()

    def test_another_catalogue_is_refused(self, model, tmp_path):
        model.save(tmp_path)
        with pytest.raises(ModelError, match="another catalogue"):
            type(model).load(tmp_path, Catalogue(np.arange(N)))

    def test_another_model_is_refused(self, model, tmp_path):
        model.save(tmp_path)
        text = (tmp_path / "config.json").read_text()
        (tmp_path / "config.json").write_text(text.replace(model.name, "other"))
        with pytest.raises(ModelError, match="other"):
            type(model).load(tmp_path, CATALOGUE)

    def test_same_seed_same_result(self, model):
        again = self.make()
        again.fit(train(), OPTIONS)
        asked = [query(1, 2, 3), query()]
        np.testing.assert_array_equal(again.score(asked), model.score(asked))

    def test_vectors_score(self, model):
        if "vectors" not in model.provides:
            with pytest.raises(ModelError):
                model.vectors([query(1)])
            return
        asked = [query(1, 2, 3), query(6), query()]
        vectors, scores = model.vectors(asked), model.score(asked)
        np.testing.assert_allclose(vectors.users @ vectors.items.T, scores, rtol=1e-5, atol=1e-5)
        lengths = np.linalg.norm(vectors.items, axis=1)
        np.testing.assert_allclose(lengths, lengths[0], rtol=1e-5)
        users = vectors.users / np.linalg.norm(vectors.users, axis=1, keepdims=True)
        cosine = users @ vectors.items.T
        np.testing.assert_array_equal(np.argsort(-cosine, axis=1), np.argsort(-scores, axis=1))

    def test_evidence_adds_up(self, model):
        asked = [query(1, 2, 3), query(6), query(), query(*range(11))]
        candidates = [np.array([4, 5]), np.array([0]), np.array([3, 2]), np.array([11])]
        if "evidence" not in model.provides:
            with pytest.raises(ModelError):
                model.explain(asked, candidates)
            return
        scores = model.score(asked)
        for row, found in enumerate(model.explain(asked, candidates)):
            total = found.contributions.sum(1) + found.bias
            np.testing.assert_allclose(total, scores[row, candidates[row]], rtol=1e-4, atol=1e-4)
            assert found.weights.shape == asked[row].items.shape
            assert (found.weights >= 0).all()
            if len(asked[row].items):
                assert found.weights.sum() == pytest.approx(1, abs=1e-5)


class TestMostPopular(ModelSuite):
    answers: ClassVar = [((1, 2), 0), ((), 0)]

    def make(self):
        return MostPopular()


class TestEASE(ModelSuite):
    def make(self):
        return EASE(EASEConfig(reg=1.0))


class TestRecencyEASE(ModelSuite):
    answers: ClassVar = [((1, 2, 3, 4, 5), 0), ((0, 1, 2, 9, 10, 11, 6, 7), 8)]

    def make(self):
        return EASE(EASEConfig(reg=1.0, half_life=3))


SMALL = {"embedding_size": 8, "hidden_size": 16, "heads": 2, "learning_rate": 0.02, "batch_size": 8}


class TestAttentionLSTM(ModelSuite):
    def make(self):
        return AttentionLSTMRanker(AttentionLSTMConfig(**SMALL, embeddings=()))


class TestAttentionLSTMWithKnowledge(ModelSuite):
    def make(self):
        return AttentionLSTMRanker(AttentionLSTMConfig(**SMALL, embeddings=("facts",)))
