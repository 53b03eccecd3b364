"""What the suites of all kinds check first: that the class could be registered."""

from __future__ import annotations

from typing import Any

from ..plugins.contracts import mistakes


def check_registered(cls: type[Any]) -> None:
    """:raises AssertionError: with what the plugin manager would say of the class."""
    assert mistakes(cls) == []
    assert isinstance(cls.description, str) and cls.description
    options = getattr(cls, "config_class", None) or getattr(cls, "options_class", None)
    for name, field in options.model_fields.items() if options else ():
        assert field.description, f"option {name} has no description: it is the option's help"
