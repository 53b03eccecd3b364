"""What a comparison is made on: a split of the workspace, or plain files without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from ...artifacts import DatasetFolder, RunInput, SplitFolder, Task, file_digest
from ...errors import InputError
from ...model.dataset import Folds, load_catalogue, load_folds
from ...model.evaluation.questions import Fold, ask_some
from ...model.frames import split_frame
from ...model.needs import NOTHING, Supplied
from ...model.splits.base import Protocol
from ...model.splits.fold_files import check_once, read_fold
from ...model.splits.lookup import bound, protocol_of
from ...plugins import manager
from ...plugins.code import code_of
from ..config import RunConfig
from ..inputs import supply
from ..stages.work import known_users


class Data(BaseModel):
    """Where the rows come from: the folder of a split, or files that ``protocol`` cuts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    split: Path | None = Field(None, description="folder of a split")
    files: tuple[Path, ...] = Field((), description="plain files: user, item, rating, timestamp")
    protocol: str = Field("user-time", description="how files are cut")
    parameters: dict[str, Any] = Field({}, description="parameters of the protocol")

    def bound(self) -> Protocol:
        """The protocol with its parameters.

        :raises InputError: for an unknown protocol or parameter.
        """
        if self.split is not None:
            return protocol_of(_split(self.split), manager.protocols())
        return bound(self.protocol, self.parameters, manager.protocols())

    def fingerprint(self) -> dict[str, Any]:
        """What the rows and their folds are made from."""
        if self.split is not None:
            split = _split(self.split)
            cut = file_digest(split.split)
            return {"dataset": split.dataset.fingerprint, "split": split.split_id, "cut": cut}
        files, protocol = [file_digest(path) for path in self.files], self.bound()
        code = code_of(type(protocol))
        return {"files": files, "split": protocol.split_id} | ({"cut": code} if code else {})

    def title(self) -> str:
        """The data in words, as figures are headed."""
        if self.split is not None:
            split = _split(self.split)
            return f"split {split.split_id} of data set {split.dataset.fingerprint}"
        names = " and ".join(path.name for path in self.files)
        return f"{names}, protocol {self.bound().split_id}"


@dataclass(frozen=True)
class Rows:
    """The rows of :class:`Data`, read when they are needed."""

    data: Data

    @cached_property
    def protocol(self) -> Protocol:
        return self.data.bound()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Rows of plain files."""
        return read_files(self.data.files)

    def folds(self, supplied: Supplied = NOTHING) -> Folds:
        """The folds; queries carry the user properties that were supplied."""
        if self.data.split is None:
            return split_frame(self.frame, self.protocol)
        split = _split(self.data.split)
        return load_folds(split, load_catalogue(split), known_users(supplied))

    def check(self, task: Task, fold: Fold, relevant: float | None = None) -> None:
        """Read and cut the rows once before anything is fitted.

        :raises InputError: for what is wrong with them, or when there is nothing to measure.
        """
        ask_some(self.folds(), fold, task, relevant)

    def supplied(self, config: RunConfig) -> tuple[Supplied, list[RunInput]]:
        """What the model needs beside the interactions.

        :raises InputError: when a need without fallback cannot be met; says why.
        """
        if self.data.split is not None:
            return supply(config, _split(self.data.split))
        why = "plain files have interactions alone"
        for need in config.needs():
            if need.required:
                raise InputError(f"model '{config.model}' needs {need}: {why}", "Load a data set.")
        inputs = [RunInput(need=str(need), fingerprint=None, absent=why) for need in config.needs()]
        return NOTHING, inputs


def read_files(paths: Sequence[Path]) -> pd.DataFrame:
    """Rows of files by tab or comma, with or without a header; ids are numbers where all are.

    :raises InputError: for files that cannot be read, of unequal columns, whose ratings or times
        are no numbers, or with a pair of user and item that occurs twice.
    """
    if len(set(paths)) < len(paths):
        raise InputError(f"{paths[0]} is given as train and as test", "Give a file of each.")
    read = {path: read_fold(path) for path in paths}
    check_once(read)
    tables = [table.drop(columns="line") for table in read.values()]
    for path, table in zip(paths[1:], tables[1:], strict=True):
        if set(table) != set(tables[0]):
            has, first = (", ".join(map(str, one)) for one in (table, tables[0]))
            raise InputError(
                f"{path} has the columns {has}, and {paths[0]} {first}",
                "Give files of the same columns.",
            )
    frame = pd.concat(tables, ignore_index=True)
    for name in map(str, frame):
        frame[name] = _ids(frame[name]) if name in ("user", "item") else _numbers(frame, name)
    return frame


def _ids(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Whole numbers where every id is one as it is written: 7, not 007."""
    whole = texts.str.fullmatch(r"0|-?[1-9]\d{0,17}").all()
    return texts.astype("int64") if whole else texts


def _numbers(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    numbers = pd.to_numeric(frame[name], errors="coerce")
    if numbers.isna().any():
        bad = frame[name][numbers.isna()].iloc[0]
        raise InputError(f"{name} '{bad}' is no number", "Mend the file.")
    return numbers.astype("int64") if name == "timestamp" else numbers


def _split(path: Path) -> SplitFolder:
    return SplitFolder(DatasetFolder(path.resolve().parents[1]), path.name)
