"""Settings of reelgraph, each with the place it came from.

Order, first one wins: command-line flag, environment, ``.env``, ``reelgraph.toml``, what
``reelgraph neo4j up`` was given last, default. ``.env`` and ``reelgraph.toml`` are read
from the workspace, the folder that also holds ``neo4j_data/``, ``datasets/`` and ``runs/``.

The environment names are those of the Neo4j world for the connection
(``NEO4J_URI`` …) and ``REELGRAPH_…`` for everything else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from .errors import SettingsError
from .settings_files import misspelt, read_env, read_toml
from .validation import first_problem

ENV_FILE = ".env"
TOML_FILE = "reelgraph.toml"
UP_FILE = "neo4j_data/up.json"
UP_SETTINGS = ("bolt_port", "http_port", "heap", "page_cache")

_NEO4J_NAMES = ("uri", "username", "password", "database")
_FOLDERS = ("cache_dir", "plugins_dir")  # in a file, they are relative to it


def _default_cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        return Path(base or Path.home() / ".cache") / "reelgraph"
    except RuntimeError:
        raise SettingsError(
            "there is no home folder for downloaded data: HOME is not set",
            "Name a folder: REELGRAPH_CACHE_DIR=/path/to/folder",
        ) from None


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
    neo4j: Literal["5.26", "2026"] | None = Field(
        None, description="Neo4j of the local server, 5.26 or 2026; default: its store's, or 5.26"
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
    precision: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="of products when training on CUDA; the CPU always uses float32"
    )
    tensorboard: Path | None = Field(
        None, description="folder for TensorBoard's figures of each epoch; none by default"
    )
    plugins_dir: Path | None = Field(None, description="folder of plain-file plugins")
    trace_plugins: bool = Field(False, description="print every plugin hook call to stderr")

    @field_validator("uri")
    @classmethod
    def _without_secrets(cls, uri: str | None) -> str | None:
        """URIs are shown in messages, so they must not hold a password."""
        if uri is not None and "@" in uri.partition("://")[2].partition("/")[0]:
            raise ValueError("it holds a user name or password; give these by themselves")
        return uri.strip() if uri else uri

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
    """Settings and, for each field, the place its value came from.

    ``warnings`` are about names that look like settings and are none.
    """

    settings: Settings
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()

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
    toml, env = read_toml(workspace / TOML_FILE), read_env(workspace / ENV_FILE)
    if "workspace" in toml:
        raise SettingsError(
            f"{workspace / TOML_FILE}: workspace cannot be set here, as this file is in it",
            "Take the line out, and use --workspace or REELGRAPH_WORKSPACE.",
        )
    layers = [
        ("default", {"workspace": workspace}),
        ("neo4j up", _read_given(workspace / UP_FILE)),
        (TOML_FILE, _beside(workspace, toml)),
        (ENV_FILE, _beside(workspace, _named(env))),
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
        return LoadedSettings(Settings(**values), origins, tuple(_warnings(env, environ)))
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


def _beside(workspace: Path, layer: Mapping[str, Any]) -> dict[str, Any]:
    """Relative folders in a file are relative to the file, wherever the program is started."""
    return {
        name: workspace / Path(value).expanduser()
        if name in _FOLDERS and isinstance(value, str)
        else value
        for name, value in layer.items()
    }


def _read_given(path: Path) -> dict[str, Any]:
    """What ``reelgraph neo4j up`` was given; a file that cannot be read is none."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
        return {name: given[name] for name in UP_SETTINGS if name in given}
    except (OSError, ValueError, TypeError):
        return {}


def remember_given(settings: Settings, given: Mapping[str, Any]) -> None:
    """Keep options of ``reelgraph neo4j up`` for its later starts; None is not given."""
    path = settings.workspace / UP_FILE
    values = {name: value for name, value in given.items() if value is not None}
    if values:
        text = json.dumps({**_read_given(path), **values}, indent=2) + "\n"
        path.write_text(text, encoding="utf-8")


def _warnings(env: Mapping[str, Any], environ: Mapping[str, str]) -> list[str]:
    known = [environment_name(name) for name in Settings.model_fields]
    lines = misspelt(env, known, ENV_FILE) + misspelt(environ, known, "environment")
    if env.get("REELGRAPH_WORKSPACE"):
        lines.append(f"{ENV_FILE}: REELGRAPH_WORKSPACE is not read: this file is in the workspace")
    return lines


def _settings_error(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    first = first_problem(error)
    name = str(first.place[0])
    known = ", ".join(Settings.model_fields)
    if first.is_unknown:
        return SettingsError(f"{TOML_FILE}: unknown setting '{name}'", f"Known settings: {known}")
    return SettingsError(
        f"setting {name} (from {origins[name]}): {first.message}",
        f"It is {Settings.model_fields[name].description}; "
        f"set it by {environment_name(name)} or in {TOML_FILE}.",
    )
