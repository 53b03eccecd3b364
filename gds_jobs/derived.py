"""Vectors that are made of another job's output, such as those of walks."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..artifacts import Edges, read_parquet
from ..errors import InputError
from .base import FileJob, FileWork, JobOutput, Kind
from .config import JobConfig


class SourceConfig(JobConfig):
    """Parameters of a job that reads one output of another job; subclasses give ``source``."""

    source: str


class DerivedVectors(FileJob):
    """A job that makes item vectors of the output that ``source`` names.

    The output is named after its source: of ``walks`` it is ``walk-vectors``, of
    ``walks-both`` it is ``walk-vectors-both``, of ``metapath`` it is ``walk-vectors-metapath``.
    ``usual`` is the default source, ``columns`` are those that the source must have.
    """

    kind: ClassVar[Kind] = "embeddings"
    consumer: ClassVar[str] = "fusion of the attention-lstm"
    config_class: ClassVar[type[SourceConfig]]
    usual: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]

    config: SourceConfig

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.config.source,)

    def variant(self) -> str:
        return self.config.source.removeprefix(self.usual).removeprefix("-")

    @classmethod
    def of_variant(cls, variant: str) -> dict[str, object] | None:
        return {"source": f"{cls.usual}-{variant}" if variant in get_args(Edges) else variant}

    def compute(self, work: FileWork) -> JobOutput:
        """:raises InputError: when the source is an output of another kind."""
        table = read_parquet(work.outputs[self.config.source])
        missing = [name for name in self.columns if name not in table]
        if missing:
            raise InputError(
                f"job {self.output_name} cannot use {self.config.source}: it has no {missing[0]}",
                f"Name an output like {self.usual}: --set source={self.usual}",
            )
        item_ids = work.inputs.item_ids
        vectors = list(self.vectors(table, len(item_ids)))
        return JobOutput(self.kind, pd.DataFrame({"itemId": item_ids, "vector": vectors}))

    @abstractmethod
    def vectors(self, table: pd.DataFrame, items: int) -> npt.NDArray[np.float32]:
        """``(items, d)`` of the source's table; zeros for an item of which nothing is known."""
