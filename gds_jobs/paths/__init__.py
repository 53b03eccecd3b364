"""Paths from users to items, through train ratings and knowledge, older than the event.

``paths/<job>.parquet`` has one row a path, in the order of ``user, seq, item, rank``:

==============  =======================================================================
``user, item``  ids of the pair
``seq``         the event's place in the user's history: paths are older than it
``rank``        1 … n within the pair: shorter paths first, then the search's priority;
                ``per_pair`` bounds n over all lengths
``nodes``       list of int32: node indices of the data set, from the user to the item
``relations``   list of int16: what joins node n and n + 1, as a place in the vocabulary
``timestamps``  list of int64: when, epoch seconds; null for knowledge
``sampled``     whether the item is one that the user has no train event with, drawn for the
                event with this ``seq`` (``negatives``)
==============  =======================================================================

The vocabulary (``TYPE>`` walked along its direction, ``<TYPE`` against it) is JSON in the
file's schema metadata under ``relations``, and in the split's manifest.
"""

from .events import Events, read_events, read_pairs, targets, with_negatives
from .job import PathsJob
from .lengths import find_lengths
from .network import Network, build_network, vocabulary
from .search import FoundPaths, Search, Targets, find_paths

__all__ = [
    "Events",
    "FoundPaths",
    "Network",
    "PathsJob",
    "Search",
    "Targets",
    "build_network",
    "find_lengths",
    "find_paths",
    "read_events",
    "read_pairs",
    "targets",
    "vocabulary",
    "with_negatives",
]
