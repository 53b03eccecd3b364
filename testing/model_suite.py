"""What every model must do, on a tiny data set whose right answer is known.

Two groups of six items; everybody has the items of one group in their order, and item 0 is
liked by both groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from ..errors import ModelError
from ..model.base import FitResult, Model, TrainingOptions
from ..model.data import Catalogue, IntArray, Interactions, Query, interactions_from_frame
from ..model.needs import NOTHING, Supplied, TrainingData
from ..model.training.schedules import scores
from .registered import check_registered

ITEMS, USERS = 12, 60
CATALOGUE = Catalogue(np.arange(100, 100 + ITEMS))


def events() -> pd.DataFrame:
    """60 users: the six items of one group in a cycle, from a place that differs."""
    found = []
    for user in range(USERS):
        group, start = user % 2, user // 2
        liked = [0] if group and user % 3 else []
        found.append(liked + [group * 6 + (start + i) % 6 for i in range(6)])
    return events_of(found)


def events_of(histories: Sequence[Sequence[int]]) -> pd.DataFrame:
    """What the users 0, 1, … have, by indices of items, an event a day.

    :returns: columns ``user, item, seq, rating, timestamp``.
    """
    found = [
        (user, 100 + item, seq, float(1 + item % 5), 86_400 * (user + seq))
        for user, items in enumerate(histories)
        for seq, item in enumerate(items, start=1)
    ]
    return pd.DataFrame(found, columns=["user", "item", "seq", "rating", "timestamp"])


def query(*items: int, user: int = 1) -> Query:
    """A history of item indices with the ratings of :func:`events`."""
    ratings = np.array([1 + item % 5 for item in items], np.float32)
    return Query(user, np.array(items, np.int64), ratings)


def _indices(*items: int) -> IntArray:
    return np.array(items, np.int64)


def _fold(rows: pd.DataFrame) -> Interactions:
    return interactions_from_frame(rows, CATALOGUE, np.arange(USERS))


def _contrary() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A train fold, and a valid fold that is predicted worse the more is learnt from it.

    Each has the items of one group in train, and of the other in valid, rated the other way round.
    """
    train = [[user % 2 * 6 + (user // 2 + i) % 6 for i in range(5)] for user in range(12)]
    valid = [[(item + 6) % ITEMS for item in items[:3]] for items in train]
    held = events_of(valid)
    return events_of(train), held.assign(rating=6 - held["rating"])


_TRAIN, _VALID = _contrary()
_FEW = {"epochs": 4, "patience": 2}


class _Interrupted(Exception):
    pass


_FITTED: dict[type, Model] = {}  # each model is fitted once
_CHOSEN: dict[type, tuple[Model, FitResult]] = {}  # and once for a few epochs


class ModelSuite:
    """Derive from it as ``TestX`` and define :meth:`make`.

    ``answers`` are histories and the item that must come first after them. The default is what
    a model of sequences finds; a model that ranks alike for everybody has others.

    ``odd`` are data sets of few users, each with the items that a user has, of which the model has
    to make something. Models of ratings alone are not asked to learn from no event at all.
    """

    answers: ClassVar[Sequence[tuple[tuple[int, ...], int]]] = (
        ((1, 2, 3, 4, 5), 0),
        ((6, 7, 8, 9, 10), 11),
        ((9, 10, 11, 6, 7), 8),
    )
    odd: ClassVar[Sequence[Sequence[Sequence[int]]]] = (
        ((),),
        ((3, 4),),
        ((2,), (), (3,), (2,)),
        (tuple(range(ITEMS)),),
        ((0, 1, 2), (1, 5, 5, 6), (4,), (), tuple(range(8))),
    )
    options: ClassVar[TrainingOptions] = TrainingOptions(seed=3, epochs=12)

    def make(self) -> Model:
        """A new model, not fitted, small enough to be fitted in a second.

        Give it parameters that are not the defaults, so that a ``load`` that loses them shows.
        """
        raise NotImplementedError

    def supplied(self) -> Supplied:
        """What the model's needs are met with; rows follow ``CATALOGUE`` or the users 0…59.

        Of vectors make one row zeros, which mean that nothing is known of the item.
        """
        return NOTHING

    def supplied_with(self, rows: pd.DataFrame) -> Supplied:
        """The same beside other events than :func:`events`, where it is made of them."""
        return self.supplied()

    def data(
        self, train: pd.DataFrame | None = None, valid: pd.DataFrame | None = None
    ) -> TrainingData:
        """What the model is fitted on: of what is supplied, only what it declares.

        :param train: as :func:`events`, which it is by default; ``valid`` likewise.
        """
        made = self.make()
        supplied = self.supplied() if train is None else self.supplied_with(train)
        declared = {need: supplied[need] for need in made.needs(made.config) if need in supplied}
        held = None if valid is None else _fold(valid)
        return TrainingData(_fold(events() if train is None else train), held, Supplied(declared))

    def short_fit(
        self, data: TrainingData, epochs: int | None = None, **options: Any
    ) -> tuple[Model, FitResult]:
        """A new model, fitted for four epochs at most where its configuration has ``epochs``."""
        made = self.make()
        few = {name: one for name, one in _FEW.items() if name in type(made.config).model_fields}
        made.config = made.config.model_copy(update=few)
        return made, made.fit(data, replace(self.options, epochs=epochs, **options))

    @pytest.fixture
    def model(self) -> Model:
        """The fitted model, one for all tests."""
        if type(self) not in _FITTED:
            made = self.make()
            assert isinstance(made.fit(self.data(), self.options), FitResult)
            _FITTED[type(self)] = made
        return _FITTED[type(self)]

    @pytest.fixture
    def chosen(self) -> tuple[Model, FitResult]:
        """A model that was fitted for a few epochs, of which valid chose; one for all tests."""
        if type(self) not in _CHOSEN:
            _CHOSEN[type(self)] = self.short_fit(self.data(_TRAIN, _VALID))
        return _CHOSEN[type(self)]

    def test_it_can_be_registered(self) -> None:
        check_registered(type(self.make()))

    def test_what_it_needs_is_supplied(self) -> None:
        made = self.make()
        missing = [need for need in made.needs(made.config) if need.required]
        assert [str(need) for need in missing if need not in self.supplied()] == []

    def test_right_answer(self, model: Model) -> None:
        histories = [query(*history) for history, _ in self.answers]
        found = model.recommend(histories, 1).items[:, 0].tolist()
        assert found == [item for _, item in self.answers]

    def test_scores_are_finite_and_of_all_items(self, model: Model) -> None:
        scores = model.score([query(1, 2), query()])
        assert scores.shape == (2, ITEMS)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_scores_of_some_items(self, model: Model) -> None:
        asked = _indices(7, 2, 2)
        some = model.score([query(1, 2)], asked)
        np.testing.assert_allclose(some, model.score([query(1, 2)])[:, asked], rtol=1e-5)

    def test_unknown_user(self, model: Model) -> None:
        known, unknown = query(1, 2, user=1), query(1, 2, user=999)
        np.testing.assert_array_equal(model.score([known]), model.score([unknown]))

    def test_empty_history(self, model: Model) -> None:
        ranking = model.recommend([query()], 5)
        assert sorted(set(ranking.items[0].tolist())) == sorted(ranking.items[0].tolist())
        assert (ranking.items >= 0).all()

    def test_no_queries(self, model: Model) -> None:
        assert model.score([]).shape == (0, ITEMS)

    def test_history_is_excluded_and_short_lists_say_so(self, model: Model) -> None:
        ranking = model.recommend([query(*range(10))], 5)
        assert sorted(ranking.items[0, :2].tolist()) == [10, 11]
        assert ranking.items[0, 2:].tolist() == [-1, -1, -1]

    def test_a_query_is_alone(self, model: Model) -> None:
        together = model.score([query(1, 2, 3, 4), query(6), query(*range(12))])
        np.testing.assert_allclose(together[1:2], model.score([query(6)]), rtol=1e-4, atol=1e-5)

    def test_save_and_load(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path / "model")
        again = Catalogue(CATALOGUE.item_ids)
        loaded = type(model).load(tmp_path / "model", again, self.supplied())
        asked = [query(1, 2, 3), query()]
        np.testing.assert_array_equal(loaded.score(asked), model.score(asked))
        assert loaded.config == model.config
        loaded.save(tmp_path / "again")
        names = sorted(path.name for path in (tmp_path / "model").iterdir())
        assert names == sorted(path.name for path in (tmp_path / "again").iterdir())
        for name in names:
            first, second = (tmp_path / folder / name for folder in ("model", "again"))
            assert first.read_bytes() == second.read_bytes()

    def test_another_catalogue_is_refused(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path)
        with pytest.raises(ModelError, match="another catalogue"):
            type(model).load(tmp_path, Catalogue(np.arange(ITEMS)), self.supplied())

    def test_another_model_is_refused(self, model: Model, tmp_path: Path) -> None:
        model.save(tmp_path)
        text = (tmp_path / "config.json").read_text(encoding="utf-8")
        other = text.replace(f'"{model.name}"', '"other"')
        (tmp_path / "config.json").write_text(other, encoding="utf-8")
        with pytest.raises(ModelError, match="other"):
            type(model).load(tmp_path, CATALOGUE, self.supplied())

    def test_same_seed_same_result(self, chosen: tuple[Model, FitResult]) -> None:
        again, _ = self.short_fit(self.data(_TRAIN, _VALID))
        _check_same(again, chosen[0])

    def test_epochs_are_chosen_on_valid(self, chosen: tuple[Model, FitResult]) -> None:
        """The final fit of the same rows, in which nothing is chosen, is the same model.

        A model with nothing to choose is fitted by train alone.
        """
        model, result = chosen
        if figures := scores(result.history):
            assert figures[result.epochs - 1] == max(figures)
            if _FEW.keys() <= type(model.config).model_fields.keys():
                assert len(figures) == min(result.epochs + _FEW["patience"], _FEW["epochs"])
        told = result.final(self.options)
        final, again = self.short_fit(
            self.data(_TRAIN), told.epochs, rates=told.rates, settings=told.settings
        )
        assert again.settings == result.settings
        _check_same(final, model)

    def test_an_interrupted_fit_goes_on(
        self, chosen: tuple[Model, FitResult], tmp_path: Path
    ) -> None:
        """What reports epochs goes on after the first, and ends as an undisturbed fit does."""
        model, result = chosen
        data, last = self.data(_TRAIN, _VALID), len(result.history)
        if last < 2:
            return
        seen: list[dict[str, Any]] = []

        def stop(_: dict[str, Any]) -> None:
            raise _Interrupted

        with pytest.raises(_Interrupted):
            self.short_fit(data, checkpoint=tmp_path, report=stop)
        for _ in range(2):  # the second time, all epochs are there
            again, found = self.short_fit(data, checkpoint=tmp_path, report=seen.append)
            assert [row["epoch"] for row in seen] == list(range(2, last + 1))
            assert _without_seconds(found) == _without_seconds(result)
            _check_same(again, model)

    def test_ratings(self, model: Model) -> None:
        asked, candidates = [query(1, 2), query()], [_indices(4, 5, 0), _indices(11)]
        if "rating" not in model.provides:
            with pytest.raises(ModelError):
                model.predict_rating(asked, candidates)
            return
        found = model.predict_rating(asked, candidates)
        assert [one.shape for one in found] == [one.shape for one in candidates]
        assert all(((one >= 1) & (one <= 5)).all() for one in found), "ratings were 1 to 5"

    def test_vectors_score(self, model: Model) -> None:
        if not model.has_vectors():
            with pytest.raises(ModelError):
                model.vectors([query(1)])
            return
        asked = [query(1, 2, 3), query(6), query()]
        vectors, scores = model.vectors(asked), model.score(asked)
        np.testing.assert_allclose(vectors.users @ vectors.items.T, scores, rtol=1e-5, atol=1e-5)
        lengths = np.linalg.norm(vectors.items, axis=1)
        np.testing.assert_allclose(lengths, lengths[0], rtol=1e-5)
        norms = np.linalg.norm(vectors.users, axis=1, keepdims=True)
        cosine = vectors.users / np.maximum(norms, 1e-9) @ vectors.items.T
        ordered = np.take_along_axis(scores, np.argsort(-cosine, axis=1), axis=1)
        assert (np.diff(ordered, axis=1) <= 1e-5).all(), "an index of cosines finds the best"

    def test_evidence_adds_up(self, model: Model) -> None:
        asked = [query(1, 2, 3), query(6), query(), query(*range(11))]
        candidates = [_indices(4, 5), _indices(0), _indices(3, 2), _indices(11)]
        if "evidence" not in model.provides:
            with pytest.raises(ModelError):
                model.explain(asked, candidates)
            return
        _check_evidence(model, asked, candidates)

    def test_odd_data(self) -> None:
        """Where events are few, or repeated, or all that there can be, answers are finite."""
        asked = [query(), query(3), query(3, 3), query(0, 1), query(*[1] * 200)]
        every = [np.arange(ITEMS)] * len(asked)
        for histories in self.odd:
            if not any(histories) and "ranking" not in self.make().provides:
                continue  # ratings alone cannot be learnt from nothing
            model, result = self.short_fit(self.data(events_of(histories)), 2)
            assert np.isfinite([row["loss"] for row in result.history if "loss" in row]).all()
            assert np.isfinite(model.score(asked)).all()
            if model.predicts_ratings():
                assert np.isfinite(model.predict_rating(asked, every)).all()
            if "evidence" in model.provides:
                _check_evidence(model, asked, every)


def _check_same(one: Model, other: Model) -> None:
    asked = [query(1, 2, 3), query()]
    np.testing.assert_array_equal(one.score(asked), other.score(asked))


def _check_evidence(model: Model, asked: Sequence[Query], items: Sequence[IntArray]) -> None:
    given = model.score(asked)
    for row, found in enumerate(model.explain(asked, items)):
        total = found.contributions.sum(1) + found.bias
        np.testing.assert_allclose(total, given[row, items[row]], rtol=1e-4, atol=1e-4)
        assert found.weights.shape == asked[row].items.shape
        assert (found.weights >= 0).all()
        if len(asked[row].items):
            assert found.weights.sum() == pytest.approx(1, abs=1e-5)


def _without_seconds(result: FitResult) -> list[dict[str, Any]]:
    return [{name: one for name, one in row.items() if name != "seconds"} for row in result.history]
