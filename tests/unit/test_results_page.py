"""``docs/results.md`` says what the stored comparisons say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from bench_script import bench_script

from reelgraph.model.evaluation.user_values import UserValues
from reelgraph.pipeline.comparison.cell import CellResult
from reelgraph.pipeline.comparison.formats import FORMATS, from_json
from reelgraph.pipeline.comparison.table import Comparison, Measured, make_table


def comparison() -> Comparison:
    drawn = np.random.default_rng(3)

    def cell(better: float) -> CellResult:
        values = {name: drawn.random(40) + better for name in ("ndcg@10", "hr@10")}
        users = UserValues(np.arange(40), np.ones(40), values)
        facts = {"fit_seconds": 1.5, "score_seconds": 0.5, "fit_bytes": 10**9, "score_bytes": None}
        return CellResult(users, None, facts)

    rows = [
        Measured("best", {42: cell(0.5), 43: cell(0.5)}),
        Measured("worse", {42: cell(0)}),
        Measured("none", {}, "it asks for paths, which plain files have not"),
    ]
    return make_table("rows.csv", "ranking", rows, ("ndcg@10", "hr@10"), "bh", ("A note.",))


def test_a_comparison_is_read_as_it_was_written() -> None:
    table = comparison()
    assert from_json(FORMATS["json"](table)) == table


def test_the_page_is_made_from_the_files() -> None:
    bench = bench_script("results")
    assert bench.RESULTS.with_suffix(".md").read_text(encoding="utf-8") == bench.page(bench.RESULTS)


def test_a_changed_figure_changes_the_page(tmp_path: Path) -> None:
    bench = bench_script("results")
    (tmp_path / "tables.toml").write_text(
        '[[table]]\nfile = "a.json"\nheading = "Heading"\ncommand = "reelgraph compare"\n'
    )
    stored = json.loads(FORMATS["json"](comparison()))
    (tmp_path / "a.json").write_text(json.dumps(stored))
    before = bench.page(tmp_path)
    stored["rows"][0]["mean"] = 0.123
    (tmp_path / "a.json").write_text(json.dumps(stored))
    after = bench.page(tmp_path)
    assert "**.1230" in after and "**.1230" not in before
    assert "plain files have not" in after and "## Heading" in after


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    bench = bench_script("results")
    (tmp_path / "tables.toml").write_text('[[table]]\nfile = "a.json"\nhead = "typo"\n')
    with pytest.raises(ValueError, match="head"):
        bench.tables(tmp_path)
