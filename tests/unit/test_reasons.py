"""Reasons as lines: a disliked item is seen as one."""

from __future__ import annotations

from typing import Any

import pytest

from reelgraph.cli.reasons import explanation_lines, recommendation_lines


def reason(**values: Any) -> dict[str, Any]:
    found = {"itemId": 29, "title": "Batman Forever", "year": 1995, "contribution": 0.306}
    return {**found, "rating": None, "ratingScale": None, "shared": [], **values}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"rating": 1.0, "ratingScale": 5.0}, "Batman Forever (1995), rated 1 of 5 "),
        ({"rating": 0.5, "ratingScale": 5.0}, "Batman Forever (1995), rated 0.5 of 5 "),
        ({"rating": 0.0}, "Batman Forever (1995), rated 0 "),
        ({"ratingScale": 5.0}, "Batman Forever (1995)  "),
    ],
)
def test_the_rating_stands_beside_the_reason(values: dict[str, Any], shown: str) -> None:
    item = {"rank": 1, "itemId": 403, "title": "Batman", "year": 1989, "score": 4.3}
    lists = recommendation_lines([{**item, "because": [reason(**values)]}])
    reasons = explanation_lines({**item, "evidence": [reason(**values)]})
    for lines in (list(lists), list(reasons)):
        line = next(one for one in lines if one.startswith("       B"))
        assert line.startswith(f"       {shown}") and line.endswith(" +0.306")


def test_a_long_title_is_cut_before_its_rating() -> None:
    long = reason(title="A very long title " * 9, rating=1.0, ratingScale=5.0)
    item = {"rank": 1, "itemId": 403, "title": "Batman", "score": 4.3, "because": [long]}
    line = list(recommendation_lines([item]))[1]
    assert len(line) == 80
    assert "…, rated 1 of 5 +0.306" in line
