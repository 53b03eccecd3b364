"""Why a server does not answer, in words, from the driver's exceptions."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
_LOCAL = "NEO4J_URI names your own server; without it the local one is used: reelgraph neo4j up"

_HTTP = (
    "a web server answers at this port",
    "Give the Bolt port, usually 7687; 7474 is the Browser's.",
)
_KINDS: tuple[tuple[type[BaseException], tuple[str, str]], ...] = (
    (
        socket.gaierror,
        ("the host name is not known", "Check the spelling of the host in NEO4J_URI."),
    ),
    (
        ConnectionRefusedError,
        ("the connection is refused: nothing listens there", f"Is it running? {_LOCAL}"),
    ),
    (
        TimeoutError,
        ("it does not answer in time", "Check the address, the network and the firewall."),
    ),
    (
        ConnectionError,
        (
            "it closed the connection",
            "Is it Neo4j, and is it up? A server that wants TLS has a URI such as neo4j+s://…",
        ),
    ),
)


def check_uri(uri: str) -> tuple[str, str] | None:
    """What is wrong with an address and what to do, or None."""
    scheme, separator, rest = uri.partition("://")
    if "@" in rest.partition("/")[0]:
        return (
            "cannot use a URI that holds a user name or password",
            "Give them as NEO4J_USERNAME and NEO4J_PASSWORD.",
        )
    if separator and scheme.lower() in SCHEMES:
        return None
    if separator and scheme.lower() in ("http", "https"):
        host = urlsplit(uri).hostname or "localhost"
        address = f"bolt://{host}:7687" if scheme.lower() == "http" else f"neo4j+s://{host}"
        return (
            f"cannot use the URI {uri}: it is the address of the Browser, not of Bolt",
            f"Usually that is {address}",
        )
    known = f"the schemes are {', '.join(SCHEMES)}"
    missing = f"'{scheme}://' is not known" if separator else "it has no scheme"
    return f"cannot use the URI {uri}: {missing}; {known}", f"Such as bolt://{rest or uri}"


def why_unreachable(error: BaseException, uri: str) -> tuple[str, str]:
    """The cause of a failed connection, and what to do about it."""
    causes = list(_causes(error))
    text = " ".join(str(one) for one in causes)
    encryption = urlsplit(uri).scheme.partition("+")[2]

    def is_a(kind: type[BaseException]) -> bool:
        return any(isinstance(one, kind) for one in causes)

    if "looks like HTTP" in text:
        return _HTTP
    if encryption and is_a(ssl.SSLError):
        return _tls(causes, uri, encryption)
    for kind, said in _KINDS:
        if is_a(kind):
            return said
    return _first_line(error), f"Is it running, and is the address right? {_LOCAL}"


def _tls(causes: list[BaseException], uri: str, encryption: str) -> tuple[str, str]:
    for one in causes:
        if isinstance(one, ssl.SSLCertVerificationError):
            return (
                f"its certificate is not trusted: {one.verify_message}",
                "For a certificate that the server made itself: bolt+ssc:// or neo4j+ssc://",
            )
    plain = uri.replace(f"+{encryption}", "", 1)
    return f"it speaks no TLS, which +{encryption} asks for", f"Without encryption: {plain}"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception, what it wraps, and what these wrap."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
