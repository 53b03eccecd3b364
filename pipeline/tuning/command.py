"""What a search found, as a command to paste and as a file for ``--config``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from ..comparison.data import Data
from ..config import RunConfig


def as_command(data: Data, config: RunConfig) -> str:
    """The command that fits the model so on the same rows: ``evaluate`` of files, else ``run``."""
    kind = "run" if data.split is not None else "evaluate"
    words = ["reelgraph", kind, *_rows(data), "--model", config.model, "--task", config.about]
    if data.split is not None and config.knowledge != "real":
        words += ["--knowledge", config.knowledge]
    if config.relevant is not None:
        words += ["--relevant", str(config.relevant)]
    return " ".join([shlex.join(words), "--seed", str(config.seed), as_set(config.options)]).strip()


def as_toml(data: Data, config: RunConfig) -> str:
    """The same as a file for ``--config``."""
    about: dict[str, Any] = {
        "model": config.model,
        "task": config.about,
        "knowledge": config.knowledge,
        "protocol": data.bound().name,
        "seed": config.seed,
    }
    if config.relevant is not None:
        about["relevant"] = config.relevant
    parts = [_toml(about), "[options]", _toml(config.options)]
    if changed := data.bound().changed:
        parts += ["[protocol_parameters]", _toml(changed)]
    return "\n".join(parts)


def as_set(options: Mapping[str, Any]) -> str:
    """Options that can be pasted behind a command."""
    words = (f"{name}={_text(value)}" for name, value in options.items())
    return " ".join(f"--set {shlex.quote(word)}" for word in words)


def _rows(data: Data) -> Iterator[str]:
    """The options that choose the rows."""
    protocol, changed = data.bound(), dict(data.bound().changed)
    if data.split is None and len(data.files) == 2:
        for name, path in zip(("train", "test"), data.files, strict=True):
            yield from (f"--{name}", str(path))
            changed.pop(name)
    else:
        if data.split is None:
            yield from ("--data", str(data.files[0]))
        yield from ("--protocol", protocol.name)
    for name, value in changed.items():
        yield from ("--set", f"{name}={_text(value)}")


def _toml(values: Mapping[str, Any]) -> str:
    """JSON's texts, numbers and lists are TOML's."""
    return "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items()) + "\n"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
