"""Which files are the content of a run, and a digest that stands for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ..artifacts import RunFolder, SplitFolder
from ..errors import ArtifactError

AGAIN = "Make the predictions again: reelgraph predict"


def content_digest(run: RunFolder, split: SplitFolder) -> str:
    """Stands for what a run predicts and what lies beside it; equal digests are equal contents.

    Figures and verdicts are no part of it: a run that is evaluated again predicts the same.

    :raises ArtifactError: when the output of one of its jobs is gone or another one.
    """
    return digest_of([*_own_paths(run), *similarities(run, split)])


def similarities(run: RunFolder, split: SplitFolder) -> dict[Path, str]:
    """Tables of the run's similarity jobs, each with the method that made it.

    :raises ArtifactError: when a job's output is gone, or was made with other parameters.
    """
    made, manifest = split.manifest().jobs, run.manifest()
    found = {}
    for name in manifest.similarities:
        record = made.get(name)
        if record is None or record.fingerprint != manifest.jobs[name]:
            what = "is gone" if record is None else "was made with other parameters since"
            raise ArtifactError(
                f"{split.path}: the output of job {name}, which run {run.run_id} has, {what}",
                f"Make it as the run did: reelgraph gds run --run {run.run_id}",
            )
        found[split.path / record.file] = record.method or name
    return found


def _own_paths(run: RunFolder) -> list[Path]:
    return [
        run.predictions,
        run.attention,
        run.vectors / "users.parquet",
        run.vectors / "items.parquet",
    ]


def digest_of(paths: Iterable[Path]) -> str:
    """Short SHA-256 of the files' names and bytes; a missing file is a name alone."""
    sha = hashlib.sha256()
    for path in paths:
        sha.update(path.name.encode())
        if path.exists():
            with path.open("rb") as file:
                sha.update(hashlib.file_digest(file, "sha256").digest())
    return sha.hexdigest()[:16]
