"""Vectors that jobs make of other jobs' outputs: of walks, and of structure features."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from reelgraph.artifacts import JobRecord, SplitFolder, read_parquet
from reelgraph.errors import ArtifactError, InputError
from reelgraph.gds_jobs.base import FileJob, FileWork, Job, JobOutput
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.fingerprints import seen
from reelgraph.gds_jobs.jobs.structure_vectors import StructureVectors
from reelgraph.gds_jobs.jobs.walk_vectors import WalkVectors
from reelgraph.gds_jobs.naming import edges_of, make_job, needs_server, with_reads
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.gds_jobs.skipgram import item_vectors
from reelgraph.gds_jobs.split_graph import read_split_graph
from reelgraph.model.dataset import load_catalogue, read_vectors
from reelgraph.testing.small_split import make_split_folder

KNOWN: dict[str, type[Job]] = {job.name: job for job in BUILT_IN_JOBS}
METAPATH = {"paths": "Item-Entity", "walk_length": 6}


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return make_split_folder(tmp_path)


def run(split: SplitFolder, name: str, shuffled: bool = False, **metapath: object) -> list[str]:
    parameters = {one: {**METAPATH, **metapath} for one in ("metapath", "metapath-knowledge")}
    jobs = with_reads([make_job(name, KNOWN)], KNOWN, parameters)
    return run_jobs(None, split, jobs, shuffled=shuffled, progress=False)


def vectors_of(split: SplitFolder, name: str, shuffled: bool = False) -> np.ndarray:
    return read_vectors(split, name, shuffled, load_catalogue(split).item_ids)


def record(split: SplitFolder, name: str) -> JobRecord:
    return split.manifest().jobs[name]


def test_walks_are_made_first_and_their_vectors_once(split: SplitFolder) -> None:
    assert run(split, "walk-vectors-metapath") == ["metapath", "walk-vectors-metapath"]
    name = "walk-vectors-metapath"
    vectors = vectors_of(split, name)
    walks = read_parquet(split.output("walks", "metapath"))["nodes"].to_list()
    np.testing.assert_array_equal(vectors, item_vectors(walks, len(vectors)))
    assert vectors.any()
    first = record(split, name)
    assert first.kind == "embeddings" and first.edges == "both"
    assert first.reads == {"metapath": record(split, "metapath").digest}
    run(split, name)
    assert record(split, name) == first


def test_vectors_follow_what_they_were_made_of(split: SplitFolder) -> None:
    """Other walks are other vectors; the same walks made again are the same vectors."""
    name = "walk-vectors-metapath"
    run(split, name)
    first = record(split, name)
    run(split, name, seed=7)
    second = record(split, name)
    assert second.fingerprint != first.fingerprint
    run_jobs(None, split, [make_job("metapath", KNOWN, METAPATH)], progress=False)
    run_jobs(None, split, [make_job(name, KNOWN)], progress=False)
    when = {"created_at": first.created_at, "seconds": first.seconds}
    assert record(split, name).model_copy(update=when) == first


def test_an_output_with_the_same_fingerprint_and_other_content_is_noticed(
    split: SplitFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when GDS draws other walks with the same seed."""
    name = "walk-vectors-metapath"
    run(split, name)
    first = record(split, name)
    monkeypatch.setattr(
        np.random, "default_rng", lambda _: np.random.Generator(np.random.MT19937(3))
    )
    jobs = [make_job("metapath", KNOWN, METAPATH)]
    run_jobs(None, split, jobs, force=True, progress=False)
    monkeypatch.undo()
    run(split, name)
    second = record(split, name)
    assert second.fingerprint == first.fingerprint
    assert second.digest != first.digest and second.reads != first.reads


def test_derived_vectors_see_nodes_and_no_edges(split: SplitFolder) -> None:
    real, other = read_split_graph(split), read_split_graph(split, shuffled=True)
    other = replace(other, train=other.train.iloc[1:])
    assert seen(WalkVectors(), split, real) == seen(WalkVectors(), split, other)
    fewer = replace(real, item_ids=real.item_ids.iloc[1:])
    assert seen(WalkVectors(), split, real) != seen(WalkVectors(), split, fewer)


def test_vectors_of_shuffled_walks(split: SplitFolder) -> None:
    name = "walk-vectors-metapath-knowledge"
    assert run(split, name, shuffled=True) == [
        "metapath-knowledge-shuffled",
        f"{name}-shuffled",
    ]
    assert list(record(split, f"{name}-shuffled").reads) == ["metapath-knowledge-shuffled"]
    assert record(split, f"{name}-shuffled").edges == "knowledge"
    run(split, name)
    assert not np.array_equal(vectors_of(split, name), vectors_of(split, name, shuffled=True))


def test_what_is_read_must_be_there_and_fit(split: SplitFolder) -> None:
    with pytest.raises(ArtifactError, match="the output walks of a graph job is missing"):
        run_jobs(None, split, [WalkVectors()], progress=False)
    run(split, "walk-vectors-metapath")
    with pytest.raises(ArtifactError, match="'metapath' made walks, which are not vectors"):
        vectors_of(split, "metapath")
    job = make_job("structure-vectors", KNOWN, {"source": "metapath"})
    with pytest.raises(InputError, match="cannot use metapath: it has no node"):
        run_jobs(None, split, [job], progress=False)


def test_names_of_derived_vectors() -> None:
    assert make_job("walk-vectors", KNOWN).config == WalkVectors().config
    for name, source in (
        ("walk-vectors", "walks"),
        ("walk-vectors-both", "walks-both"),
        ("walk-vectors-metapath", "metapath"),
        ("walk-vectors-metapath-train", "metapath-train"),
        ("structure-vectors-both", "structure-both"),
    ):
        job = make_job(name, KNOWN)
        assert (job.output_name, job.reads) == (name, (source,))
        assert needs_server(job, KNOWN) == ("metapath" not in source)
    assert edges_of(make_job("walk-vectors", KNOWN), KNOWN) == "knowledge"
    assert edges_of(make_job("walk-vectors-train", KNOWN), KNOWN) == "train"
    assert edges_of(StructureVectors(), KNOWN) == "train"
    with pytest.raises(InputError, match="no graph job 'none'"):
        with_reads([make_job("walk-vectors-none", KNOWN)], KNOWN)


class Circle(FileJob):
    """Reads what is made of it."""

    name: ClassVar[str] = "circle"
    description: ClassVar[str] = "itself"

    @property
    def reads(self) -> tuple[str, ...]:
        return ("walk-vectors-circle",)

    def compute(self, work: FileWork) -> JobOutput:
        raise AssertionError


def test_jobs_that_read_each_other_are_refused(split: SplitFolder) -> None:
    known = {**KNOWN, "circle": Circle}
    with pytest.raises(InputError, match="jobs read each other: circle, walk-vectors-circle"):
        with_reads([Circle()], known)
    jobs = [Circle(), make_job("walk-vectors-circle", known)]
    with pytest.raises(InputError, match="jobs read each other"):
        run_jobs(None, split, jobs, progress=False)


def walks() -> list[np.ndarray]:
    """Two components: items 0-4 around entity 100, items 5-9 around entity 101."""
    generator = np.random.default_rng(0)
    found = []
    for _ in range(300):
        part = int(generator.integers(2))
        items = part * 5 + generator.integers(0, 5, 4)
        found.append(np.ravel(np.column_stack([items, np.full(4, 100 + part)])).astype(np.int32))
    return found


def test_skipgram_vectors_know_the_neighbourhood() -> None:
    vectors = item_vectors(walks(), n_items=12, dimension=4)
    assert vectors.shape == (12, 4)
    assert not vectors[10:].any()
    unit = vectors[:10] / np.linalg.norm(vectors[:10], axis=1, keepdims=True)
    alike = unit @ unit.T
    assert alike[:5, :5].min() > alike[:5, 5:].max()
    np.testing.assert_array_equal(vectors, item_vectors(walks(), n_items=12, dimension=4))


def test_skipgram_without_walks() -> None:
    assert item_vectors([], n_items=3).tolist() == [[0], [0], [0]]


def test_structure_becomes_item_vectors() -> None:
    count = 40
    table = pd.DataFrame(
        {
            "node": range(count + 3),  # users come after the items
            "degree": [0, *range(1, count + 3)],
            "pageRank": np.linspace(0.15, 3, count + 3),
            "community": pd.array([None, *(n % 20 for n in range(count + 2))], "Int32"),
        }
    )
    vectors = StructureVectors().vectors(table, count)
    assert vectors.shape == (count, 18)
    assert not vectors[0].any()  # an item without edges
    assert np.abs(vectors[1:, :2].mean(0)).max() < 1e-6
    np.testing.assert_allclose(vectors[1:, :2].std(0), 1, atol=1e-5)
    assert (np.diff(vectors[1:, :2], axis=0) > 0).all()
    community = table["community"][1:count].to_numpy(int)
    expected = (community[:, None] == np.arange(16)).astype(np.float32)
    np.testing.assert_array_equal(vectors[1:, 2:], expected)
