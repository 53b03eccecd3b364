"""A server for the guide: Neo4j Browser fetches guides and styles by address only."""

from __future__ import annotations

import errno
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from ..errors import InputError

FILES = {"/guide.html": "text/html", "/style.grass": "text/plain"}
_OURS = ("localhost", "127.0.0.1")


class GuideServer(ThreadingHTTPServer):
    """Serves the guide and the style of a folder, to this machine only."""

    daemon_threads = True

    @property
    def guide(self) -> str:
        """Address of the guide. The Browser allows 'localhost', not '127.0.0.1'."""
        return f"http://localhost:{self.server_address[1]}/guide.html"


def guide_server(folder: Path, port: int, browser_host: str = "localhost") -> GuideServer:
    """A server that listens already; ``serve_forever`` begins to answer.

    :param port: 0 takes a free one.
    :param browser_host: where the Browser's own page comes from.
    :raises InputError: when there is no guide, or the port is taken.
    """
    if not (folder / "guide.html").is_file():
        raise InputError(f"there is no guide in {folder}", "Make it: reelgraph explore build")
    try:
        return GuideServer(
            ("127.0.0.1", port), partial(_Handler, folder=folder, hosts=(*_OURS, browser_host))
        )
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        said = "is taken" if taken else f"cannot be used: {error.strerror}"
        raise InputError(f"port {port} {said}", "Name another one with --port.") from None


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, *arguments: object, folder: Path, hosts: tuple[str, ...]) -> None:
        self.folder, self.hosts = folder, hosts
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if not self._is_allowed():
            self.send_error(HTTPStatus.FORBIDDEN)
        elif path in FILES and (self.folder / path[1:]).is_file():
            content = (self.folder / path[1:]).read_bytes()
            self._head(HTTPStatus.OK)
            self.send_header("Content-Type", f"{FILES[path]}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_OPTIONS(self) -> None:
        """What a browser asks first, since Neo4j Browser sends headers of its own: any will do."""
        if not self._is_allowed():
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        self._head(HTTPStatus.NO_CONTENT)
        asked = self.headers.get("Access-Control-Request-Headers", "")
        self.send_header("Access-Control-Allow-Headers", asked)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _head(self, status: HTTPStatus) -> None:
        self.send_response(status)
        origin = self.headers.get("Origin")
        if origin:
            self.send_header("Access-Control-Allow-Origin", origin)
        self.send_header("Cache-Control", "no-store")

    def _is_allowed(self) -> bool:
        """Not for pages from elsewhere, whatever name they gave this machine."""
        origin = self.headers.get("Origin")
        from_here = origin is None or _host(origin) in self.hosts
        return _host(f"//{self.headers.get('Host', '')}") in _OURS and from_here


def _host(address: str) -> str | None:
    """Name of the machine; None where the address is no address."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
