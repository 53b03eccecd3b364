"""Which server is meant: the user's own one, or the local one."""

from __future__ import annotations

from ..errors import SettingsError
from ..settings import Settings
from .connection import Graph
from .local import LocalServer


def open_graph(settings: Settings, local: bool = False) -> Graph:
    """A verified connection; close it, or use it as a context manager.

    :param local: the local server even where the settings name another one.
    :raises SettingsError: when the password is missing.
    :raises DatabaseError: when the server is down or refuses.
    """
    if settings.uri is None or local:
        return LocalServer.of(settings).graph()
    if settings.password is None:
        raise SettingsError(
            f"there is no password for {settings.uri}",
            "Set NEO4J_PASSWORD in the environment or in .env (any value where the server "
            "asks for none).",
        )
    password = settings.password.get_secret_value()
    graph = Graph(settings.uri, settings.username, password, settings.database)
    try:
        return graph.verify()
    except BaseException:
        graph.close()
        raise
