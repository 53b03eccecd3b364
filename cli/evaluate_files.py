"""``reelgraph evaluate`` on plain files: the options, the output folder, the table."""

from __future__ import annotations

import shutil
from typing import Any

from ..errors import InputError
from ..locks import held
from .context import Context
from .data_options import chosen_data
from .metrics import SAID, how_measured, metric_rows, print_slices
from .run_options import make_config


def evaluate_plain_files(
    context: Context, given: dict[str, Any], as_json: bool, slices: bool
) -> None:
    """Evaluate a model on the files that the options name, and print the table.

    :raises InputError: for options that do not go together, and files that cannot be read.
    """
    if given["place"] is not None and not given["place"].is_file():
        raise InputError(f"{given['place']} is not a file", "A split: reelgraph train, evaluate.")
    protocol = given["protocol"] or ("given" if given["train_file"] else "user-time")
    asked = {name: given[name] for name in ("model", "task", "seed", "epochs", "relevant")}
    baselines = _names(given["baselines"])
    config = make_config(
        None, given["assignments"], protocol=protocol, baselines=baselines, **asked
    )
    data = chosen_data(context, given, config.protocol_parameters)
    from ..model.base import TrainingOptions
    from ..pipeline.plain_files import evaluate_files, evaluation_id

    own = (
        context.settings.workspace
        / "evaluations"
        / evaluation_id(data, config, given["items"], context.settings.precision)
    )
    folder, checkpoints = given["output"] or own, own.with_name(f"{own.name}-checkpoints")
    options = TrainingOptions(
        context.settings.device,
        context.settings.training_threads,
        checkpoint=checkpoints,
        progress=True,
        precision=context.settings.precision,
    )
    checkpoints.mkdir(parents=True, exist_ok=True)
    with held(checkpoints, f"evaluation {own.name}"):
        found = evaluate_files(data, config, options, context.note, given["items"])
        found.write(folder)
        shutil.rmtree(checkpoints, ignore_errors=True)
    if as_json:
        context.echo_json(found.metrics.dump())
    else:
        context.echo_rows(metric_rows(found.metrics.models, config.about))
        if slices:
            print_slices(context, found.metrics.models, config.about)
        rules = data.bound().rules
        context.note(
            f"{data.title()}: {how_measured(found.metrics.models[config.model])}, "
            f"seed {config.seed}.\n{SAID[config.about]}"
        )
        if rules.label:
            context.note(f"{rules.protocol}: {rules.label}")
    context.note(f"written: {folder}")


def _names(texts: tuple[str, ...]) -> tuple[str, ...] | None:
    """Names with commas between them; None for the default, none for ``none``."""
    found = tuple(one.strip() for text in texts for one in text.split(",") if one.strip())
    return () if found == ("none",) else found or None
