"""Protocols by name.

``known`` are the protocols that names are looked up in; callers that know plugins give those
of the plugin manager, which include the built-in ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...artifacts import SplitFolder
from ...errors import InputError
from .base import Protocol
from .protocols.every_row import EveryRow
from .protocols.given_files import GivenFiles
from .protocols.global_time import GlobalTime
from .protocols.leave_one_out import LeaveOneOut
from .protocols.random_rows import RandomRows
from .protocols.seed_leaky import SeedLeaky
from .protocols.user_time import UserTime

Protocols = Mapping[str, type[Protocol]]

BUILT_IN_PROTOCOLS: Protocols = {
    one.name: one
    for one in (
        UserTime,
        LeaveOneOut,
        GlobalTime,
        RandomRows,
        GivenFiles,
        SeedLeaky,
        EveryRow,
    )
}


def protocol_named(name: str, known: Protocols = BUILT_IN_PROTOCOLS) -> type[Protocol]:
    """:raises InputError: for an unknown protocol; says which there are."""
    if name not in known:
        raise InputError(f"unknown protocol '{name}'", f"Known: {', '.join(known)}")
    return known[name]


def bound(
    name: str, given: Mapping[str, Any] | None = None, known: Protocols = BUILT_IN_PROTOCOLS
) -> Protocol:
    """The protocol with checked parameters.

    >>> bound("user-time").split_id, bound("user-time", {"train": 0.9}).split_id
    ('user-time', 'user-time-train0.9')
    >>> bound("global-time", {"targets": "successive"}).split_id
    'global-time-successive'

    :raises InputError: for an unknown protocol or parameter, or a value that does not fit.
    """
    return protocol_named(name, known).bound(given or {})


def protocol_of(split: SplitFolder, known: Protocols = BUILT_IN_PROTOCOLS) -> Protocol:
    """The protocol of a split, with the parameters that its manifest records.

    They are not checked again: the files of ``given`` may be gone since.

    :raises InputError: for a protocol that is not known any more.
    """
    manifest = split.manifest()
    return protocol_named(manifest.protocol, known)(manifest.parameters)
