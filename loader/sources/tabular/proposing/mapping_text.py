"""The text of a proposed mapping; each guess without good evidence is noted as one to check."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from ....reading.kinds import plain_name
from ..mapping import Format
from ..naming import as_property, words
from .column_roles import RoleChoice
from .file_roles import FileRoles, Pairs
from .first_rows import FileSample
from .labels import Link, item_label, link
from .missing_marks import is_doubtful
from .node_columns import NodeColumns, OtherColumn

_PLAIN_NAMES = frozenset(
    words(
        "ratings rating interactions interaction data events event user item reviews review "
        "train log logs history u"
    )
)


class Writer:
    """Writes ``lines`` of TOML; ``checks`` says again what is to be checked."""

    def __init__(self, found: FileRoles, samples: Sequence[FileSample], folder: Path) -> None:
        self.found = found
        self.lines: list[str] = []
        self.checks: list[str] = []
        self._looks = samples
        self._folder = folder
        self._table = ""
        self._label = ""
        self._types: dict[str, tuple[bool, str]] = {}

    def write(self) -> None:
        found = self.found
        self._top()
        self._interactions()
        if found.items is not None:
            self._items(found.items)
        if found.users is not None:
            self._users(found.users)
        for pairs in found.pairs:
            self._pairs(pairs)
        if found.unused:
            self.lines += ["", "# Not used:"]
            self.lines += [f"# - {_comment(what)}" for what in found.unused]

    def _line(self, key: str, value: str, why: str = "", sure: bool = True) -> None:
        why = why if sure else f"check: {why}"
        self.lines.append(f"{key} = {value}" + (f"  # {_comment(why)}" if why else ""))
        if not sure:
            place = f"{self._table} " if self._table else ""
            self.checks.append(_comment(f"{place}{key} = {value}: {why.removeprefix('check: ')}"))

    def _open(self, table: str, why: str = "") -> None:
        self._table = table
        self.lines += ["", table + (f"  # {_comment(why)}" if why else "")]

    def _remark(self, text: str, check: bool = False) -> None:
        self.lines.append(f"# {'check: ' if check else ''}{_comment(text)}")
        if check:
            self.checks.append(_comment(f"{self._table} {text}"))

    def _top(self) -> None:
        found = self.found
        name = plain_name(found.sample.path.name).split(".")[0]
        if set(words(name)) <= _PLAIN_NAMES:
            name = found.sample.path.resolve().parent.name or name
        self._line("name", _text(name), "id space and name of the data set")
        self._label, known = item_label(found)
        why = "label of the items in the graph" + ("" if known else "; no name says what they are")
        self._line("item_label", _text(self._label), why, known)
        sure, unsure = _missing(found, self._looks)
        if sure or unsure:
            why = "texts that seem to mean 'no value'"
            if unsure:
                why += f"; {', '.join(unsure)} could be a value"
            self._line("missing", _texts([*sure, *unsure]), why, not unsure)

    def _interactions(self) -> None:
        roles, sample = self.found.roles, self.found.sample
        self._open("[interactions]")
        self._file(sample)
        for key, choice in (("user", roles.user), ("item", roles.item)):
            self._line(key, _text(choice.column.name), choice.why, choice.sure)
            if gone := int(choice.column.values.isna().sum()):
                what = f"{gone:,} of the first {len(choice.column.values):,} rows"
                self._remark(f"{what} have no {key}; they are bad rows, see --max-errors", True)
        if roles.rating is not None:
            self._rating(roles.rating)
        else:
            self.lines.append('# rating = "…"  # none was found: implicit feedback')
        for count in roles.counts:
            name = _text(count.column.name)
            self._remark(f"{name} is left out: {count.why}", not count.sure)
        if roles.time is None:
            self.lines.append('# timestamp = "…"  # none was found')
        else:
            self._time(roles.time)
        self._line("type", '"RATED"')
        why = "which row counts where a user has several about one item"
        self._line("repeated", '"last"', why)

    def _rating(self, choice: RoleChoice) -> None:
        assert choice.column.scale is not None
        why = f"{choice.why}: {choice.column.scale}"
        self._line("rating", _text(choice.column.name), why, choice.sure)
        if choice.column.scale.least == -1 and choice.column.scale.most > 1:
            self._remark('if -1 means "not rated", add "-1" to missing', True)

    def _time(self, choice: RoleChoice) -> None:
        column = choice.column
        assert column.time is not None
        said = f"{column.time.unit} since 1970" if column.time.unit else "dates"
        self._line("timestamp", _text(column.name), f"{choice.why}: {said}", choice.sure)
        if column.time.format is not None:
            twisted = column.ambiguous_days()
            why = "day and month may be the other way round" if twisted else ""
            self._line("timestamp_format", _text(column.time.format), why, not twisted)

    def _items(self, nodes: NodeColumns) -> None:
        self._open("[items]", self._own(nodes))
        self._file(nodes.sample)
        self._line("id", _text(nodes.id.name))
        if nodes.title is not None:
            why = "" if nodes.sure_of_title else "its values look like titles"
            self._line("title", _text(nodes.title.name), why, nodes.sure_of_title)
        else:
            self.lines.append('# title = "…"  # none was found: the id is shown')
        self._repeated(nodes)
        self._properties("items", nodes.others)
        for one in nodes.others:
            if one.use == "knowledge":
                self._knowledge(nodes.sample, one)
                if names := self.found.names.get(one.column.name):
                    self._names(names)

    def _users(self, nodes: NodeColumns) -> None:
        self._open("[users]", self._own(nodes))
        self._file(nodes.sample)
        self._line("id", _text(nodes.id.name))
        if nodes.title is not None:
            name = _comment(_text(nodes.title.name))
            self.lines.append(f"# name = {name}  # shown in the Browser: your choice")
        self._repeated(nodes)
        self._properties("users", nodes.others)

    def _own(self, nodes: NodeColumns) -> str:
        return "columns of the interactions' file" if nodes.sample is self.found.sample else ""

    def _repeated(self, nodes: NodeColumns) -> None:
        if nodes.repeated is not None and nodes.sample is not self.found.sample:
            why = f"{nodes.repeated}; the first row counts"
            self._line("repeated", '"first"', why, sure=False)

    def _properties(self, table: str, others: Sequence[OtherColumn]) -> None:
        properties = [one for one in others if one.use == "property"]
        if properties:
            self._open(f"[{table}.properties]", "property = column")
        taken: set[str] = set()
        for one in properties:
            name = _free(as_property(one.column.name), taken)
            self._line(name, _text(one.column.name), one.why, one.sure)

    def _knowledge(self, sample: FileSample, one: OtherColumn, pairs: Pairs | None = None) -> Link:
        self._open("[[knowledge]]")
        if pairs is not None:
            self._file(sample)
            why = "" if sample.has_header else "by its values"
            self._line("item", _text(pairs.item.name), why, sample.has_header)
            if pairs.key is not None:
                self._line("key", _text(pairs.key), "the column of the items' file that it means")
        self._line("column", _text(one.column.name), one.why, one.sure)
        if one.separator is not None:
            self._line("separator", _text(one.separator))
        if one.is_list and (one.field is not None or not one.column.is_list):
            self._line("list", "true")
        if one.field is not None:
            self._line("field", _text(one.field))
        found = self._apart(link(self.found, sample, one.column, self._label))
        labels = found.labels
        self._line("label", _texts(labels) if len(labels) > 1 else _text(labels[0]))
        why = "" if found.sure else "no name says what it is"
        self._line("type", _text(found.type), why, found.sure)
        if found.from_entity:
            self._line("from", '"entity"', "the relationship goes from the person to the item")
        return found

    def _apart(self, found: Link) -> Link:
        """With a type of its own where another kind of relationship has it."""
        kind = (found.from_entity, found.labels[0])
        if found.type == "RATED" or self._types.setdefault(found.type, kind) != kind:
            return Link(found.labels, f"HAS_{found.type}", found.from_entity, False)
        return found

    def _pairs(self, pairs: Pairs) -> None:
        self._knowledge(pairs.sample, pairs.value, pairs)
        if pairs.time is not None:
            why = "a value with a time is an event and stays out of training"
            self._time(RoleChoice(pairs.time, why))
        if pairs.roles:
            taken: set[str] = set()
            names = {_free(as_property(one.name), taken): one.name for one in pairs.roles}
            inside = ", ".join(f"{name} = {_text(column)}" for name, column in names.items())
            self._line("properties", f"{{ {inside} }}", "of the relationship")
        if pairs.names is not None:
            self._names(pairs.names)

    def _names(self, names: NodeColumns) -> None:
        self.lines.append("[knowledge.names]  # what the ids are called")
        self._table = "[knowledge.names]"
        self._file(names.sample)
        self._line("id", _text(names.id.name))
        assert names.title is not None
        why = "" if names.sure_of_title else "its values look like names"
        self._line("name", _text(names.title.name), why, names.sure_of_title)

    def _file(self, sample: FileSample) -> None:
        path = Path(os.path.relpath(sample.path, self._folder)).as_posix()
        self._line("file", _text(path))
        self._format(sample.format)
        if again := int(sample.headers_again.sum()):
            what = f"{again} of the first rows of {sample.name} say the header again"
            self._remark(f"{what}; take them out", check=True)

    def _format(self, format: Format) -> None:
        if format.delimiter is not None:
            self._line("delimiter", _text(format.delimiter))
        if not format.quoted:
            self._line("quoted", "false", "quotation marks are plain characters")
        if format.encoding != "utf-8":
            self._line("encoding", _text(format.encoding), "the file is not UTF-8")
        if format.columns is not None:
            why = "the first line is a row like the others: the file seems to have no header line"
            self._line("columns", _texts(format.columns), why)


def _missing(found: FileRoles, samples: Sequence[FileSample]) -> tuple[list[str], list[str]]:
    """Texts that mean 'no value', and those of which it is less certain.

    A title may be 'Unknown' or 'None', so what only titles hold is not such a text, unless it
    is a sign such as '?' and occurs there again.
    """
    sure: set[str] = set()
    unsure: set[str] = set()
    titles = {(one.sample, one.title) for one in (found.items, found.users) if one and one.title}
    names = {(sample, column.name) for sample, column in titles}
    for sample in samples:
        for column, marks in sample.marks.items():
            if (sample, column) in names:
                signs = [mark for mark in marks if not is_doubtful(mark)]
                sure |= {mark for mark in signs if sample.again(column, mark)}
            else:
                unsure |= {mark for mark in marks if is_doubtful(mark)}
                sure |= {mark for mark in marks if not is_doubtful(mark)}
    return sorted(sure), sorted(unsure)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "2"
    taken.add(name)
    return name


def _text(value: str) -> str:
    """A TOML string; JSON's are, but for the one control character that it leaves alone."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _texts(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _comment(text: str) -> str:
    """Text that stays in its line and is allowed in a TOML comment."""
    return "".join(char if char.isprintable() else "?" for char in text)
