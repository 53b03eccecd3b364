"""Models that return what nobody can use: named where they meet the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from audited import config, make_run, settings_of, small_split

from reelgraph.artifacts import read_parquet, write_parquet
from reelgraph.errors import ArtifactError, MemoryNeedError, ModelError, ReelgraphError
from reelgraph.model import memory
from reelgraph.model.base import FitResult, Ranking, Sizes, TrainingOptions, Vectors
from reelgraph.model.data import Catalogue, interactions_from_frame
from reelgraph.model.dataset import load_catalogue, load_folds
from reelgraph.model.needs import TrainingData
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.ease import EASE
from reelgraph.model.zoo.most_popular import MostPopular
from reelgraph.pipeline.run import run_stage
from reelgraph.plugins import manager
from reelgraph.results.run_files import read_run

SCORES: dict[str, Callable[[np.ndarray], Any]] = {
    "not finite: 14 of": lambda scores: (
        scores * np.where(np.arange(len(scores)), 1, np.nan)[:, None]
    ),
    "the first is inf": lambda scores: scores + np.inf,
    "the first is -inf": lambda scores: scores - np.inf,
    "the first is inf ": lambda scores: scores.astype(np.float64) + 1e300,
    "shape (14, ": lambda scores: scores.T,
    "not float32": lambda scores: scores.astype(str),
    "scores as a list": lambda scores: scores.tolist(),
    "scores as None": lambda scores: None,
    "failed: ZeroDivisionError: division by zero (test_model_guard.py, line": lambda scores: 1 / 0,
    "method score ran out of memory": lambda scores: np.zeros(2**50),
}


def toy(monkeypatch: pytest.MonkeyPatch, **methods: Any) -> type[MostPopular]:
    """A model of a plugin with these methods, known to the manager."""
    cls = type("Toy", (MostPopular,), {"name": "toy", **methods})
    known = {**manager.models(), "toy": cls}
    monkeypatch.setattr(manager, "models", lambda: known)
    monkeypatch.setattr(manager, "model_owner", lambda name: "plugin 'mine'" * (name == "toy"))
    return cls


@pytest.mark.parametrize("told", SCORES)
def test_scores_are_checked_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    toy(
        monkeypatch,
        score=lambda self, queries, items=None: SCORES[told](
            MostPopular.score(self, queries, items)
        ),
    )
    split = small_split(tmp_path)
    with pytest.raises(ReelgraphError) as failed:
        make_run(split, config("toy"))
    assert str(failed.value).startswith("plugin 'mine': model 'toy': method score")
    assert told.strip() in str(failed.value)
    assert not list(split.path.parents[3].glob("runs/*/model/config.json"))


@pytest.mark.parametrize(
    ("method", "returned"),
    [
        ("fit", None),
        ("summary", "text"),
        ("memory", "much"),
        ("recommend", Ranking(np.full((6, 3), 99), np.ones((6, 3), np.float32))),
        ("recommend", Ranking(np.ones((2, 3), np.int64), np.ones((2, 3), np.float32))),
        ("recommend", None),
        ("explain", [None] * 6),
        ("explain", []),
        ("vectors", Vectors(np.ones((6, 2), np.float32), np.full((14, 2), np.nan, np.float32))),
        ("vectors", None),
    ],
)
def test_what_a_method_returns_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, returned: Any
) -> None:
    provides = frozenset({"ranking", "evidence" if method == "explain" else "vectors"})
    if method not in ("explain", "vectors"):
        provides = frozenset({"ranking"})
    toy(monkeypatch, **{method: lambda self, *a: returned}, provides=provides)
    with pytest.raises(ModelError, match=f"plugin 'mine': model 'toy': method {method} returned"):
        make_run(small_split(tmp_path), config("toy"))


def test_numbers_that_can_be_read_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy(
        monkeypatch,
        score=lambda self, queries, items=None: MostPopular.score(self, queries, items).astype(
            np.int64
        ),
    )
    run = make_run(small_split(tmp_path), config("toy"))
    assert read_parquet(run.predictions)["score"].dtype == np.float32


def test_weights_that_are_nan_are_refused_after_the_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fit that diverged in its last step passes the check of the loss."""
    fit = AttentionLSTMRanker.fit

    def diverged(self: Any, *given: Any) -> FitResult:
        result = fit(self, *given)
        self.network.fusion.bias.data[3] = float("nan")
        return result

    monkeypatch.setattr(AttentionLSTMRanker, "fit", diverged)
    with pytest.raises(ModelError, match=r"model 'attention-lstm': method (score|vectors)"):
        make_run(small_split(tmp_path), config("attention-lstm"))


@pytest.mark.parametrize("column", ["score", "evidenceContributions"])
def test_files_with_nan_are_never_written_back(tmp_path: Path, column: str) -> None:
    split = small_split(tmp_path)
    run = make_run(split)
    read_run(run, split)
    frame = read_parquet(run.predictions)
    frame[column] = [value * np.nan for value in frame[column]]
    write_parquet(run.predictions, frame)
    with pytest.raises(ArtifactError, match=f"{column} of user 1, item .* not a finite number"):
        read_run(run, split)


def test_a_model_that_does_not_fit_is_refused_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 10**6)
    with pytest.raises(MemoryNeedError, match=r"'ease' needs about .* and 1 MB are free"):
        make_run(small_split(tmp_path), config("ease"))


@pytest.mark.parametrize("where", ["before", "during"])
@pytest.mark.slow
def test_a_baseline_that_does_not_fit_is_left_out_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    split, notes = small_split(tmp_path), list[str]()
    if where == "before":
        monkeypatch.setattr(EASE, "memory", lambda self, sizes: 10**15)
    else:
        monkeypatch.setattr(EASE, "fit", lambda self, *given: np.zeros(2**50))
    run = make_run(split, config("most-popular", baselines=("ease",)))
    run_stage("evaluate", settings_of(split), run, notes.append)
    found = run.read_metrics()
    assert list(found.models) == ["most-popular"]
    assert "model 'ease'" in found.left_out["ease"]
    assert any(note.startswith("evaluate: baseline ease is left out") for note in notes)


def test_a_closed_form_is_fitted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fits: list[int] = []
    fit = EASE.fit

    def counted(self: EASE, *given: Any) -> FitResult:
        fits.append(1)
        return fit(self, *given)

    monkeypatch.setattr(EASE, "fit", counted)
    make_run(small_split(tmp_path / "a"))
    assert len(fits) == 1
    make_run(small_split(tmp_path / "b", "leave-one-out"))
    assert len(fits) == 2


def test_needs_grow_with_the_catalogue() -> None:
    small, large = (Sizes(1000, items, 10**5) for items in (10**3, 10**5))
    for cls in (EASE, MostPopular, AttentionLSTMRanker):
        assert 0 < cls().memory(small) < cls().memory(large)
    assert EASE().memory(large) > 12 * 10**10


def test_large_catalogues_are_asked_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = small_split(tmp_path)
    folds = load_folds(split, load_catalogue(split))
    model = EASE()
    model.fit(TrainingData(folds.history), TrainingOptions())
    queries = [folds.history.query(user) for user in range(6)]
    whole = model.recommend(queries, 5)
    monkeypatch.setattr("reelgraph.model.base._CELLS", 30)  # two of 14 items
    asked: list[int] = []
    score = model.score
    monkeypatch.setattr(model, "score", lambda part: asked.append(len(part)) or score(part))
    parts = model.recommend(queries, 5)
    assert asked == [2, 2, 2]
    np.testing.assert_array_equal(parts.items, whole.items)


def test_matrices_are_worked_on_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the block, the weights are those of the formula."""
    frame = pd.DataFrame({"user": np.repeat(np.arange(30), 5), "seq": np.tile(np.arange(5), 30)})
    frame["item"] = np.random.default_rng(0).integers(0, 23, len(frame))  # repeats, too

    data = interactions_from_frame(frame, Catalogue(np.arange(23)))
    x = np.zeros((30, 23))
    x[frame["user"], frame["item"]] = 1
    inverse = np.linalg.inv(x.T @ x + 300 * np.eye(23))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    for cells in (2**24, 50, 7):
        monkeypatch.setattr("reelgraph.model.zoo.ease._CELLS", cells)
        model = EASE()
        model.fit(TrainingData(data), TrainingOptions())
        np.testing.assert_allclose(model.item_weights, expected, atol=1e-6)


def test_what_is_free_and_what_was_taken() -> None:
    assert 0 < memory.available() <= psutil.virtual_memory().total
    memory.reset_peak()
    block = np.ones(50_000_000, np.uint8)  # written, so it is really there
    taken = memory.peak()
    assert taken >= block.nbytes
    assert taken >= 0.9 * psutil.Process().memory_info().rss
