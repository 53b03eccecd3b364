"""Stages over the files of a run alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from audited import config, make_run, settings_of, small_split

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet
from reelgraph.model.dataset import load_catalogue
from reelgraph.model.zoo.most_popular import MostPopular
from reelgraph.pipeline.run import run_stage


def has_vectors(run: RunFolder) -> bool:
    return (run.vectors / "users.parquet").is_file()


@pytest.mark.slow
def test_vectors_are_for_splits_that_read_the_first_events(tmp_path: Path) -> None:
    """The live query knows only how many events of a user a run had read."""
    assert has_vectors(make_run(small_split(tmp_path / "time"), config("attention-lstm")))
    split = given_backwards(tmp_path)
    run = make_run(split, config("attention-lstm"))
    assert run.predictions.is_file() and not has_vectors(run)
    notes: list[str] = []
    run_stage("predict", settings_of(split), run, notes.append, force=True)
    assert any("no vectors for live recommendations" in note for note in notes)


@pytest.mark.parametrize("epochs", [None, 1])
@pytest.mark.parametrize(
    ("protocol", "folds"), [("leave-one-out", ["train"]), ("user-time", ["train", "valid"])]
)
def test_leave_one_out_keeps_the_weights_of_train(
    tmp_path: Path, protocol: str, folds: list[str], epochs: int | None
) -> None:
    """As published, its valid event joins the history only; others are fitted once more."""
    split = small_split(tmp_path, protocol)
    run = make_run(split, config("most-popular", epochs=epochs))
    model = MostPopular.load(run.model, load_catalogue(split))
    rows = read_parquet(split.split)
    read = rows[rows["fold"].isin(folds)]["item"].value_counts()
    expected = [read.get(item, 0) for item in model.catalogue.item_ids]
    assert model.counts.tolist() == expected


def test_each_fit_of_a_run_leaves_its_epochs(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    run = make_run(split, config("attention-lstm"))
    chosen, final = (lines_of(run.model / f"history-{fit}.jsonl") for fit in ("choice", "final"))
    epochs = run.manifest().chosen_epochs
    assert len(final) == epochs
    rates = [[row["learning_rate"] for row in rows[:epochs]] for rows in (chosen, final)]
    assert rates[0] == rates[1]
    assert "valid" in chosen[0] and "valid" not in final[0]


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def given_backwards(folder: Path) -> SplitFolder:
    """The protocol ``given`` with the first event of each user as test."""
    rows = read_parquet(small_split(folder).dataset.interactions)
    files = {}
    for name, part in (("test", rows[rows["seq"] == 1]), ("train", rows[rows["seq"] > 1])):
        files[name] = str(folder / f"{name}.csv")
        part[["user", "item"]].to_csv(files[name], index=False)
    return small_split(folder, "given", **files)
