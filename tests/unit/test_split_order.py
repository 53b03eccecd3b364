"""Cuts by time need times; cold users and splits that nobody fits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audited import audited, config, make_run, quiet, results, settings_of
from click.testing import CliRunner, Result
from folder_manifests import dataset_manifest

from reelgraph.artifacts import (
    DatasetFolder,
    SplitFolder,
    read_parquet,
    write_manifest,
    write_parquet,
)
from reelgraph.cli import main
from reelgraph.cli.run_options import make_config
from reelgraph.errors import InputError, SettingsError
from reelgraph.export.dataset import content_fingerprint
from reelgraph.model.base import TrainingOptions
from reelgraph.model.dataset import load_catalogue, load_folds
from reelgraph.model.evaluation.ranking import evaluate
from reelgraph.model.needs import TrainingData
from reelgraph.model.splits.fold_files import read_fold, reading_of
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import write_split
from reelgraph.model.zoo.ease import EASE
from reelgraph.pipeline.run import run_stage

BY_SEQ = ["user-time", "leave-one-out"]


def made(folder: Path, rows: pd.DataFrame, id_space: str = "plays") -> DatasetFolder:
    """A data set of these rows, as the export writes one."""
    dataset = DatasetFolder(folder / "datasets" / "made")
    rows = rows.assign(seq=rows.groupby("user").cumcount() + 1)
    rows = rows.sort_values(["user", "seq"], ignore_index=True)
    items, users = np.unique(rows["item"]), np.unique(rows["user"])
    index = {"item": np.arange(len(items)), "user": len(items) + np.arange(len(users))}
    tables = {
        "interactions": rows,
        "items": pd.DataFrame({"itemId": items, "index": index["item"]}),
        "users": pd.DataFrame({"userId": users, "index": index["user"]}),
        "entities": pd.DataFrame({"entityId": [], "index": []}),
        "triples": pd.DataFrame({"head": [], "relation": [], "tail": []}),
    }
    for name, table in tables.items():
        write_parquet(dataset.path / f"{name}.parquet", table)
    counts = {name: len(table) for name, table in tables.items()}
    about = dataset_manifest(counts, interaction_type="PLAYED", id_space=id_space)
    write_manifest(dataset.path, about)
    named = dataset.path.with_name(content_fingerprint(dataset))  # the audit checks it
    if not named.exists():
        shutil.copytree(dataset.path, named)
    return DatasetFolder(named)


def plays(users: int = 8, each: int = 6, **columns: object) -> pd.DataFrame:
    rows = [(user, (user * 3 + n) % 17) for user in range(1, users + 1) for n in range(each)]
    return pd.DataFrame(rows, columns=["user", "item"]).assign(**columns)


TIMELESS = {
    "none": plays(),
    "all equal": plays(timestamp=1_600_000_000),
    "equal per user": plays().assign(timestamp=lambda rows: rows["user"] * 1000),
    "all missing": plays(timestamp=pd.array([None] * 48, dtype="Int64")),
}


@pytest.mark.parametrize("protocol", BY_SEQ)
@pytest.mark.parametrize("rows", TIMELESS.values(), ids=list(TIMELESS))
def test_without_times_a_cut_by_order_is_refused(tmp_path, rows, protocol):
    dataset = made(tmp_path, rows)
    with pytest.raises(InputError, match="cuts by time, and") as caught:
        write_split(dataset, bound(protocol))
    assert "--order rows" in caught.value.hint and "--protocol random" in caught.value.hint
    assert not list(dataset.path.glob("splits/*/manifest.json"))


@pytest.mark.parametrize("protocol", ["global-time", "seed-leaky"])
@pytest.mark.parametrize("rows", TIMELESS.values(), ids=list(TIMELESS))
def test_one_cut_in_time_cannot_go_by_rows(tmp_path, rows, protocol):
    if rows is not TIMELESS["equal per user"]:
        with pytest.raises(InputError, match=r"without timestamps|nothing to train on"):
            write_split(made(tmp_path, rows), bound(protocol))
    with pytest.raises(InputError, match="has no parameter 'order'"):
        write_split(made(tmp_path, rows), bound(protocol, {"order": "rows"}))


@pytest.mark.parametrize("protocol", BY_SEQ)
@pytest.mark.slow
def test_the_order_of_rows_is_said_and_stands_beside_the_figures(tmp_path, protocol):
    split = write_split(made(tmp_path, TIMELESS["none"]), bound(protocol, {"order": "rows"}))
    assert split.split_id == f"{protocol}-rows"
    run = make_run(split, config("ease", baselines=("most-popular",)))
    run_stage("evaluate", settings_of(split), run, quiet)
    said = "the source's row order, said to be that of time"
    assert split.manifest().order == run.manifest().order == said
    shown = call(split, "evaluate", run.run_id)
    assert f"order by {said}" in " ".join(shown.stderr.split())
    assert "order of rows" in call(split, "runs", "list").output
    assert said in call(split, "runs", "show", run.run_id).output


def test_a_mixture_of_rows_with_and_without_times_is_refused(tmp_path):
    rows = plays(timestamp=pd.array([None, *range(47)], dtype="Int64"))
    for order in ("time", "rows"):
        with pytest.raises(InputError, match="1 of 48 interactions have no timestamp"):
            write_split(made(tmp_path, rows), bound("user-time", {"order": order}))


def test_data_with_times_is_cut_by_them_and_not_by_rows(tmp_path):
    dataset = made(tmp_path, plays(timestamp=range(48)))
    assert write_split(dataset, bound("user-time")).manifest().order.startswith("time, ties by")
    for name in ("user-time", "leave-one-out"):
        assert bound(name).split_id == name
    with pytest.raises(InputError, match="has times"):
        write_split(dataset, bound("user-time", {"order": "rows"}))


def test_an_adopted_graph_without_times_has_no_order(tmp_path):
    dataset = made(tmp_path, plays(), "adopted:shop")
    with pytest.raises(InputError, match="order is that of the item ids"):
        write_split(dataset, bound("user-time", {"order": "rows"}))
    with pytest.raises(InputError, match="no timestamps") as caught:
        write_split(dataset, bound("user-time"))
    assert "--order" not in caught.value.hint
    assert write_split(dataset, bound("random")).manifest().order == "item id, without times"


@pytest.mark.slow
def test_random_serves_rankers_and_is_marked(tmp_path):
    split = write_split(made(tmp_path, TIMELESS["none"]), bound("random"))
    run = make_run(split, config("attention-lstm"))
    assert not run.vectors.exists()
    report = audited(split, run)
    assert report.passed and results(report)["predictions without what is later"] != "fail"
    run_stage("evaluate", settings_of(split), run, quiet)
    shown = call(split, "evaluate", run.run_id)
    assert "random: optimistic" in shown.stderr
    assert "source's row order, without times" in " ".join(shown.stderr.split())
    row = json.loads(call(split, "runs", "list", "--json").stdout)[0]
    assert row["mind"] == "optimistic, no times"


@pytest.mark.parametrize("protocol", BY_SEQ)
def test_users_with_one_event_fit_no_split(tmp_path, protocol):
    dataset = made(tmp_path, plays(users=5, each=1, timestamp=range(5)))
    with pytest.raises(InputError, match="longest of the 5 users' histories has 1 interactions"):
        write_split(dataset, bound(protocol))


def test_leave_one_out_needs_three_events(tmp_path):
    dataset = made(tmp_path, plays(users=5, each=2, timestamp=range(10)))
    with pytest.raises(InputError, match="leaves no test rows") as caught:
        write_split(dataset, bound("leave-one-out"))
    assert "leave-one-out with 3" in caught.value.hint
    assert write_split(dataset, bound("user-time")).manifest().counts.test == 5


def cold_split(folder: Path) -> SplitFolder:
    """The last two of eight users come after the cut in time."""
    rows = plays(timestamp=range(48))
    return write_split(made(folder, rows), bound("global-time", {"train": 0.75, "targets": "all"}))


def test_cold_users_are_answered_by_popularity(tmp_path):
    split = cold_split(tmp_path)
    folds = load_folds(split, load_catalogue(split))
    model = EASE()
    model.fit(TrainingData(folds.history), TrainingOptions())
    found = evaluate(model, folds)
    assert (found.users, found.cold, found.fallback) == (2, 2, "most popular")
    rows = read_parquet(split.dataset.interactions).merge(read_parquet(split.split))
    known = rows[rows["fold"] != "test"]["item"].value_counts()
    ranked = sorted(folds.test.catalogue.item_ids, key=lambda item: (-known.get(item, 0), item))
    first = [ranked[0] in set(rows.loc[rows["user"] == user, "item"]) for user in (7, 8)]
    assert found.metrics["precision@1"].mean == np.mean(first)


@pytest.mark.slow
def test_cold_users_get_a_marked_list_from_train_and_valid_alone(tmp_path):
    split = cold_split(tmp_path)
    run = make_run(split, config("attention-lstm"))
    lists = read_parquet(run.predictions)
    assert set(lists.loc[lists["fallback"].notna(), "user"]) == {7, 8}
    assert lists["fallback"].dropna().unique().tolist() == ["most popular"]
    assert audited(split, run).passed
    run_stage("evaluate", settings_of(split), run, quiet)
    assert run.read_metrics().models["attention-lstm"].cold == 2


@pytest.mark.slow
def test_warm_users_stand_beside_all(tmp_path):
    rows = plays(timestamp=range(48))
    late = rows["user"].isin([1, 2]) & (rows.groupby("user").cumcount() > 3)
    rows.loc[late, "timestamp"] += 100
    split = write_split(
        made(tmp_path, rows), bound("global-time", {"train": 0.7, "targets": "all"})
    )
    run = make_run(split, config("ease"))
    run_stage("evaluate", settings_of(split), run, quiet)
    shown = call(split, "evaluate", run.run_id)
    assert "ease, warm users" in shown.stdout
    said = "cold (without rows in train or valid), answered by the most popular items"
    assert said in " ".join(shown.stderr.split())


def call(split: SplitFolder, *arguments: str) -> Result:
    nowhere = {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "x", "COLUMNS": "200"}
    command = ["--workspace", str(settings_of(split).workspace), *arguments]
    return CliRunner().invoke(main, command, env=nowhere)


@pytest.mark.parametrize(
    ("lines", "reading"),
    [
        ("1\t5\t881250949\n", "tab, no header: user, item, timestamp"),
        ("1\t5\t4\n", "tab, no header: user, item, rating"),
        ("1,5,4,881250949\n", "comma, no header: user, item, rating, timestamp"),
        ("1,5,881250949,4\n", "comma, no header: user, item, timestamp, rating"),
        ("1,5\n", "comma, no header: user, item"),
        ("item,user,time\n5,1,881250949\n", "comma, a header: item, user, timestamp"),
    ],
)
def test_the_reading_of_a_given_file(tmp_path, lines, reading):
    path = tmp_path / "train.csv"
    path.write_text(lines)
    assert reading_of(path) == reading
    row = read_fold(path).iloc[0]
    assert (row["user"], row["item"]) == ("1", "5")
    assert row.get("timestamp", "881250949") == "881250949" and row.get("rating", "4") == "4"


def test_what_is_set_goes_to_the_protocol_or_to_the_model():
    made = make_config(None, ("train=a", "test=b", "reg=9"), protocol="given", model="ease")
    assert made.protocol_parameters == {"train": "a", "test": "b"}
    assert made.options == {"reg": 9}
    of_split = make_config(
        None, ("reg=9",), protocol="user-time", protocol_parameters={"train": 0.7}, model="ease"
    )
    assert of_split.protocol_parameters == {"train": 0.7}
    with pytest.raises(SettingsError, match="option nosuch of model 'ease'"):
        make_config(None, ("nosuch=1",), protocol="given", model="ease")
