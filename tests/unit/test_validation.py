"""What pydantic found wrong, as parts of a message."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from reelgraph.validation import Problem, first_problem, problems


class Part(BaseModel):
    size: int


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    parts: list[Part] = []

    @field_validator("name")
    @classmethod
    def _not_bob(cls, name: str) -> str:
        if name == "bob":
            raise ValueError("bob is taken")
        return name

    @model_validator(mode="after")
    def _few(self) -> Whole:
        if len(self.parts) > 1:
            raise ValueError("one part at most")
        return self


def refused(**values: Any) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Whole(**values)
    return caught.value


def test_a_problem_names_its_place_and_value() -> None:
    found = first_problem(refused(name="a", parts=[{"size": "x"}]))
    assert (found.place, found.key, found.value) == (("parts", 0, "size"), "parts.0.size", "x")
    assert found.message.startswith("Input should be a valid integer")


def test_a_validators_text_stands_alone() -> None:
    assert first_problem(refused(name="bob")).message == "bob is taken"


def test_what_is_wrong_with_the_whole_has_no_key() -> None:
    found = first_problem(refused(name="a", parts=[Part(size=1), Part(size=2)]))
    assert (found.key, found.message) == ("", "one part at most")


def test_missing_and_unknown_keys_are_told_apart() -> None:
    found = problems(refused(first_name="a"))
    assert [(one.key, one.is_missing, one.is_unknown) for one in found] == [
        ("name", True, False),
        ("first_name", False, True),
    ]
    assert all(isinstance(one, Problem) for one in found)
