"""Names in the graph for what a header calls its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ....errors import InputError
from ....graph.contents import RATED
from ....graph.contract import OWN_TYPES, RESERVED_LABELS, RESERVED_PROPERTIES
from ..tabular.naming import as_label, as_type, words

KG_LABEL = "KgEntity"
_PERSONAL = re.compile(r"zip|postal|postcode|phone|mail|address|street|passport", re.IGNORECASE)
_TEXT = re.compile(r"description|summary|review|lyrics|comment|address|abstract", re.IGNORECASE)
_MOST_RELATIONS = 1_000


@dataclass(frozen=True)
class Domain:
    """What is known of a family of data sets: the items' label, better names of columns."""

    item_label: str = "Product"
    names: dict[str, str] = field(default_factory=dict)
    titles: bool = False  # film titles, some with the article last


_MOVIELENS = Domain("Movie", {"class": "genre", "genres": "genre", "release_year": "year"}, True)


def domain_of(name: str) -> Domain:
    """By the data set's name: MovieLens is ``ml-…``."""
    return _MOVIELENS if name.startswith("ml-") else Domain()


def is_personal(column: str) -> bool:
    """Columns that say who or where a person is; they are left out."""
    return bool(_PERSONAL.search(column))


def is_text(column: str, named: Iterable[str]) -> bool:
    """``token_seq`` columns whose words are a text, not values, by name or by the user's word."""
    return column in named or bool(_TEXT.search(column))


def property_name(column: str, owner: str) -> str:
    """``release_year`` is releaseYear; a name that reelgraph uses gets the owner in front."""
    first, *others = words(column)
    name = first + "".join(word.capitalize() for word in others)
    return f"{owner}{name[0].upper()}{name[1:]}" if name in RESERVED_PROPERTIES else name


def property_names(where: str, columns: Iterable[str], owner: str) -> dict[str, str]:
    """:raises InputError: when two columns get the same name."""
    found: dict[str, str] = {}
    for column in columns:
        name = property_name(column, owner)
        if name in found.values():
            raise InputError(
                f"{where}, line 1: the column '{column}' would be a second property '{name}'",
                "Rename one of the columns.",
            )
        found[column] = name
    return found


@dataclass(frozen=True)
class Category:
    """A ``token_seq`` column whose values become entities: ``kind:value``."""

    column: str
    label: str
    type: str
    kind: str


def category(column: str, domain: Domain, item_label: str) -> Category:
    """``artist_tags`` gives ``(:ArtistTag)`` by ``HAS_ARTIST_TAG``."""
    words_ = domain.names.get(column, column)
    label = as_label(words_, otherwise="")
    if not label or label in {*RESERVED_LABELS, item_label, KG_LABEL}:
        label = "".join(word.capitalize() for word in words(words_)) + "Value"
    return Category(column, label, as_type(label), label[0].lower() + label[1:])


def refuse_second(where: str, column: str, about: Category, known: Iterable[Category]) -> None:
    """:raises InputError: when another column gives entities of the same label."""
    for other in known:
        if other.label == about.label:
            raise InputError(
                f"{where}, line 1: the columns '{other.column}' and '{column}' would both be "
                f"(:{about.label})",
                "Rename one of the columns.",
            )


def relation_types(where: str, relations: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """Relationship types of the relations of a ``.kg``: ``film.film.genre`` is FILM_FILM_GENRE.

    Letters other than A–Z and signs become ``_``. A type that is taken gets KG_ in front, and
    relations that would be one type are numbered in the order of their ids.

    :raises InputError: for more relations than a graph should have types.
    """
    found: dict[str, str] = {}
    used = {*OWN_TYPES, RATED, *taken}
    for relation in sorted(relations):
        name = re.sub(r"[^A-Z0-9]+", "_", relation.upper()).strip("_")[:100]
        if not name or not name[0].isalpha():
            name = f"RELATION_{name}".rstrip("_")
        if name in used and name not in found.values():
            name = f"KG_{name}"
        number, base = 2, name
        while name in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        found[relation] = name
    if len(found) > _MOST_RELATIONS:
        raise InputError(
            f"{where}: {len(found)} different relations, more than {_MOST_RELATIONS}",
            "Is the relation in the second column (relation_id)?",
        )
    return found
