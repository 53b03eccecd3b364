"""The server's configuration file and its command line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .home import Home
from .java import Java
from .lanes import Lane

_JVM_FLAGS = ("-Dio.netty.tryReflectionSetAccessible=true", "-XX:+ExitOnOutOfMemoryError")


@dataclass(frozen=True)
class ServerOptions:
    """Ports and memory of the local server; sizes as Java writes them, such as ``2g``."""

    bolt_port: int = 7687
    http_port: int = 7474
    heap: str = "2g"
    page_cache: str = "512m"


def render(home: Home, jars: Path, options: ServerOptions) -> str:
    """The text of ``neo4j.conf``: loopback only, no telemetry, GDS allowed."""
    values = {
        "server.directories.data": home.data,
        "server.directories.logs": home.logs,
        "server.directories.import": home.imports,
        "server.directories.plugins": jars / "plugins",
        "server.directories.lib": jars / "lib",
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f":{options.bolt_port}",
        "server.bolt.advertised_address": f"localhost:{options.bolt_port}",
        "server.http.listen_address": f":{options.http_port}",
        "server.http.advertised_address": f"localhost:{options.http_port}",
        "server.https.enabled": "false",
        "server.memory.heap.initial_size": options.heap,
        "server.memory.heap.max_size": options.heap,
        "server.memory.pagecache.size": options.page_cache,
        "db.tx_log.rotation.retention_policy": "keep_none",
        "dbms.security.procedures.unrestricted": "gds.*",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",  # of the Browser
        # stops 10 seconds sooner; connections are closed by then
        "internal.dbms.bolt.netty_server_shutdown_quiet_period": "0",
        "internal.dbms.dump_diagnostics": "false",
    }
    lines = [f"{name}={_written(value)}" for name, value in values.items()]
    return "\n".join(["# written by 'reelgraph neo4j up' at every start", *lines, ""])


def _written(value: object) -> str:
    # a backslash would be read as an escape
    return value.as_posix() if isinstance(value, Path) else str(value)


def write(home: Home, jars: Path, options: ServerOptions) -> None:
    home.make()
    (home.conf / "neo4j.conf").write_text(render(home, jars, options), encoding="utf-8")


def java_command(java: Java, home: Home, jars: Path, lane: Lane, heap: str) -> list[str]:
    """The command line of the server.

    GDS's services load from the class path, its procedures from the plugins folder.
    """
    class_path = os.pathsep.join([f"{jars}/plugins/*", str(home.conf), f"{jars}/lib/*"])
    return [
        *java.command,
        f"-Xmx{heap}",
        *_JVM_FLAGS,
        "-cp",
        class_path,
        lane.main_class,
        f"--home-dir={home.path}",
        f"--config-dir={home.conf}",
        "--console-mode",
    ]
