"""The graph jobs that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..gds_jobs.base import Job


@hookimpl
def register_graph_jobs(register: Callable[[type[Job]], None]) -> None:
    from ..gds_jobs.builtin import BUILT_IN_JOBS

    for job in BUILT_IN_JOBS:
        register(job)
