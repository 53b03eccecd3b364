"""A local Neo4j with GDS and Browser, run as a Java process or by Docker Compose."""

from .config import ServerOptions
from .home import Home
from .server import LocalServer, Up
from .state import ServerState

__all__ = ["Home", "LocalServer", "ServerOptions", "ServerState", "Up"]
