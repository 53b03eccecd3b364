"""``reelgraph features``: files, manifest and messages, without a database."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from folder_manifests import dataset_manifest

from reelgraph.artifacts import DatasetFolder, read_parquet, write_manifest, write_parquet
from reelgraph.cli import main
from reelgraph.model.features.builder import FeatureBuilder
from reelgraph.model.features.facts import Facts
from reelgraph.model.features.files import load_rows
from reelgraph.model.splits.lookup import bound, protocol_of
from reelgraph.model.splits.splitting import write_split


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A data set of six users, ten movies and two genres, with two splits."""
    folder = DatasetFolder(tmp_path / "datasets" / "abc")
    rows = [
        (user, item, 1.0 + (user * item) % 5, 10**9 + 500_000 * item + user, item)
        for user in range(1, 7)
        for item in range(1, 11)
    ]
    columns = ["user", "item", "rating", "timestamp", "seq"]
    write_parquet(folder.interactions, pd.DataFrame(rows, columns=columns))
    items = pd.DataFrame({"itemId": range(1, 11), "index": range(10), "title": "A Film"})
    write_parquet(folder.items, items)
    write_parquet(folder.users, pd.DataFrame({"userId": range(1, 7), "age": [20, 30] * 3}))
    edges = [(n, "HAS_GENRE", 10 + n % 2) for n in range(10)]
    write_parquet(folder.triples, pd.DataFrame(edges, columns=["head", "relation", "tail"]))
    write_manifest(folder.path, dataset_manifest())
    write_split(folder, bound("seed-leaky"))
    write_split(folder, bound("user-time"))
    return tmp_path


def call(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(workspace), "features", *arguments])


@pytest.mark.slow
def test_it_writes_what_a_loaded_builder_gives_again(workspace: Path) -> None:
    result = call(workspace, "--split", "user-time", "--check", "10", "--json")
    assert result.exit_code == 0, result.output
    written = json.loads(result.stdout)
    assert written["events"] == 60 and written["label"] == ""
    assert written["check"] == {"events": 10, "changed": []}
    assert "user_rating_std" in written["numbers"]
    split = DatasetFolder(workspace / "datasets" / "abc").split("user-time")
    assert split.manifest().features.consumer == "models of ratings"
    events = read_parquet(split.path / "features" / "events.parquet")
    items = read_parquet(split.path / "features" / "items.parquet")
    assert items["genres"].map(len).tolist() == [1] * 10
    assert items["title"].iloc[0].tolist() == [1, 2]
    builder = FeatureBuilder.load(
        split.path / "features", Facts.of(split.dataset), protocol_of(split)
    )
    table = builder.transform(load_rows(split))
    pd.testing.assert_frame_equal(events[list(table.names)], table.frame()[list(table.names)])


@pytest.mark.slow
def test_on_seed_leaky_everything_is_labelled(workspace: Path) -> None:
    result = call(workspace, "--split", "seed-leaky", "--check", "5")
    assert result.exit_code == 0, result.output
    assert "seed-leaky: LEAKS THE TARGET" in result.stderr
    assert "not from the past alone: movie_rating" in result.stderr
    folder = Path(result.stdout.strip())
    assert set(read_parquet(folder / "events.parquet")["label"]) == {"LEAKS THE TARGET"}
    manifest = DatasetFolder(workspace / "datasets" / "abc").split("seed-leaky").manifest()
    assert manifest.label == manifest.features.label == "LEAKS THE TARGET"


@pytest.mark.parametrize("history", ["frozen", "rolling"])
@pytest.mark.parametrize("fold", ["train", "test"])
@pytest.mark.slow
def test_some_events_without_a_timestamp(workspace: Path, history: str, fold: str) -> None:
    split = DatasetFolder(workspace / "datasets" / "abc").split("user-time")
    rows = read_parquet(split.dataset.interactions).astype({"timestamp": "Int64"})
    folds = rows.merge(read_parquet(split.split))["fold"]
    rows.loc[rows.index[folds == fold][:2], "timestamp"] = pd.NA
    write_parquet(split.dataset.interactions, rows)
    result = call(workspace, "--split", "user-time", "--set", f"history={history}", "--check", "20")
    assert result.exit_code == 0, result.output
    assert "2 events have no timestamp, so no feature uses times" in result.stderr
    assert "no difference" in result.stderr
    record = split.manifest().features
    assert record.without_timestamp == 2
    assert "movie_rating_count" in record.left_out and "user_rating_count" in record.numbers


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "speed=1"], "setting speed"),
        (["--set", "history=later"], "setting history"),
        (["--split", "none"], "no split none"),
        (["--split", "user-time", "--set", "leaky=true"], "contain the answer"),
        (["--split", "seed-leaky", "--set", "leaky=false"], "[KG-LSTM] as written"),
    ],
)
def test_what_does_not_fit_is_refused(workspace: Path, arguments: list[str], message: str) -> None:
    result = call(workspace, *arguments)
    assert result.exit_code != 0
    assert message in result.stderr
    assert "Traceback" not in result.output
