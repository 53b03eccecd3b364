"""The leak audit of stored paths: edges of train and knowledge, ratings older than the event."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from audited import audited, config, failed, make_run, results, small_split
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.artifacts import read_parquet, write_parquet
from reelgraph.gds_jobs import runner
from reelgraph.gds_jobs.paths import PathsJob
from reelgraph.gds_jobs.paths import job as paths
from reelgraph.pipeline.audit.steps import steps_of
from reelgraph.testing.small_split import make_split_folder


@pytest.mark.slow
def test_paths_begin_before_their_event(tmp_path):
    split = small_split(tmp_path)
    (name,) = runner.run_jobs(None, split, [PathsJob()], progress=False)
    run = make_run(split, config(jobs={"paths": {}}))
    what = f"steps of paths {name}"
    assert results(audited(split, run))[what] == "pass"
    path = split.output("paths", name)
    write_parquet(path, read_parquet(path).assign(seq=1))
    assert (4, what) in failed(audited(split, run))


@pytest.mark.slow
def test_leak_of_paths_over_later_ratings_of_other_users(tmp_path, monkeypatch):
    """All its steps are train edges, and each path begins before its event."""
    split = small_split(tmp_path)
    original = paths.targets

    def timeless(network: Any, pairs: pd.DataFrame) -> Any:
        limits = np.full(len(pairs), len(network.moments))
        return replace(original(network, pairs), limit=limits)

    with monkeypatch.context() as patch:
        patch.setattr(paths, "targets", timeless)
        (name,) = runner.run_jobs(None, split, [PathsJob()], progress=False)
    run = make_run(split, config(jobs={"paths": {}}))
    report = audited(split, run)
    assert failed(report) == {(4, f"steps of paths {name}")}
    assert ": 0 over own and" in report.failed[0].evidence


@pytest.mark.parametrize("pairs", ["train", "test", "file"])
@pytest.mark.slow
def test_paths_of_all_kinds_of_pairs_pass(tmp_path, pairs):
    split = small_split(tmp_path)
    if pairs == "file":
        pairs = str(tmp_path / "pairs.parquet")
        every = product(range(1, 7), range(1, 15))
        write_parquet(Path(pairs), pd.DataFrame(every, columns=["user", "item"]))
    parameters = {"pairs": pairs, "lengths": [3, 5], "per_pair": None}
    job = PathsJob(paths.PathsConfig.model_validate(parameters))
    (name,) = runner.run_jobs(None, split, [job], progress=False)
    report = audited(split, make_run(split, config(jobs={"paths": parameters})))
    assert results(report)[f"steps of paths {name}"] == "pass"


@pytest.mark.slow
def test_paths_of_sampled_items_are_as_of_their_event(tmp_path, monkeypatch):
    """Held to the moment of the event that they were drawn for, not to the user's last one."""
    split = small_split(tmp_path)
    parameters = {"negatives": 2}
    job = PathsJob(paths.PathsConfig.model_validate(parameters))
    (name,) = runner.run_jobs(None, split, [job], progress=False)
    run = make_run(split, config(jobs={"paths": parameters}))
    what = f"steps of paths {name}"
    assert results(audited(split, run))[what] == "pass"
    original = paths.targets

    def last(network: Any, pairs: pd.DataFrame) -> Any:
        after = pairs.groupby("user")["time"].transform("max")
        return original(network, pairs.assign(time=after.where(pairs["sampled"], pairs["time"])))

    with monkeypatch.context() as patch:
        patch.setattr(paths, "targets", last)
        runner.run_jobs(None, split, [job], progress=False, force=True)
    report = audited(split, run)
    assert failed(report) == {(4, what)}
    assert ": 0 over own and" in report.failed[0].evidence


@pytest.mark.slow
def test_paths_without_timestamps_take_no_ratings_of_others(tmp_path):
    split = make_split_folder(tmp_path, timestamps=False)
    (name,) = runner.run_jobs(None, split, [PathsJob()], progress=False)
    report = audited(split, make_run(split, config(jobs={"paths": {}})))
    assert results(report)[f"steps of paths {name}"] == "pass"


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=5), min_size=1, max_size=6))
def test_steps_stay_within_their_list(lists):
    nodes = np.array([*chain(*lists)], np.int64)
    offsets = np.cumsum([0, *map(len, lists)])
    found = zip(*(part.tolist() for part in steps_of(nodes, offsets)), strict=True)
    wanted = [(*step, n) for n, one in enumerate(lists) for step in pairwise(one)]
    assert list(found) == wanted
