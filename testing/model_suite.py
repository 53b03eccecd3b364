"""What every model must do, on a tiny data set whose right answer is known.

Two groups of six items; everybody has the items of one group in their order, and item 0 is
liked by both groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from ..errors import ModelError
from ..model.base import FitResult, Model, TrainingOptions
from ..model.data import Catalogue, IntArray, Query, interactions_from_frame
from ..model.needs import NOTHING, Supplied, TrainingData
from .registered import check_registered

ITEMS = 12
CATALOGUE = Catalogue(np.arange(100, 100 + ITEMS))


def events() -> pd.DataFrame:
    """60 users: the six items of one group in a cycle, from a place that differs.

    :returns: columns ``user, item, seq, rating, timestamp``.
    """
    found = []
    for user in range(60):
        group, start = user % 2, user // 2
        items = [0] if group and user % 3 else []
        items += [group * 6 + (start + i) % 6 for i in range(6)]
        found += [
            (user, 100 + item, seq, float(1 + item % 5), 86_400 * (user + seq))
            for seq, item in enumerate(items, start=1)
        ]
    return pd.DataFrame(found, columns=["user", "item", "seq", "rating", "timestamp"])


def query(*items: int, user: int = 1) -> Query:
    """A history of item indices with the ratings of :func:`events`."""
    ratings = np.array([1 + item % 5 for item in items], np.float32)
    return Query(user, np.array(items, np.int64), ratings)


def _indices(*items: int) -> IntArray:
    return np.array(items, np.int64)


_FITTED: dict[type, Model] = {}  # each model is fitted once


class ModelSuite:
    """Derive from it as ``TestX`` and define :meth:`make`.

    ``answers`` are histories and the item that must come first after them. The default is what
    a model of sequences finds; a model that ranks alike for everybody has others.
    """

    answers: ClassVar[Sequence[tuple[tuple[int, ...], int]]] = (
        ((1, 2, 3, 4, 5), 0),
        ((6, 7, 8, 9, 10), 11),
        ((9, 10, 11, 6, 7), 8),
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

    def data(self) -> TrainingData:
        """What the model is fitted on: of what is supplied, only what it declares."""
        made, supplied = self.make(), self.supplied()
        declared = {need: supplied[need] for need in made.needs(made.config) if need in supplied}
        train = interactions_from_frame(events(), CATALOGUE)
        return TrainingData(train, None, Supplied(declared))

    @pytest.fixture
    def model(self) -> Model:
        """The fitted model, one for all tests."""
        if type(self) not in _FITTED:
            made = self.make()
            assert isinstance(made.fit(self.data(), self.options), FitResult)
            _FITTED[type(self)] = made
        return _FITTED[type(self)]

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

    def test_same_seed_same_result(self, model: Model) -> None:
        again = self.make()
        again.fit(self.data(), self.options)
        asked = [query(1, 2, 3), query()]
        np.testing.assert_array_equal(again.score(asked), model.score(asked))

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
        scores = model.score(asked)
        for row, found in enumerate(model.explain(asked, candidates)):
            total = found.contributions.sum(1) + found.bias
            np.testing.assert_allclose(total, scores[row, candidates[row]], rtol=1e-4, atol=1e-4)
            assert found.weights.shape == asked[row].items.shape
            assert (found.weights >= 0).all()
            if len(asked[row].items):
                assert found.weights.sum() == pytest.approx(1, abs=1e-5)
