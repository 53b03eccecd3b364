"""Recommendations and reasons as text of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..list_lengths import SHOWN
from ..results.sentences import PHRASES, listed, month, place, sentence, shared_phrases

if TYPE_CHECKING:
    from .context import Context

WIDTH = 80
_DEEP = " " * 9


def titled(row: Mapping[str, Any]) -> str:
    """``Alien (1979)``; an item without title is shown by its id."""
    title = str(row.get("title") or row["itemId"])
    year = row.get("year")
    return title if year is None or f"({year})" in title else f"{title} ({year})"


def titled_by(title: str, audit: str | None) -> str:
    """The title with a label behind it, when the run that it is about leaks."""
    from ..results.verdicts import LEAKS

    return f"{title} ({LEAKS})" if audit == LEAKS else title


def note_audit(context: Context, audit: str, run_id: str, folder: str) -> None:
    """Say on stderr where a run that something is shown of has not passed its audit."""
    from ..results.verdicts import LEAKS, PASSED

    if audit == LEAKS:
        context.note(f"{LEAKS}: run {run_id} failed its audit: reelgraph runs list")
    elif audit != PASSED:
        context.note(f"run {run_id} was not audited: reelgraph audit {folder}")


def rated(why: Mapping[str, Any]) -> str:
    """``, rated 1 of 5``: a reason may be an item that the user disliked.

    The scale is left out where it is not known, and all of it where there is no rating.
    """
    rating, scale = why.get("rating"), why.get("ratingScale")
    if rating is None:
        return ""
    return f", rated {rating:g}" + (f" of {scale:g}" if scale is not None else "")


def recommendation_lines(
    rows: Sequence[Mapping[str, Any]], evidence: int = 3, width: int = WIDTH
) -> Iterator[str]:
    """Each recommendation with its strongest evidence.

    Where some have a predicted rating, there is a column of these before the score.
    """
    rating = any_rated(rows)
    for row in rows:
        number = f"{row['score']:.3f}"
        if rating:
            number = f"{_number(row.get('predictedRating'))} {number:>9}"
        ending = ", rated already" if row.get("rated") else ""
        yield _line(f"{row['rank']:>3}.", titled(row), number, width, ending)
        for why in row.get("because", [])[:evidence]:
            yield from _evidence_lines(why, width)


def rating_lines(rows: Sequence[Mapping[str, Any]], width: int = WIDTH) -> Iterator[str]:
    """Each item with its predicted rating."""
    for row in rows:
        yield _line(f"{row['rank']:>3}.", titled(row), rating_of_scale(row), width)


def explanation_lines(found: Mapping[str, Any], width: int = WIDTH) -> Iterator[str]:
    """One recommendation with all of its evidence."""
    yield _line(f"{found['rank']:>3}.", titled(found), f"{found['score']:.3f}", width)
    if found.get("predictedRating") is not None:
        label = titled_by("predicted rating", found.get("ratingAudit"))
        yield f"     {label}: {rating_of_scale(found)}"
    if not found["evidence"]:
        yield "     the model gives no evidence"
    for why in found["evidence"][:1]:
        lead = f"{sentence(why, found['score'])}."
        yield from textwrap.wrap(lead, width, initial_indent=" " * 5, subsequent_indent=" " * 5)
    for why in found["evidence"]:
        yield from _evidence_lines(why, width, _details(why))


def explained_lines(found: Mapping[str, Any], width: int = WIDTH) -> Iterator[str]:
    """What an explainer says: the items that count most and, if it knows, what would be enough."""
    yield _line(f"{found['rank']:>3}.", titled(found), f"{found['score']:.3f}", width)
    for why in found["evidence"]:
        yield from _evidence_lines(why, width, _details(why))
    if found["without"]:
        names = listed([titled(one) for one in found["without"]], len(found["without"]))
        text = f"Without {names} it would not be among the first {SHOWN}."
        yield from textwrap.wrap(text, width, initial_indent=" " * 5, subsequent_indent=" " * 5)
    elif found["explainer"] == "counterfactual" and found["rank"] <= SHOWN:
        yield f"     No ten items were found without which it would leave the first {SHOWN}."


def why_not_lines(found: Mapping[str, Any], width: int = WIDTH) -> Iterator[str]:
    """Where an item stands that is not recommended, and what of the history is nearest to it."""
    score = found["score"]
    yield _line("    ", titled(found), "-" if score is None else f"{score:.3f}", width)
    for text in place(found):
        yield from textwrap.wrap(text, width, initial_indent=" " * 5, subsequent_indent=" " * 5)
    if found["nearest"]:
        yield "     nearest of the history, with the cosine of the run's vectors:"
    for one in found["nearest"]:
        yield _line("      ", titled(one), f"{one['similarity']:.3f}", width, rated(one))
        yield from _phrase_lines(one, width)


def rating_explanation_lines(
    found: Mapping[str, Any], most: int = 10, width: int = WIDTH
) -> Iterator[str]:
    """A predicted rating and its parts: the numbers below the first line add up to it.

    :param most: neighbours that are shown; what the others add is one line.
    """
    yield _line("    ", titled(found), f"{found['predictedRating']:.3f}", width)
    for one in found["parts"]:
        yield _line("      ", one["part"], f"{one['contribution']:+.3f}", width)
    for why in found["because"][:most]:
        who = f"user {why['userId']}" if "userId" in why else titled(why)
        yield _line("      ", who, f"{why['contribution']:+.3f}", width, rated(why))
    others = [why["contribution"] for why in found["because"][most:]]
    if others:
        yield _line("      ", f"{len(others):,} more", f"{sum(others):+.3f}", width)


def any_rated(rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some of the rows have a predicted rating."""
    return any(row.get("predictedRating") is not None for row in rows)


def _number(rating: float | None) -> str:
    return "-" if rating is None else f"{rating:.2f}"


def rating_of_scale(row: Mapping[str, Any]) -> str:
    """``4.21 of 5``; the scale is left out where it is not known."""
    rating, scale = row["predictedRating"], row.get("ratingScale")
    of_scale = "" if scale is None or rating is None else f" of {scale:g}"
    return _number(rating) + of_scale


def _details(why: Mapping[str, Any]) -> str:
    parts = []
    if why.get("weight") is not None:
        parts.append(f"attention {why['weight']:.1%}" + _of_place(why))
    if why.get("seq") is not None:
        parts.append(f"number {why['seq']} in the history")
    if (when := month(why.get("timestamp"))) is not None:
        parts.append(f"of {when}")
    return ", ".join(parts)


def _of_place(why: Mapping[str, Any]) -> str:
    recency = why.get("recency")
    if recency is None or recency == why["weight"]:  # a model that knows places alone
        return ""
    return f" ({recency:.1%} by its place in the history alone)"


def _evidence_lines(why: Mapping[str, Any], width: int, details: str = "") -> Iterator[str]:
    number = f"{why['contribution']:+.3f}"
    yield _line("      ", titled(why), number, width, rated(why))
    if details:
        yield from textwrap.wrap(details, width, initial_indent=_DEEP, subsequent_indent=_DEEP)
    yield from _phrase_lines(why, width)


def _phrase_lines(why: Mapping[str, Any], width: int) -> Iterator[str]:
    phrases = "; ".join(shared_phrases(why.get("shared", []))[:PHRASES])
    if phrases:
        yield from textwrap.wrap(phrases, width, initial_indent=_DEEP, subsequent_indent=_DEEP)


def _line(lead: str, text: str, number: str, width: int, ending: str = "") -> str:
    """``text`` is cut where the line is too narrow, its ``ending`` never."""
    room = width - len(lead) - len(number) - 2
    if len(text + ending) > room:
        text = text[: room - len(ending) - 1] + "…"
    text += ending
    return f"{lead} {text:<{room}} {number}"
