"""Kinds of parameters that a protocol has: each checks a value and names it in a split's id."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InputError

Value = float | int | str


class Parameter(ABC):
    """A parameter with its default; ``None`` means that there is none."""

    default: Value | None

    @abstractmethod
    def check(self, name: str, value: Any) -> Value:
        """The value to use. :raises InputError: when it does not fit; says what would."""

    def label(self, name: str, value: Value) -> str:
        """What the split's id says when the value is not the default."""
        return f"{name}{value!r}"


@dataclass(frozen=True)
class Share(Parameter):
    """A number between 0 and 1."""

    default: float

    def check(self, name: str, value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= 1:
            raise InputError(f"{name} is {value}", "It is a share between 0 and 1.")
        return value  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Seed(Parameter):
    """A whole number from 0."""

    default: int

    def check(self, name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InputError(f"{name} is {value}", "It is a whole number from 0.")
        return value


@dataclass(frozen=True)
class Choice(Parameter):
    """One of some words."""

    default: str
    words: tuple[str, ...]

    def check(self, name: str, value: Any) -> str:
        if value not in self.words:
            raise InputError(f"{name} is {value}", f"It is one of: {', '.join(self.words)}")
        return str(value)

    def label(self, name: str, value: Value) -> str:
        return str(value)


@dataclass(frozen=True)
class File(Parameter):
    """A file that must be given; the split's id has a digest of its content."""

    default: None = None

    def check(self, name: str, value: Any) -> str:
        if value is None:
            raise InputError(f"there is no {name} file", f"Give it: --set {name}=FILE")
        path = Path(str(value)).expanduser()
        if not path.is_file():
            raise InputError(f"the {name} file {path} does not exist", "Check the path.")
        return str(path.resolve())

    def label(self, name: str, value: Value) -> str:
        return hashlib.sha256(Path(str(value)).read_bytes()).hexdigest()[:8]
