"""Adopting a graph that is already in Neo4j, reversibly."""

from .apply import AdoptReport, adopt
from .mapping import GraphMapping, parse_mapping, read_mapping
from .record import AdoptionRecord, count_runs, read_record
from .undo import undo

__all__ = [
    "AdoptReport",
    "AdoptionRecord",
    "GraphMapping",
    "adopt",
    "count_runs",
    "parse_mapping",
    "read_mapping",
    "read_record",
    "undo",
]
