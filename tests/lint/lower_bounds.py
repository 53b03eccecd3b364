"""Prints the lower bounds of setup.cfg as constraints for pip: 'pandas>=3.0' as 'pandas==3.0'."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

SETUP = Path(__file__).parents[2] / "setup.cfg"
_BOUND = re.compile(r"([A-Za-z0-9._-]+)>=([0-9.]+)")


def bounds(setup: Path = SETUP) -> dict[str, str]:
    """The lower bound by package. A requirement without one is an error: it is not tested."""
    config = configparser.ConfigParser()
    config.read(setup)
    lines = config["options"]["install_requires"].splitlines()
    for extra in ("tensorboard", "tune", "mcp", "plots"):  # the tests use them
        lines += config["options.extras_require"][extra].splitlines()
    found = {}
    for line in filter(None, map(str.strip, lines)):
        if line.startswith("#"):
            continue
        match = _BOUND.match(line)
        if match is None:
            raise SystemExit(f"{setup}: '{line}' has no lower bound")
        found[match[1]] = match[2]
    return found


if __name__ == "__main__":
    for name, bound in bounds().items():
        print(f"{name}=={bound}")
