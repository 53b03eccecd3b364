"""Settings of reelgraph, each with the place it came from.

Order, first one wins: command-line flag, environment, ``.env``, ``reelgraph.toml``,
default. ``.env`` and ``reelgraph.toml`` are read from the workspace, the folder that
also holds ``neo4j_data/``, ``datasets/`` and ``runs/``.

The environment names are those of the Neo4j world for the connection
(``NEO4J_URI`` …) and ``REELGRAPH_…`` for everything else.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from .errors import SettingsError

ENV_FILE = ".env"
TOML_FILE = "reelgraph.toml"

_NEO4J_NAMES = ("uri", "username", "password", "database")


def _default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "reelgraph"


class Settings(BaseModel):
    """All settings; field names are the keys of ``reelgraph.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    workspace: Path = Field(Path(), description="folder with neo4j_data/, datasets/ and runs/")
    uri: str | None = Field(None, description="your own server; without it the local one is used")
    username: str = Field("neo4j", description="user name at the server")
    password: SecretStr | None = Field(None, description="password of your own server")
    database: str = Field("neo4j", description="database name, given with every query")
    local_password: SecretStr | None = Field(
        None, description="password of the local server, made by its first start"
    )
    bolt_port: int = Field(7687, ge=1, le=65535, description="Bolt port of the local server")
    http_port: int = Field(7474, ge=1, le=65535, description="Browser port of the local server")
    heap: str = Field("2g", pattern=r"^\d+[kmgKMG]$", description="heap of the local server")
    page_cache: str = Field(
        "512m", pattern=r"^\d+[kmgKMG]$", description="page cache of the local server"
    )
    cache_dir: Path = Field(
        default_factory=_default_cache, description="downloaded data, outside the repository"
    )
    device: str = Field(
        "auto", pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, cuda or cuda:N"
    )
    threads: int | None = Field(
        None, ge=1, description="threads for training; default: all cores but one"
    )
    plugins_dir: Path | None = Field(None, description="folder of plain-file plugins")
    trace_plugins: bool = Field(False, description="print every plugin hook call to stderr")

    @property
    def datasets_dir(self) -> Path:
        return self.workspace / "datasets"

    @property
    def runs_dir(self) -> Path:
        return self.workspace / "runs"

    @property
    def server_dir(self) -> Path:
        """Folder of the local server's state."""
        return self.workspace / "neo4j_data"

    @property
    def is_local(self) -> bool:
        """True when no server is named, so that the local one is meant."""
        return self.uri is None

    def changed(self, **values: Any) -> Settings:
        """These settings with other values; None values count as not given.

        :raises SettingsError: for a value that does not fit.
        """
        given = {name: value for name, value in values.items() if value is not None}
        try:
            return Settings.model_validate({**self.model_dump(), **given})
        except ValidationError as error:
            raise _settings_error(error, dict.fromkeys(given, "flag")) from None

    @property
    def training_threads(self) -> int:
        """Threads for training, leaving one core to other processes."""
        return self.threads or max(1, (os.cpu_count() or 2) - 1)


@dataclass(frozen=True)
class LoadedSettings:
    """Settings and, for each field, the place its value came from."""

    settings: Settings
    origins: Mapping[str, str]

    def table(self) -> list[dict[str, str]]:
        """Rows of (setting, value, origin, meaning); passwords masked."""
        rows = []
        for name, field in Settings.model_fields.items():
            value = getattr(self.settings, name)
            shown = "" if value is None else str(value)  # SecretStr masks itself
            rows.append(
                {
                    "setting": name,
                    "value": shown,
                    "origin": self.origins[name],
                    "environment": environment_name(name),
                    "meaning": field.description or "",
                }
            )
        return rows


def environment_name(field: str) -> str:
    """Environment variable of a setting: ``uri`` → ``NEO4J_URI``, ``heap`` → ``REELGRAPH_HEAP``."""
    prefix = "NEO4J" if field in _NEO4J_NAMES else "REELGRAPH"
    return f"{prefix}_{field.upper()}"


def load_settings(
    flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> LoadedSettings:
    """Merge all sources of settings.

    :param flags: values from the command line; ``None`` values count as not given.
    :param environ: the environment, ``os.environ`` by default.
    :raises SettingsError: for a value that does not fit, an unknown key in the TOML file,
        or a file that cannot be read; names the setting and the place.
    """
    environ = os.environ if environ is None else environ
    flags = {name: value for name, value in (flags or {}).items() if value is not None}
    workspace = Path(flags.get("workspace") or environ.get("REELGRAPH_WORKSPACE") or ".").resolve()
    layers = [
        ("default", {"workspace": workspace}),
        (TOML_FILE, _read_toml(workspace / TOML_FILE)),
        (ENV_FILE, _named(_read_env_file(workspace / ENV_FILE))),
        ("environment", _named(environ)),
        ("flag", flags),
    ]
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for origin, layer in layers:
        for name, value in layer.items():
            values[name] = value
            origins[name] = origin
    values["workspace"] = workspace
    try:
        return LoadedSettings(Settings(**values), origins)
    except ValidationError as error:
        raise _settings_error(error, origins) from None


def _named(environ: Mapping[str, str | None]) -> dict[str, str]:
    """The settings among environment variables; an empty value counts as not given."""
    found = {}
    for name in Settings.model_fields:
        value = environ.get(environment_name(name))
        if value:
            found[name] = value
    return found


def _read_env_file(path: Path) -> Mapping[str, str | None]:
    return dotenv_values(path, interpolate=False) if path.is_file() else {}


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise SettingsError(f"{path}: {error}", "Correct the file or remove it.") from None


def _settings_error(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    first = error.errors()[0]
    name = str(first["loc"][0])
    known = ", ".join(Settings.model_fields)
    if first["type"] == "extra_forbidden":
        return SettingsError(f"{TOML_FILE}: unknown setting '{name}'", f"Known settings: {known}")
    return SettingsError(
        f"setting {name} (from {origins[name]}): {first['msg']}",
        f"It is {Settings.model_fields[name].description}; "
        f"set it by {environment_name(name)} or in {TOML_FILE}.",
    )
