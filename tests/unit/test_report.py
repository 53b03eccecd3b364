"""Charts of runs, data and comparisons: what they draw, and what stands instead of a chart."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audited import SMALL, config, make_run, quiet, settings_of, small_split
from click.testing import CliRunner, Result

from reelgraph.artifacts import RunFolder, SplitFolder
from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.pipeline.comparison.formats import FORMATS
from reelgraph.pipeline.report.chart import Chart, Missing, style
from reelgraph.pipeline.report.comparison_charts import comparison_charts
from reelgraph.pipeline.report.data_charts import data_charts
from reelgraph.pipeline.report.feature_charts import correlation_chart
from reelgraph.pipeline.report.make import read_comparison
from reelgraph.pipeline.report.reasons import Ties, shared_entities
from reelgraph.pipeline.report.reasons_charts import heat_map, network
from reelgraph.pipeline.run import run_stage
from reelgraph.testing.small_split import make_split_folder

PNG = b"\x89PNG\r\n\x1a\n"
DAY = 86_400


def ratings() -> pd.DataFrame:
    """Three users; in 2001 ratings are 2 on average, in 2006 they are 4."""
    rows = [(1, 1, 1, 2001), (1, 2, 3, 2001), (2, 1, 3, 2006), (2, 3, 5, 2006), (3, 1, 4, 2006)]
    frame = pd.DataFrame(rows, columns=["user", "item", "rating", "year"])
    years = pd.to_datetime(frame.pop("year").astype("str") + "-03-01")
    return frame.assign(timestamp=(years - pd.Timestamp(0)) // pd.Timedelta(seconds=1))


def drawn(rows: pd.DataFrame) -> dict[str, Chart]:
    with style():
        return {one.name: one for one in data_charts(rows) if isinstance(one, Chart)}


def test_the_data_are_counted_and_averaged() -> None:
    charts = drawn(ratings())
    assert charts["ratings"].text.startswith(
        "5 ratings: mean 3.20, standard deviation 1.33, median 3"
    )
    bars = charts["ratings"].figure.axes[0].patches
    np.testing.assert_allclose([bar.get_height() for bar in bars], [0.2, 0.4, 0.2, 0.2])
    assert "3 users: 1 to 2 ratings each" in charts["activity"].text
    assert "3 items: 1 to 3 ratings each" in charts["popularity"].text
    assert "2001: 2.00, 2006: 4.00" in charts["ratings-over-time"].text
    line = charts["ratings-over-time"].figure.axes[0].lines[0]
    np.testing.assert_allclose(line.get_ydata(), [2, 4])
    assert "March (3.20)" in charts["ratings-by-month"].text


def test_within_few_years_months_are_shown() -> None:
    rows = ratings()
    rows["timestamp"] = 10**9 + np.arange(5) * 40 * DAY
    assert "each month" in drawn(rows)["ratings-over-time"].text


def test_what_the_rows_lack_is_said() -> None:
    bare = ratings()[["user", "item"]]
    left_out = [one for one in data_charts(bare) if isinstance(one, Missing)]
    assert [one.heading for one in left_out] == ["Ratings", "Ratings over time"]
    untimed = ratings().drop(columns="timestamp")
    (only,) = (one for one in data_charts(untimed) if isinstance(one, Missing))
    assert only.why == "the interactions have no timestamps"


def test_correlations_are_those_of_the_values() -> None:
    grid = np.arange(20.0)
    values = pd.DataFrame({"rating": grid, "against": -grid, "same": 1.0, "gaps": grid % 3})
    values.loc[0, "gaps"] = np.nan
    with style():
        chart = correlation_chart(values, "LEAKS")
    assert isinstance(chart, Chart)
    shown = chart.figure.axes[0].images[0].get_array()
    expected = values[["rating", "against", "gaps"]].corr().to_numpy()
    np.testing.assert_allclose(np.asarray(shown), expected)  # the constant one is left out
    assert "against (-1.00)" in chart.text
    assert chart.text.endswith("LEAKS")
    assert isinstance(correlation_chart(values[["same"]]), Missing)


def test_a_comparison_is_drawn_with_its_intervals(table_file: Path) -> None:
    with style():
        bars, *_ = comparison_charts(read_comparison(table_file), "some")
    assert isinstance(bars, Chart)
    rows = read_comparison(table_file).rows
    assert {row.name for row in rows} == {"ease", "most-popular"}
    widths = [bar.get_width() for bar in bars.figure.axes[0].patches]
    means = [(row.figures or {})["ndcg@10"].mean for row in rows]
    np.testing.assert_allclose(sorted(widths), sorted(means))
    assert "Best in NDCG@10" in bars.text


def test_what_is_no_comparison_is_refused(tmp_path: Path) -> None:
    for text in ("", "{}", "[1]", '{"rows": 3}', "\x00"):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(InputError, match="is no comparison"):
            read_comparison(tmp_path / "a.json")


def test_shared_entities_have_names_and_the_rarest_come_first(tmp_path: Path) -> None:
    dataset = make_split_folder(tmp_path).dataset
    triples = pd.read_parquet(dataset.triples)
    entities = pd.read_parquet(dataset.entities)
    assert shared_entities(dataset, np.array([0]), np.array([1]), 3) == []  # none has a name
    ids = entities["entityId"].astype("str")
    named = entities.assign(name=ids.where(ids.str.startswith("person"), ids).str.upper())
    named.loc[ids.str.startswith("genre"), "name"] = ids  # an id in place of a name
    named.to_parquet(dataset.entities)
    found = shared_entities(dataset, np.arange(14), np.arange(14), 100)
    assert found
    neighbours = {
        (int(one), int(other))
        for head, tail in zip(triples["head"], triples["tail"], strict=True)
        for one, other in ((head, tail), (tail, head))
    }
    places = dict(zip(named["name"], named["index"], strict=True))
    for tie in found:
        assert tie.name.startswith("PERSON")
        assert {(tie.first, places[tie.name]), (tie.second, places[tie.name])} <= neighbours


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> SplitFolder:
    return small_split(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def run(split: SplitFolder) -> RunFolder:
    options = {"embeddings": [], "facts": False, **SMALL}
    run = make_run(split, config("attention-lstm", options=options, baselines=("ease",)))
    run_stage("evaluate", settings_of(split), run, quiet)
    return run


@pytest.fixture(scope="module")
def table_file(split: SplitFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tables") / "two models.json"
    done = call(
        split, "compare", "--models", "ease,most-popular", "--format", "json", "--output", str(file)
    )
    assert done.exit_code == 0, done.output
    return file


def call(split: SplitFolder, *arguments: str) -> Result:
    workspace = str(settings_of(split).workspace)
    return CliRunner().invoke(main, ["--workspace", workspace, *arguments])


def test_a_run_is_drawn_whole(
    split: SplitFolder, run: RunFolder, table_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    command = ("report", run.run_id, "--comparison", str(table_file), "--to", str(folder))
    done = call(split, *command)
    assert done.exit_code == 0, done.output
    page = (folder / "report.html").read_text()
    pictures = sorted(folder.glob("*.png"))
    assert {path.stem for path in pictures} >= {
        *("ratings", "activity", "popularity", "ratings-over-time", "ratings-by-month"),
        *("features", "learning", "quality", "by-users", "by-items", "coverage"),
        *("two models-figures", "attention", "network"),
    }
    inside = [b64decode(text) for text in re.findall(r'src="data:image/png;base64,([^"]+)"', page)]
    assert sorted(inside) == sorted(path.read_bytes() for path in pictures)
    assert all(content.startswith(PNG) for content in inside)
    assert "http" not in page.replace("https://", "")  # nothing is fetched
    assert page.count("<figcaption>") == len(pictures)
    again = call(split, *command)
    assert again.exit_code == 0  # its own files are written anew
    assert {path.name: path.read_bytes() for path in pictures} == {
        path.name: path.read_bytes() for path in folder.glob("*.png")
    }


def test_files_of_somebody_else_stay(split: SplitFolder, run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "ratings.png").write_text("mine")
    done = call(split, "report", run.run_id, "--to", str(tmp_path))
    assert done.exit_code != 0
    assert "ratings.png" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["ratings.png"]


def test_an_unknown_user_is_refused(split: SplitFolder, run: RunFolder, tmp_path: Path) -> None:
    done = call(split, "report", run.run_id, "--user", "nobody", "--to", str(tmp_path))
    assert done.exit_code != 0
    assert "no rating of user nobody" in done.output
    assert not list(tmp_path.iterdir())


def test_a_run_without_figures_and_evidence_says_so(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    run = make_run(split, config("random"))
    done = call(split, "report", run.run_id, "--json")
    assert done.exit_code == 0, done.output
    files = [Path(path).name for path in json.loads(done.stdout)["files"]]
    assert "report.html" in files
    assert not {"quality.png", "attention.png", "learning.png"} & set(files)
    page = (settings_of(split).workspace / "report" / "report.html").read_text()
    assert f"reelgraph evaluate {run.run_id}" in page


def test_without_matplotlib_the_extra_is_named(
    split: SplitFolder, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = call(split, "report", run.run_id)
    assert done.exit_code != 0
    assert "pip install 'reelgraph[plots]'" in done.output


def test_the_command_line_starts_without_matplotlib() -> None:
    from subprocess import run as start

    code = "import sys, reelgraph.cli.report; print('matplotlib' in sys.modules)"
    done = start([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_reasons_are_the_models_own(split: SplitFolder, run: RunFolder) -> None:
    from reelgraph.pipeline.report.reasons import user_reasons
    from reelgraph.pipeline.stages.work import work_of

    found = user_reasons(work_of(settings_of(split), run, quiet), "2")
    with style():
        picture, net = heat_map(found), network(found, [])
    assert isinstance(picture, Chart)
    assert isinstance(net, Chart)
    shown = np.asarray(picture.figure.axes[1].images[0].get_array())
    np.testing.assert_allclose(shown, found.contributions)  # fewer than 40 events: all, in order
    heights = [bar.get_height() for bar in picture.figure.axes[0].patches]
    np.testing.assert_allclose(heights, found.weights)
    event = int(found.events[np.argmax(found.contributions[0])])
    with style():
        tied = network(found, [Ties(event, int(found.items[0]), "A. $Name$")])
    assert isinstance(tied, Chart)
    texts = [text.get_text() for text in tied.figure.axes[0].texts]
    assert "A. $Name$" in texts


def test_the_json_of_a_comparison_is_read_back(table_file: Path) -> None:
    table = read_comparison(table_file)
    assert json.loads(FORMATS["json"](table)) == json.loads(table_file.read_text())
