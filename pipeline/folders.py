"""Which split or run a command means: the one that is named, or the one worked on last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from ..artifacts import MANIFEST, DatasetFolder, RunFolder, SplitFolder, Task
from ..errors import ArtifactError
from ..results.run_ids import named
from ..settings import Settings


def find_run(
    settings: Settings,
    run_id: str | None = None,
    *,
    finished: Sequence[str] = (),
    task: Task | None = None,
) -> RunFolder:
    """The named run, or the one worked on last.

    :param run_id: an id, its beginning, or the beginning of the digest that ends it.
    :param finished: without ``run_id``, only runs that have finished these stages count.
    :param task: without ``run_id``, only runs for this task count.
    :raises ArtifactError: when there is none, or when the name fits several.
    """
    known = _by_age(settings.runs_dir)
    if run_id is not None:
        ids = [path.name for path in known]
        found = named(run_id, ids)
        if len(found) != 1:
            raise _not_one(run_id, found, ids, settings.runs_dir)
        return RunFolder(settings.runs_dir / found[0])
    if task is not None:
        known = [path for path in known if RunFolder(path).manifest().task == task]
    if not known:
        kind = f"{task} run" if task else "run"
        raise ArtifactError(f"there is no {kind} in {settings.runs_dir}", "Make one: reelgraph run")
    for path in reversed(known):
        if not set(finished) - set(_stages(path)):
            return RunFolder(path)
    last = RunFolder(known[-1])
    missing = next(stage for stage in finished if stage not in _stages(last.path))
    raise ArtifactError(
        f"no run in {settings.runs_dir} has finished {missing}",
        f"Go on with the last one: reelgraph {missing} {last.run_id}",
    )


def find_split(
    settings: Settings, split_id: str | None = None, dataset: str | None = None
) -> SplitFolder:
    """The named split of the data set exported last that has it, or the split exported last.

    :param dataset: fingerprint of the data set, or its beginning, when not any will do.
    :raises ArtifactError: when there is none.
    """
    every = [_split(path) for path in settings.datasets_dir.glob(f"*/splits/*/{MANIFEST}")]
    found = [
        split
        for split in every
        if split_id in (None, split.split_id)
        and split.dataset.fingerprint.startswith(dataset or "")
    ]
    if not found:
        wanted = " ".join(["split", *([split_id] if split_id else [])])
        of_dataset = f" of data set {dataset}" if dataset else ""
        there = sorted({f"{one.split_id} of {one.dataset.fingerprint}" for one in every})
        raise ArtifactError(
            f"there is no {wanted}{of_dataset} in {settings.datasets_dir}",
            f"Splits: {', '.join(there)}" if there else "Make one: reelgraph export",
        )
    return max(found, key=SplitFolder.exported_at)


def split_of(settings: Settings, run: RunFolder) -> SplitFolder:
    """The split on which a run was made."""
    manifest = run.manifest()
    return DatasetFolder(settings.datasets_dir / manifest.dataset).split(manifest.split)


def _split(manifest: Path) -> SplitFolder:
    return DatasetFolder(manifest.parents[2]).split(manifest.parent.name)


def _by_age(runs_dir: Path) -> list[Path]:
    """The folders of all runs; the one that was made or changed last is the last."""
    manifests = sorted(runs_dir.glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime_ns)
    return [path.parent for path in manifests]


def _stages(run: Path) -> Collection[str]:
    """The finished stages of a run; none of one that this version cannot read."""
    try:
        return RunFolder(run).manifest().stages
    except ArtifactError:
        return ()


def _not_one(name: str, found: Sequence[str], known: Sequence[str], folder: Path) -> ArtifactError:
    if found:
        return ArtifactError(
            f"'{name}' fits {len(found)} runs in {folder}",
            f"Write more of the id: {', '.join(found)}",
        )
    return ArtifactError(
        f"there is no run '{name}' in {folder}",
        f"Runs: {', '.join(sorted(known))}" if known else "Make one: reelgraph run",
    )
