"""Stages over the files of a run alone."""

from __future__ import annotations

from pathlib import Path

from audited import config, make_run, settings_of, small_split

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet
from reelgraph.pipeline.run import run_stage


def has_vectors(run: RunFolder) -> bool:
    return (run.vectors / "users.parquet").is_file()


def test_vectors_are_for_splits_that_read_the_first_events(tmp_path: Path) -> None:
    """The live query knows only how many events of a user a run had read."""
    assert has_vectors(make_run(small_split(tmp_path / "time"), config("attention-lstm")))
    split = given_backwards(tmp_path)
    run = make_run(split, config("attention-lstm"))
    assert run.predictions.is_file() and not has_vectors(run)
    notes: list[str] = []
    run_stage("predict", settings_of(split), run, notes.append, force=True)
    assert any("no vectors for live recommendations" in note for note in notes)


def given_backwards(folder: Path) -> SplitFolder:
    """The protocol ``given`` with the first event of each user as test."""
    rows = read_parquet(small_split(folder).dataset.interactions)
    files = {}
    for name, part in (("test", rows[rows["seq"] == 1]), ("train", rows[rows["seq"] > 1])):
        files[name] = str(folder / f"{name}.csv")
        part[["user", "item"]].to_csv(files[name], index=False)
    return small_split(folder, "given", **files)
