"""The reasons of a recommendation as a page: what ``explain --html`` writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..explore.reasons_page import ReasonsPage
from ..explore.reasons_picture import Picture, Reason
from ..results.sentences import month, sentence, ties
from ..results.verdicts import LEAKS, PASSED
from .reasons import rated, rating_of_scale, titled


def reasons_page(found: Mapping[str, Any], user_id: int | str, audit: str) -> ReasonsPage:
    """The page of what :func:`~reelgraph.results.reasons.explanation` found."""
    title, user = titled(found), f"user {user_id}"
    reasons = [_reason(why, found["score"]) for why in found["evidence"]]
    return ReasonsPage(
        heading=f"Why {title} is recommended to {user}",
        lead=_lead(found),
        picture=Picture(
            user=f"User {user_id}",
            title=title,
            detail=f"number {found['rank']}, score {found['score']:.2f}",
            reasons=reasons,
        ),
        note=_note(found),
        warning=_warning(audit),
    )


def _reason(why: Mapping[str, Any], score: float) -> Reason:
    said = sentence(why, score)
    return Reason(
        title=titled(why),
        detail=_detail(why),
        contribution=why["contribution"],
        ties=ties(why.get("shared", [])),
        sentence=(said.before, said.title, said.after),
    )


def _detail(why: Mapping[str, Any]) -> str:
    """``rated 5 of 5, March 1998``, as far as it is known."""
    said = rated(why).removeprefix(", ")
    return ", ".join(text for text in (said, month(why.get("timestamp"))) if text)


def _lead(found: Mapping[str, Any]) -> str:
    text = f"It is number {found['rank']} of the list, with a score of {found['score']:.2f}."
    if found.get("predictedRating") is not None:
        text += f" The predicted rating is {rating_of_scale(found)}."
    if not found["evidence"]:
        return f"{text} The model gives no evidence."
    return (
        f"{text} Numbers say what each item of the history added to the score; the boxes "
        "between say what it shares with the recommendation."
    )


def _note(found: Mapping[str, Any]) -> str:
    if not found["evidence"]:
        return ""
    rest = found["score"] - sum(why["contribution"] for why in found["evidence"])
    return (
        f"The other {rest:+.2f} of the score come from the rest of the history and from the "
        "model's own terms."
    )


def _warning(audit: str) -> str:
    if audit == LEAKS:
        return f"{LEAKS}: the run that says this failed its audit."
    return "" if audit == PASSED else "The run that says this was not audited."
