"""Lists for somebody without a user number, from the folder of a run, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from audited import config, quiet, settings_of
from audited import make_run as made
from click.testing import CliRunner

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet, write_manifest, write_parquet
from reelgraph.cli import main
from reelgraph.errors import ArtifactError, InputError
from reelgraph.pipeline.new_user import NewUserList, recommend_for
from reelgraph.testing.small_split import ITEMS, make_split_folder

TITLES = [f"Film {chr(ord('A') + n)}" for n in range(ITEMS)]
GENRES = ["Comedy", "Horror"]  # of items with an odd and an even id


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    titles = {"title": [*TITLES[:-1], TITLES[0]], "year": range(1980, 1980 + ITEMS)}
    split = make_split_folder(tmp_path, items=titles)
    entities = read_parquet(split.dataset.entities)
    names = [*GENRES, *entities["entityId"].iloc[len(GENRES) :]]
    write_parquet(split.dataset.entities, entities.assign(name=names))
    return split


def make_run(split: SplitFolder, model: str) -> RunFolder:
    options: dict[str, Any] = {"epochs": 1} if model in {"svd", "svd++", "bpr-mf"} else {}
    return made(split, config(model, **({"options": options} if options else {})))


def ask(split: SplitFolder, run: RunFolder, liked: list[str], genres: list[str]) -> NewUserList:
    return recommend_for(settings_of(split), run, liked, genres, 5, quiet)


@pytest.mark.parametrize(
    "model", ["attention-lstm", "ease", "most-popular", "bias", "svd", "item-knn", "ials"]
)
def test_every_kind_of_model_answers(split: SplitFolder, model: str) -> None:
    found = ask(split, make_run(split, model), ["film b", "5"], [])
    assert [item["itemId"] for item in found.history] == [2, 5]
    assert [row["rank"] for row in found.rows] == [1, 2, 3, 4, 5]
    assert not {row["itemId"] for row in found.rows} & {2, 5}
    assert "whole history is the named items, each rated 5" in found.rule
    numbers = [row["predictedRating" if model == "bias" else "score"] for row in found.rows]
    assert numbers == sorted(numbers, reverse=True)
    if model in {"ease", "attention-lstm"}:
        assert {why["itemId"] for row in found.rows for why in row["because"]} == {2, 5}


def test_genres_alone_and_beside_items(split: SplitFolder) -> None:
    run = make_run(split, "ease")
    comedies = set(range(1, ITEMS + 1, 2))
    rows = read_parquet(split.dataset.interactions).merge(read_parquet(split.split))
    read = rows[rows["fold"].isin(["train", "valid"])]["item"].value_counts()
    best = sorted(comedies & set(read.index), key=lambda item: (-read[item], item))[:5]
    found = ask(split, run, [], ["comedy"])
    assert found.history == [] and "the items of comedy that most users rated" in found.rule
    assert [(row["itemId"], row["score"]) for row in found.rows] == [(n, read[n]) for n in best]
    assert [row["rank"] for row in found.rows] == [1, 2, 3, 4, 5]
    assert all(row["fallback"] == "most popular" and row["because"] == [] for row in found.rows)
    found = ask(split, run, [], ["horror", "comedy"])
    assert [row["score"] for row in found.rows] == sorted(read, reverse=True)[:5]
    assert "horror or comedy" in found.rule
    found = ask(split, run, ["4"], ["Comedy"])
    assert [item["itemId"] for item in found.history] == [4]
    assert {row["itemId"] for row in found.rows} < comedies
    assert "the named items" in found.rule and "Only items of Comedy are listed" in found.rule


def test_a_genre_alone_lists_only_what_somebody_rated(split: SplitFolder) -> None:
    run = make_run(split, "most-popular")
    rows = read_parquet(split.split)
    hidden = (rows["item"] % 2 == 0) & (rows["item"] != 4)
    write_parquet(split.split, rows.assign(fold=rows["fold"].mask(hidden, "test")))
    assert [row["itemId"] for row in ask(split, run, [], ["horror"]).rows] == [4]
    hidden = rows["item"] % 2 == 0
    write_parquet(split.split, rows.assign(fold=rows["fold"].mask(hidden, "test")))
    with pytest.raises(InputError, match="nobody has rated an item of this genre"):
        ask(split, run, [], ["horror"])


def test_names_that_do_not_fit_are_told_with_the_nearest(split: SplitFolder) -> None:
    run = make_run(split, "most-popular")
    for liked, genres, told in (
        (["Flim C"], [], "no item 'Flim C'"),
        (["Film A"], [], "fits 2 items: Film A .1980., id 1; Film A .1993., id 14"),
        ([], ["Horor"], "no genre 'Horor'"),
        ([], [], "nothing is named"),
    ):
        with pytest.raises(InputError, match=told) as caught:
            ask(split, run, liked, genres)
        if liked == ["Flim C"]:
            assert "Film C (1982), id 3" in caught.value.hint
        if genres:
            assert "Horror" in caught.value.hint
    assert ask(split, run, ["film a (1993)"], []).history[0]["itemId"] == 14


def test_a_run_of_another_behaviour_is_not_asked(split: SplitFolder) -> None:
    run = make_run(split, "most-popular")
    write_manifest(run.path, run.manifest().model_copy(update={"behaviour": 999}))
    with pytest.raises(ArtifactError, match="behaviour"):
        ask(split, run, ["1"], [])


def test_the_command(split: SplitFolder) -> None:
    run = make_run(split, "ease")

    def call(*arguments: str, code: int = 0) -> str:
        workspace = str(settings_of(split).workspace)
        result = CliRunner().invoke(main, ["--workspace", workspace, "recommend", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    shown = call("--like", "Film B", "--genre", "Horror", "--n", "2")
    assert "liked: Film B (1981)" in shown and "whole history is the named items" in shown
    found = json.loads(call("--like", "2", "--run", run.run_id, "--n", "2", "--json"))
    assert found["run_id"] == run.run_id and found["audit"] == "not audited"
    assert [row["rank"] for row in found["rows"]] == [1, 2]
    other = make_run(split, "bias")
    shown = call("--like", "2", "--task", "ranking", "--json")
    found = json.loads(shown[shown.index("{") :])
    assert found["run_id"] == run.run_id  # though the other is newer
    shown = call("--like", "2", "--task", "rating", "--json")
    found = json.loads(shown[shown.index("{") :])
    assert found["run_id"] == other.run_id and "predictedRating" in found["rows"][0]
    shown = call("--genre", "horror", "--task", "rating", "--n", "1")
    assert "No item is named, so these are the items of horror" in shown
    assert "liked:" not in shown and "  1. Film" in shown
    refused = call("--like", "2", "--run", run.run_id, "--task", "rating", code=2)
    assert "is for ranking, not for rating" in refused
    assert "for whom?" in call(code=2)
    assert "without a user number" in call("1", "--like", "2", code=2)
    assert "Leave out --live" in call("--like", "2", "--live", code=2)
