"""Suites that a plugin's tests derive from: what every model, source, job and protocol must do.

A test of a model is a subclass that makes it::

    from reelgraph.testing import ModelSuite

    class TestMyModel(ModelSuite):
        def make(self):
            return MyModel(MyConfig(size=8))

pytest collects the inherited tests. reelgraph's own models, jobs and protocols are tested by
the same suites. Only this package needs pytest.
"""

from __future__ import annotations

try:
    import pytest
except ImportError as error:
    raise ImportError("reelgraph.testing needs pytest: pip install pytest") from error

# failing assertions of the suites show their values, as those of test modules do
pytest.register_assert_rewrite(
    f"{__name__}.job_suites",
    f"{__name__}.model_suite",
    f"{__name__}.protocol_suite",
    f"{__name__}.source_suite",
)

from .job_suites import FileJobSuite, GraphJobSuite  # noqa: E402
from .model_suite import ModelSuite  # noqa: E402
from .protocol_suite import ProtocolSuite  # noqa: E402
from .source_suite import SourceSuite  # noqa: E402

__all__ = ["FileJobSuite", "GraphJobSuite", "ModelSuite", "ProtocolSuite", "SourceSuite"]
