"""Networks that predict ratings: what all models must do, and what is asked is what was learnt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from audited import audited, config, make_run, small_split

from reelgraph.errors import ModelError
from reelgraph.model.base import Model, Sizes, TrainingOptions
from reelgraph.model.data import Interactions, Query, interactions_from_frame
from reelgraph.model.needs import EmbeddingNeed, Supplied, TrainingData
from reelgraph.model.rating_context import (
    CONTEXT,
    GAP,
    Scale,
    figures_of_others,
    item_figures,
    query_histories,
    train_histories,
)
from reelgraph.model.targets import Targets
from reelgraph.model.training.rated import RatedSequences
from reelgraph.model.zoo import neural_rating
from reelgraph.model.zoo.ffnn import FFNN, FFNNConfig
from reelgraph.model.zoo.ncf import NCF, NCFConfig
from reelgraph.model.zoo.neural_rating import NeuralRating
from reelgraph.model.zoo.rating_attention_lstm import RatingAttentionLSTM, RatingAttentionLSTMConfig
from reelgraph.model.zoo.rating_lstm import RatingLSTM, RatingLSTMConfig
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import CATALOGUE, ITEMS, events, query

SMALL = {"learning_rate": 0.02, "batch_size": 8, "epochs": 9}


def ffnn() -> FFNN:
    return FFNN(FFNNConfig(embedding_size=4, layers=(16, 8), dropout=0.1, **SMALL))


def ncf() -> NCF:
    return NCF(NCFConfig(embedding_size=6, layers=(16,), **SMALL))


def rating_lstm() -> RatingLSTM:
    return RatingLSTM(RatingLSTMConfig(embedding_size=4, hidden_size=8, **SMALL))


def attention_lstm() -> RatingAttentionLSTM:
    return RatingAttentionLSTM(
        RatingAttentionLSTMConfig(
            embedding_size=4, hidden_size=8, attention_size=3, dropout=0.1, **SMALL
        )
    )


MAKERS = (ffnn, ncf, rating_lstm, attention_lstm)
made_by = pytest.mark.parametrize("make", MAKERS)


class _Suite(ModelSuite):
    """Items 9 and 4 have the highest ratings."""

    answers = (((1, 4), 9), ((9,), 4))


class TestFFNN(_Suite):
    def make(self) -> FFNN:
        return ffnn()


class TestNCF(_Suite):
    def make(self) -> NCF:
        return ncf()


class TestRatingLSTM(_Suite):
    def make(self) -> RatingLSTM:
        return rating_lstm()


class TestRatingAttentionLSTM(_Suite):
    def make(self) -> RatingAttentionLSTM:
        return attention_lstm()

    def supplied(self) -> Supplied:
        return Supplied({EmbeddingNeed("transe"): knowledge()})

    def test_fusion_asks_with_the_state_and_what_is_unknown_gets_nothing(self, model: Any) -> None:
        """Eq. 3.17, written out for one question; item 3 has no vector."""
        fusion, generator = model.network.fusion, torch.Generator().manual_seed(0)
        state, interest = (torch.randn(1, 2, n, generator=generator) for n in (8, 16))
        weights, sources = fusion.weights_and_sources(state, interest, torch.tensor([[5, 3]]))
        torch.testing.assert_close(weights.sum(-1), torch.ones(1, 2))
        assert weights[0, 1].tolist() == [1, 0]
        kept = model.network.fusion.knowledge_transe
        known = knowledge()[np.arange(ITEMS) != 3]
        np.testing.assert_allclose(
            kept.numpy(), knowledge() / np.sqrt((known**2).mean()), rtol=1e-5
        )
        of_user = fusion.interest(interest[0, 0])
        of_item = fusion.maps[0].weight @ kept[5] / np.sqrt(kept.shape[1])
        query = fusion.query.weight @ state[0, 0] / np.sqrt(8)
        logits = torch.stack([query @ torch.tanh(one) for one in (of_user, of_item)])
        expected = (logits + fusion.prior).softmax(0)
        torch.testing.assert_close(weights[0, 0], expected)
        torch.testing.assert_close(sources[0, 0], torch.stack([of_user, of_item]))
        found = fusion(state, interest, torch.tensor([[5, 3]]))[0, 0]
        torch.testing.assert_close(found, expected[0] * of_user + expected[1] * of_item)

    @pytest.mark.slow
    def test_knowledge_changes_answers_and_may_be_absent(self, model: Any) -> None:
        without = self.make()
        without.fit(TrainingData(train()), self.options)
        assert without.network.fusion is None
        assert not np.allclose(without.score([query(1, 4)]), model.score([query(1, 4)]))

    def test_attention_is_over_the_history_before_the_question(self, model: Any) -> None:
        generator = torch.Generator().manual_seed(0)
        states = torch.randn(2, 5, 8, generator=generator)
        question = torch.randn(2, 3, model.network.asked_size, generator=generator)
        places = torch.tensor([[0, 2, 5], [1, 3, 4]])
        found = model.network.attention(states, question, places)
        sums = torch.tensor([[0.0, 1, 1], [1, 1, 1]])
        torch.testing.assert_close(found.sum(-1), sums)
        assert [[int((row > 0).sum()) for row in one] for one in found] == places.tolist()

    def test_attention_is_equation_3_12(self, model: Any) -> None:
        """For one question, written out."""
        network, generator = model.network, torch.Generator().manual_seed(0)
        states, question = (
            torch.randn(4, 8, generator=generator),
            torch.randn(network.asked_size, generator=generator),
        )
        logits = torch.stack(
            [
                network.scorer.weight[0]
                @ torch.tanh(
                    network.of_states.weight @ h
                    + network.of_question.weight @ question
                    + network.of_question.bias
                )
                for h in states[:3]
            ]
        )
        found = network.attention(states[None], question[None, None], torch.tensor([[3]]))[0, 0]
        torch.testing.assert_close(found[:3], logits.softmax(0))
        assert found[3] == 0


def knowledge() -> Any:
    """A vector per item; nothing is known of item 3."""
    found = np.random.default_rng(4).normal(size=(ITEMS, 5)).astype(np.float32)
    found[3] = 0
    return found


def train() -> Interactions:
    return interactions_from_frame(events(), CATALOGUE)


def uneven() -> Interactions:
    """Users with 0 to 9 events, ratings and times at random; item 11 has no rating."""
    random, rows = np.random.default_rng(5), []
    for user in range(25):
        for seq, item in enumerate(random.permutation(ITEMS - 1)[: user % 10], start=1):
            time = 86_400 * (user + seq) + int(random.integers(0, 9000))
            rows.append((user, 100 + item, seq, float(random.integers(1, 6)), time))
    frame = pd.DataFrame(rows, columns=["user", "item", "seq", "rating", "timestamp"])
    return interactions_from_frame(frame, CATALOGUE, users=np.arange(25))


def before(data: Interactions, user: int, place: int) -> Query:
    """The history of a user before an event, as a question without a time has it."""
    whole = data.query(user)
    assert whole.ratings is not None and whole.timestamps is not None
    parts = (one[:place] for one in (whole.items, whole.ratings, whole.timestamps))
    return Query(user, *parts)


class TestContext:
    def test_figures_of_an_item_are_those_of_other_groups(self) -> None:
        """Against sums by hand over the users of other groups of ten."""
        data = uneven()
        values = np.random.default_rng(0).normal(size=len(data))
        found = figures_of_others(data, values)
        owners = np.repeat(np.arange(25), np.diff(data.offsets))
        for event, item in enumerate(data.items):
            others = (data.items == item) & (owners % 10 != owners[event] % 10)
            count, total = others.sum(), values[others].sum()
            expected = [np.log1p(count) / 4, total / (count + 5)]
            np.testing.assert_allclose(found[event], expected, rtol=1e-5)

    def test_what_is_asked_about_a_train_row_does_not_depend_on_its_rating(self) -> None:
        data = uneven()
        scale = Scale.of(data.ratings)  # type: ignore[arg-type]
        event = int(data.offsets[19]) + 3
        other = data.ratings.copy()  # type: ignore[union-attr]
        other[event] = 6 - other[event]
        assert other[event] != data.ratings[event]  # type: ignore[index]
        first, second = (
            train_histories(one, scale) for one in (data, replace(data, ratings=other))
        )
        earlier = slice(data.offsets[19], event)
        np.testing.assert_array_equal(first.context[event], second.context[event])
        np.testing.assert_array_equal(first.steps[earlier], second.steps[earlier])
        assert (first.steps[event] != second.steps[event]).any()
        assert (first.context[event + 1] != second.context[event + 1]).any()

    def test_a_question_after_a_history_is_the_one_that_training_asked(self) -> None:
        """Of users: the figures before an event are those after the events before it."""
        data = uneven()
        scale = Scale.of(data.ratings)  # type: ignore[arg-type]
        of_items = np.zeros((ITEMS, 2), np.float32)
        whole = query_histories([data.query(19)], scale, of_items, 100)
        for place in range(9):
            part = query_histories([before(data, 19, place)], scale, of_items, 100)
            np.testing.assert_allclose(part.asking[0, :4], whole.context[place, :4], atol=1e-6)
            np.testing.assert_array_equal(part.steps, whole.steps[:place])

    def test_running_figures(self) -> None:
        """Mean and spread, each with five ratings that are average."""
        scale = Scale(3.0, 1.0, 1.0, 5.0)
        asked = Query(1, np.array([0, 1]), np.array([5, 4], np.float32))
        of_items = np.zeros((ITEMS, 2), np.float32)
        of_items[0, 1] = 1.5
        found = query_histories([asked], scale, of_items, 100).asking[0]
        expected = [np.log1p(2) / 4, 3 / 7, (3 - 1.5) / 7, np.sqrt((4 + 1 + 5) / 7) - 1]
        np.testing.assert_allclose(found[:4], expected, rtol=1e-6)

    def test_time_is_known_when_the_question_has_one(self) -> None:
        scale, of_items = Scale(3.0, 1.0, 1.0, 5.0), np.zeros((ITEMS, 2), np.float32)
        asked = Query(1, np.array([0]), np.array([5], np.float32), np.array([1000]))
        later = replace(asked, at=1000 + 86_400)
        found = query_histories([asked, later], scale, of_items, 100).asking[:, GAP:]
        np.testing.assert_allclose(found, [[0, 0], [1, np.log(2) / 4]], rtol=1e-6)

    def test_a_long_history_keeps_its_last_events_and_all_figures(self) -> None:
        data = uneven()
        scale, of_items = Scale.of(data.ratings), np.ones((ITEMS, 2), np.float32)  # type: ignore[arg-type]
        asked = [data.query(9), data.query(2), data.query(0)]
        whole = query_histories(asked, scale, of_items, 100)
        short = query_histories(asked, scale, of_items, 3)
        assert np.diff(short.offsets).tolist() == [3, 2, 0]
        np.testing.assert_array_equal(short.asking, whole.asking)
        np.testing.assert_array_equal(short.steps[:3], whole.steps[6:9])
        np.testing.assert_array_equal(short.items[3:], whole.items[9:])


@made_by
def test_training_predicts_what_a_question_is_answered_with(make: Any) -> None:
    """Each event of train, in one pass, against the model asked after the events before it."""
    model, data = make(), uneven()
    model.fit(TrainingData(data), TrainingOptions(seed=1, epochs=2))
    histories = train_histories(data, model.scale)
    sequences = RatedSequences(histories, data.ratings, 100, torch.device("cpu"))  # type: ignore[arg-type]
    batch = sequences.batch(np.arange(len(sequences.lengths)))
    batch.asked.context[..., GAP:] = 0  # questions without a time
    with torch.inference_mode():
        together = model.network(batch.histories, batch.asked)[batch.real].numpy()
    event = 0
    for user in range(25):
        for place in range(data.offsets[user + 1] - data.offsets[user]):
            item = data.history(user)[place]
            model.of_items = _figures_for(data, histories, user)
            found = model.score([before(data, user, place)], np.array([item]))[0, 0]
            assert found == pytest.approx(together[event], abs=1e-4)
            event += 1
    assert event == len(data)


def _figures_for(data: Interactions, histories: Any, user: int) -> Any:
    """The figures of items as training has them for a user."""
    found = np.zeros((ITEMS, 2), np.float32)
    part = slice(data.offsets[user], data.offsets[user + 1])
    found[data.items[part]] = histories.context[part, 4:6]
    return found


def test_other_ratings_are_another_fit(tmp_path: Path) -> None:
    """A checkpoint of the same items with other ratings is not gone on from."""
    options, rows = TrainingOptions(seed=2, epochs=1, checkpoint=tmp_path), []
    data = train()
    for ratings in (data.ratings, 6 - data.ratings):  # type: ignore[operator]
        rows.append(ffnn().fit(TrainingData(replace(data, ratings=ratings)), options).history[0])
    assert rows[0]["loss"] != rows[1]["loss"]


@pytest.mark.parametrize("targets", ["all", "successive"])
def test_epochs_are_chosen_by_the_error_on_valid(targets: Targets) -> None:
    """Where each row is asked about from all earlier ones, those of valid are known, too."""
    frame = events()
    held = frame["seq"] > frame.groupby("user")["seq"].transform("max") - 2
    users = np.arange(60)
    folds = [interactions_from_frame(frame[part], CATALOGUE, users) for part in (~held, held)]
    model = ffnn()
    result = model.fit(TrainingData(*folds, targets=targets), TrainingOptions(seed=3))
    figures = [row["valid"] for row in result.history]
    assert len(figures) >= 3
    errors = []
    for user, rows in frame.groupby("user"):
        own = interactions_from_frame(rows, CATALOGUE, np.array([user])).query(0)
        assert own.ratings is not None
        for place in (len(rows) - 2, len(rows) - 1):
            read = place if targets == "successive" else len(rows) - 2
            asked = Query(own.user, own.items[:read], own.ratings[:read])
            predicted = model.predict_rating([asked], [own.items[[place]]])[0][0]
            errors.append(predicted - own.ratings[place])
    assert -np.sqrt(np.mean(np.square(errors))) == pytest.approx(
        figures[result.epochs - 1], abs=1e-6
    )


def test_order_matters_to_the_lstms_only() -> None:
    forward, back = query(1, 2, 3, 4), query(4, 3, 2, 1)
    for make in MAKERS:
        model = make()
        model.fit(TrainingData(train()), TrainingOptions(seed=1, epochs=2))
        same = np.allclose(model.score([forward]), model.score([back]), atol=1e-5)
        assert same == (make in (ffnn, ncf))


@made_by
def test_questions_in_small_parts_are_answered_alike(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, data = make(), uneven()
    model.fit(TrainingData(data), TrainingOptions(seed=1, epochs=1))
    queries = [data.query(user) for user in range(25)]
    asked = [np.arange(user % ITEMS) for user in range(25)]
    whole = model.predict_rating(queries, asked)
    monkeypatch.setattr(neural_rating, "_CELLS", 600)
    assert len(list(model._parts(np.diff(data.offsets), asked))) > 10
    for found, right in zip(model.predict_rating(queries, asked), whole, strict=True):
        np.testing.assert_allclose(found, right, atol=1e-5)


def test_data_without_times_or_ratings() -> None:
    plain = replace(train(), timestamps=None)
    model = attention_lstm()
    model.fit(TrainingData(plain), TrainingOptions(seed=1, epochs=1))
    unrated = Query(1, np.array([1, 2]))
    assert np.isfinite(model.score([unrated, query(1)])).all()
    with pytest.raises(ModelError, match="needs the rating of every train row"):
        attention_lstm().fit(TrainingData(replace(plain, ratings=None)), TrainingOptions())


def test_ratings_that_are_all_equal() -> None:
    equal = replace(train(), ratings=np.full(len(train()), 4, np.float32))
    for make in MAKERS:
        model: Model = make()
        model.fit(TrainingData(equal), TrainingOptions(seed=1, epochs=1))
        np.testing.assert_array_equal(model.predict_rating([query(1)], [np.array([2])])[0], 4)


@made_by
def test_memory_grows_with_items_and_events(make: Any) -> None:
    model: NeuralRating = make()
    small = model.memory(Sizes(10, 100, 100))
    assert 2e8 < small < 4e9
    assert model.memory(Sizes(10, 1_000_000, 100)) - small > 4 * 1_000_000 * 3 * 4
    assert model.memory(Sizes(10, 100, 1_000_000)) - small > 4 * 1_000_000 * 3 * len(CONTEXT)


def test_context_has_a_name_per_column() -> None:
    found = train_histories(train(), Scale.of(train().ratings))  # type: ignore[arg-type]
    assert found.context.shape == (len(train()), len(CONTEXT))
    values = Scale.of(train().ratings).standard(train().ratings, len(train()))  # type: ignore[arg-type]
    assert item_figures(train().items, values, ITEMS).shape == (ITEMS, 2)


@pytest.mark.parametrize(
    ("model", "protocol"), [("rating-attention-lstm", "user-time"), ("ffnn", "global-time")]
)
@pytest.mark.slow
def test_a_full_audit_passes(model: str, protocol: str, tmp_path: Path) -> None:
    split = small_split(tmp_path, protocol)
    options = {"embedding_size": 4, "epochs": 2}
    report = audited(split, make_run(split, config(model, options=options)), full=True)
    assert report.passed, report.failed
