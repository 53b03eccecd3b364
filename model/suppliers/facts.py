"""The supplier of facts: what knowledge, title and year say of each item, without a graph job."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from scipy import sparse

from ...artifacts import read_parquet
from ..knowledge.shuffle import SHUFFLE_SEED, shuffle_triples
from ..needs import Facts, FactsNeed
from .base import AbsentError, Place, Supplier
from .knowledge import knowledge_triples

_LEAST = 2  # items that a fact has to be told of: what only one has tells nothing of others
_WORD = re.compile(r"[^\W\d_]{3,}")


class FactsSupplier(Supplier[FactsNeed, Facts]):
    """A fact per relation and node at its other end, per title word, year and decade."""

    need = FactsNeed

    def reads_knowledge(self, need: FactsNeed) -> bool:
        return True

    def read(self, need: FactsNeed, place: Place) -> Facts:
        items = read_parquet(place.split.dataset.items).sort_values("index")
        told = pd.concat([_of_triples(place, len(items)), _of_properties(place, items)])
        told = told.drop_duplicates()
        told = told[told.groupby("fact")["item"].transform("size") >= _LEAST]
        if told.empty:
            raise AbsentError("no facts that two items share")
        names = np.unique(told["fact"].to_numpy(dtype=np.str_))
        columns = np.searchsorted(names, told["fact"].to_numpy(dtype=np.str_))
        ones = np.ones(len(told), np.float32)
        shape = (len(items), len(names))
        rows = sparse.csr_array((ones, (told["item"].to_numpy(np.int64), columns)), shape=shape)
        rows.sort_indices()
        return Facts(rows, tuple(names.tolist()))


def title_facts(title: str) -> list[str]:
    """The words of a title, of three letters and more.

    >>> title_facts("The 39 Steps")
    ['word the', 'word steps']
    """
    return [f"word {word}" for word in _WORD.findall(title.lower())]


def year_facts(year: int) -> list[str]:
    """A year, five years around it and its decade, which also a year that is new falls into.

    >>> year_facts(1997)
    ['year 1997', 'years 1995 to 1999', 'decade 1990']
    """
    five = year // 5 * 5
    return [f"year {year}", f"years {five} to {five + 4}", f"decade {year // 10 * 10}"]


def relation_fact(relation: str, other: str, *, outgoing: bool) -> str:
    """A relationship of an item, by its type and the id at its other end.

    :param outgoing: whether it starts at the item.

    >>> relation_fact("DIRECTED", "person:7", outgoing=False)
    'of DIRECTED person:7'
    """
    return f"{relation} {other}" if outgoing else f"of {relation} {other}"


def _of_triples(place: Place, n_items: int) -> pd.DataFrame:
    """``item, fact`` of the triples: the relation, and the node at its other end."""
    triples = knowledge_triples(place)
    names = _node_names(place)
    parts = []
    for item, other in (("head", "tail"), ("tail", "head")):
        rows = triples[triples[item] < n_items]
        others = names[rows[other].to_numpy()]
        told = [
            relation_fact(relation, name, outgoing=item == "head")
            for relation, name in zip(rows["relation"].astype(str), others, strict=True)
        ]
        parts.append(pd.DataFrame({"item": rows[item], "fact": told}, dtype=object))
    return pd.concat(parts)


def _node_names(place: Place) -> np.ndarray:
    """A text per node: the ids of items, then those of entities."""
    dataset = place.split.dataset
    entities = read_parquet(dataset.entities).sort_values("index")["entityId"]
    ids = [*place.catalogue.item_ids, *entities]
    return np.array([str(one) for one in ids], dtype=object)


def _of_properties(place: Place, items: pd.DataFrame) -> pd.DataFrame:
    """``item, fact`` of titles and years; the same facts among other items when shuffled."""
    found = []
    for row, title in enumerate(items.get("title", [])):
        found += [
            (row, "title", fact) for fact in set(title_facts("" if pd.isna(title) else title))
        ]
    for row, year in enumerate(items.get("year", [])):
        found += [] if pd.isna(year) else [(row, "year", fact) for fact in year_facts(int(year))]
    told = pd.DataFrame(found, columns=["item", "relation", "fact"])
    if place.shuffled and len(told):
        facts, codes = np.unique(told["fact"].to_numpy(dtype=np.str_), return_inverse=True)
        edges = pd.DataFrame({"head": told["item"], "relation": told["relation"]})
        edges["tail"] = codes + len(items)
        edges = shuffle_triples(edges, SHUFFLE_SEED)
        told = pd.DataFrame({"item": edges["head"], "fact": facts[edges["tail"] - len(items)]})
    return told[["item", "fact"]]
