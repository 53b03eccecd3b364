"""The run or split that a command works on; says which, where the user did not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import InputError
from . import completion
from .context import Context

if TYPE_CHECKING:
    from ..artifacts import RunFolder, SplitFolder, Task

F = TypeVar("F", bound=Callable[..., Any])


def split_option(meaning: str) -> Callable[[F], F]:
    """``--split``, which Tab completes; without it the command takes the last export."""
    return click.option(
        "--split",
        "split_id",
        help=f"{meaning} [default: the last export]",
        shell_complete=completion.splits,
    )


def chosen_run(
    context: Context,
    run_id: str | None = None,
    *,
    finished: tuple[str, ...] = (),
    task: Task | None = None,
) -> RunFolder:
    """The named run; without a name the one worked on last that has finished these stages.

    :param task: what the run must be for.
    :raises InputError: when the named run is for the other task.
    :raises ArtifactError: as :func:`~reelgraph.pipeline.folders.find_run`.
    """
    from ..pipeline.folders import find_run

    run = find_run(context.settings, run_id, finished=finished, task=task)
    if task is not None and run.manifest().task != task:
        raise InputError(
            f"run {run.run_id} is for {run.manifest().task}, not for {task}",
            "Leave out --task, or name another run: reelgraph runs list",
        )
    if run_id is None:
        done = f" of those that have finished {finished[-1]}" if finished else ""
        context.note(f"run {run.run_id}, worked on last{done}")
    return run


def chosen_split(
    context: Context, split_id: str | None = None, dataset: str | None = None
) -> SplitFolder:
    """The named split; without a name the one exported last.

    :raises ArtifactError: as :func:`~reelgraph.pipeline.folders.find_split`.
    """
    from ..pipeline.folders import find_split

    split = find_split(context.settings, split_id, dataset)
    if split_id is None or dataset is None:
        of_dataset = f"split {split.split_id} of data set {split.dataset.fingerprint}"
        context.note(f"{of_dataset}, exported last")
    return split
