"""A reason as a sentence, of what the graph says and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

PHRASES = 3  # about what two items share
_NAMES = 3  # in one phrase
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_ALSO = {
    "ACTED_IN": "also with",
    "DIRECTED": "also directed by",
    "WROTE": "also written by",
    "PRODUCED": "also produced by",
    "PRODUCED_IN": "also made in",
}
# what an item's other end is called in "same …"; other types say it themselves
_WORDS = {
    "ACTED_IN": "actor",
    "DIRECTED": "director",
    "WROTE": "writer",
    "PRODUCED": "producer",
    "PRODUCED_IN": "country",
    "HAS_SEQUEL": "series",
}


@dataclass(frozen=True)
class Sentence:
    """``before`` + ``title`` + ``after``; the title stands alone, so that it can be set off."""

    before: str
    title: str
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.title}{self.after}"


def sentence(why: Mapping[str, Any], score: float) -> Sentence:
    """``Because you rated Vertigo 5 in March 1998 (+0.54 of 4.33), also directed by …``.

    What the graph does not have is left out: a rating, a time, what the items share.

    :param why: a piece of evidence, as :func:`.reasons.explanation` gives it.
    :param score: of the recommendation, which the contribution is a part of.
    """
    rating, when = why.get("rating"), month(why.get("timestamp"))
    share = f" ({why['contribution']:+.2f} of {score:.2f})"
    shared = "".join(f", {phrase}" for phrase in also(why.get("shared", [])))
    lead = "Because" if why["contribution"] >= 0 else "Although"
    if rating is None:
        of = f" of {when}" if when else ""
        return Sentence(f"{lead} ", _title(why), f" is in your history{of}{share}{shared}")
    at = f" in {when}" if when else ""
    return Sentence(f"{lead} you rated ", _title(why), f" {rating:g}{at}{share}{shared}")


def place(found: Mapping[str, Any]) -> Iterator[str]:
    """Where an item stands that is not recommended, as :func:`.why_not.why_not` found it."""
    stored = found["stored"]
    if found["rank"] is None:
        yield "the run has no vector of this user or this item, so no score and no rank"
    else:
        yield f"number {found['rank']:,} of all items that the run had not read of the user"
    if not stored:
        yield "the run has no recommendations for this user"
    elif found["score"] is None:
        yield f"the list has {stored} items and ends at {found['lastScore']:.3f}"
    else:
        short = found["lastScore"] - found["score"]
        yield (
            f"the list has {stored} items and ends at {found['lastScore']:.3f}: "
            f"{abs(short):.3f} {'more' if short >= 0 else 'less'}"
        )
    if found["rated"]:
        yield "the user has rated it since"


def month(timestamp: int | None) -> str | None:
    """``March 1998``, in UTC, of epoch seconds; None without them or beyond the calendar."""
    if timestamp is None:
        return None
    try:
        moment = datetime.fromtimestamp(timestamp, UTC)
    except (OverflowError, OSError, ValueError):
        return None
    return f"{_MONTHS[moment.month - 1]} {moment.year}"


def also(shared: Sequence[Mapping[str, Any]]) -> list[str]:
    """What two items share, as parts of a sentence: ``also directed by …``, rarest first."""
    same, crossed = _grouped(shared)
    phrases = [_also(relation, names) for relation, names in same.items()]
    phrases += [
        f"also with {name} (here {word(here)}, there {word(there)})"
        for name, (here, there) in crossed.items()
    ]
    return phrases[:PHRASES]


def shared_phrases(shared: Sequence[Mapping[str, Any]]) -> list[str]:
    """What two items share: ``same director: …``, rarest first.

    Names of one relation stand together; a person with another part in each item is
    ``… (actor, director)``; a direct relationship is its word alone, such as ``same series``.
    """
    same, crossed = _grouped(shared)
    phrases = [
        f"same {word(relation)}: {', '.join(names)}" if names else f"same {word(relation)}"
        for relation, names in same.items()
    ]
    return phrases + [
        f"{name} ({word(here)}, {word(there)})" for name, (here, there) in crossed.items()
    ]


def ties(shared: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What two items share, each as a name and its part: ``("Alfred Hitchcock", "director")``.

    The part of a direct relationship is empty: ``("same series", "")``.
    """
    same, crossed = _grouped(shared)
    found: list[tuple[str, str]] = []
    for relation, names in same.items():
        found += [(name, word(relation)) for name in names]
        found += [] if names else [(f"same {word(relation)}", "")]
    return found + [
        (name, f"{word(here)}, there {word(there)}") for name, (here, there) in crossed.items()
    ]


def word(relation: str) -> str:
    """The everyday word for a relationship type: ``DIRECTED`` → ``director``."""
    plain = relation.removeprefix("HAS_").removeprefix("IN_").removeprefix("IS_")
    return _WORDS.get(relation, plain.replace("_", " ").lower())


def _grouped(
    shared: Sequence[Mapping[str, Any]],
) -> tuple[dict[str, list[str]], dict[str, tuple[str, str]]]:
    """Names by relation, none for a direct one; and names whose part differs, with both parts."""
    same: dict[str, list[str]] = {}
    crossed: dict[str, tuple[str, str]] = {}
    for one in shared:
        here, there = one["here"], one["there"]
        if there is None:
            same.setdefault(here, [])
        elif here == there:
            same.setdefault(here, []).append(one["name"])
        else:
            crossed.setdefault(one["name"], (here, there))
    known = {name for names in same.values() for name in names}
    return same, {name: parts for name, parts in crossed.items() if name not in known}


def _also(relation: str, names: Sequence[str]) -> str:
    if not names:
        return f"of the same {word(relation)}"
    if relation in _ALSO:
        return f"{_ALSO[relation]} {listed(names)}"
    return f"of the same {word(relation)}: {listed(names)}"


def listed(names: Sequence[str], most: int = _NAMES) -> str:
    """``A``, ``A and B``, ``A, B, C and 2 more``."""
    more = len(names) - most
    shown = [*names[:most], *([f"{more} more"] if more > 0 else [])]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _title(why: Mapping[str, Any]) -> str:
    return str(why.get("title") or why["itemId"])
