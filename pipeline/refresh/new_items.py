"""Vectors of items that came into the graph after a run, from what is known of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ...graph.connection import GraphLike
from ...graph.contents import DatasetFacts
from ...graph.contract import RESULT_TYPES
from ...model.base import Model
from ...model.suppliers.facts import relation_fact, title_facts, year_facts
from ...results.new_lists import no_rows
from ...results.run_graph import GraphRun
from .lists import Lists


def new_item_vectors(
    graph: GraphLike, run: GraphRun, facts: DatasetFacts, lists: Lists
) -> pd.DataFrame:
    """``item, vector`` of items without a vector in the run's slot.

    Empty for a run without vectors, and for a model that cannot tell a new item's vector.
    """
    none = no_rows("item", "vector")
    if run.slot is None or not _can_tell(lists.work.config.model_class()):
        return none
    left_out = sorted({*RESULT_TYPES, facts.interaction_type, *facts.left_out_types})
    rows = graph.run("refresh/new_items", slot=run.slot, leftOut=left_out).rows
    if not rows:
        return none
    vectors = lists.model.vectors_of_new([set(_facts(row)) for row in rows])
    return pd.DataFrame({"item": [row["item"] for row in rows], "vector": list(vectors)})


def _can_tell(model: type[Model]) -> bool:
    return model.vectors_of_new is not Model.vectors_of_new


def _facts(row: Mapping[str, Any]) -> Iterator[str]:
    """Facts of an item by name, as the supplier of facts names them."""
    for one in row["known"]:
        yield relation_fact(one["relation"], str(one["other"]), outgoing=one["outgoing"])
    if row["title"] is not None:
        yield from title_facts(str(row["title"]))
    if row["year"] is not None:
        yield from year_facts(int(row["year"]))
