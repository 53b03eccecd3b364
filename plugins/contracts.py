"""What can be checked of a registered class before it is used."""

from __future__ import annotations

import re
from typing import Any, get_args

from pydantic import BaseModel

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")
_METHODS = {"evidence": "explain", "rating": "predict_rating", "vectors": "vectors"}
_PROVIDES = {"ranking", *_METHODS}


def mistakes(cls: type[Any]) -> list[str]:
    """What is wrong with a registered class, each in words that follow its name."""
    from ..model.base import Model
    from ..model.explainers.base import Explainer
    from ..model.splits.base import Protocol

    found = []
    if not _NAME.fullmatch(cls.name):
        found.append("has a name with characters other than letters, digits and . _ @ + -")
    found += _missing_methods(cls)
    if issubclass(cls, Protocol):
        return found + _of_protocol(cls)
    if issubclass(cls, Explainer):
        return found + _of_explainer(cls)
    return found + (_of_model(cls) if issubclass(cls, Model) else [])


def mistakes_of_supplier(cls: type[Any]) -> list[str]:
    """What is wrong with a supplier of needs."""
    from ..model.needs import Need

    need = getattr(cls, "need", None)
    found = _missing_methods(cls)
    if not (isinstance(need, type) and issubclass(need, Need)):
        found.append("has a need that is not a subclass of Need")
    elif not isinstance(getattr(need, "kind", None), str):
        found.append(f"has a need, {need.__name__}, without a kind")
    return found


def _missing_methods(cls: type[Any]) -> list[str]:
    missing = sorted(getattr(cls, "__abstractmethods__", ()))
    return [f"lacks the {_plural('method', missing)} {', '.join(missing)}"] if missing else []


def _of_model(cls: type[Any]) -> list[str]:
    from ..model.base import Model, ModelConfig

    found = []
    config = cls.config_class
    if not (isinstance(config, type) and issubclass(config, BaseModel)):
        found.append("has a config_class that is not a subclass of ModelConfig")
    elif not issubclass(config, ModelConfig):
        found.append("has a config_class that does not derive from ModelConfig")
    if not isinstance(getattr(cls, "description", None), str):
        found.append("has no description")
    found += _words("provides", cls.provides, _PROVIDES)
    if not callable(cls.needs):
        found.append("has needs that is not a method: return Need values from its configuration")
    if isinstance(cls.provides, set | frozenset) and not cls.provides & {"ranking", "rating"}:
        found.append("provides neither ranking nor rating")
    for word, method in _METHODS.items():
        if word in cls.provides and getattr(cls, method) is getattr(Model, method):
            found.append(f"provides {word} but lacks the method {method}")
    return found


def _of_explainer(cls: type[Any]) -> list[str]:
    found = [] if isinstance(getattr(cls, "description", None), str) else ["has no description"]
    if not callable(cls.needs):
        found.append("has needs that is not a method: return Need values")
    return found


def _of_protocol(cls: type[Any]) -> list[str]:
    from ..artifacts import Task
    from ..model.splits.base import CutScope, Protocol
    from ..model.splits.rules import Candidates

    found = []
    if not isinstance(getattr(cls, "description", None), str):
        found.append("has no description")
    for attribute, known in (("cut_scope", CutScope), ("candidates", Candidates)):
        value, words = getattr(cls, attribute), get_args(known)
        if value not in words and value is not getattr(Protocol, attribute):
            found.append(f"has {attribute} {value!r}; known are {', '.join(words)}")
    found += _words("tasks", set(cls.tasks), set(get_args(Task)))
    if not cls.tasks:
        found.append("has no tasks")
    if cls.cut_scope == "user" and "order" not in cls.parameters:
        found.append("cuts each user's rows but has no parameter order; derive it from PerUser")
    taken = sorted(name for name in cls.parameters if hasattr(Protocol, name) or name == "values")
    if taken:
        found.append(f"has the {_plural('parameter', taken)} {', '.join(taken)}, a reserved name")
    return found


def _words(attribute: str, value: Any, known: set[str]) -> list[str]:
    if not isinstance(value, set | frozenset):
        return [f"has {attribute} that is not a set of words"]
    unknown = sorted(str(word) for word in value - known)
    if not unknown:
        return []
    return [f"has {attribute} {', '.join(unknown)}; known are {', '.join(sorted(known))}"]


def _plural(noun: str, things: list[str]) -> str:
    return noun if len(things) == 1 else f"{noun}s"
