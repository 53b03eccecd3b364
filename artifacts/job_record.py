"""The record of a graph job's output in its split's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import ConfigDict, Field, JsonValue, SerializerFunctionWrapHandler, model_serializer

from .manifests import Moment, Record

Edges = Literal["knowledge", "train", "both"]  # what a job or a model reads of a split
OutputKind = Literal["embeddings", "similarity", "structure", "walks", "paths"]


class Provenance(Record):
    """What made an output, of what.

    ``fingerprint`` is the digest of all that can change the output, ``reads`` the digests of
    the other outputs that the job read. ``seed`` is there where the configuration has none,
    ``gds_version`` where a server computed the output.
    """

    config: dict[str, JsonValue]
    edges: Literal["knowledge", "train", "both"]
    shuffle_seed: int | None
    seed: int | None = None
    consumer: str
    fingerprint: str
    reads: dict[str, str] = Field({})
    gds_version: str | None = None


class JobRecord(Provenance):
    """What made an output, and what it is.

    ``file`` is relative to the split's folder, ``digest`` that of its bytes. ``method`` says
    how similar items were found, ``epochs`` how long vectors were trained. A job may say more
    of its output (:attr:`facts`), so this record alone may have keys that are not its fields.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    kind: OutputKind
    file: str
    rows: int
    digest: str
    method: str | None = None
    epochs: int | None = None
    seconds: float
    created_at: Moment

    @property
    def facts(self) -> Mapping[str, JsonValue]:
        """What else the job says of its output, such as how many walks it began."""
        return self.__pydantic_extra__

    @model_serializer(mode="wrap")
    def _output_first(self, handler: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        """The order of the keys: of the output, of the job, of the time."""
        content: dict[str, JsonValue] = handler(self)
        output = ("kind", "file", "rows", "digest", "method", "epochs", *self.facts)
        first = {name: content.pop(name) for name in output if name in content}
        last: dict[str, JsonValue] = {}
        for name in ("seconds", "createdAt"):
            last[name] = content.pop(name)
        return {**first, **content, **last}
