"""The options that say which rows models are compared or tuned on; no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import InputError
from .context import Context
from .protocol_options import protocol_option

if TYPE_CHECKING:
    from ..pipeline.comparison.data import Data

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_OPTIONS = (
    protocol_option,
    click.option(
        "--data",
        "place",
        type=click.Path(path_type=Path, exists=True),
        help="Folder of a split, or a file of user, item, rating, timestamp by tab, comma or '::'. "
        "[default: the split of the protocol exported last]",
    ),
    click.option("--train", "train_file", type=FILE, help="File of train rows."),
    click.option("--test", "test_file", type=FILE, help="File of test rows."),
)


def data_options(function: F) -> F:
    """Add ``--protocol``, ``--data``, ``--train`` and ``--test``."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def chosen_data(context: Context, given: Mapping[str, Any], parameters: dict[str, Any]) -> Data:
    """The data that are meant.

    :param parameters: of the protocol, for files.
    :raises InputError: for options that do not go together.
    """
    train, test, place = given["train_file"], given["test_file"], given["place"]
    if train or test or (place and place.is_file()):
        _refuse_knowledge(given.get("knowledge"))
    if train or test:
        if not (train and test) or place or given["protocol"] not in (None, "given"):
            raise InputError(
                "--train and --test go together, without --data and with protocol given only",
                "Or give one file, which the protocol cuts: --data FILE --protocol user-time",
            )
        from ..pipeline.comparison.data import Data

        files = (train.resolve(), test.resolve())
        folds = {"train": str(files[0]), "test": str(files[1]), **parameters}
        return Data(files=files, protocol="given", parameters=folds)
    if place is not None and place.is_file():
        from ..pipeline.comparison.data import Data

        protocol = given["protocol"] or "user-time"
        return Data(files=(place.resolve(),), protocol=protocol, parameters=parameters)
    return _split(context, given, parameters)


def _refuse_knowledge(asked: str | Sequence[str] | None) -> None:
    """Plain files have none, so that it is not left out without a word."""
    found = {asked} if isinstance(asked, str) else set(asked or ())
    if kinds := found - {"none"}:
        raise InputError(
            f"--knowledge {min(kinds)}: plain files have interactions alone",
            "Leave out --knowledge, or load the files as a data set: reelgraph load tabular",
        )


def _split(context: Context, given: Mapping[str, Any], parameters: dict[str, Any]) -> Data:
    place, protocol = given["place"], given["protocol"]
    if place is not None and protocol is not None:
        raise InputError("the folder of a split has its protocol", "Leave out --protocol.")
    if place is not None and parameters:
        name = next(iter(parameters))
        raise InputError(
            f"--set {name}: the folder of a split has its parameters",
            "Options of a row's model are ROW.OPTION=VALUE, such as --set ease.reg=200.",
        )
    if place is not None and not (place / "split.parquet").is_file():
        raise InputError(f"{place} is not the folder of a split", "It has split.parquet.")
    if place is None:
        from ..model.splits.lookup import bound
        from ..pipeline.folders import find_split
        from ..plugins import manager

        known = manager.protocols()
        wanted = bound(protocol or "user-time", parameters, known).split_id
        place = find_split(context.settings, wanted).path
    from ..pipeline.comparison.data import Data

    return Data(split=place.resolve())
