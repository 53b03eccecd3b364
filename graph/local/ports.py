"""Is a port free?"""

from __future__ import annotations

import socket

from ...errors import ServerError
from .config import ServerOptions


def check_ports(options: ServerOptions) -> None:
    """:raises ServerError: naming the first port that is taken, and the option to change it."""
    if options.bolt_port == options.http_port:
        raise ServerError(
            f"Bolt and the Browser cannot both use port {options.bolt_port}",
            "Choose different ones with --bolt-port and --http-port.",
        )
    for name, port in (("bolt", options.bolt_port), ("http", options.http_port)):
        if not is_free(port):
            raise ServerError(
                f"port {port}, wanted for {'Bolt' if name == 'bolt' else 'the Browser'}, is taken "
                "by another program",
                f"Choose another with --{name}-port, REELGRAPH_{name.upper()}_PORT or "
                f"{name}_port in reelgraph.toml, or stop that program.",
            )


def is_free(port: int) -> bool:
    """True when a server could listen on this port of the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """True when something accepts connections on this port of the loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
