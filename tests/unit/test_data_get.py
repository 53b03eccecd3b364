"""Fetching official archives, from a server of the test's own."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import free_ports

from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.loader import archives
from reelgraph.loader.archives import ARCHIVES, Archive, get

CONTENT = bytes(range(256)) * 4000
MD5 = hashlib.md5(CONTENT).hexdigest()


@dataclass
class Site:
    """What the server has, by path, and what it was asked: (path, Range header)."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    cut_after: int | None = None
    with_ranges: bool = True


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers["Range"]
            site.asked.append((self.path, wanted))
            data = site.files.get(self.path)
            if data is None:
                self.send_error(404)
                return
            start = int(wanted[len("bytes=") : -1]) if wanted and site.with_ranges else 0
            if start and start >= len(data):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start:][: site.cut_after])

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site = Site(f"http://127.0.0.1:{server.server_port}", {"/ml-x.zip": CONTENT})
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def archive(site: Site) -> Archive:
    load = "reelgraph load movielens {path}"
    return Archive("ml-x", "ratings", "1 MB", "research", load, (f"{site.url}/ml-x.zip",), MD5)


def fetched(archive: Archive, folder: Path) -> Path:
    return get(archive, folder, progress=False)


def test_it_is_fetched_once(site: Site, archive: Archive, tmp_path: Path) -> None:
    cache = tmp_path / "not" / "yet"
    assert not archive.is_here(cache)
    path = fetched(archive, cache)
    assert path == cache / "ml-x.zip"
    assert path.read_bytes() == CONTENT
    assert archive.is_here(cache)
    assert archive.command(cache) == f"reelgraph load movielens {path}"
    assert fetched(archive, cache) == path
    assert len(site.asked) == 1
    assert [file.name for file in cache.iterdir()] == ["ml-x.zip"]


def test_an_interrupted_download_goes_on(site: Site, archive: Archive, tmp_path: Path) -> None:
    site.cut_after = 300_000
    with pytest.raises(InputError, match="was cut off after 300,000 bytes") as caught:
        fetched(archive, tmp_path)
    assert "goes on" in caught.value.hint
    site.cut_after = None
    assert fetched(archive, tmp_path).read_bytes() == CONTENT
    assert [asked[1] for asked in site.asked] == [None, "bytes=300000-"]


def test_a_server_without_ranges_sends_all(site: Site, archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "ml-x.zip.part").write_bytes(b"something else")
    site.with_ranges = False
    assert fetched(archive, tmp_path).read_bytes() == CONTENT


def test_a_part_that_is_whole_is_checked_and_kept(
    site: Site, archive: Archive, tmp_path: Path
) -> None:
    (tmp_path / "ml-x.zip.part").write_bytes(CONTENT)
    assert fetched(archive, tmp_path).read_bytes() == CONTENT
    assert site.asked == [("/ml-x.zip", f"bytes={len(CONTENT)}-")]


@pytest.mark.parametrize("part", [b"", b"x" * 10, b"x" * len(CONTENT), b"x" * 2 * len(CONTENT)])
def test_a_wrong_checksum(site: Site, archive: Archive, tmp_path: Path, part: bytes) -> None:
    if part:
        (tmp_path / "ml-x.zip.part").write_bytes(part)
    else:
        site.files["/ml-x.zip"] = CONTENT[::-1]
    with pytest.raises(InputError, match="MD5 sum differs") as caught:
        fetched(archive, tmp_path)
    assert str(tmp_path / "ml-x.zip") in caught.value.hint
    assert not list(tmp_path.iterdir())
    site.files["/ml-x.zip"] = CONTENT
    assert fetched(archive, tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("text", [f"MD5 (ml-x.zip) = {MD5}\n", f"{MD5.upper()}  ml-x.zip\n"])
def test_a_checksum_beside_the_file(
    site: Site, archive: Archive, tmp_path: Path, text: str
) -> None:
    beside = replace(archive, md5=None, sum_beside=True)
    with pytest.raises(InputError, match=r"ml-x\.zip\.md5: the server says 404"):
        fetched(beside, tmp_path)
    site.files["/ml-x.zip.md5"] = b"<html>"
    with pytest.raises(InputError, match="holds no MD5 sum"):
        fetched(beside, tmp_path)
    site.files["/ml-x.zip.md5"] = text.encode()
    assert fetched(beside, tmp_path).is_file()
    site.files["/ml-x.zip.md5"] = b"0" * 32
    (tmp_path / "ml-x.zip").unlink()
    with pytest.raises(InputError, match="MD5 sum differs"):
        fetched(beside, tmp_path)


@pytest.mark.parametrize("error", [TimeoutError("timed out"), http.client.IncompleteRead(b"ab")])
def test_a_checksum_that_does_not_come(
    site: Site,
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def read(answer: object, size: int) -> bytes:
        raise error

    site.files["/ml-x.zip.md5"] = MD5.encode()
    monkeypatch.setattr(http.client.HTTPResponse, "read", read)
    with pytest.raises(InputError, match=r"ml-x\.zip\.md5 was cut off") as caught:
        fetched(replace(archive, md5=None, sum_beside=True), tmp_path)
    assert f"put it at {tmp_path}/ml-x.zip" in caught.value.hint


def test_several_files_without_checksum(site: Site, archive: Archive, tmp_path: Path) -> None:
    packed = gzip.compress(CONTENT)
    site.files = {"/a.tsv.gz": packed, "/b.tsv.gz": packed[:-9]}
    several = replace(
        archive, name="many", md5=None, urls=tuple(site.url + path for path in site.files)
    )
    with pytest.raises(InputError, match=r"b\.tsv\.gz as fetched .* it is damaged"):
        fetched(several, tmp_path)
    assert not several.is_here(tmp_path)
    site.files["/b.tsv.gz"] = packed
    assert fetched(several, tmp_path) == tmp_path / "many"
    assert several.is_here(tmp_path)
    assert sorted(path.name for path in (tmp_path / "many").iterdir()) == ["a.tsv.gz", "b.tsv.gz"]
    assert [path for path, _ in site.asked] == ["/a.tsv.gz", "/b.tsv.gz", "/b.tsv.gz"]


def test_no_such_file(site: Site, archive: Archive, tmp_path: Path) -> None:
    site.files.clear()
    with pytest.raises(InputError, match=r"ml-x\.zip: the server says 404") as caught:
        fetched(archive, tmp_path)
    assert f"fetch {site.url}/ml-x.zip and put it at {tmp_path}/ml-x.zip" in caught.value.hint


def test_no_network(archive: Archive, tmp_path: Path) -> None:
    for address in (f"http://127.0.0.1:{free_ports()[0]}", "http://no.such.host.invalid"):
        away = replace(archive, urls=(f"{address}/ml-x.zip",))
        with pytest.raises(InputError, match="cannot reach http") as caught:
            fetched(away, tmp_path)
        assert f"put it at {tmp_path}/ml-x.zip" in caught.value.hint


def test_a_connection_that_is_reset(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reset(connection: object) -> None:
        raise ConnectionResetError("reset by peer")

    monkeypatch.setattr(http.client.HTTPConnection, "getresponse", reset)
    with pytest.raises(InputError, match="cannot reach http"):
        fetched(archive, tmp_path)


def test_a_folder_that_cannot_be_written(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write to") as caught:
        fetched(archive, tmp_path / "file")
    assert "REELGRAPH_CACHE_DIR" in caught.value.hint


def run(folder: Path, *words: str) -> Result:
    environment = {"REELGRAPH_CACHE_DIR": str(folder)}
    return CliRunner().invoke(main, ["--workspace", str(folder), "data", *words], env=environment)


def test_commands(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ARCHIVES", {"ml-x": archive})
    before = json.loads(run(tmp_path, "list", "--json").stdout)
    assert before[0] == {
        "name": "ml-x",
        "content": "ratings",
        "size": "1 MB",
        "licence": "research",
        "here": False,
        "path": str(tmp_path / "ml-x.zip"),
        "load": f"reelgraph load movielens {tmp_path}/ml-x.zip",
    }
    result = run(tmp_path, "get", "ml-x")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{tmp_path}/ml-x.zip\n"
    assert "Licence: research" in result.stderr
    assert f"reelgraph load movielens {tmp_path}/ml-x.zip" in result.stderr
    assert json.loads(run(tmp_path, "get", "ml-x", "--json").stdout)["here"] is True
    assert "yes" in run(tmp_path, "list").stdout


def test_an_unknown_name(tmp_path: Path) -> None:
    result = run(tmp_path, "get", "ml-2m")
    assert result.exit_code == 2
    assert "there is no data set 'ml-2m'" in result.stderr
    assert "ml-32m, imdb" in result.stderr


def test_what_there_is() -> None:
    assert list(ARCHIVES) == ["ml-100k", "ml-latest-small", "ml-1m", "ml-25m", "ml-32m", "imdb"]
    for one in ARCHIVES.values():
        assert one.licence and one.size and one.content
        assert all(url.startswith("https://") for url in one.urls)


@pytest.mark.slow
def test_ml_100k_comes_by_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert not ARCHIVES["ml-100k"].is_here(tmp_path)
    result = run(tmp_path, "get", "ml-100k")
    assert result.exit_code == 2
    assert "pip download" in result.stderr
