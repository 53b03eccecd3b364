"""What is kept by its inputs is made anew when the code of a plugin's model changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from audited import config, small_split

from reelgraph.model.zoo.ease import EASE
from reelgraph.pipeline.comparison.cell import Cell
from reelgraph.pipeline.comparison.data import Data
from reelgraph.pipeline.identity import code_of_model, run_folder
from reelgraph.pipeline.plain_files import evaluation_id
from reelgraph.pipeline.tuning.objective import Objective
from reelgraph.plugins import manager
from reelgraph.plugins.code import code_of
from reelgraph.settings import Settings
from reelgraph.testing.small_split import interactions

MODEL = """
from reelgraph.model.zoo.ease import EASE
from reelgraph.plugins import hookimpl
{more}
class Mine(EASE):
    name = "mine"

@hookimpl
def register_models(register):
    register(Mine)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """With a plugin that is a package of two files, and one that is a file."""
    plugins = tmp_path / "plugins"
    (plugins / "package").mkdir(parents=True)
    (plugins / "package" / "__init__.py").write_text(MODEL.format(more="from .helper import FEW"))
    (plugins / "package" / "helper.py").write_text("FEW = 5\n")
    single = MODEL.format(more="").replace("mine", "single")
    (plugins / "file.py").write_text(single)
    made = Settings(workspace=tmp_path, plugins_dir=plugins)
    manager.configure(made)
    yield made
    manager.configure(Settings(workspace=tmp_path))


def names(settings: Settings, model: str) -> list[str]:
    """By which a cell, a search, an evaluation and a run are found again."""
    split = small_split(settings.workspace)
    rows = settings.workspace / "rows.csv"
    interactions().drop(columns="seq").to_csv(rows, index=False)
    data, made = Data(files=(rows,)), config(model)
    return [
        Cell(data=data, config=made).key([]),
        Objective(data, model, "ndcg@10").key(),
        evaluation_id(data, made, None),
        run_folder(settings, split, made, []).run_id,
    ]


@pytest.mark.parametrize(("model", "file"), [("mine", "package/helper.py"), ("single", "file.py")])
def test_other_code_is_another_cell_search_and_run(
    settings: Settings, model: str, file: str
) -> None:
    assert settings.plugins_dir is not None
    path = settings.plugins_dir / file
    before = names(settings, model)
    assert names(settings, model) == before
    path.write_text(path.read_text() + "FEWER = 4\n")
    after = names(settings, model)
    assert not set(before) & set(after)
    path.write_text(path.read_text().removesuffix("FEWER = 4\n"))
    assert names(settings, model) == before


def test_built_in_code_is_known_by_the_behaviour_version(settings: Settings) -> None:
    assert code_of(EASE) == {}
    assert list(code_of_model("ease")) == ["behaviour"]
    found = code_of_model("mine")["code"]
    assert list(found["sources"]) == ["reelgraph_plugin_package"]
