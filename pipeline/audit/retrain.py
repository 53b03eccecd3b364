"""What ``--full`` adds to checks 1 and 5: training again on copies without what is hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .. import stages
from ..stages import Work
from .copies import copy_files, unchanged
from .predictions import Difference, Predicted, compare, predict_again
from .report import Row, absent, row
from .subject import Subject

_CHANGED = "model trained again with other test rows"
_REMOVED = "model trained again without test rows"
_CUT = "model trained again without what is later"


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
    return [*rows, replace(without, check=5, what=_CUT)] if subject.has_one_cut else rows


@dataclass
class _Trainings:
    """Trainings on copies, and one on an unchanged copy where it is needed to judge."""

    subject: Subject
    control: Predicted | None = None

    def judge(self, check: int, what: str, copy: Work, how: str) -> Row:
        """Compare with the run's own weights; where these differ, with a control.

        Weights that were made on another machine or device differ in their last bits, and
        then only a training with the same rows, here and now, says what the rows changed.
        """
        subject = self.subject
        again = self._train(copy, how)
        found = compare(subject.predicted, again)
        text = f"{subject.predicted.users:,} users, trained on a copy with {how}"
        if not found:
            return row(check, what, True, f"{text}: no bit of a prediction differs")
        if self.control is None:
            same = copy_files(subject.work, subject.scratch / "control", unchanged)
            self.control = self._train(same, "the same rows")
        noise = compare(subject.predicted, self.control)
        if not noise:
            return row(check, what, False, f"{text}: {_told(found)}")
        against = compare(self.control, again)
        if not against:
            told = "no bit differs from a training with the same rows on this machine"
            return row(check, what, True, f"{text}: {told}")
        told = f"{_told(against)}; trained with the same rows, {_told(noise)}"
        if noise.largest == 0 or against.largest > 10 * noise.largest:
            return row(check, what, False, f"{text}: {told}")
        return Row(check, what, "warning", f"{text}: {told}: this model does not repeat itself")

    def _train(self, copy: Work, how: str) -> Predicted:
        subject = self.subject
        subject.work.note(f"audit: training on a copy with {how}")
        stages.train(copy)
        folds = copy.folds()
        return predict_again(copy, copy.model(folds), folds, subject.pairs)


def _told(found: Difference) -> str:
    return f"the predictions of {found.users:,} users differ, scores by up to {found.largest:.2g}"
