"""The leak audit: does anything that a run made know what it must not know?

Five checks over a run's files, and over a real projection where there is a server:

1. changing or removing test rows changes no prediction and no feature (:mod:`.test_rows`; with
   ``full`` trained again, :mod:`.retrain`, and jobs on an empty server, :mod:`.rerun`);
2. features and evidence of an event come from before it (:mod:`.features`);
3. a linear fit of all features at once explains too much (:mod:`.features`, a warning);
4. graph jobs read the train rows and nothing else (:mod:`.graph`, :mod:`.steps`,
   :mod:`.path_times`), and the model what was there when the run was begun (:mod:`.inputs`);
5. predictions do not change when what is later is deleted (:mod:`.future_events`).

It writes into temporary copies only, never into the user's graph or files.
"""

from .checks import audit
from .report import AuditReport, Row

__all__ = ["AuditReport", "Row", "audit"]
