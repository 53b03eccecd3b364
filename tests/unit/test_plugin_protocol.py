"""A protocol from a plugin: what it must have, and that it is cut, fitted, asked and audited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audited import audited, config, quiet, settings_of
from click.testing import CliRunner

from reelgraph.artifacts import RunFolder, SplitFolder, read_json, read_parquet
from reelgraph.cli import main
from reelgraph.errors import InputError, PluginError
from reelgraph.model.splits.base import OneCut, PerUser, Protocol
from reelgraph.model.splits.lookup import bound, protocol_of
from reelgraph.model.splits.parameters import Share, WholeNumber
from reelgraph.model.splits.splitting import make_split, write_split
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.identity import open_run
from reelgraph.pipeline.run import run_stage
from reelgraph.plugins import contracts, manager
from reelgraph.settings import Settings
from reelgraph.testing.small_split import USERS, make_split_folder

EXAMPLE = Path(__file__).parents[2] / "plugins" / "example"


@pytest.fixture
def example(tmp_path: Path) -> Iterator[None]:
    """The plugins of the example are configured."""
    manager.configure(Settings(workspace=tmp_path, plugins_dir=EXAMPLE))
    yield
    manager.configure(Settings(workspace=tmp_path))


def run_on(split: SplitFolder, made: RunConfig) -> RunFolder:
    run = open_run(settings_of(split), split, made, ())
    for stage in ("train", "predict", "audit", "evaluate"):
        run_stage(stage, settings_of(split), run, quiet)
    return run


@pytest.mark.usefixtures("example")
def test_the_protocol_of_the_example_is_run(tmp_path: Path) -> None:
    made = config(protocol="first-events", protocol_parameters={"known": 3})
    split = write_split(make_split_folder(tmp_path).dataset, made.bound_protocol())
    assert split.split_id == "first-events-known3"
    rows = read_parquet(split.split)
    first = rows.sort_values("seq").groupby("user")["fold"].apply(list)
    assert {tuple(folds[:4]) for folds in first} == {("train", "train", "valid", "test")}
    assert {fold for folds in first for fold in folds[4:]} == {"unused"}
    assert split.manifest().parameters == {"known": 3, "order": "time"}

    run = run_on(split, made)
    figures = run.read_metrics().models["ease"]
    assert (figures.users, figures.history) == (USERS, "train + valid")
    report = audited(split, run, full=True)
    assert report.passed
    later = [row for row in report.rows if row.check == 5]
    assert [row.result for row in later] == ["pass"]
    assert "their own later rows deleted" in later[0].evidence


@pytest.mark.usefixtures("example")
@pytest.mark.slow
def test_without_its_plugin_a_split_is_read_but_not_audited(tmp_path: Path) -> None:
    made = config("most-popular", protocol="first-events")
    split = write_split(make_split_folder(tmp_path).dataset, made.bound_protocol())
    run = run_on(split, made)
    before = read_json(run.metrics)
    manager.configure(Settings(workspace=tmp_path))
    run_stage("evaluate", settings_of(split), run, quiet, force=True)
    assert read_json(run.metrics) == before
    with pytest.raises(InputError, match="unknown protocol 'first-events'"):
        audited(split, run)


def test_the_help_lists_it(tmp_path: Path) -> None:
    arguments = ["--workspace", str(tmp_path), "--plugins-dir", str(EXAMPLE), "export", "--help"]
    text = CliRunner().invoke(main, arguments).stdout
    assert "first-events" in text and "known=5" in text
    manager.configure(Settings(workspace=tmp_path))
    assert "first-events" not in CliRunner().invoke(main, ["export", "--help"]).stdout


class Halves(Protocol):
    """A complete one, which the others change."""

    name = "halves"
    description = "every second row"
    share = Share(0.5, "not used")

    def cut(self, rows: pd.DataFrame) -> np.ndarray:
        return np.where(np.arange(len(rows)) % 2 == 0, "train", "test")


class Nameless(Halves):
    name = "no/name"


class WithoutCut(Protocol):
    name, description = "without-cut", "cuts nothing"


class OtherScope(Halves):
    cut_scope = "country"  # type: ignore[assignment]


class OtherTasks(Halves):
    tasks = ("ranking", "clicks")  # type: ignore[assignment]


class NoOrder(Halves):
    cut_scope = "user"


class Reserved(Halves):
    label = Share(0.5, "hides the label")  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("cls", "mistake"),
    [
        (Nameless, "has a name with characters other than letters"),
        (WithoutCut, "lacks the method cut"),
        (OtherScope, "has cut_scope 'country'; known are user, everyone"),
        (OtherTasks, "has tasks clicks; known are ranking, rating"),
        (NoOrder, "has no parameter order; derive it from PerUser"),
        (Reserved, "has the parameter label, a reserved name"),
    ],
)
def test_mistakes_are_named(cls: type[Protocol], mistake: str) -> None:
    assert contracts.mistakes(Halves) == []
    assert mistake in "; ".join(contracts.mistakes(cls))


class PerUserHalves(PerUser, Halves):
    """Says that it cuts each user's rows, and reads rows after the first one of test."""


class OneCutHalves(OneCut, Halves):
    """Says that it has one cut in time."""


class OtherFolds(Halves):
    def cut(self, rows: pd.DataFrame) -> np.ndarray:
        return np.full(len(rows), "training")


class TooFew(Halves):
    def cut(self, rows: pd.DataFrame) -> np.ndarray:
        return np.full(len(rows) - 1, "train")


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (PerUserHalves, "protocol halves: 2 rows of train or valid are at or after its own cut"),
        (OneCutHalves, "protocol halves: 2 rows of train or valid are at or after its own cut"),
        (OtherFolds, "its cut gives folds training for 6 rows"),
        (TooFew, "its cut gives 5 folds for 6 rows"),
    ],
)
def test_a_protocol_that_does_not_keep_to_its_cut_is_refused(
    cls: type[Protocol], message: str
) -> None:
    rows = pd.DataFrame({"user": 1, "item": range(6), "seq": range(6), "timestamp": range(6)})
    assert len(make_split(rows, Halves.bound({}))) == 6  # which says that it has no cut
    with pytest.raises(PluginError, match=message):
        make_split(rows, cls.bound({}))


def test_what_is_after_the_cut_of_each_user_and_of_everybody() -> None:
    rows = pd.DataFrame(
        {
            "user": [1, 1, 1, 2, 2, 2],
            "seq": [1, 2, 3, 1, 2, 3],
            "timestamp": [10, 20, 30, 5, 6, 21],
            "fold": ["train", "test", "unused", "train", "train", "train"],
        }
    )
    of_user = bound("user-time").at_or_after_cut(rows)
    assert of_user is not None and of_user.tolist() == [False, True, True, False, False, False]
    of_everybody = bound("global-time").at_or_after_cut(rows)
    assert of_everybody is not None
    assert of_everybody.tolist() == [False, True, True, False, False, True]
    assert bound("random").at_or_after_cut(rows) is None
    nothing = bound("global-time").at_or_after_cut(rows.assign(fold="train"))
    assert nothing is not None and not nothing.any()


def test_parameters_are_attributes_with_the_values_of_the_object() -> None:
    class Windowed(PerUser):
        name, description = "windowed", "the last events"
        size = WholeNumber(3, "events", least=1)

        def cut(self, rows: pd.DataFrame) -> np.ndarray:
            return np.full(len(rows), "train")

    assert list(Windowed.parameters) == ["size", "order"]
    assert (Windowed.bound({}).size, Windowed.bound({"size": 5}).size) == (3, 5)
    assert Windowed.bound({"size": 5, "order": "rows"}).split_id == "windowed-size5-rows"
    with pytest.raises(InputError, match="size is 0") as caught:
        Windowed.bound({"size": 0})
    assert caught.value.hint == "It is a whole number from 1."
    with pytest.raises(InputError, match="no parameter 'width'"):
        Windowed.bound({"width": 1})


def test_a_split_names_its_protocol_and_parameters(tmp_path: Path) -> None:
    split = make_split_folder(tmp_path, timestamps=False)
    assert protocol_of(split).values == {"train": 0.8, "valid": 0.1, "order": "rows"}
