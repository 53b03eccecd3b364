"""Names in the graph for what a proposal found: labels and relationship types."""

from __future__ import annotations

from dataclasses import dataclass

from ..naming import as_label, as_type, singular, words
from .columns import Column
from .file_roles import FileRoles
from .first_rows import FileSample
from .vocabulary import IDS, NAMES, NOT_ITEMS, PEOPLE, PERSONS, SCHEMES, without_letters

_KNOWN = {
    "tconst": "Movie",
    "asin": "Product",
    "sku": "Product",
    "stock": "Product",
    "isbn": "Book",
    "appid": "App",
}
_NO_LABEL = IDS | NAMES | SCHEMES | NOT_ITEMS | {"item", "ids", "codes", "parent", "start", "end"}


@dataclass(frozen=True)
class Link:
    """How values of a column become nodes; ``sure`` is false where the type is made up."""

    labels: tuple[str, ...]
    type: str
    from_entity: bool = False
    sure: bool = True


def item_label(found: FileRoles) -> tuple[str, bool]:
    """The items' label, and whether some name says so."""
    column = found.roles.item.column
    samples = [found.items.sample] if found.items is not None else []
    if own := next((_KNOWN[word] for word in sorted(column.words) if word in _KNOWN), None):
        return own, True
    if found.sample.has_header and (label := _label(column.name)):
        return label, True
    for sample in samples:
        if sample is not found.sample and (label := _label(sample.name.split(".")[0])):
            return label, sample.has_header or bool(sample.about)
    return "Product", False


def link(found: FileRoles, sample: FileSample, column: Column, label_of_items: str) -> Link:
    """What the values of a column are called; people of all columns share the kind Person."""
    own = sample not in (found.sample, found.items.sample if found.items else None)
    about = sample.about if own else frozenset[str]()
    if column.words & PERSONS or (about & frozenset(PEOPLE) and not _label(column.name)):
        return _person(column, about)
    label = _label(column.name) if sample.has_header else None
    label = label or (_label(sample.name.split(".")[0]) if own else None)
    known = label is not None
    label = label or "Topic"
    short = label.removeprefix(label_of_items)
    label = short if short and short[0].isupper() else label
    label = f"{label}Value" if label == label_of_items else label
    if about & frozenset(PEOPLE) and label in ("Person", "People"):
        return _person(column, about)
    return Link((label,), as_type(label), sure=known)


def _person(column: Column, about: frozenset[str]) -> Link:
    role = next((PEOPLE[word] for word in _ordered(column, about) if word in PEOPLE), None)
    if role is None:
        return Link(("Person",), "HAS_PERSON", sure=False)
    names = {"ACTED_IN": "Actor", "DIRECTED": "Director", "PRODUCED": "Producer"}
    own = next((word for word in words(column.name) if singular(word) in PEOPLE), None)
    name = names.get(role) or (as_label(own) if own else None)
    name = name or {"WROTE": "Writer", "COMPOSED": "Composer"}[role]
    return Link(("Person", name), role, from_entity=True)


def _ordered(column: Column, about: frozenset[str]) -> list[str]:
    return [*(singular(word) for word in words(column.name)), *sorted(about)]


def _label(name: str) -> str | None:
    """A label from the words that mean something: ``movie_movieId`` is Movie."""
    kept: list[str] = []
    for word in without_letters(words(name)):
        parts = [word]
        for end in ("ids", "id"):
            if len(word) > len(end) + 2 and word.endswith(end) and word not in ("covid", "android"):
                parts = [word.removesuffix(end)]
                break
        kept += [part for part in parts if singular(part) not in _NO_LABEL and part not in kept]
    kept = [word for word in kept if not word.isdigit()]
    if not kept or kept[0].startswith("column") or max(map(len, kept)) < 2:
        return None
    label = as_label(" ".join(kept), "")
    return label or None
