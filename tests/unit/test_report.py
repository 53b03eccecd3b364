"""Charts of runs, data and comparisons: what they draw, and what stands instead of a chart."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audited import SMALL, config, make_run, quiet, settings_of, small_split
from click.testing import CliRunner, Result
from folder_manifests import audit_record
from matplotlib.colors import to_hex

from reelgraph.artifacts import RunFolder, SplitFolder, Task
from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.explore.output import write_files
from reelgraph.model.evaluation.significance import Difference
from reelgraph.pipeline.comparison.formats import FORMATS
from reelgraph.pipeline.comparison.table import Comparison, Figure, Row
from reelgraph.pipeline.report.chart import BLUE, GREY, SKY, Chart, Missing, style
from reelgraph.pipeline.report.comparison_charts import comparison_charts
from reelgraph.pipeline.report.data_charts import _means, data_charts
from reelgraph.pipeline.report.feature_charts import correlation_chart
from reelgraph.pipeline.report.make import make_report, read_comparison
from reelgraph.pipeline.report.reasons import Ties, shared_entities, user_reasons
from reelgraph.pipeline.report.reasons_charts import heat_map, network
from reelgraph.pipeline.run import run_stage
from reelgraph.pipeline.stages.work import work_of
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
    gap = [np.nan] * 4  # no year between has a rating
    np.testing.assert_allclose(line.get_ydata(), [2, *gap, 4])
    assert "March (3.20)" in charts["ratings-by-month"].text


def test_within_few_years_months_are_shown() -> None:
    rows = ratings()
    rows["timestamp"] = 10**9 + np.arange(5) * 40 * DAY
    assert "each month" in drawn(rows)["ratings-over-time"].text


def test_intervals_of_means_are_over_users() -> None:
    """Users differ in their means, so ratings of one are no independent draws."""
    draws, covered = np.random.default_rng(5), 0
    for _ in range(200):
        levels = np.repeat(draws.normal(3, 0.5, 40), 25)
        rows = pd.DataFrame(
            {
                "user": np.repeat(np.arange(40), 25),
                "rating": levels + draws.normal(0, 1, 1000),
                "timestamp": 10**9,
                "item": 1,
            }
        )
        found = _means(rows, pd.Series(np.ones(1000)))
        covered += abs(found.mean[0] - 3) <= found.half[0]
    assert 180 <= covered <= 200  # of 95 % intervals
    alone = _means(ratings(), ratings()["user"])
    assert np.isnan(alone.half).all()  # one user in each group


def test_what_the_rows_lack_is_said() -> None:
    (nothing,) = data_charts(ratings().iloc[:0])
    assert isinstance(nothing, Missing)
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
    assert chart.text == (
        "20 ratings of train, each with what was known before it. Most correlated with the "
        "rating: against (-1.00), gaps (-0.07). LEAKS"
    )
    assert isinstance(correlation_chart(values[["same"]]), Missing)


def table(rows: dict[str, tuple[float, float, float]], metric: str = "ndcg@10") -> Comparison:
    """Mean, low and high of each row; the first is the best, the second is tied."""
    made = []
    for n, (name, (mean, low, high)) in enumerate(rows.items()):
        test = Difference(-0.1, -0.2, 0.0, 0.01, 0.5 if n == 1 else 0.01) if n else None
        figures = {metric: Figure(mean, None, low, high, test)}
        made.append(Row(name, (42,), figures, fit_seconds=3.0 * (n + 1)))
    task: Task = "ranking" if metric == "ndcg@10" else "rating"
    return Comparison("some data", task, (metric,), "holm", 9, tuple(made))


def drawn_bars(chart: Chart) -> dict[str, tuple[float, float, float, str]]:
    """Mean, both ends of the interval and colour, by the label beside the bar."""
    axes = chart.figure.axes[0]
    labels = [tick.get_text() for tick in axes.get_yticklabels()]
    ends = [(line[0][0], line[1][0]) for line in axes.collections[-1].get_segments()]
    bars = [(bar.get_width(), to_hex(bar.get_facecolor()).upper()) for bar in axes.patches]
    return {
        label: (width, *end, color)
        for label, end, (width, color) in zip(labels, ends, bars, strict=True)
    }


def test_a_comparison_is_drawn_with_its_intervals() -> None:
    rows = {"a": (0.5, 0.4, 0.7), "b": (0.45, 0.4, 0.5), "a $long$ name " * 4: (0.0, 0.0, 0.0)}
    with style():
        bars, times = comparison_charts(table(rows), "some")
    assert isinstance(bars, Chart)
    assert isinstance(times, Chart)
    found = drawn_bars(bars)
    assert list(found.values()) == [
        (0.5, pytest.approx(0.4), pytest.approx(0.7), BLUE),
        (0.45, pytest.approx(0.4), pytest.approx(0.5), SKY),
        (0.0, 0.0, 0.0, GREY),
    ]
    assert list(found)[:2] == ["a", "b"]
    assert "Best in NDCG@10: a." in bars.text


def test_errors_are_points_and_their_axis_is_explained() -> None:
    rows = {f"model {n}": (0.98 + n / 100, 0.97 + n / 100, 0.99 + n / 100) for n in range(30)}
    with style():
        points, _ = comparison_charts(table(rows, "rmse"), "some")
    assert isinstance(points, Chart)
    axes = points.figure.axes[0]
    assert not axes.patches
    assert axes.get_xlim()[0] > 0.9
    assert "do not begin at 0" in points.text


@pytest.mark.parametrize("most", [9, 30, 4000])
def test_axes_of_times_have_plain_numbers(most: float) -> None:
    made = table({"a": (0.5, 0.4, 0.6), "b": (0.4, 0.3, 0.5)})
    rows = (made.rows[0], replace(made.rows[1], fit_seconds=most))
    with style():
        *_, times = comparison_charts(replace(made, rows=rows), "some")
        assert isinstance(times, Chart)
        times.figure.canvas.draw()
    axis = times.figure.axes[0].xaxis
    texts = [*axis.get_ticklabels(), *axis.get_ticklabels(minor=True)]
    assert not [text.get_text() for text in texts if "$" in text.get_text()]


def test_more_metrics_than_a_chart_holds_make_more_charts() -> None:
    made = table({"a": (0.5, 0.4, 0.6), "b": (0.4, 0.3, 0.5)})
    metrics = tuple(f"hr@{k}" for k in range(1, 5))
    rows = tuple(
        replace(row, figures=dict.fromkeys(metrics, (row.figures or {})["ndcg@10"]))
        for row in made.rows
    )
    with style():
        charts = list(comparison_charts(replace(made, metrics=metrics, rows=rows), "x"))
    names = [one.name for one in charts if isinstance(one, Chart)]
    assert names == ["x-figures-1", "x-figures-2", "x-times"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"rows": 3}', "\x00", "null", "3", '"x"'])
def test_what_is_no_comparison_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InputError, match="is no comparison"):
        read_comparison(tmp_path / "a.json")


def test_a_comparison_with_a_wrong_value_is_refused(tmp_path: Path) -> None:
    stored = json.loads(FORMATS["json"](table({"a": (0.5, 0.4, 0.6), "b": (0.4, 0.3, 0.5)})))
    path = tmp_path / "a.json"
    path.write_text(json.dumps(stored))
    assert read_comparison(path).users == 9
    first = stored["rows"][0]
    for wrong in (
        {**stored, "users": "many"},
        {**stored, "rows": [{**first, "mean": None}]},
        {**stored, "rows": [{**first, "more": 1}]},
        {**stored, "rows": [first, {**first, "model": "other", "metric": "hr@1"}]},
    ):
        path.write_text(json.dumps(wrong))
        with pytest.raises(InputError, match="is no comparison"):
            read_comparison(path)


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
        *("two models-figures", "two models-times", "attention", "network"),
    }
    inside = [b64decode(text) for text in re.findall(r'src="data:image/png;base64,([^"]+)"', page)]
    assert sorted(inside) == sorted(path.read_bytes() for path in pictures)
    assert all(content.startswith(PNG) for content in inside)
    fetched = re.findall(r"(?:src|href)=[\"'](?!data:image/png|#)|url\(|@import", page)
    assert not fetched
    anchors = re.findall(r'id="([^"]+)"', page)
    assert set(re.findall(r'href="#([^"]+)"', page)) == set(anchors)
    assert "Audit: " in page or "Not audited." in page
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


def test_a_run_that_leaks_is_called_so(split: SplitFolder, tmp_path: Path) -> None:
    run = make_run(split, config("most-popular", baselines=("ease",)))
    run_stage("evaluate", settings_of(split), run, quiet)
    plain = make_report(work_of(settings_of(split), run, quiet), [], None, quiet)
    assert b"(LEAKS)" not in plain["report.html"]
    run.update(audit=audit_record(passed=False))
    told = make_report(work_of(settings_of(split), run, quiet), [], None, quiet)
    assert b"Audit: LEAKS." in told["report.html"]
    assert b"most-popular (LEAKS): P@10" in told["report.html"]


def test_reports_and_files_for_analysts_leave_each_other_alone(tmp_path: Path) -> None:
    write_files(tmp_path, {"guide.html": b"guide"})
    write_files(tmp_path, {"report.html": b"report"}, "report")
    write_files(tmp_path, {"other.html": b"guide"})
    kept = {path.name for path in tmp_path.iterdir() if not path.name.startswith(".")}
    assert kept == {"report.html", "other.html"}
    (tmp_path / "report.html").write_text("mine")
    with pytest.raises(InputError, match="is not as 'report' wrote it"):
        write_files(tmp_path, {"report.html": b"new"}, "report")


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
