"""The suites of reelgraph.testing on built-in things and on those of the example plugin.

Models are in ``test_model_suite.py``, graph jobs in ``tests/neo4j/test_gds.py``. Each suite is
shown to fail on what it is there to find.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from reelgraph.artifacts import read_parquet
from reelgraph.gds_jobs.base import FileJob, FileWork, JobOutput
from reelgraph.gds_jobs.jobs.knowledge import KnowledgeConfig, TransE
from reelgraph.gds_jobs.jobs.metapath_walks import MetapathConfig, MetapathWalks
from reelgraph.gds_jobs.jobs.walk_vectors import WalkVectors, WalkVectorsConfig
from reelgraph.gds_jobs.paths import PathsJob
from reelgraph.gds_jobs.paths.job import PathsConfig
from reelgraph.loader.source import CanonicalTables, InteractionTable, Reading
from reelgraph.loader.sources.ml100k import MovieLens100K
from reelgraph.model.splits.lookup import BUILT_IN_PROTOCOLS
from reelgraph.testing import FileJobSuite, ProtocolSuite, SourceSuite
from reelgraph.testing.small_split import make_split_folder
from reelgraph_example.protocol import FirstEvents
from reelgraph_example.source import CsvSource

METAPATH = MetapathWalks(MetapathConfig(paths="Item-Entity", walk_length=6))


class TestCsvSource(SourceSuite):
    source = CsvSource
    interactions = 3

    def files(self, folder: Path) -> Path:
        path = folder / "ratings.csv"
        path.write_text(
            "user,item,title,rating,timestamp\n1,7,Seven,4,10\n1,8,Eight,2,20\n2,7,Seven,5,15\n"
        )
        return path


class TestMovieLens100K(SourceSuite):
    source = MovieLens100K
    interactions = 190

    def files(self, folder: Path) -> Path:
        return Path(__file__).parents[1] / "data" / "tiny"


class TestFirstEvents(ProtocolSuite):
    protocol = FirstEvents
    parameters: ClassVar = {"known": 3}


class TestUserTime(ProtocolSuite):
    protocol = BUILT_IN_PROTOCOLS["user-time"]


class TestLeaveOneOut(ProtocolSuite):
    protocol = BUILT_IN_PROTOCOLS["leave-one-out"]


class TestGlobalTime(ProtocolSuite):
    protocol = BUILT_IN_PROTOCOLS["global-time"]


class TestRandom(ProtocolSuite):
    protocol = BUILT_IN_PROTOCOLS["random"]


class TestSeedLeaky(ProtocolSuite):
    protocol = BUILT_IN_PROTOCOLS["seed-leaky"]


class TestAll(ProtocolSuite):
    protocol = BUILT_IN_PROTOCOLS["all"]


class TestMetapathWalks(FileJobSuite):
    def make(self) -> MetapathWalks:
        return METAPATH


class TestWalkVectors(FileJobSuite):
    before = (METAPATH,)

    def make(self) -> WalkVectors:
        return WalkVectors(WalkVectorsConfig(source="metapath"))


class TestPaths(FileJobSuite):
    def make(self) -> PathsJob:
        return PathsJob(PathsConfig(lengths=(3,)))


class TestTransE(FileJobSuite):
    def make(self) -> TransE:
        return TransE(KnowledgeConfig(embedding_size=4, epochs=2))


# each suite finds what it is there for


class Leaking(FileJob):
    """Vectors of the number of all events of an item, those of test too."""

    name = "leaking"
    description = "counts of everything"
    kind = "embeddings"

    def compute(self, work: FileWork) -> JobOutput:
        counts = read_parquet(work.split.dataset.interactions)["item"].value_counts()
        items = work.inputs.item_ids
        vectors = [np.array([counts.get(item, 0)], np.float32) for item in items]
        return JobOutput(self.kind, pd.DataFrame({"itemId": items, "vector": vectors}))


class Drawing(Leaking):
    """Other vectors each time."""

    name = "drawing"

    def compute(self, work: FileWork) -> JobOutput:
        items = work.inputs.item_ids
        vectors = list(np.random.default_rng().normal(size=(len(items), 2)).astype(np.float32))
        return JobOutput(self.kind, pd.DataFrame({"itemId": items, "vector": vectors}))


class Suite(FileJobSuite):
    __test__ = False

    def __init__(self, job: FileJob) -> None:
        self.job = job

    def make(self) -> FileJob:
        return self.job


def test_a_job_that_reads_test_rows_is_found(tmp_path: Path) -> None:
    split = make_split_folder(tmp_path)
    Suite(METAPATH).test_it_reads_no_test_rows(split, tmp_path, None)
    (tmp_path / "again").mkdir()
    with pytest.raises(AssertionError):
        Suite(Leaking()).test_it_reads_no_test_rows(split, tmp_path / "again", None)


def test_a_job_that_does_not_repeat_itself_is_found(tmp_path: Path) -> None:
    split = make_split_folder(tmp_path)
    Suite(Leaking()).test_the_same_seed_gives_the_same_bytes(split, None)
    with pytest.raises(AssertionError):
        Suite(Drawing()).test_the_same_seed_gives_the_same_bytes(split, None)


class ByPosition(FirstEvents):
    """Counts rows as they come."""

    name = "by-position"

    def cut(self, rows: pd.DataFrame) -> Any:
        last = (rows["seq"] == rows.groupby("user")["seq"].transform("max")).to_numpy()
        drawn = np.random.default_rng().random(len(rows)) < 0.5
        return np.where(last & drawn, "test", "train")


def test_a_protocol_that_mixes_train_and_test_is_found() -> None:
    suite = TestFirstEvents()
    rows = suite.rows()
    fold = np.where(rows["seq"] % 2 == 0, "train", "test")
    with pytest.raises(AssertionError):
        suite.test_nothing_of_train_or_valid_is_at_or_after_the_cut(rows.assign(fold=fold))


def test_a_protocol_that_does_not_repeat_itself_is_found() -> None:
    class Mixed(ProtocolSuite):
        protocol = ByPosition

    with pytest.raises(AssertionError):
        Mixed().test_the_order_of_rows_does_not_matter()


class Undeclared(CsvSource):
    """Has an item property that its schema does not say."""

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        tables = super().read(path, reading)
        assert tables.items is not None
        tables.items = tables.items.assign(price=1.0)
        return tables


class Once(CsvSource):
    """Its rows can be read once."""

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        tables = super().read(path, reading)
        assert tables.interactions is not None
        chunks = tables.interactions.chunks(reading.rejects)
        rest = pd.DataFrame({"userId": [], "itemId": []})
        tables.interactions = InteractionTable("once", lambda _: iter([next(chunks, rest)]))
        return tables


def test_a_source_that_does_not_keep_its_word_is_found(tmp_path: Path) -> None:
    suite = TestCsvSource()
    path = suite.files(tmp_path)
    reading: Reading[Any] = Reading(suite.options(), tmp_path)
    with pytest.raises(AssertionError):
        suite.test_the_schema_says_what_there_is(Undeclared().read(path, reading))
    with pytest.raises(AssertionError):
        suite.test_interactions_can_be_read_again(Once().read(path, reading))


def test_without_pytest_the_package_says_what_to_install() -> None:
    code = "import sys; sys.modules['pytest'] = None; import reelgraph.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "reelgraph.testing needs pytest: pip install pytest" in done.stderr
