"""What every manifest and record is: a frozen model whose JSON keys are camelCase.

A file is understood whole or refused: an unknown schema version, a missing or unknown key and
a value of the wrong type are errors that name the file.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic.alias_generators import to_camel

from ..errors import ArtifactError
from ..validation import problems
from .files import read_json, write_json

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"


def _checked_moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


#: a time as ISO 8601 text
Moment = Annotated[str, AfterValidator(_checked_moment)]


class Record(BaseModel):
    """A JSON object in a file; fields that were never set are not written."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        ser_json_inf_nan="constants",
    )

    #: what to do about a file that cannot be read, after "or"
    again: ClassVar[str] = "run the stage that writes it"

    def dump(self) -> dict[str, JsonValue]:
        """The record as JSON values, with the keys of the file."""
        content: dict[str, JsonValue] = self.model_dump(
            mode="json", by_alias=True, exclude_unset=True, warnings=False
        )
        return content


class Manifest(Record):
    """A ``manifest.json``: a folder is complete when it is there."""

    schema_version: Literal[1] = 1

    def dump(self) -> dict[str, JsonValue]:
        return {"schemaVersion": self.schema_version, **super().dump()}


SomeRecord = TypeVar("SomeRecord", bound=Record)
SomeManifest = TypeVar("SomeManifest", bound=Manifest)


def read_record(path: Path, kind: type[SomeRecord]) -> SomeRecord:
    """A file that holds one record.

    :raises ArtifactError: when it is missing, is not JSON, or is not understood whole.
    """
    content = read_json(path)
    if issubclass(kind, Manifest):
        _check_version(path, content)
    try:
        return _validated(content, kind)
    except ValidationError as error:
        raise _refusal(path, kind, error) from None


def read_manifest(folder: Path, kind: type[SomeManifest]) -> SomeManifest:
    """The manifest of a data set, split or run.

    :raises ArtifactError: as :func:`read_record`, and for another schema version.
    """
    return read_record(folder / MANIFEST, kind)


def write_record(path: Path, record: Record) -> None:
    """Write a record after checking that it can be read again.

    :raises ValidationError: when a field was replaced by a value of the wrong type.
    """
    content = record.dump()
    _validated(content, type(record))
    write_json(path, content)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    write_record(folder / MANIFEST, manifest)


def _validated(content: Any, kind: type[SomeRecord]) -> SomeRecord:
    """Strict, and by the keys of the file alone."""
    text = json.dumps(content)
    return kind.model_validate_json(text, strict=True, by_alias=True, by_name=False)


def _check_version(path: Path, content: Any) -> None:
    version = content.get("schemaVersion") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise ArtifactError(
            f"{path} has schema version {version}, this program reads {SCHEMA_VERSION}",
            "Make it again with this version: reelgraph run --from export",
        )


def _refusal(path: Path, kind: type[Record], error: ValidationError) -> ArtifactError:
    """Unknown keys first: they say that another version wrote the file."""
    first = min(problems(error), key=lambda one: not one.is_unknown)
    if first.is_unknown:
        return ArtifactError(
            f"{path} has the key '{first.key}', which this version of reelgraph does not know",
            f"Use the version that wrote it, or {kind.again}",
        )
    if first.is_missing:
        wrong = f"lacks the key '{first.key}'"
    else:
        value = json.dumps(first.value, default=str)
        shown = value if len(value) <= 60 else f"{value[:60]}…"
        wrong = f"cannot be understood: {first.key or 'its content'} is {shown}. {first.message}"
    return ArtifactError(f"{path} {wrong}", f"Restore it from a copy, or {kind.again}")
