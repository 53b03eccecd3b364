"""SIGTERM while a fit goes on: it ends between two batches, with a message.

Windows ends a process that is to be terminated at once. What asks it first is Ctrl-Break
(SIGBREAK), so that counts as SIGTERM there.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import Stopped

_ASKS = [getattr(signal, name) for name in ("SIGTERM", "SIGBREAK") if hasattr(signal, name)]


@contextmanager
def sigterm_noted() -> Iterator[Callable[[], bool]]:
    """Within the block SIGTERM ends nothing; what is yielded says whether it has come.

    Only the main thread may ask for signals; in another one SIGTERM does what it did before.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    came = threading.Event()
    before = {one: signal.signal(one, lambda *_: came.set()) for one in _ASKS}
    try:
        yield came.is_set
    finally:
        for one, did in before.items():
            signal.signal(one, signal.SIG_DFL if did is None else did)


def stopped(whole_epochs: int, checkpoint: Path | None) -> Stopped:
    """What to raise after SIGTERM."""
    if checkpoint is None or not whole_epochs:
        return Stopped("Training was asked to stop. The same command begins it again.")
    kept = "1 whole epoch is" if whole_epochs == 1 else f"{whole_epochs} whole epochs are"
    return Stopped(
        f"Training was asked to stop. {kept} kept in {checkpoint}; "
        f"the same command goes on with epoch {whole_epochs + 1}."
    )
