"""What is added to a ranker's scores of new items: known by facts, without an event in training.

The loss has no such candidates, so their scores compare with each other, but not with those of
other items. One number for all of them, chosen on valid, makes up for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import expit, logsumexp

from ..base import Evidence, Vectors
from ..data import FloatArray, IntArray, Query
from ..targets import Asked
from ..training.on_valid import sums_of_rr

STEPS = (0.0, -1.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, -3.0)  # of equal ones the first is taken
_ASKED, _CELLS = 1000, 2**23  # questions, and their scores, that are held at once
_FAR = 50.0  # e⁵⁰ times as probable is as good as always

Ask = Callable[[Sequence[Query]], Vectors]


@dataclass(frozen=True)
class NewItems:
    """``new`` ``(items,)`` says which items are new; ``offset`` is added to their scores."""

    new: npt.NDArray[np.bool_]
    offset: float

    def add_vectors(self, ranker: Vectors) -> Vectors:
        """Vectors with two more values: the offset, and what keeps all items at one length.

        They stay as they are where the offset is 0.
        """
        if not self.offset:
            return ranker
        users = np.pad(ranker.users, ((0, 0), (0, 2)))
        users[:, -2] = 1
        return Vectors(users, _lengthened(ranker.items, self.new, self.offset))

    def add_new(self, ranker: FloatArray) -> FloatArray:
        """The same of items that the catalogue lacks, from the ranker's ``(n, …)``."""
        new = np.ones(len(ranker), bool)
        return _lengthened(ranker, new, self.offset) if self.offset else ranker

    def add_evidence(self, ranker: Sequence[Evidence], items: Sequence[IntArray]) -> list[Evidence]:
        """The ranker's evidence with the offset in the bias."""
        added = np.float32(self.offset) * self.new
        return [
            replace(one, bias=one.bias + added[asked])
            for one, asked in zip(ranker, items, strict=True)
        ]


def _lengthened(items: FloatArray, new: npt.NDArray[np.bool_], offset: float) -> FloatArray:
    more = np.stack([offset * new, abs(offset) * ~new], 1)
    return np.hstack([items, more.astype(np.float32)])


def choose_offset(ask: Ask, new: npt.NDArray[np.bool_], asked: Asked) -> float:
    """The offset with the highest ΣRR@10, of :data:`STEPS` beyond the most likely one.

    0 where there is nothing to choose: no new item, or no other.

    :param ask: the ranker's vectors of queries.
    :param new: ``(items,)``.
    """
    if new.all() or not new.any():
        return 0.0
    likely = _most_likely(ask, new, asked)

    def by_step(queries: Sequence[Query]) -> Iterator[FloatArray]:
        scores = ask(queries).scores()
        for step in STEPS:
            yield scores + ((likely + step) * new).astype(np.float32)

    parts = ((part, by_step(part.queries)) for part in _parts(asked, new))
    return likely + STEPS[int(np.argmax(sums_of_rr(parts, len(STEPS))))]


def _most_likely(ask: Ask, new: npt.NDArray[np.bool_], asked: Asked) -> float:
    """With this offset new items get the share of the softmax that they have of the answers.

    It is the intercept of a logistic regression: the offset of a question is how much more the
    ranker gives to new items than to others. Half an answer is added to both, so that it is
    finite where no answer is new.
    """
    more = np.concatenate([_how_much_more(ask, new, part) for part in _parts(asked, new)])
    answers = np.array([len(items) for items in asked.answers])
    found = np.count_nonzero(new[np.concatenate(asked.answers)])
    share = (found + 0.5) / (answers.sum() + 1)

    def too_many(offset: float) -> float:
        return float((answers * expit(more + offset)).sum() / answers.sum() - share)

    return float(brentq(too_many, -2 * _FAR, 2 * _FAR))


def _how_much_more(ask: Ask, new: npt.NDArray[np.bool_], asked: Asked) -> npt.NDArray[np.float64]:
    """The log of what new items get in the softmax, less that of others, ``(queries,)``."""
    scores = ask(asked.queries).scores()
    for row, query in zip(scores, asked.queries, strict=True):
        row[query.items] = -np.inf
    more: npt.NDArray[np.float64] = logsumexp(scores[:, new], 1) - logsumexp(scores[:, ~new], 1)
    return np.nan_to_num(more, nan=0.0).clip(-_FAR, _FAR)  # nan: the history has every item


def _parts(asked: Asked, new: npt.NDArray[np.bool_]) -> Iterator[Asked]:
    """Some questions at a time, fewer of a large catalogue, whose scores fit into memory."""
    return asked.parts(max(1, min(_ASKED, _CELLS // len(new))))
