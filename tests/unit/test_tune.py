"""``reelgraph tune``: chosen on valid alone, resumed to the same end, with pasted results."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from audited import settings_of, small_split
from click.testing import CliRunner, Result

from reelgraph.artifacts import SplitFolder
from reelgraph.cli.root import main
from reelgraph.cli.run_options import make_config
from reelgraph.errors import InputError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.dataset import Folds
from reelgraph.model.evaluation.ranking import evaluate
from reelgraph.model.frames import split_frame
from reelgraph.model.needs import TrainingData
from reelgraph.model.search_space import Between, OneOf
from reelgraph.model.zoo.ease import EASE, EASEConfig
from reelgraph.pipeline.comparison.data import Data
from reelgraph.pipeline.tuning.command import as_set
from reelgraph.pipeline.tuning.folds import cross_validation, without_test
from reelgraph.pipeline.tuning.objective import Objective
from reelgraph.pipeline.tuning.study import Search, search
from reelgraph.plugins.registry import PluginManager

MODELS = PluginManager(installed=False).models()


def ratings(users: int = 20) -> pd.DataFrame:
    random = np.random.default_rng(3)
    rows = [
        (user, int(item), float(random.integers(1, 6)), 100 * place)
        for user in range(users)
        for place, item in enumerate(random.permutation(30)[:15])
    ]
    return pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp"])


def written(path: Path, frame: pd.DataFrame) -> Data:
    frame.to_csv(path, index=False)
    return Data(files=(path,))


def found(
    objective: Objective, folder: Path, trials: int = 4, sampler: Any = "random", name: str = "s"
) -> Search:
    return search(objective, trials, sampler, folder / name, TrainingOptions(), lambda _: None)


@pytest.mark.parametrize("name", [name for name, one in MODELS.items() if one.config_class])
def test_ends_and_grids_of_a_search_space_are_accepted(name: str) -> None:
    config = MODELS[name].config_class
    for option, space in config.search_space.items():
        assert option in config.model_fields, f"{name} has no option {option}"
        values = [*space.grid()]
        if isinstance(space, Between):
            values += [space.low, space.high]
            assert space.low < space.high and space.grid()[0] == space.low
        for value in values:
            assert getattr(config(**{option: value}), option) == value


def test_most_models_have_a_search_space() -> None:
    having = {name for name, one in MODELS.items() if one.config_class.search_space}
    assert {"ease", "bias", "attention-lstm", "ials", "svd", "item-knn"} <= having


@pytest.mark.parametrize("relevant", [None, 4.0])
def test_a_trials_figure_is_that_of_valid(tmp_path: Path, relevant: float | None) -> None:
    frame = ratings()
    data = written(tmp_path / "a.csv", frame)
    done = found(Objective(data, "ease", "ndcg@10", relevant=relevant), tmp_path)
    folds = split_frame(frame)
    for trial in done.trials:
        model = EASE(EASEConfig(**trial.options))
        model.fit(TrainingData(folds.train, folds.valid), TrainingOptions())
        figures = evaluate(model, folds, fold="valid", relevant=relevant).metrics
        expected = figures["ndcg@10"].mean
        assert trial.value == pytest.approx(expected)
    assert done.best.value == max(trial.value or 0 for trial in done.trials)


@pytest.mark.parametrize("cv", [None, 3])
@pytest.mark.parametrize("by", ["users", "time"])
def test_other_test_rows_are_the_same_study(tmp_path: Path, cv: int | None, by: Any) -> None:
    """The test rows of every user get each other's items: no trial may differ."""
    frame = ratings()
    is_test = frame.groupby("user").cumcount() >= 12
    planted = frame.copy()
    for _, rows in frame[is_test].groupby("user"):
        planted.loc[rows.index, "item"] = rows["item"].to_numpy()[::-1]
        planted.loc[rows.index, "rating"] = 6 - rows["rating"].to_numpy()
    studies = []
    for name, rows in (("a", frame), ("b", planted)):
        data = written(tmp_path / f"{name}.csv", rows)
        objective = Objective(data, "ease", "ndcg@10", cv=cv, cv_by=by)
        studies.append((objective.key(), found(objective, tmp_path, name=name).trials))
    assert split_frame(planted).test.items.tolist() != split_frame(frame).test.items.tolist()
    assert studies[0] == studies[1]
    early = frame.copy()
    early.loc[[0, 1], "item"] = frame.loc[[1, 0], "item"].to_numpy()  # rows of train
    other = Objective(written(tmp_path / "c.csv", early), "ease", "ndcg@10", cv=cv, cv_by=by)
    assert other.key() != studies[0][0]


def test_trials_of_another_precision_are_another_search(tmp_path: Path) -> None:
    objective, notes = Objective(written(tmp_path / "a.csv", ratings()), "ease", "ndcg@10"), []
    for precision in ("float32", "bfloat16", "bfloat16"):
        options = TrainingOptions(precision=precision)  # type: ignore[arg-type]
        search(objective, 2, "random", tmp_path / "s", options, notes.append)
    assert [note for note in notes if "done before" in note] == [
        f"2 trials were done before, in {tmp_path / 's'}"
    ]


@pytest.mark.parametrize("sampler", ["random", "tpe", "grid"])
@pytest.mark.parametrize("storage", ["s.journal", "s.db"])
def test_an_interrupted_search_finds_what_a_whole_one_does(
    tmp_path: Path, sampler: Any, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = written(tmp_path / "a.csv", ratings())
    objective = Objective(data, "bias", "rmse", "rating")
    whole = found(objective, tmp_path, 5, sampler, f"whole-{storage}")
    measure, calls = Objective.measure, []

    def interrupted(self: Objective, *arguments: Any) -> list[float]:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return measure(self, *arguments)

    monkeypatch.setattr(Objective, "measure", interrupted)
    with pytest.raises(KeyboardInterrupt):
        found(objective, tmp_path, 5, sampler, storage)
    again = found(objective, tmp_path, 5, sampler, storage)
    assert len(calls) == 6
    assert [(one.options, one.value) for one in again.trials] == [
        (one.options, one.value) for one in whole.trials
    ]


def test_a_grid_ends_with_its_last_combination(tmp_path: Path) -> None:
    data = written(tmp_path / "a.csv", ratings())
    objective = Objective(data, "bias", "rmse", "rating", options={"reg_user": 3.0})
    done = found(objective, tmp_path, 50, "grid")
    tried = sorted(float(str(one.options["reg_item"])) for one in done.trials)
    assert tried == sorted(Between(0.3, 100, log=True).grid())  # type: ignore[type-var]


def test_what_a_model_refuses_is_a_trial_without_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = {"reg": OneOf((-1.0, 200.0))}
    monkeypatch.setattr(EASEConfig, "search_space", space)
    objective = Objective(written(tmp_path / "a.csv", ratings()), "ease", "ndcg@10")
    done = found(objective, tmp_path, 2, "grid")
    (bad,) = [one for one in done.trials if one.value is None]
    assert bad.options == {"reg": -1.0} and "reg" in bad.why
    assert done.best.options == {"reg": 200.0}


def folds() -> Folds:
    return split_frame(ratings())


@pytest.mark.parametrize("by", ["users", "time"])
def test_folds_of_cross_validation_hold_no_test_row(by: Any) -> None:
    whole = folds()
    known = [whole.history.history(n).tolist() for n in range(20)]
    held: list[list[int]] = [[] for _ in known]
    for fold in cross_validation(whole, 4, by):
        assert len(fold.test) == 0
        for n, history in enumerate(known):
            train, valid = fold.train.history(n).tolist(), fold.valid.history(n).tolist()
            assert history[: len(train) + len(valid)] == train + valid  # valid follows train
            held[n] += valid
            if by == "users":
                assert train + valid == history
    if by == "users":  # each user is held out once, by as many rows as valid has
        assert [len(one) for one in held] == np.diff(whole.valid.offsets).tolist()
    else:  # all but the first part
        pairs = zip(known, held, strict=True)
        assert all(history[len(history) - len(one) :] == one for history, one in pairs)


def test_rows_of_folds_keep_their_ratings_and_times() -> None:
    whole = folds()
    (first, *_) = cross_validation(whole, 3, "time")
    history, valid = whole.history, first.valid
    assert history.ratings is not None and valid.ratings is not None
    start, end = history.offsets[7], history.offsets[8]
    at = len(first.train.history(7))
    np.testing.assert_array_equal(
        valid.ratings[valid.offsets[7] : valid.offsets[8]],
        history.ratings[start:end][at : at + len(valid.history(7))],
    )


def test_a_split_without_valid_is_refused() -> None:
    whole = split_frame(ratings(), "user-time", valid=0.0)
    with pytest.raises(InputError, match="no valid rows"):
        without_test(whole)


def call(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["--workspace", str(workspace), "tune", *arguments], env={"COLUMNS": "200"}
    )


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return small_split(tmp_path)


def test_the_result_can_be_pasted(split: SplitFolder, tmp_path: Path) -> None:
    """The command and the file make the configuration that was measured."""
    other = small_split(tmp_path, "global-time", targets="all")
    asked = ("--model", "item-knn", "--task", "ranking", "--knowledge", "none", "--seed", "7")
    more = ("--trials", "2", "--set", "shrinkage=4", "--relevant", "3.5")
    options = (*asked, *more, "--data", str(other.path))
    made = call(tmp_path, *options)
    assert made.exit_code == 0, made.output
    words = shlex.split(made.stdout.splitlines()[-1])
    assert words[:2] == ["reelgraph", "run"]
    run = main.get_command(None, "run")  # type: ignore[arg-type]
    assert run is not None
    given = run.make_context("run", words[2:]).params
    names = ("model", "task", "knowledge", "protocol", "seed", "relevant")
    kept = {name: given[name] for name in names}
    assert kept["relevant"] == 3.5
    config = make_config(None, given["assignments"], **kept)
    assert (config.model, config.about, config.knowledge, config.seed) == (*asked[1::2][:3], 7)
    assert config.bound_protocol().split_id == other.split_id
    file = tmp_path / "best.toml"
    file.write_text(made.stderr.partition("--config:")[2])
    assert make_config(file, ()).resolved() == config.resolved()
    text = call(tmp_path, *options, "--json")
    best = json.loads(text.stdout)["best"]
    assert shlex.split(best["command"]) == words and "shrinkage" not in best["options"]
    assert config.options == {"shrinkage": 4, **best["options"]}
    assert "2 trials were done before" in text.stderr


@pytest.mark.parametrize("two", [False, True])
def test_the_result_on_files_is_a_command_that_evaluates_them(tmp_path: Path, two: bool) -> None:
    frame, path = ratings(), tmp_path / "my rows.csv"
    frame.to_csv(path, index=False)
    rows = ["--data", str(path), "--protocol", "leave-one-out"]
    if two:
        last = frame.groupby("user").cumcount() >= 12
        for name, part in (("train", frame[~last]), ("test", frame[last])):
            part.to_csv(tmp_path / f"{name}.csv", index=False)
        rows = [f"--train={tmp_path / 'train.csv'}", f"--test={tmp_path / 'test.csv'}"]
    made = call(tmp_path, "--model", "bias", "--task", "rating", "--trials", "1", *rows)
    assert made.exit_code == 0, made.output
    words = shlex.split(made.stdout.splitlines()[-1])[1:]
    found = CliRunner().invoke(main, ["--workspace", str(tmp_path), *words, "--json"])
    assert found.exit_code == 0, found.output
    assert json.loads(found.stdout)["split"].startswith("given" if two else "leave-one-out")


def test_options_are_written_as_they_are_read() -> None:
    assert as_set({"reg": 0.1, "on": True, "name": "a b"}) == (
        "--set reg=0.1 --set on=true --set 'name=a b'"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--model", "most-popular"), "Models with a search space: attention-lstm"),
        (("--model", "ease", "--set", "reg=3"), "every one of its options is set"),
        (("--model", "ease", "--set", "nosuch=3"), "has no such option"),
        (("--model", "ease", "--metric", "rmse"), "there is no metric 'rmse' for ranking"),
        (("--model", "ease", "--metric", "ndcg@7"), "there is no metric 'ndcg@7'"),
        (("--model", "nosuch"), "there is no model 'nosuch'"),
        (("--model", "ease", "--cv", "500"), "Take fewer folds"),
    ],
)
def test_what_is_wrong_is_said(split: SplitFolder, arguments: tuple[str, ...], words: str) -> None:
    made = call(settings_of(split).workspace, *arguments)
    assert made.exit_code == 2 and words in made.output, made.output


@pytest.mark.parametrize("name", ["s.journal", "s.db"])
def test_a_damaged_storage_is_named(split: SplitFolder, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no search at all\n" * 3)
    storage = ("--storage", str(tmp_path / name))
    made = call(settings_of(split).workspace, "--model", "ease", "--trials", "1", *storage)
    assert made.exit_code == 1 and f"{name} cannot be read as a search" in made.output, made.output


def test_without_the_extra_it_says_what_to_install(
    split: SplitFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    made = call(settings_of(split).workspace, "--model", "ease")
    assert made.exit_code == 2 and "pip install 'reelgraph[tune]'" in made.output
