"""What a run gives its model beside the interactions: needs, supplied from the split.

A need is met by the supplier of its kind. What cannot be met is absent with a reason: the
model then does what the need's fallback says, or the run is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..artifacts import RunInput, SplitFolder
from ..errors import ArtifactError, InputError
from ..model.dataset import load_catalogue
from ..model.needs import Need, Supplied
from ..model.suppliers.base import AbsentError, Place, Supplier
from ..model.suppliers.fingerprint import fingerprint
from ..plugins import manager
from .config import RunConfig

WITHOUT = "the run is without knowledge"


def supplier_of(need: Need[Any]) -> Supplier[Any, Any]:
    """:raises InputError: when no plugin supplies needs of this kind."""
    known = manager.suppliers()
    if need.kind not in known:
        raise InputError(
            f"nothing supplies the need '{need.kind}'", f"Known: {', '.join(sorted(known))}"
        )
    return known[need.kind]


def wanted(config: RunConfig) -> list[Need[Any]]:
    """The model's needs, less those about knowledge in a run without it."""
    return [need for need in config.needs() if not _left_out(config, need)]


def needed_jobs(config: RunConfig) -> dict[str, dict[str, Any]]:
    """Jobs behind the model's needs, with their parameters."""
    asked: dict[str, dict[str, Any]] = {}
    for need in wanted(config):
        for name, parameters in supplier_of(need).jobs(need).items():
            if asked.setdefault(name, dict(parameters)) != dict(parameters):
                raise InputError(
                    f"model '{config.model}' asks for job {name} twice, with other parameters",
                    "One output of a job serves a run: declare one need for it.",
                )
    return asked


def prepare(config: RunConfig, split: SplitFolder) -> None:
    """Make what suppliers read and no job makes, such as features."""
    for need in wanted(config):
        supplier_of(need).prepare(need, split, config.recorded_protocol())


def supply(
    config: RunConfig, split: SplitFolder, left_out: Mapping[str, str] | None = None
) -> tuple[Supplied, list[RunInput]]:
    """Read what the model needs.

    :param left_out: jobs that could not be run, each with the reason.
    :raises InputError: when a need without fallback cannot be met; says why.
    :raises ArtifactError: when a file that should be there is missing.
    """
    names = [str(need) for need in config.needs()]
    if len(set(names)) < len(names):
        raise InputError(
            f"model '{config.model}' declares needs that have one text: {', '.join(names)}",
            "Give them a __str__ that tells one from the other.",
        )
    place = Place(split, load_catalogue(split), shuffled=config.knowledge == "shuffled")
    values: dict[Need[Any], object] = {}
    inputs = []
    for need in config.needs():
        why = _why_absent(config, need, left_out or {})
        if why is None:
            try:
                values[need] = supplier_of(need).read(need, place)
            except AbsentError as error:
                why = f"the data set has {error.message}"
        if why is not None and need.required:
            raise _refused(config, need, why)
        inputs.append(
            RunInput(need=str(need), fingerprint=None, absent=why)
            if why is not None
            else _met(need, values[need])
        )
    return Supplied(values), inputs


def supply_again(
    config: RunConfig, split: SplitFolder, inputs: Sequence[RunInput]
) -> tuple[Supplied, list[RunInput]]:
    """As :func:`read_again`, with the fingerprints of what is there now."""
    supplied = read_again(config, split, inputs)
    found = {str(need): _met(need, supplied[need]) for need in supplied}
    return supplied, [found.get(one.need, one) for one in inputs]


def read_again(
    config: RunConfig,
    split: SplitFolder,
    inputs: Sequence[RunInput],
    kind: type[Need[Any]] = Need,
) -> Supplied:
    """Read what was there when the run was begun; what was absent then stays absent.

    :param kind: only needs of this class.
    """
    absent = {one.need for one in inputs if one.absent is not None}
    kept = [need for need in config.needs() if isinstance(need, kind) and str(need) not in absent]
    place = Place(split, load_catalogue(split), shuffled=config.knowledge == "shuffled")
    return Supplied({need: supplier_of(need).read(need, place) for need in kept})


def check_inputs(
    run_id: str, config: RunConfig, split: SplitFolder, inputs: Sequence[RunInput]
) -> None:
    """:raises ArtifactError: when what the run reads is not what it was begun with."""
    if [one.need for one in inputs] != [str(need) for need in config.needs()]:
        raise ArtifactError(
            f"run {run_id} was begun by a model that asked for other things than "
            f"'{config.model}' does now",
            f"Make a new run: reelgraph train --split {split.split_id}",
        )
    for begun, now in zip(inputs, supply_again(config, split, inputs)[1], strict=True):
        if begun != now:
            raise ArtifactError(
                f"run {run_id} was begun with another {begun.need} than {split.path} has now",
                f"Make a new run: reelgraph train --split {split.split_id}",
            )


def notes_of(config: RunConfig, inputs: Sequence[RunInput]) -> Iterator[str]:
    """What is absent, and what the model does then; a line per reason."""
    fallback = {str(need): need.fallback for need in config.needs()}
    by_reason: dict[tuple[str, str], list[str]] = {}
    for one in inputs:
        if one.absent is not None and one.absent != WITHOUT:
            by_reason.setdefault((one.absent, fallback[one.need]), []).append(one.need)
    for (why, then), names in by_reason.items():
        yield f"without {', '.join(names)} ({why}): {then}"


def _met(need: Need[Any], value: object) -> RunInput:
    return RunInput(need=str(need), fingerprint=fingerprint(value), absent=None)


def _left_out(config: RunConfig, need: Need[Any]) -> bool:
    return config.knowledge == "none" and supplier_of(need).reads_knowledge(need)


def _why_absent(config: RunConfig, need: Need[Any], left_out: Mapping[str, str]) -> str | None:
    if _left_out(config, need):
        return WITHOUT
    jobs = supplier_of(need).jobs(need)
    return next((left_out[name] for name in jobs if name in left_out), None)


def _refused(config: RunConfig, need: Need[Any], why: str) -> InputError:
    return InputError(
        f"model '{config.model}' needs {need}: {why}",
        "Take another model (reelgraph run --help), or data that have it.",
    )
