"""The guide's server: what Neo4j Browser fetches, and nothing for anybody else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread

import pytest

from reelgraph.errors import InputError
from reelgraph.explore.serve import GuideServer, guide_server

BROWSER = "http://localhost:7474"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GuideServer]:
    (tmp_path / "guide.html").write_text("<slide>Grüße</slide>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret")
    with guide_server(tmp_path, 0, "graph.example.org") as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ask(server: GuideServer, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    connection.putrequest(method, path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    return connection.getresponse()


@pytest.mark.parametrize("origin", [BROWSER, "https://graph.example.org:7473"])
def test_the_browser_gets_the_guide(server: GuideServer, origin: str) -> None:
    asked = "cache-control,pragma,sentry-trace"
    before = ask(
        server, "/guide.html", "OPTIONS", Origin=origin, Access_Control_Request_Headers=asked
    )
    assert before.status == 204
    assert before.headers["Access-Control-Allow-Headers"] == asked
    found = ask(server, "/guide.html?x=1", Origin=origin)
    assert found.status == 200 and found.read().decode() == "<slide>Grüße</slide>"
    assert found.headers["Access-Control-Allow-Origin"] == origin
    assert found.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "http://example.com"}, {"Host": "example.com:7475"}]
)
def test_pages_from_elsewhere_get_nothing(
    server: GuideServer, method: str, headers: dict[str, str]
) -> None:
    found = ask(server, "/guide.html", method, **headers)
    assert found.status == 403 and b"slide" not in found.read()


@pytest.mark.parametrize("path", ["/secret.txt", "/../secret.txt", "/", "/style.grass"])
def test_other_files_are_not_served(server: GuideServer, path: str) -> None:
    assert ask(server, path).status == 404


def test_without_a_guide_or_with_a_taken_port(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no guide") as error:
        guide_server(tmp_path, 0)
    assert "explore build" in error.value.hint
    (tmp_path / "guide.html").write_text("")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="is taken"):
            guide_server(tmp_path, taken.getsockname()[1])
