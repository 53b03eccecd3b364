"""``reelgraph load tabular --init``: a mapping with comments, proposed from the files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ...errors import InputError
from .guess import PEOPLE, Guess, Leftover, Things, guess
from .looks import Look
from .mapping import Format
from .naming import as_label, as_property, as_type, singular, words

_PLAIN_NAMES = frozenset(
    words(
        "ratings rating interactions interaction data events event user item reviews review "
        "train log logs history"
    )
)
_ITEM_LABELS = {
    "tconst": "Movie",
    "asin": "Product",
    "sku": "Product",
    "stock": "Product",
    "isbn": "Book",
}
_HEADER = """\
# Mapping of {files} for: reelgraph load tabular {target}
# Proposed from the header and the first rows; look at each guess, above all those that
# say 'check'. All keys are described in docs/sources.md. File names are relative to this file.
"""


def propose(files: Sequence[Path]) -> str:
    """The text of a mapping (TOML) that says what was guessed and why.

    :raises InputError: when a file cannot be read, or none has users and items.
    """
    looks = [Look.at(path) for path in files]
    found = guess(looks)
    folder = files[0].parent
    lines = [*_top(found, looks), "", *_interactions(found, folder)]
    if found.items is not None:
        lines += ["", *_items(found, found.items, folder)]
    if found.users is not None:
        lines += ["", *_users(found, found.users, folder)]
    for one in found.pairs:
        lines += ["", *_pairs(found, one, folder)]
    if found.unused:
        lines += ["", "# Not used:", *(f"# - {_comment(what)}" for what in found.unused)]
    head = _HEADER.format(
        files=_comment(", ".join(path.name for path in files)),
        target=_comment(mapping_path(files).name),
    )
    return head + "\n".join(lines) + "\n"


def mapping_path(files: Sequence[Path]) -> Path:
    """Where the proposal for these files is written: beside the first one."""
    first = files[0]
    return first.with_name(f"{first.name.removesuffix('.gz').rsplit('.', 1)[0]}.toml")


def write_proposal(files: Sequence[Path], force: bool = False) -> Path:
    """Write the proposal beside the first file and return its path.

    :param force: write over a mapping that is there already.
    :raises InputError: as :func:`propose`, and when the file exists or cannot be written.
    """
    target = mapping_path(files)
    if target.exists() and not force:
        raise InputError(f"{target} exists already", "To write over it: --force")
    text = propose(files)
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}", _STDOUT) from None
    return target


_STDOUT = "Print it instead: reelgraph load tabular --init --print FILE …"


def _top(found: Guess, looks: Sequence[Look]) -> Iterator[str]:
    name = found.look.path.name.removesuffix(".gz").split(".")[0]
    if set(words(name)) <= _PLAIN_NAMES:
        name = found.look.path.resolve().parent.name or name
    yield f"name = {_text(name)}  # id space and name of the data set"
    yield f"item_label = {_text(_item_label(found))}  # label of the items in the graph"
    missing = sorted(set().union(*(look.missing() for look in looks)))
    if missing:
        yield f"missing = {_texts(missing)}  # texts that seem to mean 'no value'"


def _item_label(found: Guess) -> str:
    parts = words(found.roles.item.name)
    if parts and parts[0] in _ITEM_LABELS:
        return _ITEM_LABELS[parts[0]]
    meant = [part for part in parts if part not in ("id", "item", "key", "no", "code")]
    if meant and not meant[0].startswith("column"):
        return as_label(" ".join(meant), "Product")
    if found.items is not None and found.items.look is not found.look:
        return as_label(found.items.look.path.name.split(".")[0], "Product")
    return "Product"


def _file(look: Look, folder: Path) -> Iterator[str]:
    yield f"file = {_text(Path(os.path.relpath(look.path, folder)).as_posix())}"
    yield from _format(look.format)


def _format(format: Format) -> Iterator[str]:
    if format.delimiter is not None:
        yield f"delimiter = {_text(format.delimiter)}"
    if not format.quoted:
        yield "quoted = false  # quotation marks are plain characters"
    if format.encoding != "utf-8":
        yield f"encoding = {_text(format.encoding)}  # the file is not UTF-8"
    if format.columns is not None:
        yield f"columns = {_texts(format.columns)}  # the file seems to have no header line"


def _interactions(found: Guess, folder: Path) -> Iterator[str]:
    roles, look = found.roles, found.look
    yield "[interactions]"
    yield from _file(look, folder)
    yield f"user = {_text(roles.user.name)}  # {roles.why['user']}"
    yield f"item = {_text(roles.item.name)}  # {roles.why['item']}"
    if roles.rating is not None:
        numbers = roles.rating.numbers
        assert numbers is not None
        span = f"{numbers.min():g} to {numbers.max():g}"
        yield f"rating = {_text(roles.rating.name)}  # {roles.why['rating']}: {span}"
    else:
        yield '# rating = "…"  # none was found: implicit feedback'
    if roles.count is not None:
        name = _comment(_text(roles.count.name))
        yield f"# {name} looks like a count, which is not a rating: it is left out"
    yield from _time(roles.time, roles.why["time"])
    yield 'type = "RATED"'
    yield 'repeated = "last"  # which row counts where a user has several about one item'


def _time(column: Any, why: str) -> Iterator[str]:
    if column is None:
        yield '# timestamp = "…"  # none was found: the order of the rows counts'
        return
    unit = column.time.unit
    said = f"{unit} since 1970" if unit else "dates"
    yield f"timestamp = {_text(column.name)}  # {why}: {said}"
    if column.time.format is not None:
        note = "  # check: day and month may be the other way round"
        twisted = note if column.ambiguous_days() else ""
        yield f"timestamp_format = {_text(column.time.format)}{twisted}"


def _items(found: Guess, things: Things, folder: Path) -> Iterator[str]:
    yield "[items]" + ("  # columns of the interactions' file" * (things.look is found.look))
    yield from _file(things.look, folder)
    yield f"id = {_text(things.id.name)}"
    if things.title is not None:
        yield f"title = {_text(things.title.name)}"
    else:
        yield '# title = "…"  # none was found: the id is shown'
    yield from _properties("items", things.others)
    for one in things.others:
        if one.use == "knowledge":
            yield ""
            yield from _knowledge(one)


def _users(found: Guess, things: Things, folder: Path) -> Iterator[str]:
    yield "[users]" + ("  # columns of the interactions' file" * (things.look is found.look))
    yield from _file(things.look, folder)
    yield f"id = {_text(things.id.name)}"
    if things.title is not None:
        yield f"# name = {_comment(_text(things.title.name))}  # shown in the Browser: your choice"
    yield from _properties("users", things.others)


def _properties(table: str, others: Sequence[Leftover]) -> Iterator[str]:
    for one in others:
        if one.use == "unused":
            yield f"# {_comment(_text(one.column.name))} is left out: {one.why}"
    properties = [one for one in others if one.use == "property"]
    if properties:
        yield ""
        yield f"[{table}.properties]  # property = column"
    taken: set[str] = set()
    for one in properties:
        name = as_property(one.column.name)
        while name in taken:
            name += "2"
        taken.add(name)
        yield f"{name} = {_text(one.column.name)}  # {one.why}"


def _knowledge(one: Leftover) -> Iterator[str]:
    yield f"[[knowledge]]  # {one.why}"
    yield f"column = {_text(one.column.name)}"
    if one.separator is not None:
        yield f"separator = {_text(one.separator)}"
    person = next((singular(w) for w in words(one.column.name) if singular(w) in PEOPLE), None)
    if person is None:
        label = as_label(one.column.name, "Topic")
        yield f"label = {_text(label)}"
        yield f"type = {_text(as_type(label))}"
        return
    role = "Actor" if person == "cast" else person.capitalize()
    yield f"label = {_texts(['Person', role])}  # people of all columns share the kind Person"
    yield f"type = {_text(PEOPLE[person])}"
    yield 'from = "entity"  # the relationship goes from the person to the item'


def _pairs(found: Guess, pairs: Any, folder: Path) -> Iterator[str]:
    lines = list(_knowledge(pairs.value))
    yield lines[0]
    yield from _file(pairs.look, folder)
    yield f"item = {_text(pairs.item.name)}"
    if pairs.key is not None:
        yield f"key = {_text(pairs.key)}  # the column of the items' file that it means"
    yield from lines[1:]
    if pairs.time is not None:
        yield from _time(pairs.time, "a value with a time is an event and stays out of training")
    if pairs.names is not None:
        names = pairs.names
        name = names.title or next((one.column for one in names.others), names.id)
        file = "\n".join(_file(names.look, folder))
        yield "[knowledge.names]  # what the ids are called"
        yield file
        yield f"id = {_text(names.id.name)}"
        yield f"name = {_text(name.name)}"


def _text(value: str) -> str:
    """A TOML string; JSON's are, but for the one control character that it leaves alone."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _comment(text: str) -> str:
    """Text that stays in its line and is allowed in a TOML comment."""
    return "".join(char if char.isprintable() else "?" for char in text)
