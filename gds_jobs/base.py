"""What a job is: it computes one table, from a leak-safe projection or from files alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

import pandas as pd
import pyarrow as pa

from ..artifacts import Edges
from .config import EdgesConfig, JobConfig, ProjectedConfig

if TYPE_CHECKING:
    from ..artifacts import SplitFolder
    from .projection import Projection
    from .split_graph import SplitGraph

Kind = Literal["embeddings", "similarity", "structure", "walks", "paths"]


@dataclass(frozen=True)
class JobOutput:
    """A job's table and what it is.

    - ``embeddings``: ``itemId``, ``vector`` (list of float32, one length)
    - ``similarity``: ``itemId``, ``otherId``, ``score``; ``facts`` name the ``method``
    - ``structure``: ``node``, ``degree``, ``pageRank``, ``community`` (items, then users)
    - ``walks``: ``nodes`` (list of int32, indices in the data set's node space)
    - ``paths``: see :mod:`reelgraph.gds_jobs.paths`

    A table that is larger than memory comes as a reader. ``facts`` are written into the
    job's record in the split's manifest.
    """

    kind: Kind
    table: pd.DataFrame | pa.Table | pa.RecordBatchReader
    facts: Mapping[str, Any] = field(default_factory=dict)


class Job(ABC):
    """What graph jobs and file jobs share: a name, a configuration, and words about themselves.

    Derive from :class:`GraphJob` or :class:`FileJob`. Subclasses are registered by plugins
    under ``name``, which names the output too. ``kind`` is the kind of the output,
    ``consumer`` says who reads it, ``cost`` in words what it takes, ``reproducible`` whether
    the same seed on one thread gives the same bytes. What a ``slow`` job makes, the leak audit
    judges by its inputs and does not make again.
    """

    needs_gds: ClassVar[bool]
    slow: ClassVar[bool] = False
    reproducible: ClassVar[bool] = True
    cost: ClassVar[str] = "not stated"

    name: ClassVar[str]
    description: ClassVar[str]
    kind: ClassVar[Kind]
    consumer: ClassVar[str] = "models that ask for it by name"
    config_class: ClassVar[type[JobConfig]] = JobConfig
    default_config: ClassVar[dict[str, object]] = {}

    config: JobConfig

    def __init__(self, config: JobConfig | None = None) -> None:
        self.config = config or self.default()

    @classmethod
    def default(cls) -> JobConfig:
        """The configuration that the job runs with unless told otherwise."""
        return cls.config_class.model_validate(cls.default_config)

    @property
    def edges(self) -> Edges | None:
        """The edges that the job reads: those of its configuration, else all.

        None where it reads none itself, only the outputs of other jobs.
        """
        return self.config.edges if isinstance(self.config, EdgesConfig) else "both"

    @property
    def repeats(self) -> bool:
        """Whether the job gives the same bytes again with its configuration."""
        return self.reproducible

    @property
    def output_name(self) -> str:
        """Name of the output: the job's, and its variant where it is not the default one."""
        return "-".join(part for part in (self.name, self.variant()) if part)

    def variant(self) -> str:
        """What ends the output's name: the edges, where they are not the default ones."""
        usual = not isinstance(self.config, EdgesConfig) or self.edges == type(self)().edges
        return "" if usual else str(self.edges)

    @classmethod
    def of_variant(cls, variant: str) -> dict[str, object] | None:
        """The parameters that give a variant; None where there is no such variant."""
        has_edges = issubclass(cls.config_class, EdgesConfig) and variant in get_args(Edges)
        return {"edges": variant} if has_edges else None


class GraphJob(Job):
    """A job that GDS computes on a projection of the split's edges.

    With ``merges_types`` its projection has all knowledge as one relationship type, a pair of
    nodes joined once.
    """

    needs_gds: ClassVar[bool] = True
    merges_types: ClassVar[bool] = False
    config_class: ClassVar[type[ProjectedConfig]] = ProjectedConfig

    config: ProjectedConfig

    @property
    def edges(self) -> Edges:
        """The edges of its configuration, out of which its projection is made."""
        return self.config.edges

    @property
    def repeats(self) -> bool:
        """Threads of the server race: only one of them gives the same bytes again."""
        return self.reproducible and self.config.concurrency == 1

    @abstractmethod
    def run(self, projection: Projection) -> JobOutput:
        """Compute the table; the caller writes it and drops the projection."""


@dataclass(frozen=True)
class FileWork:
    """What a file job gets.

    :param name: the name of its output, which may end in ``-shuffled``.
    :param inputs: all nodes and edges; the job takes those that its configuration names.
    :param device: where torch computes, with ``threads`` threads.
    :param outputs: the files of the outputs that it :attr:`~FileJob.reads`, by these names.
    :param scratch: a folder for finished parts. It is there again when an interrupted job
        with the same configuration and inputs goes on, and goes when the output is complete.
    """

    name: str
    split: SplitFolder
    inputs: SplitGraph
    scratch: Path
    outputs: Mapping[str, Path] = field(default_factory=dict)
    device: str = "cpu"
    threads: int = 1
    progress: bool = False


class FileJob(Job):
    """A job that computes its table from the files of a split and asks no server."""

    needs_gds: ClassVar[bool] = False

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the outputs of other jobs that it reads; these are made first."""
        return ()

    @property
    def edges(self) -> Edges | None:
        return None if self.reads and not isinstance(self.config, EdgesConfig) else super().edges

    def sees(self, split: SplitFolder, inputs: SplitGraph) -> str:
        """Digest of everything in the split's files that can change the output.

        What the job :attr:`reads` is known by its record and does not belong to it.
        """
        seen = inputs.without_edges() if self.edges is None else inputs.only(self.edges)
        return seen.fingerprint()

    @abstractmethod
    def compute(self, work: FileWork) -> JobOutput:
        """Compute the table; the caller writes it."""
