"""Protocols: how each of them cuts the rows of a data set, and what its figures mean.

Rows come sorted by user and ``seq``, the order by (timestamp, the source's row order, item
id). Cuts within a user compare ``seq``; cuts for everybody compare whole seconds, so that
rows of one second are on one side. Cuts within a user need times, or ``order=rows``: the
user's word that the source's rows came in the order of time (:mod:`.time_order`).

================  ==============================================================
``user-time``     per user: first ``floor(train · n)`` of n events train, the last
                  ``valid`` share of these (at least one of two or more) valid, the
                  rest test
``leave-one-out`` per user: last event test, second last valid, rest train; users
                  with fewer than three events are train only
``global-time``   one cut in time for everybody: what is older than the ``train``
                  quantile of the timestamps is train, its last ``valid`` share by
                  time valid; ``targets`` says what is predicted, each time from all
                  earlier rows of the user
``random``        ``train`` share of all rows by ``seed``, ``valid`` share of these
                  valid: optimistic, because rows of the same user that are later
                  are read
``given``         the user's own files of ``train`` and ``test`` rows; per user the
                  last ``valid`` share of train valid; candidates are the train items
``seed-leaky``    ``global-time`` at 80/20, valid the last 20 % of train, with the
                  features of paper 001 as written: they contain the answer
``all``           everything train: the refit for production
================  ==============================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import InputError
from .given_files import given_folds
from .parameters import Choice, File, Parameter, Seed, Share, Value

Task = Literal["ranking", "rating"]
Targets = Literal["all", "last", "successive"]

FOLDS = ("train", "valid", "test")
UNUSED = "unused"
LEAKS = "LEAKS THE TARGET"
OPTIMISTIC = "optimistic: reads later rows of the same users"

_Ints = npt.NDArray[np.int64]
_Names = npt.NDArray[np.str_]
_Cut = Callable[[pd.DataFrame, Mapping[str, Any]], _Names]


@dataclass(frozen=True)
class Protocol:
    """A way to cut, its parameters, and how its figures are made.

    ``timed`` protocols need timestamps. ``candidates`` are the whole catalogue or the items
    of train. ``label`` stands beside every figure. ``tests`` says whether it has test rows.
    """

    cut: _Cut
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    task: Task = "ranking"
    timed: bool = False
    candidates: Literal["catalogue", "train"] = "catalogue"
    label: str = ""
    tests: bool = True

    @property
    def by_seq(self) -> bool:
        """Whether each user's rows are cut by their order."""
        return "order" in self.parameters


@dataclass(frozen=True)
class Rules:
    """What an evaluation has to know of a split's protocol."""

    protocol: str = "user-time"
    task: Task = "ranking"
    targets: Targets = "all"
    candidates: Literal["catalogue", "train"] = "catalogue"
    label: str = ""

    def history(self, fold: str = "test") -> str:
        """The rows from which a target of the fold is predicted, in words."""
        if self.targets != "all":
            return "all rows of the user before the target"
        return "train" if fold == "valid" else "train + valid"

    def check_ranking(self) -> None:
        """:raises InputError: when the protocol is for rating prediction only."""
        if self.task != "ranking":
            raise InputError(
                f"protocol {self.protocol} is for rating prediction only ({self.label})",
                "Rank on another one: user-time, leave-one-out, global-time, given or random.",
            )


def protocol_named(name: str) -> Protocol:
    """:raises InputError: for an unknown protocol; says which there are."""
    if name not in PROTOCOLS:
        raise InputError(f"unknown protocol '{name}'", f"Known: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def checked(name: str, given: Mapping[str, Any]) -> dict[str, Value]:
    """The protocol's parameters with defaults filled in.

    :raises InputError: for an unknown protocol or parameter, or a value that does not fit.
    """
    parameters = protocol_named(name).parameters
    unknown = sorted(set(given) - set(parameters))
    if unknown:
        known = ", ".join(parameters) or "none"
        raise InputError(f"protocol {name} has no parameter '{unknown[0]}'", f"It has: {known}")
    return {key: one.check(key, given.get(key, one.default)) for key, one in parameters.items()}


def rules_of(name: str, given: Mapping[str, Any]) -> Rules:
    """How a split with this protocol is evaluated."""
    found = protocol_named(name)
    targets: Any = given.get("targets", "last" if "targets" in found.parameters else "all")
    return Rules(name, found.task, targets, found.candidates, found.label)


def cut_times(rows: pd.DataFrame, fold: npt.NDArray[Any]) -> dict[str, int]:
    """The first second of valid and of test, where one cut holds for everybody."""
    times = rows["timestamp"].to_numpy(dtype=np.int64)
    return {name: int(times[fold == name].min()) for name in FOLDS[1:] if (fold == name).any()}


def _user_time(rows: pd.DataFrame, values: Mapping[str, Any]) -> _Names:
    position, counts = _positions(rows)
    kept = _share(counts, values["train"])
    return _named(position, kept - _held(kept, values["valid"]), kept)


def _leave_one_out(rows: pd.DataFrame, values: Mapping[str, Any]) -> _Names:
    position, counts = _positions(rows)
    enough = counts >= 3
    return _named(
        position, np.where(enough, counts - 2, counts), np.where(enough, counts - 1, counts)
    )


def _all(rows: pd.DataFrame, values: Mapping[str, Any]) -> _Names:
    return np.full(len(rows), "train")


def _global_time(rows: pd.DataFrame, values: Mapping[str, Any]) -> _Names:
    times = rows["timestamp"].to_numpy(dtype=np.int64)
    test = _first_held(times, values["train"])
    old = times < test
    valid = _first_held(times[old], 1 - Fraction(str(values["valid"])))
    train = old & (times < valid)
    if not train.any():
        raise InputError(
            "no row is older than the cuts in time, so there is nothing to train on",
            "Use other shares, or a protocol by seq such as user-time.",
        )
    return np.select([train, old], FOLDS[:2], FOLDS[2])


def _random(rows: pd.DataFrame, values: Mapping[str, Any]) -> _Names:
    drawn = np.random.default_rng(values["seed"]).permutation(len(rows))
    kept = _share(np.array(len(rows)), values["train"])
    return _named(drawn, kept - _held(kept, values["valid"]), kept)


def _given(rows: pd.DataFrame, values: Mapping[str, Any]) -> _Names:
    fold = given_folds(rows, values["train"], values["test"])
    of_train = np.flatnonzero(fold == "train")
    position, counts = _positions(rows.iloc[of_train])
    held = position >= counts - _held(counts, values["valid"])
    fold[of_train[held]] = "valid"
    return fold


def _positions(rows: pd.DataFrame) -> tuple[_Ints, _Ints]:
    """Each row's place in its user's history from 0, and that history's length."""
    groups = rows.groupby("user", sort=False)["item"]
    position = np.asarray(groups.cumcount(), np.int64)
    return position, groups.transform("size").to_numpy(dtype=np.int64)


def _named(position: _Ints, train_end: _Ints, valid_end: _Ints) -> _Names:
    return np.select([position < train_end, position < valid_end], FOLDS[:2], FOLDS[2])


def _held(kept: _Ints, valid: float) -> _Ints:
    """Rows of train that become valid: at least one where there are two or more."""
    return np.where(kept > 1, np.maximum(_share(kept, valid), 1), 0) if valid else 0 * kept


def _first_held(times: _Ints, share: float | Fraction) -> int:
    """The second from which rows are held out: at most ``share`` of the rows are older."""
    place = int(_share(np.array(len(times)), share))
    return int(np.sort(times)[place]) if place < len(times) else np.iinfo(np.int64).max


def _share(counts: _Ints, share: float | Fraction) -> _Ints:
    """``floor(share · n)``, exact: .7 of 10 is 7 although .7 is slightly less in binary."""
    exact = Fraction(str(share))
    return counts * exact.numerator // exact.denominator


_ORDER = Choice("time", ("time", "rows"))
_PER_USER: dict[str, Parameter] = {"train": Share(0.8), "valid": Share(0.1), "order": _ORDER}

PROTOCOLS: dict[str, Protocol] = {
    "user-time": Protocol(_user_time, _PER_USER),
    "leave-one-out": Protocol(_leave_one_out, {"order": _ORDER}),
    "global-time": Protocol(
        _global_time,
        {
            "train": Share(0.9),
            "valid": Share(0.1),
            "targets": Choice("last", ("last", "successive", "all")),
        },
        timed=True,
    ),
    "random": Protocol(
        _random,
        {"train": Share(0.9), "valid": Share(0.1), "seed": Seed(42)},
        label=OPTIMISTIC,
    ),
    "given": Protocol(
        _given, {"train": File(), "test": File(), "valid": Share(0.1)}, candidates="train"
    ),
    "seed-leaky": Protocol(
        _global_time,
        {"train": Share(0.8), "valid": Share(0.2)},
        task="rating",
        timed=True,
        label=LEAKS,
    ),
    "all": Protocol(_all, tests=False),
}
