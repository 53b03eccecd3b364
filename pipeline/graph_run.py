"""What is needed to ask a run that is in the graph: its folder, as it was written back."""

from __future__ import annotations

from ..artifacts import MANIFEST, RunFolder
from ..errors import ArtifactError
from ..progress import Note
from ..results.run_content import content_digest
from ..results.run_graph import GraphRun
from ..settings import Settings
from .identity import check_behaviour
from .stages.work import Work, work_of


def folder_work(run: GraphRun, settings: Settings, note: Note) -> Work:
    """A run in the graph by its folder.

    :raises ArtifactError: when the folder is not there or holds something else by now.
    """
    folder = RunFolder(settings.runs_dir / run.folder)
    if not (folder.path / MANIFEST).is_file():
        raise ArtifactError(f"its folder {folder.path} is not there")
    check_behaviour(folder)
    work = work_of(settings, folder, note)
    if content_digest(folder, work.split) != run.digest:
        raise ArtifactError(
            f"its folder {folder.path} has other predictions than the graph",
            f"Write it back: reelgraph writeback {folder.run_id}",
        )
    return work


def named_work(
    run: GraphRun, settings: Settings, note: Note, kind: str = "run", hint: str = ""
) -> Work:
    """The same; errors name the run.

    :param kind: what it is called, such as ``rating run``.
    :param hint: what to do where the error does not say.
    :raises ArtifactError: as :func:`folder_work`.
    """
    try:
        return folder_work(run, settings, note)
    except ArtifactError as error:
        message = f"{kind} {run.run_id}: {error.message}"
        raise ArtifactError(message, error.hint or hint) from None
