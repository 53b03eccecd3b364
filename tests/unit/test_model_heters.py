"""HeteRS: its scores against dense algebra, its weights and what it does with odd input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from audited import audited, config, make_run, small_split
from pydantic import ValidationError
from set_suite import SumSuite
from small_graphs import HISTORIES, ROWS, groups, interactions, known

from reelgraph.errors import ModelError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Query
from reelgraph.model.needs import NOTHING, Supplied, TrainingData
from reelgraph.model.typed_graph import TypedGraph
from reelgraph.model.zoo.heters import TRIPLES, HeteRS, HeteRSConfig


class TestHeteRS(SumSuite):
    def make(self) -> HeteRS:
        return HeteRS(HeteRSConfig(damping=0.6, popularity=0.4, weights={"GENRE": 0.5}, kept=20))

    def supplied(self) -> Supplied:
        return groups()


class TestWithoutKnowledge(TestHeteRS):
    def make(self) -> HeteRS:
        return HeteRS(HeteRSConfig(damping=0.6, popularity=0.4))

    def supplied(self) -> Supplied:
        return NOTHING


class TestFewKept(TestHeteRS):
    def make(self) -> HeteRS:
        return HeteRS(HeteRSConfig(damping=0.6, kept=6))


def test_scores_solve_the_equation_of_the_chain() -> None:
    supplied = known(ROWS, 12, "GENRE", "ACTED", "SEQUEL")
    weights = {"GENRE": 0.4, "ACTED": 2.0, "SEQUEL": 0.0}
    config = HeteRSConfig(damping=0.7, popularity=0.5, weights=weights, tolerance=1e-7)
    model, train = HeteRS(config), interactions(HISTORIES)
    model.fit(TrainingData(train, supplied=supplied), TrainingOptions())
    dense = TypedGraph.of(train, supplied[TRIPLES]).weighted([1, 0.4, 2.0, 0]).toarray()
    steps = dense / np.where(dense.sum(1, keepdims=True) > 0, dense.sum(1, keepdims=True), 1)
    source = np.zeros(len(dense))
    source[[0, 5, 7]] = 1 / 3
    reached = 0.3 * np.linalg.solve(np.eye(len(dense)) - 0.7 * steps.T, source)[:10]
    users = np.array([sum(item in history for history in HISTORIES) for item in range(10)])
    expected = reached / np.sqrt(np.maximum(users, 1))
    found = model.score([Query(0, np.array([0, 5, 7]))])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    assert found[9] > 0, "an item without events is reached by its genre"


def films(*relations: str) -> TrainingData:
    """Users go on with the same director; who shares a genre is always another film."""
    random = np.random.default_rng(0)
    items = 60
    rows = [(item, 0, items + item % 2) for item in range(items)]
    rows += [(item, 1, items + 2 + item // 3) for item in range(items)]
    supplied = known(rows, items + 2 + items // 3, *relations)
    firsts = [random.permutation(items // 3)[:4] * 3 for _ in range(40)]
    train = interactions([one.tolist() for one in firsts], items)
    valid = interactions([(one + 1).tolist() for one in firsts], items)
    return TrainingData(train, valid, supplied)


def test_valid_decides_what_a_relation_counts() -> None:
    data = films("GENRE", "DIRECTOR")
    model = HeteRS()
    result = model.fit(data, TrainingOptions())
    weights = model.summary()["weights"]
    assert list(weights) == ["GENRE", "DIRECTOR"]
    assert weights["DIRECTOR"] > weights["GENRE"]
    assert result.settings == {f"weight of {name}": one for name, one in weights.items()}
    final = HeteRS()
    final.fit(replace(data, valid=None), result.final(TrainingOptions()))
    assert final.summary() == model.summary()
    fixed = HeteRS(HeteRSConfig(weights={"GENRE": 1}, searched=0))
    fixed.fit(data, TrainingOptions())
    assert fixed.summary()["weights"]["GENRE"] == 1


def test_a_relation_may_have_any_name() -> None:
    """Also a word of the model's own: names change neither weights nor scores."""
    plain, odd = HeteRS(), HeteRS()
    plain.fit(films("GENRE", "DIRECTOR"), TrainingOptions())
    data = films("users", "interactions")
    result = odd.fit(data, TrainingOptions())
    assert list(odd.weights) == ["users", "interactions"]
    assert list(odd.weights.values()) == list(plain.weights.values())
    final = HeteRS(HeteRSConfig(weights={"interactions": odd.weights["interactions"]}))
    final.fit(replace(data, valid=None), result.final(TrainingOptions()))
    asked = [Query(0, np.array([0, 5, 7]))]
    for model in (odd, final):
        np.testing.assert_array_equal(model.score(asked), plain.score(asked))


def test_a_weight_of_no_relation_is_refused() -> None:
    model = HeteRS(HeteRSConfig(weights={"GENER": 2}))
    data = TrainingData(interactions(HISTORIES), supplied=known(ROWS, 12, "GENRE", "A", "B"))
    with pytest.raises(ModelError, match="'GENER', which is no relation"):
        model.fit(data, TrainingOptions())
    model.fit(TrainingData(interactions(HISTORIES)), TrainingOptions())  # knowledge none


@pytest.mark.parametrize("knowledge", ["real", "shuffled"])
@pytest.mark.slow
def test_with_knowledge_it_passes_the_audit(tmp_path: Path, knowledge: str) -> None:
    split = small_split(tmp_path)
    run = make_run(split, config("heters", knowledge=knowledge))
    (read,) = run.manifest().inputs
    assert (read.need, read.absent) == ("triples", None)
    report = audited(split, run, full=True)
    assert report.passed, report.failed


def test_unusable_settings_are_refused() -> None:
    for wrong in ({"damping": 1}, {"popularity": -1}, {"weights": {"A": -1}}):
        with pytest.raises(ValidationError):
            HeteRSConfig(**wrong)
