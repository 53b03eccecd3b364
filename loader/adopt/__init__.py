"""Adopting a graph that is already in Neo4j, reversibly."""

from .apply import AdoptReport, adopt
from .mapping import Mapping, parse_mapping, read_mapping
from .record import Record, count_runs, read_record
from .undo import undo

__all__ = [
    "AdoptReport",
    "Mapping",
    "Record",
    "adopt",
    "count_runs",
    "parse_mapping",
    "read_mapping",
    "read_record",
    "undo",
]
