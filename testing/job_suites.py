"""What every job must do, on a small made-up split; graph jobs on a server that the test gives."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from ..artifacts import SplitFolder, read_parquet, write_parquet
from ..gds_jobs.base import FileJob, GraphJob, Job, Kind
from ..gds_jobs.runner import run_jobs
from ..gds_jobs.split_graph import read_split_graph
from ..graph.connection import Graph
from .registered import check_registered
from .small_split import make_split_folder

#: columns that a table of each kind must have; it may have more
COLUMNS: dict[Kind, set[str]] = {
    "embeddings": {"itemId", "vector"},
    "similarity": {"itemId", "otherId", "score"},
    "structure": {"node", "degree", "pageRank", "community"},
    "walks": {"nodes"},
    "paths": {"user", "item", "nodes", "relations"},
}


class _JobSuite:
    """What the suites of file jobs and of graph jobs share."""

    #: jobs whose outputs the tested one reads
    before: ClassVar[tuple[FileJob, ...]] = ()

    def make(self) -> Job:
        """The job, with a configuration that is quick to compute."""
        raise NotImplementedError

    @pytest.fixture
    def server_graph(self) -> Graph | None:
        """The connection that jobs run on; None for jobs over files."""
        return None

    @pytest.fixture
    def split(self, tmp_path: Path, server_graph: Graph | None) -> SplitFolder:
        """A split with ratings, times and knowledge, and the outputs that the job reads."""
        made = make_split_folder(tmp_path)
        if self.before:
            run_jobs(server_graph, made, self.before, progress=False)
        return made

    def output(self, split: SplitFolder, graph: Graph | None, force: bool = False) -> Path:
        """Run the job as the pipeline does; the file of its output."""
        job = self.make()
        (name,) = run_jobs(graph, split, [job], force=force, progress=False)
        return split.output(job.kind, name)

    def test_it_can_be_registered(self) -> None:
        job = self.make()
        check_registered(type(job))
        assert job.kind in COLUMNS
        assert type(job).default() is not None, "it runs without being told anything"

    def test_its_table_has_the_columns_of_its_kind(
        self, split: SplitFolder, server_graph: Graph | None
    ) -> None:
        table = read_parquet(self.output(split, server_graph))
        assert len(table)
        assert COLUMNS[self.make().kind] <= set(table)
        if self.make().kind == "embeddings":
            _check_vectors(table, read_split_graph(split).item_ids)

    def test_it_is_recorded_and_not_done_twice(
        self, split: SplitFolder, server_graph: Graph | None
    ) -> None:
        path = self.output(split, server_graph)
        record = split.manifest().jobs[path.stem]
        assert (record.kind, record.rows) == (self.make().kind, len(read_parquet(path)))
        made = path.stat().st_mtime_ns
        assert self.output(split, server_graph).stat().st_mtime_ns == made

    def test_the_same_seed_gives_the_same_bytes(
        self, split: SplitFolder, server_graph: Graph | None
    ) -> None:
        """Where the job says that it repeats itself."""
        if not self.make().repeats:
            return
        first = self.output(split, server_graph).read_bytes()
        assert self.output(split, server_graph, force=True).read_bytes() == first

    def test_it_reads_no_test_rows(
        self, split: SplitFolder, tmp_path: Path, server_graph: Graph | None
    ) -> None:
        """The test rows become other ones; the output must not."""
        if not self.make().repeats:
            return
        copy = tmp_path / "other" / split.dataset.path.name
        shutil.copytree(split.dataset.path, copy)
        other = type(split.dataset)(copy).split(split.split_id)
        _change_test_rows(other)
        first = self.output(split, server_graph, force=True).read_bytes()
        assert self.output(other, server_graph, force=True).read_bytes() == first


class FileJobSuite(_JobSuite):
    """Derive from it as ``TestX`` and define :meth:`make`."""

    def test_it_asks_no_server(self) -> None:
        job = self.make()
        assert isinstance(job, FileJob) and not job.needs_gds


class GraphJobSuite(_JobSuite):
    """Derive from it as ``TestX``, define :meth:`make` and the fixture ``server_graph``.

    ``server_graph`` is a connection to a database with GDS and nothing in it that the test
    may not delete: ``reelgraph.graph.connection.Graph(uri, user, password, database)``.
    """

    @pytest.fixture
    def server_graph(self) -> Graph | None:
        raise NotImplementedError("define the fixture server_graph: a Graph with GDS")

    def test_it_is_one_of_gds(self) -> None:
        job = self.make()
        assert isinstance(job, GraphJob) and job.needs_gds

    def test_nothing_is_left_on_the_server(self, split: SplitFolder, server_graph: Graph) -> None:
        before = _projections(server_graph)
        self.output(split, server_graph)
        assert _projections(server_graph) == before


def _projections(graph: Graph) -> list[str]:
    rows = graph.run("gds/list_projections", prefix="", database=graph.database).rows
    return sorted(str(row["name"]) for row in rows)


def _check_vectors(table: pd.DataFrame, item_ids: object) -> None:
    assert table["itemId"].tolist() == list(np.asarray(item_ids)), "a row per item, in order"
    vectors = np.stack(table["vector"].to_list())
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()


def _change_test_rows(split: SplitFolder) -> None:
    """Other items and ratings for the rows of fold test; users, order and times stay."""
    folds, rows = read_parquet(split.split), read_parquet(split.dataset.interactions)
    keys = ["user", "item", "seq"]
    test = rows.merge(folds[folds["fold"] == "test"], on=keys)
    assert len(test), "a split without test rows shows nothing"
    items = read_parquet(split.dataset.items)["itemId"].to_numpy()
    new: dict[tuple[Any, Any], Any] = {}
    for user, own in rows.groupby("user"):
        free = iter(item for item in items if item not in set(own["item"]))
        new |= {(user, seq): next(free) for seq in test.loc[test["user"] == user, "seq"]}
    for path, table in ((split.split, folds), (split.dataset.interactions, rows)):
        pairs = zip(table["user"], table["seq"], table["item"], strict=True)
        changed = table.assign(item=[new.get((user, seq), item) for user, seq, item in pairs])
        if "rating" in changed:
            moved = pd.MultiIndex.from_frame(table[["user", "seq"]]).isin(list(new))
            changed.loc[moved, "rating"] = 6 - changed.loc[moved, "rating"]
        write_parquet(path, changed.astype(table.dtypes.to_dict()))
