"""Running the stages in order, skipping what is finished, resuming what is not."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..artifacts import RunChanges, RunFolder, SplitFolder, StageRecord
from ..errors import ArtifactError
from ..graph.connection import Graph
from ..graph.unfinished import check_finished
from ..graph.writable import check_writable
from ..model.splits.protocols.every_row import EveryRow
from ..model.training.loop import isolated_torch
from ..progress import Note, seconds_since
from ..results.runs import retired_by
from ..results.writeback import write_run
from ..settings import Settings
from .audit import AuditReport
from .audit import audit as audit_files
from .audit.subject import inputs_digest, trained_digest
from .config import RunConfig
from .graph_side import export, graph_jobs
from .identity import check_behaviour, locked, open_run
from .inputs import check_inputs, notes_of, prepare, supply
from .predicted_ratings import ratings_for, watched_beside
from .stages.evaluation import evaluate
from .stages.prediction import predict
from .stages.training import train
from .stages.work import Work, work_of

RUN_STAGES = ("train", "predict", "audit", "evaluate", "writeback")
STAGES = ("export", "gds", *RUN_STAGES)
_ON_FILES: Mapping[str, Callable[[Work], RunChanges]] = {
    "train": train,
    "predict": predict,
    "evaluate": evaluate,
}


@dataclass(frozen=True)
class WriteOptions:
    """What a write-back does beside writing the run.

    ``evidence_top``: pieces of evidence stored per recommendation, None for all that the run
    has. ``keep``: runs active before that stay from now on, None for as many as before.
    """

    evidence_top: int | None = None
    keep: int | None = None


def run_pipeline(
    settings: Settings,
    graph: Graph,
    config: RunConfig,
    note: Note,
    *,
    start: str | None = None,
    stop: str = "writeback",
) -> RunFolder:
    """Run the stages on the graph as it is; a finished stage with unchanged inputs is skipped.

    :param start: this stage and the later ones are done again.
    :param stop: the last stage to do.
    :raises ArtifactError: when another process works on the same run.
    """
    config.check()
    config.bound_protocol()  # refuses parameters that do not fit
    if stop == "writeback":
        check_writable(graph)  # before hours of training
    again = STAGES[STAGES.index(start) :] if start else ()
    split = export(settings, graph, config, note)
    left_out = graph_jobs(settings, graph, split, config, note, force="gds" in again)
    run = begin_run(settings, split, config, note, left_out)
    for stage in RUN_STAGES[: RUN_STAGES.index(stop) + 1]:
        run_stage(stage, settings, run, note, graph=graph, force=stage in again)
    return run


def begin_run(
    settings: Settings,
    split: SplitFolder,
    config: RunConfig,
    note: Note,
    left_out: Mapping[str, str] | None = None,
) -> RunFolder:
    """The folder of the run that this configuration makes on the split.

    :param left_out: jobs that could not be run, each with the reason.
    :raises InputError: when the model needs what the data set does not have.
    :raises ArtifactError: when the output of a job is missing.
    """
    prepare(config, split)
    inputs = supply(config, split, left_out)[1]
    for line in notes_of(config, inputs):
        note(line)
    return open_run(settings, split, config, inputs)


def run_refit(
    settings: Settings,
    graph: Graph,
    config: RunConfig,
    note: Note,
    *,
    start: str | None = None,
) -> RunFolder:
    """Evaluate a run, then fit it again on all interactions and write that back.

    The refit has graph jobs of its own and trains for the epochs that its parent chose on valid.
    """
    parent = run_pipeline(settings, graph, config, note, start=start, stop="evaluate")
    note(f"refit of {parent.run_id} on every interaction")
    refit = config.model_copy(
        update={"protocol": EveryRow.name, "protocol_parameters": {}, "refit_of": parent.run_id}
    )
    return run_pipeline(settings, graph, refit, note, start=start)


def run_stage(
    name: str,
    settings: Settings,
    run: RunFolder,
    note: Note,
    *,
    graph: Graph | None = None,
    force: bool = False,
    options: WriteOptions = WriteOptions(),
) -> None:
    """Do one stage of a run, or skip it when it is done; later stages then count as not done.

    Only ``writeback`` needs the graph, and it alone has ``options``.
    """
    with locked(run):
        work = work_of(settings, run, note)
        done = run.manifest().stages.get(name)
        if done and not force and _is_current(name, work, graph, options):
            note(f"{name}: done before ({done.seconds} s), skipped")
            return
        check_behaviour(run, writes_only=name == "writeback")
        _check_earlier(name, run)
        if name == "audit":
            _audit(work, graph, full=False)
            return
        if force and name == "train":
            for stale in (run.model, work.checkpoints):
                shutil.rmtree(stale, ignore_errors=True)
        if name in _ON_FILES:
            check_inputs(run.run_id, work.config, work.split, work.inputs)
        before, files = run.manifest(), _written(run)
        _forget(run, name)
        began = time.monotonic()
        try:
            results = _do(name, work, graph, options)
        except BaseException:
            if _written(run) == files:  # such as a full disk: what was there is as good as before
                run.update(stages=before.stages, audit=before.audit)
            raise
        _record(run, name, began, results)
        note(f"{name}: done ({seconds_since(began)})")


def audit_run(
    settings: Settings,
    run: RunFolder,
    note: Note,
    *,
    graph: Graph | None = None,
    full: bool = False,
) -> AuditReport:
    """Audit a run and mark its manifest; what was written back before says what it said then.

    What an earlier full audit found of the same weights and predictions stays.

    :param full: also train again on copies, and compute graph jobs again.
    :raises ArtifactError: when the run has no predictions, or another process works on it.
    """
    with locked(run):
        check_behaviour(run)
        work = work_of(settings, run, note)
        _check_earlier("audit", run)
        return _audit(work, graph, full)


def _audit(work: Work, graph: Graph | None, full: bool) -> AuditReport:
    """Audit and note it; a write-back with another verdict counts as not done."""
    began, inputs, trained = time.monotonic(), inputs_digest(work), trained_digest(work)
    earlier = work.run.manifest().audit
    with isolated_torch(work.options):
        report = audit_files(work, graph, full).joined(earlier, trained)
    _record(work.run, "audit", began, {"audit": report.record(inputs, trained)})
    if earlier is None or earlier.passed != report.passed:
        done = work.run.manifest().stages
        work.run.update(stages={name: one for name, one in done.items() if name != "writeback"})
    found = ", ".join(f"check {row.check}: {row.what}" for row in report.failed)
    verdict = f"FAILED, the figures are labelled LEAKS ({found})" if found else "passed"
    work.note(f"audit: {verdict} ({seconds_since(began)})")
    return report


def _do(name: str, work: Work, graph: Graph | None, options: WriteOptions) -> RunChanges:
    if name == "writeback":
        return _write_back(work, graph, options)
    with isolated_torch(work.options):  # torch on all cores is slow beside a busy process
        return _ON_FILES[name](work)


def _write_back(work: Work, graph: Graph | None, options: WriteOptions) -> RunChanges:
    if graph is None:
        raise ArtifactError("the write-back needs a connection to the graph")
    check_finished(graph)
    check_writable(graph)
    retired = retired_by(graph, work.run.run_id, work.config.about, options.keep)
    switches = watched_beside(work, graph)
    ratings = ratings_for(work, graph, options.evidence_top)
    counters = write_run(
        graph,
        work.run,
        work.split,
        evidence_top=options.evidence_top,
        keep=options.keep,
        ratings=ratings,
        switches=switches,
    )
    for line in retired:
        work.note(line)
    return {"counters": counters.as_dict()}


def _check_earlier(name: str, run: RunFolder) -> None:
    done = run.manifest().stages
    for earlier in RUN_STAGES[: RUN_STAGES.index(name)]:
        if earlier not in done and earlier != "audit":  # needs no files of the audit
            raise ArtifactError(
                f"run {run.run_id}: stage {earlier} is not finished, and {name} needs it",
                f"Do it first: reelgraph {earlier} {run.run_id}",
            )


def _record(run: RunFolder, name: str, began: float, results: RunChanges) -> None:
    """Note a finished stage in the manifest."""
    finished = StageRecord(
        finished_at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 1),
    )
    changes: RunChanges = {**results, "stages": {**run.manifest().stages, name: finished}}
    run.update(**changes)


def _forget(run: RunFolder, name: str) -> None:
    """A stage that begins, and what comes after it, count as not done until it ends.

    No verdict outlives the weights and predictions that it was about.
    """
    done = run.manifest().stages
    earlier = RUN_STAGES[: RUN_STAGES.index(name)]
    changes: RunChanges = {"stages": {stage: done[stage] for stage in earlier if stage in done}}
    if "audit" not in earlier:
        changes["audit"] = None
    run.update(**changes)


def _written(run: RunFolder) -> dict[str, tuple[int, int]]:
    """What tells whether a file that stages make was replaced: its inode and time."""
    paths = [*run.model.glob("*"), *run.vectors.glob("*")]
    paths += [path for path in (run.predictions, run.attention, run.metrics) if path.is_file()]
    stats = {str(path): path.stat() for path in paths}
    return {path: (one.st_ino, one.st_mtime_ns) for path, one in stats.items()}


def _is_current(name: str, work: Work, graph: Graph | None, options: WriteOptions) -> bool:
    """Whether what a finished stage made is still there."""
    if name == "writeback":
        return graph is not None and options.keep is None and _is_written(work, graph, options)
    if name == "audit":
        audit = work.run.manifest().audit
        return audit is not None and audit.inputs == inputs_digest(work)
    made: dict[str, Path] = {
        "train": work.run.model / "config.json",
        "predict": work.run.predictions,
        "evaluate": work.run.metrics,
    }
    return made[name].exists()


def _is_written(work: Work, graph: Graph, options: WriteOptions) -> bool:
    top = options.evidence_top
    row = graph.run("writeback/is_written", runId=work.run.run_id, evidenceTop=top).single()
    return bool(row and row["written"])
