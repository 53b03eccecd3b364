"""From Python: a graph as a split, and a split as what models read.

The figures are those of ``reelgraph run`` on the same split.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ..artifacts import SplitFolder
from ..export.dataset import export_dataset
from ..graph.session import open_graph
from ..model.data import Knowledge
from ..model.dataset import Folds, load_catalogue, load_folds
from ..model.needs import Supplied
from ..model.splits.lookup import bound
from ..model.splits.splitting import write_split
from ..plugins import manager
from ..settings import Settings, load_settings
from .config import RunConfig
from .folders import find_split
from .inputs import supply
from .item_names import read_items


@dataclass(frozen=True)
class ExportedSplit:
    """A split of a graph's data set, in the workspace's files."""

    folder: SplitFolder

    @cached_property
    def folds(self) -> Folds:
        """Train, valid, test, and train with valid as ``history``."""
        return load_folds(self.folder, load_catalogue(self.folder))

    @cached_property
    def titles(self) -> pd.Series[str]:
        """Titles by item id; the id itself where an item has none."""
        return read_items(self.folder.dataset).set_index("itemId")["title"]

    def supplied(self, model: str, knowledge: Knowledge = "real", **options: object) -> Supplied:
        """What a model of these options needs beside the interactions.

        :param model: its name, as ``--model`` takes it.
        :raises InputError: when a need without fallback cannot be met; says why.
        :raises ArtifactError: when a graph job's output is missing; names the command.
        """
        config = RunConfig(model=model, options=options, knowledge=knowledge)
        return supply(config, self.folder)[0]


def export_split(
    protocol: str = "user-time", settings: Settings | None = None, **parameters: object
) -> ExportedSplit:
    """Read the graph, and cut its interactions; like ``reelgraph export``.

    An unchanged graph finds the files that are there.

    :param settings: by default those of the environment, ``.env`` and ``reelgraph.toml`` here.
    :raises InputError: for an unknown protocol or parameter, before anything is read.
    """
    asked = bound(protocol, parameters, manager.protocols())
    settings = settings or load_settings().settings
    with open_graph(settings) as graph:
        dataset = export_dataset(graph, settings.datasets_dir, progress=False)
    return ExportedSplit(write_split(dataset, asked))


def open_split(name: str | None = None, settings: Settings | None = None) -> ExportedSplit:
    """A split that was exported before, by default the last; no database is asked.

    :param name: such as ``user-time``.
    :raises ArtifactError: when there is none.
    """
    return ExportedSplit(find_split(settings or load_settings().settings, name))
