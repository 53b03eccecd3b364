"""Names that a mapping may give to labels, relationship types and properties.

They are the only words of a mapping that become part of the graph's schema, so their
alphabet is narrow and the names that reelgraph uses itself are taken.
"""

from __future__ import annotations

import re
from itertools import groupby

from ....graph.contract import OWN_TYPES, RESERVED_LABELS, RESERVED_PROPERTIES

LABEL = re.compile(r"[A-Z][A-Za-z0-9_]*")
TYPE = re.compile(r"[A-Z][A-Z0-9_]*")
PROPERTY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_NO_LABEL = frozenset(
    {
        *("id", "ids", "code", "codes", "name", "names", "key", "no", "number", "uuid", "guid"),
        *("tmdb", "imdb", "mbid", "wikidata"),
    }
)


def checked_label(name: str) -> str:
    """:raises ValueError: when it is not a domain label."""
    return _checked(name, LABEL, RESERVED_LABELS, "a label", "such as Artist")


def checked_type(name: str) -> str:
    """:raises ValueError: when it is not a relationship type that a source may write."""
    return _checked(name, TYPE, frozenset(OWN_TYPES), "a relationship type", "such as HAS_TAG")


def checked_property(name: str) -> str:
    """:raises ValueError: when it is not a property that a source may write."""
    return _checked(name, PROPERTY, RESERVED_PROPERTIES, "a property", "such as country")


def _checked(
    name: str, pattern: re.Pattern[str], taken: frozenset[str], what: str, example: str
) -> str:
    if not pattern.fullmatch(name) or name.startswith("__"):
        raise ValueError(
            f"{name!r} is not the name of {what}: letters, digits and _ only, {example}"
        )
    if name in taken:
        raise ValueError(f"{name!r} is not free as the name of {what}: reelgraph uses it itself")
    return name


def words(text: str) -> list[str]:
    """Lower-case words of a column's or file's name: ``artistID`` is artist, id."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", spaced)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def singular(word: str) -> str:
    """English, good enough for a proposal: ``genres`` is genre, ``countries`` is country."""
    if word in ("series", "species", "news") or word.endswith(("ss", "us", "is")):
        return word
    if word in ("movies", "cookies", "calories"):
        return word.removesuffix("s")
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word.removesuffix("s") if len(word) > 3 else word


def as_label(text: str, otherwise: str = "Thing") -> str:
    """A label from a column's or file's name: ``artist_tags`` is ArtistTag, ``tag_id`` is Tag."""
    parts = [word for word, _ in groupby(words(text))]
    while len(parts) > 1 and parts[-1] in _NO_LABEL:
        parts.pop()
    if parts:
        parts[-1] = singular(parts[-1])
    label = "".join(part.capitalize() for part in parts)
    try:
        return checked_label(label)
    except ValueError:
        return otherwise


def as_type(label: str) -> str:
    """The relationship type to an entity with this label: Tag is HAS_TAG."""
    return "HAS_" + "_".join(word.upper() for word in words(label))


def as_property(text: str) -> str:
    """A property's name from a column's: ``Release Year`` is releaseYear."""
    parts = words(text) or ["value"]
    name = parts[0] + "".join(part.capitalize() for part in parts[1:])
    name = name if name[0].isalpha() else f"n{name}"
    return name if name not in RESERVED_PROPERTIES else f"{name}Value"
