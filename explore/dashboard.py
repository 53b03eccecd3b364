"""The dashboard for Neo4j Aura and Desktop 2, which import the format of NeoDash 2.4."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import cypher
from ..graph.connection import GraphLike
from ..progress import ProgressBar
from .look import node_looks
from .queries import Values, answers
from .schema import LiveSchema

VERSION = "2.4"
USER = "neodash_user_userid"
"""The parameter that the selection of a user sets; NeoDash names it so."""

_TITLE = "Recommendations"


@dataclass(frozen=True)
class Report:
    """A card on a grid of 24 columns; ``place`` is x, y, width and height."""

    title: str
    kind: str
    place: tuple[int, int, int, int]
    query: str  # id of a statement
    selection: Mapping[str, Any] = field(default_factory=dict)


_PAGES: Mapping[str, Sequence[Report]] = {
    "Quality": (
        Report("Precision at 10", "value", (0, 0, 6, 4), "dashboard/precision"),
        Report(
            "Sum of 1/rank of hits, top 10", "value", (6, 0, 6, 4), "dashboard/reciprocal_ranks"
        ),
        Report("Leak audit", "value", (12, 0, 6, 4), "dashboard/audit"),
        Report("Users with recommendations", "value", (18, 0, 6, 4), "dashboard/users"),
        Report(
            "Figures by length of the list",
            "bar",
            (0, 4, 24, 6),
            "dashboard/figures",
            {"index": "length", "value": "value", "key": "figure"},
        ),
        Report("Runs", "table", (0, 10, 24, 6), "analyst/run_overview"),
    ),
    "Coverage": (
        Report("Percent of items in a top 10", "value", (0, 0, 6, 6), "dashboard/items_in_lists"),
        Report(
            "Shares by popularity of items",
            "bar",
            (6, 0, 18, 6),
            "dashboard/by_popularity",
            {"index": "popularity", "value": "value", "key": "share"},
        ),
        Report("Most recommended", "table", (0, 6, 12, 8), "dashboard/most_recommended"),
        Report(
            "Recommendations by decade",
            "bar",
            (12, 6, 12, 8),
            "dashboard/by_decade",
            {"index": "decade", "value": "recommendations", "key": "(none)"},
        ),
    ),
    "A user": (
        Report("", "select", (0, 0, 6, 4), "dashboard/user_choice"),
        Report("Recommendations", "table", (6, 0, 18, 8), "dashboard/user_recommendations"),
        Report("Rated last", "table", (0, 4, 6, 12), "dashboard/user_history"),
        Report("Reasons", "graph", (6, 8, 12, 8), "dashboard/user_picture"),
        Report(
            "What the recommendations are",
            "bar",
            (18, 8, 6, 8),
            "dashboard/user_interests",
            {"index": "known", "value": "recommendations", "key": "(none)"},
        ),
    ),
}


def dashboard(graph: GraphLike, schema: LiveSchema, values: Values) -> tuple[str, list[str]]:
    """The file's text, and ids of statements that are left out since they have no rows.

    :raises CypherError: when a query cannot run.
    """
    known = {USER: values["userId"], "input": ""}
    silent: list[str] = []
    pages = []
    pages_tried = ProgressBar(_PAGES.items(), desc="dashboard", unit=" pages", leave=False)
    for title, reports in pages_tried:
        shown = []
        for one in reports:
            if answers(graph, cypher.load(one.query), known):
                shown.append(_report(one, title, schema))
            else:
                silent.append(one.query)
        pages.append({"title": title, "reports": shown})
    value = {
        "uuid": _id(_TITLE),
        "title": _TITLE,
        "version": VERSION,
        "settings": {
            "pagenumber": 0,
            "editable": True,
            "fullscreenEnabled": False,
            "parameters": {USER: values["userId"], f"{USER}_display": values["userId"]},
            "theme": "light",
        },
        "pages": pages,
        "parameters": {},
        "extensions": {},
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n", silent


def _report(report: Report, page: str, schema: LiveSchema) -> dict[str, Any]:
    x, y, width, height = report.place
    return {
        "id": _id(f"{page}/{report.query}"),
        "title": report.title,
        "query": cypher.load(report.query).text,
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "type": report.kind,
        "selection": _captions(schema) if report.kind == "graph" else dict(report.selection),
        "settings": _CHOICE if report.kind == "select" else {},
        "schema": [],
    }


_CHOICE = {
    "type": "Node Property",
    "entityType": "User",
    "propertyType": "userId",
    "propertyTypeDisplay": "userId",
    "parameterName": USER,
}


def _captions(schema: LiveSchema) -> dict[str, str]:
    """The property that is written on the nodes of each label."""
    return {one.label: one.caption for one in node_looks(schema) if one.caption}


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"reelgraph/dashboard/{name}"))
