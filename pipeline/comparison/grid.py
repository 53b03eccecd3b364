"""The grid of cells: what is finished is read, the rest computed, each in its own process.

A cell's folder is named by its model, its seed and a digest of all its inputs. It is locked
while the cell is computed, so that two comparisons share their cells.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ...artifacts import RunInput, Task
from ...errors import InputError, ReelgraphError
from ...locks import held
from ...model.data import Knowledge
from ...model.evaluation.questions import Fold
from ...model.memory import gigabytes
from ...progress import Note
from ...settings import Settings
from ..config import RunConfig
from ..inputs import notes_of, supplier_of
from .cell import Cell, CellResult, checkpoints_of, read_cell
from .data import Data, Rows

FIRST_SEED = 42


@dataclass(frozen=True)
class Entry:
    """A row that is asked for: a model with its options, under a name of its own."""

    name: str
    model: str
    options: dict[str, Any] = field(default_factory=dict)
    knowledge: Knowledge = "real"


@dataclass(frozen=True)
class Grid:
    """What is compared: entries on the data, each with several seeds where the seed matters."""

    data: Data
    entries: tuple[Entry, ...]
    task: Task = "ranking"
    seeds: int = 3
    first_seed: int = FIRST_SEED
    epochs: int | None = None
    fold: Fold = "test"
    relevant: float | None = None

    def config(self, entry: Entry, seed: int) -> RunConfig:
        """:raises ReelgraphError: when the model is not for the task, or an option is wrong."""
        protocol = self.data.bound()
        config = RunConfig(
            model=entry.model,
            task=self.task,
            options=entry.options,
            knowledge=entry.knowledge,
            protocol=protocol.name,
            protocol_parameters=dict(protocol.values),
            seed=seed,
            epochs=self.epochs,
            relevant=self.relevant,
        )
        config.check()
        return config

    def seeds_of(self, entry: Entry) -> range:
        """One seed for a model that does not read it."""
        cls = RunConfig(model=entry.model).model_class()
        count = self.seeds if cls.seeded or cls.chooses else 1
        return range(self.first_seed, self.first_seed + count)


@dataclass(frozen=True)
class EntryResult:
    """The finished cells of an entry by seed, or why there are none."""

    entry: Entry
    cells: dict[int, CellResult]
    why: str = ""


def reads_knowledge(entry: Entry) -> bool:
    """Whether the model asks for knowledge, so that real, none and shuffled are three rows."""
    needs = RunConfig(model=entry.model, options=entry.options).needs()
    return any(supplier_of(need).reads_knowledge(need) for need in needs)


def run_grid(settings: Settings, grid: Grid, folder: Path, note: Note) -> list[EntryResult]:
    """All cells, computed where they are not finished.

    :param folder: where finished cells are kept.
    :raises InputError: for rows that cannot be read, cut or measured.
    """
    Rows(grid.data).check(grid.task, grid.fold, grid.relevant)
    total = sum(len(grid.seeds_of(entry)) for entry in grid.entries)
    done, found = 0, []
    for entry in grid.entries:
        seeds = grid.seeds_of(entry)
        found.append(_entry(settings, grid, entry, folder, _Progress(note, done, total)))
        done += len(seeds)
    return found


@dataclass(frozen=True)
class _Progress:
    note: Note
    done: int
    total: int

    def tell(self, place: int, who: str, text: str) -> None:
        self.note(f"[{self.done + place}/{self.total}] {who}: {text}")


def _entry(
    settings: Settings, grid: Grid, entry: Entry, folder: Path, progress: _Progress
) -> EntryResult:
    cells: dict[int, CellResult] = {}
    try:
        first = grid.config(entry, grid.first_seed)
        inputs = Rows(grid.data).supplied(first)[1]  # of a seed as of all
        for line in notes_of(first, inputs):
            progress.tell(1, entry.name, line)
        for place, seed in enumerate(grid.seeds_of(entry), start=1):
            config = grid.config(entry, seed)
            cell = Cell(
                data=grid.data,
                config=config,
                fold=grid.fold,
                device=settings.device,
                precision=settings.precision,
                threads=settings.training_threads,
            )
            tell = partial(progress.tell, place, f"{entry.name}, seed {seed}")
            cells[seed] = _finished(settings, cell, inputs, folder, tell)
    except ReelgraphError as error:
        progress.tell(len(cells) + 1, entry.name, f"left out: {error.message}")
        return EntryResult(entry, {}, error.message)
    return EntryResult(entry, cells)


def _finished(
    settings: Settings, cell: Cell, inputs: list[RunInput], folder: Path, tell: Note
) -> CellResult:
    """Read the cell, or compute it first; waits for another process that computes it."""
    config = cell.config
    key = cell.key(inputs)
    place = folder / f"{config.model}-{config.seed}-{key}"
    file = place / "users.parquet"
    place.mkdir(parents=True, exist_ok=True)
    with held(place, f"cell {place.name}", tell):
        known = file.is_file()
        if not known:
            tell("going on with its fit" if checkpoints_of(file).exists() else "fitting")
            _compute(settings, cell, file)
    result = read_cell(file)
    tell("finished before" if known else _summary(result))
    return result


def _compute(settings: Settings, cell: Cell, file: Path) -> None:
    """In a process of its own: its memory is its own, and so is its crash.

    :raises InputError: when the cell cannot be computed; says why.
    """
    told = {
        "settings": {"workspace": str(settings.workspace), "plugins_dir": _text(settings)},
        "cell": cell.model_dump(mode="json"),
    }
    command = [sys.executable, "-m", "reelgraph.pipeline.comparison.cell", str(file)]
    done = subprocess.run(
        command,
        input=json.dumps(told),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise InputError(_why(done), "Give the same command again when it is mended.")


def _text(settings: Settings) -> str | None:
    return None if settings.plugins_dir is None else str(settings.plugins_dir)


def _why(done: subprocess.CompletedProcess[str]) -> str:
    last = done.stdout.splitlines()[-1:]
    try:
        return str(json.loads(last[0])["message"])
    except (IndexError, ValueError, KeyError, TypeError):
        pass
    if done.returncode < 0:  # not on Windows, where a crash is a large number
        name = signal.Signals(-done.returncode).name
        memory = ", as the system does when memory ends" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{memory}"
    code = f"{done.returncode:#x}" if done.returncode > 255 else done.returncode
    return f"its process failed with exit code {code}; see the messages above"


def _summary(result: CellResult) -> str:
    facts = result.facts
    memory = "" if facts["fit_bytes"] is None else f", {gigabytes(facts['fit_bytes'])}"
    took = "" if facts["fit_seconds"] is None else f" in {facts['fit_seconds']:.1f} s"
    return f"fitted{took}, asked in {facts['score_seconds']:.1f} s{memory}"


def named_rows(models: Sequence[str], known: Sequence[Entry] = ()) -> tuple[Entry, ...]:
    """Rows that are known, then one for each of ``ease,mine=ease``.

    :raises InputError: for a name that comes twice, an empty one, or none at all.
    """
    pairs = [
        (name.strip(), (model or name).strip())
        for text in models
        for name, _, model in (one.partition("=") for one in text.split(",") if one.strip())
    ]
    rows = (*known, *(Entry(name, model) for name, model in pairs))
    names = [one.name for one in rows]
    if not all(names) or not names:
        raise InputError(
            f"--models {','.join(models)!r} {'has an empty name' if names else 'names no model'}",
            "Names with commas between them: --models most-popular,ease",
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(
            f"'{twice}' is a row twice",
            f"Give one a name of its own: --models {twice}-2={twice}",
        )
    return rows
