"""Scripts of ``bench/`` as modules."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path
from types import ModuleType


def bench_script(name: str) -> ModuleType:
    """``bench/NAME.py``, loaded anew."""
    path = Path(__file__).parents[2] / "bench" / f"{name}.py"
    spec = util.spec_from_file_location(f"bench_{name}", path)
    assert spec and spec.loader
    module = util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
