"""``reelgraph compare``: cells are kept, isolated and shared; the table and its formats."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np
import pandas as pd
import pytest
from audited import config, make_run, settings_of, small_split
from click.testing import CliRunner, Result

from reelgraph.artifacts import SplitFolder
from reelgraph.cli import compare, comparison_table
from reelgraph.cli.context import Context
from reelgraph.cli.root import main
from reelgraph.errors import InputError
from reelgraph.locks import held
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Query
from reelgraph.model.dataset import load_catalogue, load_folds
from reelgraph.model.evaluation.order import reads_order, shuffled, without_order
from reelgraph.model.evaluation.ranking import evaluate
from reelgraph.model.evaluation.rating import evaluate_ratings
from reelgraph.model.evaluation.significance import figure
from reelgraph.model.evaluation.user_values import UserValues, user_values
from reelgraph.model.frames import fit_model, split_frame
from reelgraph.model.training import loop
from reelgraph.model.zoo.bias import Bias
from reelgraph.model.zoo.ease import EASE
from reelgraph.model.zoo.ease_recency import RecencyEASE, RecencyEASEConfig
from reelgraph.pipeline.comparison import cell as cells
from reelgraph.pipeline.comparison import grid as grids
from reelgraph.pipeline.comparison.cell import CellResult, compute, read_cell, write_cell
from reelgraph.pipeline.comparison.data import Data, read_files
from reelgraph.pipeline.comparison.formats import FORMATS, figure_text, less_the_best
from reelgraph.pipeline.comparison.grid import Entry, Grid, named_rows, run_grid
from reelgraph.pipeline.comparison.presets import PRESETS
from reelgraph.pipeline.comparison.table import Measured, make_table, with_shuffled_order
from reelgraph.settings import LoadedSettings, Settings
from reelgraph.testing.small_split import interactions


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return small_split(tmp_path)


def call(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["--workspace", str(workspace), *arguments], env={"COLUMNS": "200"}
    )


def in_this_process(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Compute cells here, which is quicker; returns the models computed so far."""
    done: list[str] = []

    def compute_here(settings: Settings, cell: cells.Cell, file: Path) -> None:
        done.append(f"{cell.config.model} {cell.config.seed}")
        write_cell(file, compute(cell))

    monkeypatch.setattr(grids, "_compute", compute_here)
    return done


@pytest.mark.slow
def test_a_finished_cell_is_not_computed_again(
    split: SplitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = in_this_process(monkeypatch)
    entries = (Entry("ease", "ease"), Entry("random", "random"), Entry("bias", "bias"))
    grid = Grid(Data(split=split.path), entries, seeds=2)
    notes: list[str] = []
    first = run_grid(settings_of(split), grid, tmp_path / "cells", notes.append)
    assert done == ["ease 42", "random 42", "random 43"]  # EASE reads no seed
    assert first[2].why == "model 'bias' is not for ranking"
    again = run_grid(settings_of(split), grid, tmp_path / "cells", notes.append)
    assert len(done) == 3
    for before, after in zip(first, again, strict=True):
        assert before.cells.keys() == after.cells.keys()
        for seed, one in before.cells.items():
            for name, values in one.values.metrics.items():
                np.testing.assert_array_equal(values, after.cells[seed].values.metrics[name])
    other = (Entry("ease", "ease", {"reg": 5.0}), *entries[1:])
    run_grid(settings_of(split), Grid(grid.data, other, seeds=3), tmp_path / "cells", notes.append)
    assert done[3:] == ["ease 42", "random 44"]  # another option and a further seed


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("task", ["ranking", "rating"])
def test_a_preset_has_rows_that_can_be_made(name: str, task: Any, split: SplitFolder) -> None:
    rows = PRESETS[name].rows[task]
    assert len({one.name for one in rows}) == len(rows)
    grid = Grid(Data(split=split.path), rows, task)
    for one in rows:
        config = grid.config(one, 42)
        assert task in config.model_class().provides
        config.model_options()


@pytest.mark.slow
def test_the_rows_of_a_preset_are_compared(
    split: SplitFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = in_this_process(monkeypatch)
    arguments = ["compare", "--preset", "papers-quick", "--models", "mine=ease"]
    arguments += ["--knowledge", "none"]
    found = call(settings_of(split).workspace, *arguments, "--set", "mine.reg=7", "--json")
    assert found.exit_code == 0, found.output
    rows = json.loads(found.stdout)["rows"]
    names = [one.name for one in PRESETS["papers-quick"].rows["ranking"]]
    why = {row["model"].removesuffix(", knowledge none"): row["why"] for row in rows}
    assert why.keys() == {*names, "mine"}
    assert {one for one in why if why[one]} == {"rkge", "rkge-max", "rkan"}, (
        "no job has found paths here"
    )
    assert "paths" in why["rkge"]
    assert len(done) == len(names) - 3 + 1


@pytest.mark.slow
def test_a_cell_of_other_rows_is_another_one(
    split: SplitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = in_this_process(monkeypatch)
    path = tmp_path / "rows.csv"
    grid = Grid(Data(files=(path,)), (Entry("ease", "ease"),))
    for rows in (interactions(), interactions(), interactions().iloc[:-1]):
        rows.drop(columns="seq").to_csv(path, index=False)
        run_grid(settings_of(split), grid, tmp_path / "cells", lambda _: None)
    assert len(done) == 2


@pytest.mark.slow
def test_the_command_measures_as_an_evaluation_does(split: SplitFolder) -> None:
    """In real processes, with a row left out and memory of each."""
    workspace = settings_of(split).workspace
    found = call(workspace, "compare", "--models", "ease,bias", "--json")
    assert found.exit_code == 0, found.output
    rows = json.loads(found.stdout)["rows"]
    folds = load_folds(split, load_catalogue(split))
    expected = evaluate(fit_model(EASE, folds), folds).metrics["ndcg@10"]
    assert (rows[0]["mean"], rows[0]["low"]) == pytest.approx((expected.mean, expected.low))
    assert rows[0]["fit_bytes"] > 10_000_000 and rows[0]["best"] is True
    assert rows[-1]["model"] == "bias" and "not for ranking" in rows[-1]["why"]
    assert "[1/2] ease, seed 42: fitting" in found.stderr


@pytest.mark.slow
def test_who_comes_second_waits_and_reads(
    split: SplitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, folder = in_this_process(monkeypatch), tmp_path / "cells"
    grid, notes = Grid(Data(split=split.path), (Entry("ease", "ease"),)), Queue[str]()
    run_grid(settings_of(split), grid, folder, lambda _: None)
    (place,) = folder.iterdir()
    with ThreadPoolExecutor(1) as pool:
        with held(place, "it"):
            second = pool.submit(run_grid, settings_of(split), grid, folder, notes.put)
            assert "another process works on cell ease-42-" in notes.get(timeout=30)
        (found,) = second.result(timeout=30)
    assert len(done) == 1 and found.cells and "finished before" in notes.get()


@pytest.mark.slow
def test_valid_is_measured_after_a_fit_on_train(
    split: SplitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_this_process(monkeypatch)
    arguments = ["compare", "--models", "ease", "--fold", "valid", "--json"]
    found = call(settings_of(split).workspace, *arguments)
    assert found.exit_code == 0, found.output
    folds = load_folds(split, load_catalogue(split))
    model = fit_model(EASE, folds, refit=False)
    expected = evaluate(model, folds, fold="valid").metrics["ndcg@10"].mean
    made = json.loads(found.stdout)
    assert made["fold"] == "valid" and made["rows"][0]["mean"] == pytest.approx(expected)


def test_a_crash_is_one_rows_reason(
    split: SplitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grids.sys, "executable", "/bin/false")
    grid = Grid(Data(split=split.path), (Entry("ease", "ease"),))
    (found,) = run_grid(settings_of(split), grid, tmp_path / "cells", lambda _: None)
    assert not found.cells and "exit code 1" in found.why


def test_an_interrupted_cell_goes_on_from_its_last_epoch(
    split: SplitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = cells.Cell(data=Data(split=split.path), config=config("attention-lstm"))
    whole, train, trained = compute(cell), loop._train, []

    def noted(learner: Any, options: TrainingOptions, row: dict[str, Any], *others: Any) -> None:
        if len(trained) == 1:
            trained.append("interrupted")
            raise KeyboardInterrupt
        trained.append(f"{'choice' if options.epochs is None else 'final'} {row['epoch']}")
        train(learner, options, row, *others)

    monkeypatch.setattr(loop, "_train", noted)
    with pytest.raises(KeyboardInterrupt):
        compute(cell, tmp_path / "checkpoints")
    again = compute(cell, tmp_path / "checkpoints")
    assert trained[:3] == ["choice 1", "interrupted", "choice 2"]
    assert again.facts["fit_seconds"] is None and not (tmp_path / "checkpoints").exists()
    for name, values in whole.values.metrics.items():
        np.testing.assert_array_equal(values, again.values.metrics[name])


@pytest.mark.parametrize("targets", ["all", "successive"])
def test_ranking_figures_of_users_pool_to_those_of_the_evaluation(
    tmp_path: Path, targets: str
) -> None:
    split = small_split(tmp_path, "global-time", targets=targets)
    folds = load_folds(split, load_catalogue(split))
    model = fit_model(EASE, folds)
    mine, theirs = user_values(model, folds, "ranking"), evaluate(model, folds).metrics
    for name, values in mine.metrics.items():
        interval = figure(name, values, mine.weights)
        one = theirs[name]
        assert (interval.mean, interval.low, interval.high) == pytest.approx(
            (one.mean, one.low, one.high)
        )


def test_errors_of_users_pool_to_those_of_the_evaluation(split: SplitFolder) -> None:
    folds = load_folds(split, load_catalogue(split))
    model = fit_model(Bias, folds)
    mine, theirs = user_values(model, folds, "rating"), evaluate_ratings(model, folds).metrics
    for name, of in (("mse", "mse"), ("rmse", "mse"), ("mae", "mae")):
        interval = figure(name, mine.metrics[of], mine.weights)
        one = theirs[name]
        assert (interval.mean, interval.low, interval.high) == pytest.approx(
            (one.mean, one.low, one.high)
        )


def test_a_shuffled_history_keeps_its_pairs_and_its_times() -> None:
    items = np.arange(50)
    query = Query("u", items, items.astype(np.float32), items * 10)
    other = shuffled(query)
    assert sorted(other.items) == sorted(items) and (other.items != items).any()
    assert other.ratings is not None and (other.ratings == other.items).all()
    assert other.timestamps is not None and (other.timestamps == items * 10).all()
    assert (shuffled(query).items == other.items).all()
    assert (shuffled(query, seed=1).items != other.items).any()


def test_only_models_that_read_the_order_lose_by_its_shuffling(split: SplitFolder) -> None:
    folds = load_folds(split, load_catalogue(split))
    queries = [folds.history.query(n) for n in range(len(folds.history.users))]
    plain = fit_model(EASE, folds)
    recent = fit_model(lambda: RecencyEASE(RecencyEASEConfig(half_life=1)), folds)
    assert not reads_order(plain, queries) and reads_order(recent, queries)
    np.testing.assert_allclose(
        without_order(recent).score(queries), recent.score([shuffled(one) for one in queries])
    )


def made(name: str, values: np.ndarray, seeds: int = 1) -> Measured:
    users, weights = np.arange(len(values)), np.ones(len(values))
    found = {
        seed: CellResult(
            UserValues(users, weights, {"ndcg@10": values + 0.01 * seed, "hr@10": values}),
            {"ndcg@10": values / 2, "hr@10": values / 2} if name == "reader" else None,
            {"fit_seconds": 2.0 + seed, "fit_bytes": 10**9},
        )
        for seed in range(seeds)
    }
    return Measured(name, found)


def comparison(tmp_path: Path) -> list[Measured]:
    # sixty-fourths: the mean over seeds of equal values is that value to the bit
    values = np.random.default_rng(1).integers(0, 64, 200) / 64
    measured = [made("worse_1", values - 0.1), made("reader", values, 3), made("same", values)]
    path = tmp_path / "cell.parquet"
    write_cell(path, measured[1].cells[1])
    back = read_cell(path)
    assert back.facts == measured[1].cells[1].facts and back.shuffled is not None
    return [*measured, Measured("large", {}, "it needs 9.0 GB of memory")]


def test_the_table_says_what_is_best_tied_and_left_out(tmp_path: Path) -> None:
    measured = with_shuffled_order(comparison(tmp_path))
    table = make_table("made up", "ranking", measured, ("hr@10", "ndcg@10"))
    rows = {row.name: row for row in table.rows}
    assert list(rows) == ["worse_1", "reader", "reader, order shuffled", "same", "large"]
    assert rows["reader"].figures is not None and rows["same"].figures is not None
    best = rows["reader"].figures["ndcg@10"]
    assert best.best and best.sd == pytest.approx(0.01)
    assert rows["reader"].fit_seconds == 3.0 and rows["reader"].seeds == (0, 1, 2)
    assert rows["reader, order shuffled"].fit_seconds is None
    assert rows["same"].figures["hr@10"].tied
    assert rows["large"].figures is None and "9.0 GB" in rows["large"].why


def test_formats_hold_the_same_figures(tmp_path: Path) -> None:
    table = make_table("made up", "ranking", comparison(tmp_path), ("ndcg@10",))
    found = json.loads(FORMATS["json"](table))["rows"]
    lines = list(csv.DictReader(io.StringIO(FORMATS["csv"](table))))
    assert [row["model"] for row in found] == [line["model"] for line in lines]
    assert float(lines[1]["mean"]) == found[1]["mean"]
    assert float(lines[0]["p_corrected"]) == found[0]["p_corrected"] < 0.01
    markdown, latex = FORMATS["markdown"](table), FORMATS["latex"](table)
    best = f"{found[1]['mean']:.4f}".removeprefix("0")
    assert f"**{best} ± .0100**" in markdown
    assert "| large | it needs 9.0 GB of memory |" in markdown
    assert rf"\textbf{{{best} $\pm$ .0100}}" in latex and r"worse\_1" in latex
    widths = {line.count("|") for line in markdown.splitlines() if line.startswith("|")}
    assert len(widths) == 1


@pytest.mark.parametrize(("columns", "tables"), [(50, 5), (80, 2), (200, 2)])
def test_each_figure_is_whole_in_any_terminal(
    columns: int,
    tables: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    values = np.random.default_rng(1).random(200) / 3
    names = ("most-popular", "attention-lstm, knowledge shuffled", "reader", "same")
    rows = [made(name, values - n / 100, seeds=3) for n, name in enumerate(names)]
    table = make_table("made up", "ranking", rows, ("ndcg@10", "hr@10", "ndcg@10"))
    comparison_table.show(Context(LoadedSettings(Settings(), {}, ())), table)
    shown = capsys.readouterr().out
    lines = shown.splitlines()
    assert max(map(len, lines)) <= columns
    heads = [line.split()[1:] for line in lines if line.split()[:1] == ["model"]]
    assert len(heads) == tables
    last = "NDCG@10 HR@10 NDCG@10 NDCG@10 − best p fit test"
    assert " ".join(word for head in heads for word in head) == last
    for row in table.rows:
        assert row.figures is not None
        interval = figure_text(row.figures["ndcg@10"])[1]
        assert shown.count(interval) >= 2
        assert all(part in shown for part in less_the_best(row, "ndcg@10"))


@pytest.mark.slow
def test_runs_are_compared_by_their_saved_models(split: SplitFolder) -> None:
    first, second = (make_run(split, config(name)) for name in ("ease", "most-popular"))
    workspace = settings_of(split).workspace
    found = call(workspace, "compare", first.run_id, second.run_id, "--format", "csv")
    assert found.exit_code == 0, found.output
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    folds = load_folds(split, load_catalogue(split))
    expected = evaluate(fit_model(EASE, folds), folds).metrics["ndcg@10"].mean
    assert rows[0]["model"] == "ease" and float(rows[0]["mean"]) == pytest.approx(expected)
    other = make_run(small_split(workspace, "leave-one-out"), config("ease"))
    refused = call(workspace, "compare", first.run_id, other.run_id)
    assert refused.exit_code == 2 and "Compare runs of one split" in refused.output


def test_runs_that_read_the_order_have_a_row_without_it(split: SplitFolder) -> None:
    recent = config("ease-recency", options={"half_life": 1.0})
    runs = [make_run(split, one).run_id for one in (recent, config("most-popular"))]
    found = call(
        settings_of(split).workspace, "compare", *runs, "--shuffled-order", "--format", "csv"
    )
    assert found.exit_code == 0, found.output
    names = dict.fromkeys(row["model"] for row in csv.DictReader(io.StringIO(found.stdout)))
    assert list(names) == ["ease-recency", "ease-recency, order shuffled", "most-popular"]


def test_runs_are_measured_by_what_they_call_relevant(split: SplitFolder) -> None:
    plain, liked = (make_run(split, config("ease", relevant=one)).run_id for one in (None, 4.0))
    other = make_run(split, config("most-popular", relevant=4.0)).run_id
    workspace = settings_of(split).workspace
    found = json.loads(call(workspace, "compare", liked, other, "--json").stdout)
    folds = load_folds(split, load_catalogue(split))
    expected = evaluate(fit_model(EASE, folds), folds, relevant=4.0).metrics["ndcg@10"].mean
    assert found["rows"][0]["mean"] == pytest.approx(expected)
    assert "rated 4 and more" in found["notes"][0]
    refused = call(workspace, "compare", plain, other)
    assert refused.exit_code == 2 and "differ in what is relevant" in refused.output


@pytest.mark.parametrize("fold", ["test", "valid"])
def test_models_are_compared_by_what_is_called_relevant(
    split: SplitFolder, fold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = in_this_process(monkeypatch)
    workspace = settings_of(split).workspace
    command = ("compare", "--models", "ease", "--json", "--fold", fold)
    plain = json.loads(call(workspace, *command).stdout)
    found = json.loads(call(workspace, *command, "--relevant", "4").stdout)
    folds = load_folds(split, load_catalogue(split))
    model = fit_model(EASE, folds, refit=fold == "test")
    expected = evaluate(model, folds, fold=fold, relevant=4.0).metrics["ndcg@10"]
    assert found["rows"][0]["mean"] == pytest.approx(expected.mean)
    assert found["rows"][0]["mean"] != plain["rows"][0]["mean"] and len(done) == 2
    assert f"Relevant are {fold} items rated 4 and more." in found["notes"]
    refused = call(workspace, *command, "--relevant", "9")
    assert refused.exit_code == 2 and f"no {fold} row is rated 9 or more" in refused.output


def test_rows_of_knowledge_are_for_models_that_read_it() -> None:
    named = named_rows(("ease,attention-lstm",))
    rows, _ = compare._entries(named, ("real", "none"), {"attention-lstm.epochs": 2})
    assert [(row.name, row.knowledge) for row in rows] == [
        ("ease", "real"),
        ("attention-lstm, knowledge real", "real"),
        ("attention-lstm, knowledge none", "none"),
    ]
    assert rows[1].options == {"epochs": 2}


@pytest.mark.slow
def test_files_of_train_and_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_this_process(monkeypatch)
    rows = interactions().drop(columns="seq")
    late = rows.groupby("user").cumcount() >= 6
    for name, part in (("train", rows[~late]), ("test", rows[late])):
        part.to_csv(tmp_path / f"{name}.tsv", sep="\t", index=False, header=False)
    files = ["--train", str(tmp_path / "train.tsv"), "--test", str(tmp_path / "test.tsv")]
    output = tmp_path / "table.md"
    found = call(tmp_path, "compare", "--models", "ease", *files, "--output", str(output))
    assert found.exit_code == 0, found.output
    names = {name: str(tmp_path / f"{name}.tsv") for name in ("train", "test")}
    folds = split_frame(rows, "given", **names)
    expected = evaluate(fit_model(EASE, folds), folds).metrics["ndcg@10"].mean
    assert f"**{expected:.4f}**".replace("0.", ".") in output.read_text()
    assert "train.tsv and test.tsv" in output.read_text()


@pytest.mark.parametrize("command", [("compare", "--models"), ("tune", "--model")])
def test_rows_that_occur_twice_and_knowledge_of_files_are_refused(
    tmp_path: Path, command: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = in_this_process(monkeypatch)
    one, two, three = (tmp_path / f"{name}.csv" for name in ("one", "two", "three"))
    rows = interactions().drop(columns="seq")
    rows.to_csv(two, index=False)
    rows.iloc[:1].to_csv(three, index=False)
    pd.concat([rows, rows.iloc[[3]]]).to_csv(one, index=False)
    start = (*command, "ease")
    for options, words in (
        (("--data", one), f"one.csv, line {len(rows) + 2}: the row of user"),
        (("--train", two, "--test", two), "two.csv is given as train and as test"),
        (("--train", two, "--test", three), "three.csv, line 2: the row of user 1"),
        (("--data", two, "--knowledge", "real"), "plain files have interactions alone"),
    ):
        found = call(tmp_path, *start, *map(str, options))
        assert found.exit_code == 2 and words in found.output, found.output
        assert not done
    without = call(tmp_path, *start, "--data", str(two), "--knowledge", "none")
    assert without.exit_code == 0, without.output


def test_what_files_do_not_have_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise InputError("not computed here")

    monkeypatch.setattr(grids, "_compute", refuse)
    path, notes = tmp_path / "rows.csv", []
    interactions().drop(columns="seq").to_csv(path, index=False)
    grid = Grid(Data(files=(path,)), (Entry("attention-lstm", "attention-lstm"),))
    run_grid(Settings(workspace=tmp_path), grid, tmp_path / "cells", notes.append)
    assert "(plain files have interactions alone): an item's embedding has" in notes[0]


def test_ids_keep_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("user,item,rating\n007,10,3\n7,11,4.5\n")
    frame = read_files([path])
    assert frame["user"].tolist() == ["007", "7"] and frame["item"].tolist() == [10, 11]
    assert frame["rating"].tolist() == [3, 4.5]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name runs or --models"),
        (("some-run", "--protocol", "random"), "--protocol does not go with runs"),
        (("some-run", "--fold", "valid"), "fitted on train and valid"),
        (("--models", "ease,ease"), "'ease' is a row twice"),
        (("--models", " ,"), "names no model"),
        (("--models", "=ease"), "has an empty name"),
        (("--models", "nosuch"), "there is no model 'nosuch'"),
        (("--models", "ease", "--set", "eas.reg=3"), "there is no row 'eas'"),
        (("--models", "ease", "--set", "ease.nonsense=3"), "option nonsense of model 'ease'"),
        (("--models", "ease", "--metrics", "ndcg@7"), "there is no metric 'ndcg@7'"),
        (("--models", "ease", "--protocol", "leave-one-out"), "there is no split"),
    ],
)
def test_what_is_wrong_is_said(
    split: SplitFolder,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    done = in_this_process(monkeypatch)
    found = call(settings_of(split).workspace, "compare", *arguments)
    assert found.exit_code in (1, 2) and words in found.output, found.output
    assert not isinstance(found.exception, Exception) or isinstance(found.exception, SystemExit)
    assert not done


def test_a_damaged_cell_says_which_file(tmp_path: Path) -> None:
    path = tmp_path / "users.parquet"
    pd.DataFrame({"user": [1]}).to_parquet(path)
    with pytest.raises(Exception, match=r"users\.parquet cannot be read"):
        read_cell(path)
