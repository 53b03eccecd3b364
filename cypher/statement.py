"""A Cypher file as an object: its header, its text, and the check of its parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..errors import CypherError

_FIELDS = ("Purpose", "Params", "Returns", "Mode")
_OPTIONAL = ("Theme", "Phrase")  # of analysts: the folder of a query; what they type in Bloom
_FIELD = re.compile(r"^//\s*(\w+):\s*(.*)$")
_PARAMETER = re.compile(r"^(\w+)\s*\(\s*([A-Z|<>]+)\s*(?:,\s*default\s+(.+?))?\s*\)$")
_USED = re.compile(r"\$(?!(?:any|all)\()(\w+)")  # $any($types) is a dynamic type, no parameter
_LITERAL_OR_COMMENT = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|//[^\n]*")

_TYPES: dict[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "FLOAT": (float, int),
    "STRING": (str,),
    "BOOLEAN": (bool,),
    "MAP": (dict,),
    "LIST": (list, tuple),
    "ANY": (object,),
}


@dataclass(frozen=True)
class Parameter:
    """A parameter as its header declares it; ``types`` such as ``("INTEGER", "STRING")``."""

    name: str
    types: tuple[str, ...]
    required: bool = True
    default: Any = None

    def accepts(self, value: Any) -> bool:
        if value is None:
            return not self.required
        return any(_is(value, declared) for declared in self.types)


@dataclass(frozen=True)
class Statement:
    """One Cypher statement with its checked header."""

    id: str
    text: str
    purpose: str
    parameters: tuple[Parameter, ...]
    returns: tuple[str, ...]
    mode: Literal["READ", "WRITE"]
    auto_commit: bool
    theme: str = ""
    phrase: str = ""

    def bind(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters with defaults filled in.

        :raises CypherError: for a missing, unknown or wrongly typed parameter.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise CypherError(
                f"{self.id}: unknown parameter {', '.join(unknown)}",
                f"It takes: {', '.join(known) or 'none'}",
            )
        bound = {}
        for parameter in self.parameters:
            if parameter.name in values:
                value = values[parameter.name]
                if not parameter.accepts(value):
                    raise CypherError(
                        f"{self.id}: parameter {parameter.name} is a {type(value).__name__}, "
                        f"not {'|'.join(parameter.types)}"
                    )
            elif parameter.required:
                raise CypherError(f"{self.id}: parameter {parameter.name} is missing")
            else:
                value = parameter.default
            bound[parameter.name] = value
        return bound

    def pasteable(self, **values: Any) -> str:
        """The text with parameters as literals, for people to paste; never run by reelgraph."""
        bound = self.bind(values)
        return _USED.sub(lambda match: _literal(bound[match.group(1)]), self.text)


def _literal(value: Any) -> str:
    """A parameter's value as Cypher writes it."""
    if not isinstance(value, str):
        return json.dumps(value)
    inner = json.dumps(value)[1:-1].replace('\\"', '"').replace("'", "\\'")
    return f"'{inner}'"


def parse(statement_id: str, text: str, path: Path) -> Statement:
    """Read a ``.cypher`` file's header and body.

    :raises CypherError: when a header line is missing or malformed, or the header's
        parameters are not those that the body uses; names the file.
    """
    header, body = _split(text)
    fields = _fields(header)
    for name in _FIELDS:
        if name not in fields:
            raise CypherError(f"{path}: the header has no '// {name}:' line", _EXAMPLE)
    mode, _, transaction = (part.strip() for part in fields["Mode"].partition(","))
    if mode not in ("READ", "WRITE") or transaction not in ("managed transaction", "auto-commit"):
        raise CypherError(f"{path}: cannot read Mode '{fields['Mode']}'", _EXAMPLE)
    parameters = tuple(_parameters(fields["Params"], path))
    used = set(_USED.findall(_LITERAL_OR_COMMENT.sub("", body)))
    declared = {parameter.name for parameter in parameters}
    if used != declared:
        raise CypherError(
            f"{path}: parameters in the header ({', '.join(sorted(declared)) or 'none'}) are not "
            f"those in the text ({', '.join(sorted(used)) or 'none'})"
        )
    if not body.strip():
        raise CypherError(f"{path}: there is no statement below the header")
    returns = () if fields["Returns"] == "nothing" else _names(fields["Returns"])
    return Statement(
        id=statement_id,
        text=body.strip().removesuffix(";"),
        purpose=fields["Purpose"],
        parameters=parameters,
        returns=returns,
        mode="READ" if mode == "READ" else "WRITE",
        auto_commit=transaction == "auto-commit",
        theme=fields.get("Theme", ""),
        phrase=fields.get("Phrase", ""),
    )


_EXAMPLE = (
    "A header has the lines '// Purpose:', '// Params:', '// Returns:' and "
    "'// Mode:    READ, managed transaction' (or WRITE, or auto-commit)."
)


def _split(text: str) -> tuple[list[str], str]:
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if not line.startswith("//")), len(lines))
    return lines[:end], "\n".join(lines[end:])


def _fields(header: list[str]) -> dict[str, str]:
    """Field texts; a line without a field name continues the one before."""
    fields: dict[str, str] = {}
    current = None
    for line in header:
        match = _FIELD.match(line)
        if match and match.group(1) in (*_FIELDS, *_OPTIONAL):
            current = match.group(1)
            fields[current] = match.group(2).strip()
        elif current:
            fields[current] += " " + line.removeprefix("//").strip()
    return fields


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.rstrip(".").split(",") if name.strip())


def _parameters(text: str, path: Path) -> list[Parameter]:
    if text in ("", "none"):
        return []
    parameters = []
    for part in re.split(r",\s*(?![^()]*\))", text):
        match = _PARAMETER.match(part.strip())
        if not match:
            raise CypherError(
                f"{path}: cannot read the parameter '{part.strip()}'",
                "Write it as name (TYPE) or name (TYPE, default VALUE).",
            )
        name, types, default = match.groups()
        parameters.append(
            Parameter(name, tuple(types.split("|")), default is None, _value(default, path))
        )
    return parameters


def _value(text: str | None, path: Path) -> Any:
    """A default as Python: null, true, false, a number, a quoted string or an empty list."""
    if text is None or text == "null":
        return None
    if text in ("true", "false"):
        return text == "true"
    if text.startswith("'"):
        return text.strip("'")
    if text == "[]":
        return []
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        raise CypherError(
            f"{path}: cannot read the default '{text}'",
            "Write null, true, false, a number, a string in single quotes, or [].",
        ) from None


def _is(value: Any, declared: str) -> bool:
    expected = _TYPES.get(declared.partition("<")[0])
    if expected is None:
        return False
    if isinstance(value, bool) and declared in ("INTEGER", "FLOAT"):
        return False
    return isinstance(value, expected)
