"""What pydantic found wrong with a value, as parts that an error message is made of."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import ValidationError


class Problem(NamedTuple):
    """One thing that is wrong."""

    place: tuple[str | int, ...]
    """Keys and positions that lead to the value; empty for the whole."""
    kind: str
    """The type that pydantic gives it, such as ``missing`` or ``extra_forbidden``."""
    message: str
    """What is wrong, without the words that pydantic puts before a validator's own text."""
    value: Any
    """What was given."""

    @property
    def key(self) -> str:
        """The place as ``users.key``."""
        return ".".join(map(str, self.place))

    @property
    def is_missing(self) -> bool:
        return self.kind == "missing"

    @property
    def is_unknown(self) -> bool:
        """The model has no such key."""
        return self.kind == "extra_forbidden"


def problems(error: ValidationError) -> list[Problem]:
    """All that is wrong, at least one, in the order of the model's fields."""
    return [
        Problem(
            found["loc"], found["type"], found["msg"].removeprefix("Value error, "), found["input"]
        )
        for found in error.errors(include_url=False)
    ]


def first_problem(error: ValidationError) -> Problem:
    return problems(error)[0]
