"""Kinds of parameters of a protocol: each checks a value and names it in a split's id.

A parameter is an attribute of the protocol's class; on an object it is the value::

    class FirstShare(PerUser):
        train = Share(0.8, "share of each user's rows that is train")

    FirstShare.bound({"train": 0.9}).train  # 0.9
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar, overload

from ...errors import InputError

Value = float | int | str
T = TypeVar("T", float, int, str)


class HasValues(Protocol):
    """An object with the values of its parameters by name."""

    values: Mapping[str, Value]


class Parameter(ABC, Generic[T]):
    """A parameter.

    :param default: None when a value must be given.
    :param description: what it means, for the help.
    """

    name: str

    def __init__(self, default: T | None, description: str) -> None:
        self.default: T | None = default
        self.description = description

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, protocol: None, owner: type) -> Self: ...

    @overload
    def __get__(self, protocol: HasValues, owner: type) -> T: ...

    def __get__(self, protocol: HasValues | None, owner: type) -> Self | T:
        return self if protocol is None else protocol.values[self.name]  # type: ignore[return-value]

    @abstractmethod
    def check(self, value: Any) -> T:
        """The value to use. :raises InputError: when it does not fit; says what would."""

    def label(self, value: T) -> str:
        """What the split's id says when the value is not the default."""
        return f"{self.name}{value!r}"


class Share(Parameter[float]):
    """A number between 0 and 1."""

    def check(self, value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= 1:
            raise InputError(f"{self.name} is {value}", "It is a share between 0 and 1.")
        return value  # type: ignore[no-any-return]


class WholeNumber(Parameter[int]):
    """A whole number from ``least``."""

    def __init__(self, default: int | None, description: str, least: int = 0) -> None:
        super().__init__(default, description)
        self.least = least

    def check(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < self.least:
            raise InputError(f"{self.name} is {value}", f"It is a whole number from {self.least}.")
        return value


class Choice(Parameter[str]):
    """One of some words; the split's id has the word alone."""

    def __init__(self, default: str, words: tuple[str, ...], description: str) -> None:
        super().__init__(default, description)
        self.words = words

    def check(self, value: Any) -> str:
        if value not in self.words:
            raise InputError(f"{self.name} is {value}", f"It is one of: {', '.join(self.words)}")
        return str(value)

    def label(self, value: str) -> str:
        return value


class File(Parameter[str]):
    """A file that must be given; the split's id has a digest of its content."""

    def __init__(self, description: str) -> None:
        super().__init__(None, description)

    def check(self, value: Any) -> str:
        if value is None:
            raise InputError(f"there is no {self.name} file", f"Give it: --set {self.name}=FILE")
        path = Path(str(value)).expanduser()
        if not path.is_file():
            raise InputError(f"the {self.name} file {path} does not exist", "Check the path.")
        return str(path.resolve())

    def label(self, value: str) -> str:
        return hashlib.sha256(Path(value).read_bytes()).hexdigest()[:8]
