"""What ``--full`` adds to checks 1 and 5: training again on copies without what is hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..stages.training import train
from ..stages.work import Work
from .copies import copy_files, unchanged
from .predictions import Difference, Predicted, compare, predict_again
from .report import Row, absent, row
from .subject import Subject

_CHANGED = "model trained again with other test rows"
_REMOVED = "model trained again without test rows"
_CUT = "model trained again without what is later"

_NOISE = 10  # a model that does not repeat itself may differ by so many times its own noise


def check_trained(subject: Subject) -> list[Row]:
    """Train on a copy whose test rows are others, and on one without them.

    Same seed, configuration and stages as the run. With one cut in time the second copy is
    one without anything at or after the cut, which is what check 5 asks for.
    """
    if not subject.tests:
        return [absent(1, _CHANGED, "the split has no test rows")]
    trainings = _Trainings(subject)
    without = trainings.judge(1, _REMOVED, subject.removed, "no test rows")
    rows = [trainings.judge(1, _CHANGED, subject.changed, "other test rows"), without]
    return (
        [*rows, replace(without, check=5, what=_CUT)]
        if subject.protocol.cut_scope == "everyone"
        else rows
    )


def exceeds(found: Difference, noise: Difference) -> bool:
    """Whether a difference is more than that of two trainings with the same rows.

    Lists of other lengths with the same rows have no largest difference: nothing is excused.
    """
    if not noise or not np.isfinite(noise.largest):
        return True
    return found.largest > _NOISE * noise.largest


@dataclass
class _Trainings:
    """Trainings on copies, and on unchanged copies where they are needed to judge."""

    subject: Subject

    def judge(self, check: int, what: str, copy: Work, how: str) -> Row:
        """Compare with the run's own weights; where these differ, with a control made here.

        Weights that were made on another machine or device differ from those of here. So what
        the rows change is a difference from a training with the same rows on this machine,
        and what chance changes is the difference of two of these.
        """
        subject = self.subject
        again = self._train(copy, how)
        found = compare(subject.predicted, again)
        text = f"{subject.predicted.users:,} users, trained on a copy with {how}"
        if not found:
            return row(check, what, True, f"{text}: no bit of a prediction differs")
        against = compare(self.control, again)
        if not against:
            told = "no bit differs from a training with the same rows on this machine"
            return row(check, what, True, f"{text}: {told}")
        if not self.noise:
            return row(check, what, False, f"{text}: {_told(against)}")
        told = f"{_told(against)}; of two trainings with the same rows, {_told(self.noise)}"
        if exceeds(against, self.noise):
            return row(check, what, False, f"{text}: {told}")
        return Row(check, what, "warning", f"{text}: {told}: this model does not repeat itself")

    @cached_property
    def control(self) -> Predicted:
        """Trained here with the same rows."""
        return self._same("control")

    @cached_property
    def noise(self) -> Difference:
        """How trainings with the same rows on this machine differ."""
        if not compare(self.subject.predicted, self.control):
            return Difference(0, 0.0)  # the run's own weights are such a training
        return compare(self.control, self._same("second-control"))

    def _same(self, name: str) -> Predicted:
        subject = self.subject
        copy = copy_files(subject.work, subject.scratch / name, unchanged)
        return self._train(copy, "the same rows")

    def _train(self, copy: Work, how: str) -> Predicted:
        subject = self.subject
        subject.work.note(f"audit: training on a copy with {how}")
        train(copy)
        folds = copy.folds()
        return predict_again(copy, copy.model(folds), folds, subject.pairs)


def _told(found: Difference) -> str:
    return f"the predictions of {found.users:,} users differ, scores by up to {found.largest:.2g}"
