"""The files that stages hand to each other: data sets, splits and runs.

::

    datasets/<fingerprint>/
      manifest.json  interactions.parquet  users.parquet  items.parquet
      entities.parquet  triples.parquet
      splits/<splitId>/
        manifest.json  split.parquet  embeddings/  similarity/  walks/  paths/
    runs/<runId>/
      manifest.json  model/  predictions.parquet  attention.parquet  metrics.json
      metrics-per-user.parquet  explanations.json

A file is written under a temporary name and then renamed, so that a half-written
one is never read; a folder counts as complete when its ``manifest.json`` is there.
"""

from .audit_record import AuditRecord, AuditResult, AuditRow
from .dataset_manifest import DatasetCounts, DatasetManifest, IdType
from .digests import digest, file_digest, frame_digest
from .explanations import ExplainerFigures, RunExplanations
from .files import (
    atomic,
    read_json,
    read_parquet,
    write_arrow,
    write_json,
    write_json_lines,
    write_parquet,
)
from .folders import SHUFFLED, DatasetFolder, RunFolder, SplitFolder
from .job_record import Edges, JobRecord, OutputKind, Provenance
from .manifests import (
    MANIFEST,
    SCHEMA_VERSION,
    Manifest,
    Record,
    read_manifest,
    read_record,
    write_manifest,
    write_record,
)
from .metrics import Interval, ModelMetrics, RunMetrics, Slice
from .run_manifest import RunChanges, RunInput, RunManifest, StageRecord
from .split_manifest import (
    ColdCounts,
    Cuts,
    ExportNote,
    FeatureCheck,
    FeatureRecord,
    FoldCounts,
    RowOrder,
    SplitChanges,
    SplitManifest,
    Task,
)

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "SHUFFLED",
    "AuditRecord",
    "AuditResult",
    "AuditRow",
    "ColdCounts",
    "Cuts",
    "DatasetCounts",
    "DatasetFolder",
    "DatasetManifest",
    "Edges",
    "ExplainerFigures",
    "ExportNote",
    "FeatureCheck",
    "FeatureRecord",
    "FoldCounts",
    "IdType",
    "Interval",
    "JobRecord",
    "Manifest",
    "ModelMetrics",
    "OutputKind",
    "Provenance",
    "Record",
    "RowOrder",
    "RunChanges",
    "RunExplanations",
    "RunFolder",
    "RunInput",
    "RunManifest",
    "RunMetrics",
    "Slice",
    "SplitChanges",
    "SplitFolder",
    "SplitManifest",
    "StageRecord",
    "Task",
    "atomic",
    "digest",
    "file_digest",
    "frame_digest",
    "read_json",
    "read_manifest",
    "read_parquet",
    "read_record",
    "write_arrow",
    "write_json",
    "write_json_lines",
    "write_manifest",
    "write_parquet",
    "write_record",
]
