"""What a protocol is: how it cuts the rows of a data set, and the rules of figures on its splits.

Rows come sorted by user and ``seq``, the order by (timestamp, the source's row order, item
id), so that ties in time are settled once, at the load. A cut within each user's rows is one
by ``seq`` (:class:`PerUser`), a cut for everybody one in whole seconds (:class:`OneCut`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...artifacts import Task
from ...errors import InputError
from ..targets import Targets
from .folds import FoldNames
from .parameters import Choice, Parameter, Value
from .rules import Candidates, Rules

CutScope = Literal["user", "everyone"]
Mask = npt.NDArray[np.bool_]


class Protocol(ABC):
    """A way to cut, bound to its parameters. This base is for protocols without a cut in time.

    Parameters are attributes of the class (:mod:`.parameters`).
    """

    name: ClassVar[str]
    #: one line for the help
    description: ClassVar[str]
    parameters: ClassVar[Mapping[str, Parameter[Any]]] = {}
    #: whose rows one cut in time divides; None where no cut separates test from train
    cut_scope: ClassVar[CutScope | None] = None
    #: for the audit, where ``cut_scope`` is None
    why_no_cut: ClassVar[str] = "the protocol has no cut in time"
    #: what may be measured on it; the first one is its main one
    tasks: ClassVar[tuple[Task, ...]] = ("ranking", "rating")
    #: what a ranking may contain: the whole catalogue, or the items of train
    candidates: ClassVar[Candidates] = "catalogue"
    #: whether the weights chosen on valid are tested, not those of a fit on train + valid
    keeps_weights: ClassVar[bool] = False
    #: whether its splits have test rows
    has_test: ClassVar[bool] = True
    #: shown with every figure
    label: ClassVar[str] = ""
    #: whether its features are those that contain the answer
    leaky_features: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        """Collect the parameters: those of the class, then those of its bases."""
        super().__init_subclass__()
        found: dict[str, Parameter[Any]] = {}
        for base in cls.__mro__:
            own = {name: one for name, one in vars(base).items() if isinstance(one, Parameter)}
            found = {**found, **{name: one for name, one in own.items() if name not in found}}
        cls.parameters = found

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        """:param values: of parameters, unchecked, such as a manifest records; else defaults."""
        defaults = {name: one.default for name, one in self.parameters.items()}
        self.values: Mapping[str, Value] = {
            name: value
            for name, value in {**defaults, **(values or {})}.items()
            if value is not None
        }

    @classmethod
    def bound(cls, given: Mapping[str, Any]) -> Self:
        """The protocol with checked parameters; those that are not given have their defaults.

        :raises InputError: for an unknown parameter, or a value that does not fit.
        """
        unknown = sorted(set(given) - set(cls.parameters))
        if unknown:
            known = ", ".join(cls.parameters) or "none"
            raise InputError(
                f"protocol {cls.name} has no parameter '{unknown[0]}'", f"It has: {known}"
            )
        return cls(
            {name: one.check(given.get(name, one.default)) for name, one in cls.parameters.items()}
        )

    @abstractmethod
    def cut(self, rows: pd.DataFrame) -> FoldNames:
        """The fold of each row: train, valid, test or unused.

        :param rows: ``user, item, seq`` and what there is of ``rating, timestamp``, sorted by
            user and seq.
        :raises InputError: when these rows cannot be cut so.
        """

    def at_or_after_cut(self, rows: pd.DataFrame) -> Mask | None:
        """Which rows are not before the first test row; None for a protocol without a cut.

        :param rows: with their ``fold``.
        """
        return None

    @property
    def needs_times(self) -> bool:
        """Whether every row must have a timestamp."""
        return self.cut_scope == "everyone"

    @property
    def target_rows(self) -> Targets:
        """Which rows of a held-out fold are predicted."""
        return "all"

    @property
    def rules(self) -> Rules:
        """What an evaluation has to know."""
        return Rules(self.name, self.tasks, self.target_rows, self.candidates, self.label)

    @property
    def changed(self) -> dict[str, Value]:
        """Values of the parameters that are not the default."""
        values = {name: self.values[name] for name in self.parameters}
        return {name: one for name, one in values.items() if one != self.parameters[name].default}

    @property
    def split_id(self) -> str:
        """Folder name of a split: the name, and those parameters that are not the default.

        :raises OSError: when a file of the parameters is gone, because its digest is needed.
        """
        changed = [self.parameters[name].label(value) for name, value in self.changed.items()]
        return "-".join([self.name, *changed])


class PerUser(Protocol):
    """Cuts each user's rows by their order, which must be one in time (:mod:`.time_order`).

    ``order=rows`` is the user's word that the source's rows came in the order of time.
    """

    cut_scope = "user"
    order = Choice("time", ("time", "rows"), "rows: the source's rows are in the order of time")

    def at_or_after_cut(self, rows: pd.DataFrame) -> Mask:
        first = rows[rows["fold"] == "test"].groupby("user")["seq"].min()
        return np.asarray(rows["seq"] >= rows["user"].map(first), np.bool_)


class OneCut(Protocol):
    """One cut in time for everybody, in whole seconds."""

    cut_scope = "everyone"

    def at_or_after_cut(self, rows: pd.DataFrame) -> Mask:
        times = rows["timestamp"].to_numpy(dtype=np.int64)
        test = times[(rows["fold"] == "test").to_numpy()]
        return times >= test.min() if len(test) else np.zeros(len(times), np.bool_)
