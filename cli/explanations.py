"""``reelgraph evaluate --explanations``: how true and how faithful a run's reasons are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .chosen import chosen_run
from .context import Context

if TYPE_CHECKING:
    from ..artifacts import Interval, RunExplanations

USERS = 150


def evaluate_explanations(
    context: Context,
    run_id: str | None,
    users: int | None,
    seed: int | None,
    beside: tuple[str, ...],
    as_json: bool,
) -> None:
    """Measure, keep and print the figures of a run's explanations."""
    run = chosen_run(context, run_id, finished=("train", "predict"))
    from ..pipeline.explanations import evaluate_explanations as measure
    from ..pipeline.folders import find_run
    from ..pipeline.stages.work import work_of

    settings = context.settings
    others = [
        work_of(settings, find_run(settings, other, finished=("train",)), context.note)
        for other in beside
    ]
    work = work_of(settings, run, context.note)
    found = measure(work, users or USERS, 42 if seed is None else seed, others)
    if as_json:
        context.echo_json(found.dump())
    else:
        print_explanations(context, run.run_id, found)


def print_explanations(context: Context, run_id: str, found: RunExplanations) -> None:
    """A row per way to explain, then what is true of the reasons shown, then notes."""
    context.echo_rows(_rows(found), title=f"Explanations of {run_id}", whole="AOPC [95 %]")
    in_time = (
        "unknown, without times or test rows"
        if found.time_validity is None
        else f"{found.time_validity:.1%}"
    )
    edges = f"{found.edges:,} edges of their paths"
    if found.path_validity is not None:
        edges += f", {found.path_validity:.1%} are in the data set"
    context.note(
        f"Shown: {found.recommendations:,} recommendations, {found.coverage:.1%} with evidence; "
        f"{edges}; interactions before what is tested: {in_time}; {found.with_path:.1%} have "
        "evidence that shares something with the item."
    )
    if found.paths:
        figures = [f"{name.upper()} {_interval(one)}" for name, one in found.paths.items()]
        context.note(f"Paths: {', '.join(figures)}.")
    if found.first:
        context.note(_first(found.first))
    context.note(
        f"The best item of {found.users:,} users, seed {found.seed}; the first 1 to {found.most} "
        "events of each order. AOPC: by how much the score falls without them (comprehensiveness), "
        "more is better. closed: how far AOPC is from random to greedy. alone: by how much it "
        "falls with them alone (sufficiency), less is better. POS: how often the item "
        f"stays in the first {found.n} without them, less is better. τ: agreement with leaving "
        "one out. seeds: Jaccard's index of the first events over seeds. In brackets: 95 % "
        "bootstrap interval over users."
    )
    for what, why in found.left_out.items():
        context.note(f"Not there: {what}: {why}")


def _first(first: dict[str, float]) -> str:
    text = (
        f"The strongest reason of the best item is the last event for {first['last']:.1%} of the "
        f"users, one of the last five for {first['lastFive']:.1%}"
    )
    if "lowRated" not in first:
        return f"{text}."
    return (
        f"{text}, one rated below the user's mean for {first['lowRated']:.1%} "
        f"({first['lowRatedOfAll']:.1%} of all events are)."
    )


def _rows(found: RunExplanations) -> list[dict[str, str]]:
    rows = []
    for way, one in found.explainers.items():
        row = {
            "order": way,
            "AOPC [95 %]": _interval(one.comprehensiveness),
            "closed": "-" if one.closed is None else f"{one.closed:.2f}",
            "alone": f"{one.sufficiency.mean:.2f}",
            "POS": f"{one.pos.mean:.2f}",
            "τ": "-" if one.tau is None else f"{one.tau.mean:.2f}",
        }
        if found.beside:
            row["seeds"] = "-" if one.jaccard is None else f"{one.jaccard.mean:.2f}"
        rows.append(row)
    return rows


def _interval(one: Interval) -> str:
    return f"{one.mean:.2f} [{one.low:.2f}, {one.high:.2f}]"
