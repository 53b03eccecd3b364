"""``reelgraph evaluate`` on plain files, relevance, and the metrics of each user."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audited import config, make_run, quiet, settings_of, small_split
from click.testing import CliRunner, Result

from reelgraph.artifacts import read_parquet
from reelgraph.cli.root import main
from reelgraph.errors import InputError
from reelgraph.model.data import Catalogue
from reelgraph.model.evaluation.measured import measured
from reelgraph.model.evaluation.ranking import evaluate
from reelgraph.model.frames import fit_model, split_frame
from reelgraph.model.item_files import read_genres
from reelgraph.model.splits.fold_files import read_fold
from reelgraph.model.zoo.ease import EASE
from reelgraph.pipeline.run import run_stage


def call(workspace: Path, *arguments: object) -> Result:
    words = ["--workspace", str(workspace), "evaluate", *map(str, arguments)]
    return CliRunner().invoke(main, words, env={"COLUMNS": "200"})


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The exported rows of the small data set, cut as text: each user's last two lines are test."""
    rows = read_parquet(small_split(tmp_path).dataset.interactions).sort_values(["user", "seq"])
    columns = ["user", "item", "rating", "timestamp"]
    lines = rows[columns].to_csv(sep="\t", index=False, header=False).splitlines()
    users: dict[str, list[str]] = {}
    for line in lines:
        users.setdefault(line.split("\t")[0], []).append(line)
    train, test = tmp_path / "train.tsv", tmp_path / "test.tsv"
    train.write_text("\n".join(line for own in users.values() for line in own[:-2]) + "\n")
    test.write_text("\n".join(line for own in users.values() for line in own[-2:]) + "\n")
    return train, test


@pytest.mark.slow
def test_files_give_the_figures_of_a_run_on_the_same_split(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    train, test = files
    split = small_split(tmp_path, "given", train=str(train), test=str(test))
    run = make_run(split, config("ease", baselines=("most-popular",)))
    run_stage("evaluate", settings_of(split), run, quiet)
    options = ("--train", train, "--test", test, "--model", "ease", "--baselines", "most-popular")
    found = call(tmp_path, *options, "--output", tmp_path / "out", "--json")
    assert found.exit_code == 0, found.output
    written = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert json.loads(found.stdout) == written
    expected = run.read_metrics().dump()["models"]
    assert isinstance(expected, dict)
    for name in ("ease", "most-popular"):
        ours, theirs = written["models"][name], expected[name]
        assert ours["metrics"] == theirs["metrics"] and ours["users"] == theirs["users"]
    pd.testing.assert_frame_equal(
        read_parquet(tmp_path / "out" / "metrics-per-user.parquet"),
        read_parquet(run.user_metrics),
    )


@pytest.mark.parametrize(("separator", "header"), [(",", True), ("::", False), ("\t", True)])
@pytest.mark.slow
def test_formats_give_the_same_figures(
    tmp_path: Path, files: tuple[Path, Path], separator: str, header: bool
) -> None:
    plain = call(tmp_path, "--train", files[0], "--test", files[1], "--model", "ease", "--json")
    first = separator.join(("userId", "movieId", "rating", "timestamp")) + "\n" if header else ""
    for file in files:
        file.write_text(first + file.read_text().replace("\t", separator))
    other = call(tmp_path, "--train", files[0], "--test", files[1], "--model", "ease", "--json")
    assert plain.exit_code == other.exit_code == 0, plain.output + other.output
    one, two = (json.loads(found.stdout)["models"] for found in (plain, other))
    assert one == two


@pytest.mark.slow
def test_users_of_test_alone_are_counted_and_reported(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    train, test = files
    test.write_text(test.read_text() + "zoe\t3\t5\t1000000009\nzoe\tnew\t5\t1000000010\n")
    found = call(tmp_path, "--train", train, "--test", test, "--model", "ease")
    assert found.exit_code == 0, found.output
    assert "of the test rows' 7 users 1 and" in found.stderr
    assert "1 of them cold" in found.stderr and "written:" in found.stderr
    assert "most-popular" in found.stdout and "ease, warm users" in found.stdout


@pytest.mark.slow
def test_one_file_is_cut_by_a_protocol_and_genres_are_measured(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    together, items = tmp_path / "all.tsv", tmp_path / "items.csv"
    together.write_text("".join(file.read_text() for file in files))
    items.write_text(
        'movieId,title,genres\n1,"One, The",Action|War\n'
        + "".join(f"{n},Film {n},{'War' if n % 2 else 'Comedy'}\n" for n in range(2, 15))
    )
    options = ("--data", together, "--protocol", "leave-one-out", "--model", "most-popular")
    found = call(tmp_path, *options, "--items", items, "--baselines", "none", "--json")
    assert found.exit_code == 0, found.output
    models = json.loads(found.stdout)["models"]
    assert list(models) == ["most-popular"]
    assert 0 < models["most-popular"]["beyond"]["genre_diversity@10"] < 1
    rated = call(tmp_path, "--data", together, "--model", "bias", "--json")
    assert rated.exit_code == 0, rated.output
    assert json.loads(rated.stdout)["models"]["bias"]["metrics"]["rmse"]["mean"] > 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "is empty"),
        (b"1\t2\t3\t100\n1\t3\t4", "has an empty field"),
        (b"1 2 3 100\n", "is one column"),
        (b"user,rating\n1,2\n", "no column 'item'"),
        (b"1\t2\t3\t100\n1\t2\t3\t100\n", "line 2: the row of user 1 and item 2 occurs twice"),
        (b"\x00\x01,\x02\xff\xfe", "cannot be read"),
        (b"1\t2\x00\t3\t100\n", "is not a text file"),
        (b"1\t2\tgood\t100\n", "'good' is no number"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, files: tuple[Path, Path], text: bytes, words: str
) -> None:
    files[0].write_bytes(text)
    found = call(tmp_path, "--train", files[0], "--test", files[1], "--model", "most-popular")
    assert found.exit_code == 2 and words in found.output, found.output
    assert "Traceback" not in found.output


def test_options_that_do_not_go_together(tmp_path: Path, files: tuple[Path, Path]) -> None:
    for options, words in (
        (("--model", "ease"), "--model is for plain files"),
        (("--train", files[0]), "--train and --test go together"),
        (("some-run", "--train", files[0], "--test", files[1]), "a run has its rows already"),
        (("--data", files[0], "--model", "bias", "--relevant", 4), "asked of rankings"),
    ):
        found = call(tmp_path, *options)
        assert found.exit_code == 2 and words in found.output, found.output


def test_only_liked_items_are_right() -> None:
    rows = [(u, i, 5 if (u + i) % 2 else 2, 100 * u + i) for u in range(6) for i in range(u, u + 9)]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp"])
    folds = split_frame(frame, "leave-one-out")
    model = fit_model(EASE, folds)
    everything, liked = evaluate(model, folds), evaluate(model, folds, relevant=4)
    assert everything.relevant is None and liked.relevant == 4
    # the last item of user u is u + 8, so its rating is the one of an even sum: 2
    assert liked.questions == 0 and liked.unanswered == 6
    frame.loc[frame["user"].isin([1, 2]) & (frame["item"] - frame["user"] == 8), "rating"] = 4
    folds = split_frame(frame, "leave-one-out")
    figures, users = measured(model, folds, "ranking", relevant=4)
    assert (figures.questions, figures.users, figures.unanswered) == (2, 2, 4)
    _, of_all = measured(model, folds, "ranking")
    np.testing.assert_array_equal(
        users["ndcg@10"], of_all.loc[of_all["user"].isin([1, 2]), "ndcg@10"]
    )
    with pytest.raises(InputError, match="without ratings"):
        evaluate(model, split_frame(frame.drop(columns="rating")), relevant=4)


@pytest.mark.slow
def test_a_run_says_what_is_relevant_and_is_another_run(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    plain, chosen = (make_run(split, config("ease", relevant=least)) for least in (None, 4.0))
    assert plain.run_id != chosen.run_id
    run_stage("evaluate", settings_of(split), chosen, quiet)
    figures = chosen.read_metrics().models["ease"]
    assert figures.relevant == 4 and figures.unanswered is not None
    assert read_parquet(chosen.user_metrics)["questions"].sum() == figures.questions


def test_item_files(tmp_path: Path) -> None:
    path, catalogue = tmp_path / "movies.dat", Catalogue(np.array([1, 2, 3]))
    path.write_bytes("1::Café (1990)::War|Drama\n3::Other::(no genres listed)\n".encode("latin-1"))
    assert read_genres(path, catalogue).tolist() == [[1, 1], [0, 0], [0, 0]]
    for text, words in (
        ("id,title\n1,a\n", "no column 'genres'"),
        ("", "is empty"),
        ("1,a,b\n2,a\n", "line 2 has 2 columns"),
        ("9,a,b\n", "none of the items"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=words):
            read_genres(path, catalogue)


def test_fold_files_with_double_colons(tmp_path: Path) -> None:
    path = tmp_path / "ratings.dat"
    path.write_text("1::10::978300760::5\n2::11::978300761::3\n")
    table = read_fold(path)
    assert table["timestamp"].tolist() == ["978300760", "978300761"]
    assert table["rating"].tolist() == ["5", "3"] and table["item"].tolist() == ["10", "11"]


def test_slices_are_those_of_the_questions_asked_alone() -> None:
    """Against the same evaluation with only the slice's users, or items, in test."""
    rows = [(u, (u * 7 + 3 * i) % 31, 1000 * i + u) for u in range(30) for i in range(4 + u % 7)]
    frame = pd.DataFrame(rows, columns=["user", "item", "timestamp"])
    frame = frame.drop_duplicates(["user", "item"]).assign(rating=lambda one: one["item"] % 5)
    folds = split_frame(frame, "global-time", train=0.7, targets="all")
    model = fit_model(EASE, folds)
    whole = evaluate(model, folds, sliced=True)
    counts = np.bincount(folds.history.items, minlength=len(folds.test.catalogue))
    lengths = np.diff(folds.history.offsets)
    for part in whole.slices.values():
        of_row = np.repeat(lengths, np.diff(folds.test.offsets))
        of_item = counts[folds.test.items]
        value = of_row if part.of == "users" else of_item
        kept = (value >= part.least) & (value <= part.most)
        users = np.repeat(np.arange(len(lengths)), np.diff(folds.test.offsets))[kept]
        sizes = np.bincount(users, minlength=len(lengths))
        test = replace(
            folds.test,
            offsets=np.concatenate([[0], np.cumsum(sizes)]),
            items=folds.test.items[kept],
            ratings=None,
            timestamps=None,
        )
        alone = evaluate(model, replace(folds, test=test))
        assert part.questions == alone.questions and part.users == alone.users
        assert part.items == len(np.unique(test.items))
        for metric in ("ndcg@10", "recall@10"):
            assert part.metrics[metric] == alone.metrics[metric]
    assert {"history, quartile 1", "popularity, quartile 1"} <= set(whole.slices)
    assert "cold users" in whole.slices or not whole.cold
    assert evaluate(model, folds).slices == {}


@pytest.mark.slow
def test_slices_are_shown(tmp_path: Path, files: tuple[Path, Path]) -> None:
    options = ("--train", files[0], "--test", files[1])
    found = call(tmp_path, *options, "--model", "ease", "--slices")
    assert found.exit_code == 0, found.output
    assert "popularity, quartile 1" in found.stdout and "Recall@10" in found.stdout
    rated = call(tmp_path, *options, "--model", "bias", "--slices", "--json")
    slices = json.loads(rated.stdout)["models"]["bias"]["slices"]
    quartiles = [part for name, part in slices.items() if name.startswith("history")]
    assert sum(part["users"] for part in quartiles) == 6 and "rmse" in quartiles[0]["metrics"]
