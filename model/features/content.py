"""Codes of what is not a number: users, movies, genders, lists of entities, words of titles.

Vocabularies come from train rows only; code 0 means unknown, and fills lists up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer

from .config import FeatureConfig
from .facts import Bags, Facts

Codes = npt.NDArray[np.int32]
Vocabulary = list[Any]

#: lower ends of the age groups of [LSTM-CNN], after 'under 18'
AGES = (18, 25, 35, 45, 50, 56)
_YEAR = re.compile(r"\s*\(\d{4}\)\s*$")


def fit_vocabularies(
    rows: pd.DataFrame, config: FeatureConfig, facts: Facts
) -> dict[str, Vocabulary]:
    """The values that train rows have, by feature; code n is the n-th of them, from 1."""
    item_rows = np.unique(facts.item_rows(rows["item"].unique()))
    item_rows = item_rows[item_rows < len(facts.items)]
    user_rows = np.unique(facts.user_rows(rows["user"].unique()))
    users = facts.users.iloc[user_rows[user_rows < len(facts.users)]]
    found: dict[str, Vocabulary] = {}
    if config.raw:
        found["user"] = _distinct(rows["user"])
        found["item"] = _distinct(rows["item"])
        for name, bags in facts.bags(config.lists).items():
            found[name] = _frequent(bags.explode(item_rows)[1])
    if config.demographics:
        for name in ("gender", "occupation"):
            if name in users:
                found[name] = _distinct(users[name].dropna().astype(str))
    if config.title and "title" in facts.items:
        found["title"] = _words(facts.items["title"].iloc[item_rows], config.title_words)
    return found


def category_codes(
    rows: pd.DataFrame, vocabularies: Mapping[str, Vocabulary], facts: Facts
) -> dict[str, Codes]:
    """One code per row: ``user, item, gender, occupation, age_group``."""
    found = {
        name: _coded(rows[name], vocabularies[name])
        for name in ("user", "item")
        if name in vocabularies
    }
    of_rows = facts.user_rows(rows["user"])
    for name in ("gender", "occupation"):
        if name in vocabularies:
            values = facts.users[name].astype(str).where(facts.users[name].notna())
            found[name] = np.append(_coded(values, vocabularies[name]), np.int32(0))[of_rows]
    if found.keys() & {"gender", "occupation"} and "age" in facts.users:
        found["age_group"] = np.append(_age_groups(facts.users["age"]), np.int32(0))[of_rows]
    return found


def list_codes(
    config: FeatureConfig, vocabularies: Mapping[str, Vocabulary], facts: Facts
) -> dict[str, Codes]:
    """Codes of each movie's entities and title words, ``(movies + 1, length)``, 0 behind the last.

    The last row, all 0, is that of unknown movies.
    """
    found = {}
    for name, bags in facts.bags(config.lists).items():
        if name in vocabularies:
            found[name] = _padded(bags, vocabularies[name], config.list_length)
    if "title" in vocabularies:
        code = {word: place for place, word in enumerate(vocabularies["title"], start=1)}
        titles = facts.items["title"].fillna("").astype(str).tolist()
        found["title"] = np.zeros((len(titles) + 1, config.title_length), np.int32)
        for row, title in enumerate(titles):
            codes = [code[word] for word in _split(title) if word in code]
            kept = codes[: config.title_length]
            found["title"][row, : len(kept)] = kept
    return found


def _age_groups(ages: pd.Series[Any]) -> Codes:
    """1 for under 18 to 7 for 56 and above; 0 for no age."""
    numbers = pd.to_numeric(ages, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(numbers), 0, np.digitize(numbers, AGES) + 1).astype(np.int32)


def _distinct(values: pd.Series[Any]) -> Vocabulary:
    return list(np.sort(values.unique()).tolist())


def _frequent(values: npt.NDArray[np.int64]) -> Vocabulary:
    """Distinct values, the most frequent first, equals by value."""
    distinct, counts = np.unique(values, return_counts=True)
    return [int(one) for one in distinct[np.argsort(-counts, kind="stable")]]


def _coded(values: pd.Series[Any], vocabulary: Vocabulary) -> Codes:
    return (pd.Index(vocabulary).get_indexer(pd.Index(values)) + 1).astype(np.int32)


def _padded(bags: Bags, vocabulary: Vocabulary, length: int) -> Codes:
    movies = len(bags.offsets) - 1
    row, value = bags.explode(np.arange(movies))
    code = (pd.Index(vocabulary, dtype="int64").get_indexer(pd.Index(value)) + 1).astype(np.int32)
    row, code = row[code > 0], code[code > 0]
    order = np.lexsort((code, row))
    row, code = row[order], code[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = place < length
    found = np.zeros((movies, length), np.int32)
    found[row[kept], place[kept]] = code[kept]
    return found


def _vectorizer(most: int | None = None) -> CountVectorizer:
    return CountVectorizer(token_pattern=r"(?u)\b\w+\b", max_features=most)


_analyze = _vectorizer().build_analyzer()


def _split(title: str) -> list[str]:
    """Words in lower case, without a year at the end."""
    return list(_analyze(_YEAR.sub("", title)))


def _words(titles: pd.Series[Any], most: int) -> Vocabulary:
    """The ``most`` frequent words of the titles, in the order of the alphabet."""
    plain = [_YEAR.sub("", title) for title in titles.dropna().astype(str)]
    if not any(_analyze(title) for title in plain):
        return []
    return sorted(_vectorizer(most).fit(plain).vocabulary_)
