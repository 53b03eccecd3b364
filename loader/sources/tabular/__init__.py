"""The source ``tabular``: any CSV, TSV or Parquet files, described by a small mapping file."""

from .source import TabularSource

__all__ = ["TabularSource"]
