"""Short forms of run ids, as people type them."""

from __future__ import annotations

from collections.abc import Iterable


def named(text: str, run_ids: Iterable[str]) -> list[str]:
    """The ids that ``text`` means: itself, else those that it abbreviates.

    Ids end with a digest, so the beginning of that one is as good as the beginning of the id.

    >>> named("1a2b", ["ease-user-time-1a2b3c4d", "ease-user-time-5e6f7a8b"])
    ['ease-user-time-1a2b3c4d']
    """
    known = list(run_ids)
    if text in known or not text:
        return [one for one in known if one == text]
    return [one for one in known if one.startswith(text) or _digest(one).startswith(text)]


def _digest(run_id: str) -> str:
    return run_id.rpartition("-")[2]
