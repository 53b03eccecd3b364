"""Favourites of Neo4j Browser: files below a folder per theme, and a zip that brings them all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from .. import cypher
from .queries import Values, by_theme, name, pasteable


def favourites(queries: Sequence[cypher.Statement], values: Values) -> dict[str, str]:
    """Texts by path, such as ``Reasons/picture.cypher``; the Browser names them by line one."""
    return {
        f"{theme}/{name(one)}.cypher": pasteable(one, values)
        for theme, members in by_theme(queries).items()
        for one in members
    }


def zipped(files: Mapping[str, str]) -> bytes:
    """The same bytes for the same files, whenever it is made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
