"""``reelgraph load tabular --init``: a mapping with comments, proposed from the files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .....errors import InputError
from ....reading.files import is_zip
from ....reading.kinds import plain_name
from ....source import Proposal
from .classify import classify
from .first_rows import FileSample
from .mapping_text import Writer

_HEADER = """\
# Mapping of {files} for: reelgraph load tabular {target}
# Proposed from the header and the first rows; look at each guess, above all those that
# say 'check'. All keys are described in docs/sources.md. File names are relative to this file.
"""
_STDOUT = "Print it instead: reelgraph load tabular --init --print FILE …"


def propose(files: Sequence[Path]) -> Proposal:
    """A mapping (TOML) that says what was guessed and why, what to check, what is not used.

    :raises InputError: when a file cannot be read, or none has users and items.
    """
    once = list(dict.fromkeys(path.resolve() for path in files))
    if len(once) < len(files):
        raise InputError("one file is given twice", "Give each file once.")
    samples = [FileSample.at(path) for path in files]
    writer = Writer(classify(samples), samples, mapping_path(files).parent)
    writer.write()
    target = mapping_path(files)
    names = ", ".join(path.name for path in files)
    head = _HEADER.format(files=_printable(names), target=_printable(target.name))
    return Proposal(
        path=target,
        text=head + "\n".join(writer.lines) + "\n",
        checks=tuple(writer.checks),
        unused=tuple(writer.found.unused),
    )


def mapping_path(files: Sequence[Path]) -> Path:
    """Where the proposal for these files is written: beside the first one, or its archive."""
    first = files[0]
    folder = first.parent.parent if is_zip(first.parent) else first.parent
    return folder / f"{plain_name(first.name).rsplit('.', 1)[0]}.toml"


def write_proposal(files: Sequence[Path], force: bool = False) -> Proposal:
    """Write the proposal beside the first file.

    :param force: write over a mapping that is there already.
    :raises InputError: as :func:`propose`, and when the file exists or cannot be written.
    """
    target = mapping_path(files)
    if target.exists() and not force:
        raise InputError(f"{target} exists already", "To write over it: --force")
    proposal = propose(files)
    try:
        target.write_text(proposal.text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}", _STDOUT) from None
    return proposal


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
