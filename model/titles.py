"""Titles as codes of words, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np

from .data import IntArray

PADDING, UNKNOWN = 0, 1  # codes that are no word's
_YEAR = re.compile(r"\s*\(\d{4}\)\s*$")
# scripts that have no space between words: each character is a word
_ALONE = re.compile("([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])")
_ALONE_BEGINS = 0x0E00


def title_words(title: str) -> list[str]:
    """The words of a title in their order, without case and without a year at the end.

    >>> title_words("Amélie's Été 2 (2001)")
    ['amélie', 's', 'été', '2']
    >>> title_words("千と千尋 (2001)")
    ['千', 'と', '千', '尋']
    """
    text = unicodedata.normalize("NFKC", _YEAR.sub("", title)).casefold()
    kept = "".join(one if unicodedata.category(one)[0] in "LNM" else " " for one in text)
    if any(ord(one) >= _ALONE_BEGINS for one in kept):
        kept = _ALONE.sub(r" \1", kept)
    return kept.split()


def title_codes(titles: Sequence[str], length: int, least: int) -> tuple[IntArray, int]:
    """Codes of the words of titles, ``(items, longest)``, and how many codes there are.

    Code 0 stands behind the last word, 1 for a word of fewer titles than ``least``, which tells
    nothing of other items. The vocabulary is that of all titles given.

    :param length: words of a title at most; the rest is left out.
    """
    words = [title_words(title)[:length] for title in titles]
    counts = Counter(word for one in words for word in set(one))
    known = sorted(word for word, count in counts.items() if count >= least)
    code = {word: place for place, word in enumerate(known, start=UNKNOWN + 1)}
    found = np.full((len(words), max(map(len, words), default=0)), PADDING, np.int64)
    for row, one in enumerate(words):
        found[row, : len(one)] = [code.get(word, UNKNOWN) for word in one]
    return found, len(code) + UNKNOWN + 1
