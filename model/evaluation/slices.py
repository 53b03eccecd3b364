"""Slices of an evaluation: cold and rare users and items, quartiles of history and popularity.

What a user or an item has is counted in the rows that the fit read. A user slice holds the
questions of its users. An item slice holds the questions with right answers among its items; the
ranking stays that of all candidates, and only the slice's items are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...artifacts import Interval, Slice
from ..data import IntArray, Interactions

Mask = npt.NDArray[np.bool_]
Figures = Callable[[IntArray, IntArray], dict[str, Interval]]

_FEW_OF_USER, _FEW_OF_ITEM = 4, 5
_QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Part:
    """``mask`` over all users or all items; between ``least`` and ``most`` events each."""

    name: str
    of: Literal["users", "items"]
    mask: Mask
    least: int
    most: int


def parts(known: Interactions, users: IntArray, cold_items: bool) -> list[Part]:
    """The slices that have members.

    :param users: numbers of the users who are asked; quartiles are theirs.
    :param cold_items: whether items without any event can be shown.
    """
    lengths = np.diff(known.offsets)
    popularity = np.bincount(known.items, minlength=len(known.catalogue))
    asked = np.zeros(len(lengths), np.bool_)
    asked[users] = True
    found = [
        _part("cold users", "users", lengths, asked & (lengths == 0)),
        _part(
            "users with 1–4",
            "users",
            lengths,
            asked & (lengths > 0) & (lengths <= _FEW_OF_USER),
        ),
        *_quartiles("history", "users", lengths, asked & (lengths > 0)),
        _part("cold items", "items", popularity, (popularity == 0) & cold_items),
        _part(
            "items with 1–5",
            "items",
            popularity,
            (popularity > 0) & (popularity <= _FEW_OF_ITEM),
        ),
        *_quartiles("popularity", "items", popularity, popularity > 0),
    ]
    return [one for one in found if one is not None]


def _part(name: str, of: Literal["users", "items"], counts: IntArray, mask: Mask) -> Part | None:
    if not mask.any():
        return None
    return Part(name, of, mask, int(counts[mask].min()), int(counts[mask].max()))


def _quartiles(
    name: str, of: Literal["users", "items"], counts: IntArray, mask: Mask
) -> Iterator[Part | None]:
    """Four parts by rising count; equal counts are in one part."""
    if not mask.any():
        return
    quarter = np.searchsorted(np.quantile(counts[mask], _QUARTERS), counts)
    for n in range(4):
        yield _part(f"{name}, quartile {n + 1}", of, counts, mask & (quarter == n))


def slices(
    found: list[Part], owners: IntArray, items: IntArray, question: IntArray, figures: Figures
) -> dict[str, Slice]:
    """The figures of every slice that has right answers.

    :param owners: ``(answers,)`` the user of each right answer; ``items`` the item and
        ``question`` the number of its question, which is ascending.
    :param figures: the metrics of some of the answers, by their places, and their questions.
    """
    made = {}
    for part in found:
        inside = part.mask[owners if part.of == "users" else items]
        places = np.flatnonzero(inside)
        if len(places):
            asked = np.unique(question[places])
            made[part.name] = Slice(
                of=part.of,
                least=part.least,
                most=part.most,
                users=len(np.unique(owners[places])),
                items=len(np.unique(items[places])),
                questions=len(asked),
                metrics=figures(places, asked),
            )
    return made
