"""What a supplier is: it knows the jobs behind a kind of need, and reads the value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from ...artifacts import SplitFolder, read_parquet
from ...errors import ReelgraphError
from ..data import Catalogue
from ..needs import Need
from ..splits.base import Protocol

T = TypeVar("T")
N = TypeVar("N", bound=Need[Any])


class AbsentError(ReelgraphError):
    """The data set cannot meet a need; the message says why, after 'the data set has no …'."""


@dataclass(frozen=True)
class Place:
    """Where a supplier reads: a split, and the items whose order its rows follow.

    ``shuffled`` asks for what knowledge there is to come from the degree-preserving shuffled
    knowledge graph.
    """

    split: SplitFolder
    catalogue: Catalogue
    shuffled: bool = False

    @cached_property
    def users(self) -> npt.NDArray[Any]:
        """Ids of the users who have interactions, sorted: the order of a model's users."""
        rows = read_parquet(self.split.dataset.interactions)
        return np.unique(rows["user"].to_numpy())


class Supplier(ABC, Generic[N, T]):
    """Meets needs of the class ``need``; plugins register further ones."""

    need: ClassVar[type[Need[Any]]]

    def reads_knowledge(self, need: N) -> bool:
        """Whether a run without knowledge (``--knowledge none``) leaves it out."""
        return False

    def jobs(self, need: N) -> Mapping[str, Mapping[str, object]]:
        """Jobs whose output it reads, with parameters; the pipeline runs them first."""
        return {}

    def prepare(self, need: N, split: SplitFolder, protocol: Protocol) -> None:
        """Make what is read and is not a job's output, unless it is there."""
        return

    @abstractmethod
    def read(self, need: N, place: Place) -> T:
        """The value.

        :raises AbsentError: when the data set has no such thing.
        :raises ArtifactError: when a file is missing or damaged.
        """
