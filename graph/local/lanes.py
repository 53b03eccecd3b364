"""The lines of Neo4j that the local server runs, and all that differs between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.etree import ElementTree

from ...errors import ServerError

POM = Path(__file__).parents[2] / "pom.xml"
_NAMESPACE = {"m": "http://maven.apache.org/POM/4.0.0"}


@dataclass(frozen=True)
class Lane:
    """One line of Neo4j with the Graph Data Science that fits it.

    :param name: also the name of its profile in ``pom.xml``, which has the versions.
    :param main_class: of the server.
    :param java: the major versions of Java that Neo4j supports, oldest first.
    :param jars: the folder of its jars in ``neo4j_data/``.
    :param image: the tag of its Docker image.
    """

    name: str
    main_class: str
    java: tuple[int, ...]
    jars: str
    image: str

    @cached_property
    def versions(self) -> dict[str, str]:
        """What ``pom.xml`` asks for: versions of ``neo4j``, ``gds`` and ``browser``."""
        root = ElementTree.parse(POM).getroot()
        profile = root.find(f"m:profiles/m:profile[m:id='{self.name}']", _NAMESPACE)
        assert profile is not None
        found = [*root.findall("m:properties/*", _NAMESPACE)]
        found += profile.findall("m:properties/*", _NAMESPACE)
        tags = {one.tag.rpartition("}")[2]: one.text or "" for one in found}
        ending = ".version"
        return {tag.removesuffix(ending): of for tag, of in tags.items() if tag.endswith(ending)}

    @property
    def javas(self) -> str:
        """The versions of Java in words: ``17 or 21``."""
        return " or ".join(map(str, self.java))


LONG_TERM = Lane(
    "5.26", "org.neo4j.server.CommunityEntryPoint", (17, 21), "server", "5.26-community"
)
CALENDAR = Lane(
    "2026", "org.neo4j.server.Neo4jCommunity", (21, 25), "server-2026", "2026.01-community"
)
LANES = {lane.name: lane for lane in (LONG_TERM, CALENDAR)}
DEFAULT = LONG_TERM


def lane_named(name: str) -> Lane:
    """:raises ServerError: when a store names a lane that this version does not know."""
    if name not in LANES:
        raise ServerError(
            f"this store is of Neo4j '{name}', which this version of reelgraph does not run",
            f"It runs {' and '.join(LANES)}. Update reelgraph, or use another --workspace.",
        )
    return LANES[name]
