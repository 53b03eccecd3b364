"""Jobs by the names of their outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from pydantic import ValidationError

from ..artifacts import Edges
from ..errors import InputError
from ..validation import first_problem
from .base import FileJob, Job

Known = Mapping[str, type[Job]]


def make_job(name: str, known: Known, parameters: Mapping[str, object] | None = None) -> Job:
    """A job by the name of its output: ``fastrp``, or ``fastrp-train`` for other edges.

    :param known: classes by name, such as ``plugins.manager.graph_jobs()``.
    :param parameters: values of the job's configuration that are not the default.
    :raises InputError: for an unknown job or a parameter that does not fit.
    """
    cls, variant = _class_of(name, known)
    values = dict(parameters or {})
    for key, value in variant.items():
        if values.setdefault(key, value) != value:
            raise InputError(
                f"job {name} has {key} {value} by its name, not {values[key]}",
                f"Name it {cls.name}, or drop {key}.",
            )
    try:
        return cls(cls.config_class.model_validate({**cls.default_config, **values}))
    except ValidationError as error:
        raise _unfit(cls, error) from None


def edges_of(job: Job, known: Known) -> Edges:
    """The edges that a job reads, itself or in the outputs of other jobs."""
    read = {edges_of(make_job(name, known), known) for name in _reads(job)}
    found = read | ({job.edges} if job.edges else set())
    return found.pop() if len(found) == 1 else "both"


def needs_server(job: Job, known: Known) -> bool:
    """Whether a job, or one whose output it reads, needs a server with GDS."""
    return job.needs_gds or any(needs_server(make_job(name, known), known) for name in _reads(job))


def with_reads(
    jobs: Sequence[Job],
    known: Known,
    parameters: Mapping[str, Mapping[str, object]] | None = None,
    made: Collection[str] = (),
) -> list[Job]:
    """The jobs, and before each the jobs whose outputs it reads.

    :param parameters: of the added jobs, by the name of the output.
    :param made: outputs that are there and are taken as they are.
    :raises InputError: when no job makes what one reads, or jobs read each other.
    """
    found = {job.output_name: job for job in jobs}
    ordered: dict[str, Job] = {}

    def add(job: Job, readers: tuple[str, ...] = ()) -> None:
        if job.output_name in readers:
            raise InputError(
                f"jobs read each other: {', '.join(readers)}", "Name another output to read."
            )
        for name in _reads(job):
            if name not in found and name not in made:
                found[name] = make_job(name, known, (parameters or {}).get(name))
            if name in found:
                add(found[name], (*readers, job.output_name))
        ordered.setdefault(job.output_name, job)

    for job in jobs:
        add(job)
    return list(ordered.values())


def _reads(job: Job) -> tuple[str, ...]:
    return job.reads if isinstance(job, FileJob) else ()


def _class_of(name: str, known: Known) -> tuple[type[Job], dict[str, object]]:
    """The class, and the parameters that the rest of the name means."""
    for base, variant in _readings(name):
        if base in known:
            found = known[base].of_variant(variant) if variant else {}
            if found is not None:
                return known[base], found
    raise InputError(f"there is no graph job '{name}'", f"Jobs: {', '.join(known)}")


def _readings(name: str) -> Iterator[tuple[str, str]]:
    """Ways to read a name as job and variant, the longest job first."""
    words = name.split("-")
    for count in range(len(words), 0, -1):
        yield "-".join(words[:count]), "-".join(words[count:])


def _unfit(cls: type[Job], error: ValidationError) -> InputError:
    first = first_problem(error)
    what = f"parameter {first.key} of job {cls.name}" if first.key else f"job {cls.name}"
    return InputError(
        f"{what}: {first.message}",
        f"Parameters: {', '.join(cls.config_class.model_fields)}",
    )
