"""What the tests of export and graph jobs share: the tiny data set, loaded and exported."""

from __future__ import annotations

from pathlib import Path

from reelgraph.artifacts import SplitFolder
from reelgraph.export.dataset import export_dataset
from reelgraph.graph.connection import Graph
from reelgraph.loader.load import load
from reelgraph.loader.source import Reading, SourceOptions
from reelgraph.loader.sources.ml100k.source import MovieLens100K
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import write_split

TINY = Path(__file__).parents[1] / "data" / "tiny"


def load_tiny(graph: Graph) -> None:
    """Load the tiny data set into the (empty) database."""
    tables = MovieLens100K().read(TINY, Reading(SourceOptions(), TINY))
    load(graph, tables, progress=False)


def export_tiny(graph: Graph, folder: Path, protocol: str = "user-time") -> SplitFolder:
    """Export the graph and split it."""
    return write_split(export_dataset(graph, folder, progress=False), bound(protocol))


def contents(folder: Path) -> dict[str, bytes]:
    """The Parquet files below a folder by relative path."""
    paths = sorted(folder.rglob("*.parquet"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
