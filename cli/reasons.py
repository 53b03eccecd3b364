"""Recommendations and reasons as text of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .context import Context

WIDTH = 80
_SHARED = 3  # phrases about what two items share

# what an item's other end is called in "same …"; other types say it themselves
_WORDS = {
    "ACTED_IN": "actor",
    "DIRECTED": "director",
    "WROTE": "writer",
    "PRODUCED": "producer",
    "PRODUCED_IN": "country",
    "HAS_SEQUEL": "series",
}


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


def word(relation: str) -> str:
    """The everyday word for a relationship type: ``DIRECTED`` → ``director``."""
    plain = relation.removeprefix("HAS_").removeprefix("IN_").removeprefix("IS_")
    return _WORDS.get(relation, plain.replace("_", " ").lower())


def shared_phrases(shared: Sequence[Mapping[str, Any]]) -> list[str]:
    """What two items share: ``same director: …``, rarest first.

    Names of one relation stand together; a person with another part in each item is
    ``… (actor, director)``; a direct relationship is its word alone, such as ``same series``.
    """
    same: dict[str, list[str]] = {}
    crossed: dict[str, list[str]] = {}
    for one in shared:
        here, there = one["here"], one["there"]
        if there is None:
            same.setdefault(f"same {word(here)}", [])
        elif here == there:
            same.setdefault(f"same {word(here)}", []).append(one["name"])
        else:
            crossed.setdefault(one["name"], []).append(f"{word(here)}, {word(there)}")
    known = {name for names in same.values() for name in names}
    phrases = [f"{what}: {', '.join(names)}" if names else what for what, names in same.items()]
    phrases += [f"{name} ({parts[0]})" for name, parts in crossed.items() if name not in known]
    return phrases


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
        yield _line(f"{row['rank']:>3}.", titled(row), number, width)
        for why in row.get("because", [])[:evidence]:
            yield from _evidence_lines(why, width)


def rating_lines(rows: Sequence[Mapping[str, Any]], width: int = WIDTH) -> Iterator[str]:
    """Each item with its predicted rating."""
    for row in rows:
        yield _line(f"{row['rank']:>3}.", titled(row), _rating_of_scale(row), width)


def explanation_lines(found: Mapping[str, Any], width: int = WIDTH) -> Iterator[str]:
    """One recommendation with all of its evidence."""
    yield _line(f"{found['rank']:>3}.", titled(found), f"{found['score']:.3f}", width)
    if found.get("predictedRating") is not None:
        label = titled_by("predicted rating", found.get("ratingAudit"))
        yield f"     {label}: {_rating_of_scale(found)}"
    if not found["evidence"]:
        yield "     the model gives no evidence"
    for why in found["evidence"]:
        yield from _evidence_lines(why, width, _details(why))


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


def _rating_of_scale(row: Mapping[str, Any]) -> str:
    rating, scale = row["predictedRating"], row.get("ratingScale")
    of_scale = "" if scale is None or rating is None else f" of {scale:g}"
    return _number(rating) + of_scale


def _details(why: Mapping[str, Any]) -> str:
    parts = []
    if why.get("weight") is not None:
        parts.append(f"attention {why['weight']:.1%}" + _of_place(why))
    if why.get("seq") is not None:
        parts.append(f"number {why['seq']} in the history")
    return ", ".join(parts)


def _of_place(why: Mapping[str, Any]) -> str:
    recency = why.get("recency")
    if recency is None or recency == why["weight"]:  # a model that knows places alone
        return ""
    return f" ({recency:.1%} by its place in the history alone)"


def _evidence_lines(why: Mapping[str, Any], width: int, details: str = "") -> Iterator[str]:
    number = f"{why['contribution']:+.3f}"
    yield _line("      ", titled(why), number, width, rated(why))
    phrases = shared_phrases(why.get("shared", []))[:_SHARED]
    for text in (details, "; ".join(phrases)):
        if text:
            yield from textwrap.wrap(text, width, initial_indent=" " * 9, subsequent_indent=" " * 9)


def _line(lead: str, text: str, number: str, width: int, ending: str = "") -> str:
    """``text`` is cut where the line is too narrow, its ``ending`` never."""
    room = width - len(lead) - len(number) - 2
    if len(text + ending) > room:
        text = text[: room - len(ending) - 1] + "…"
    text += ending
    return f"{lead} {text:<{room}} {number}"
