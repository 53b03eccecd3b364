"""The option ``--protocol``, and protocols with their parameters in a command's help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..settings import load_settings
from . import completion

if TYPE_CHECKING:
    from ..model.splits.base import Protocol
    from ..model.splits.parameters import Parameter

protocol_option = click.option(
    "--protocol",
    help="How interactions are split; see 'reelgraph export --help'. [default: user-time]",
    shell_complete=completion.protocols,
)


class ProtocolCommand(click.Command):
    """A command whose help lists the protocols, those of plugins included."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from ..plugins import manager

        super().format_options(ctx, formatter)
        settings = load_settings(ctx.find_root().params).settings
        known = manager.configure(settings).protocols()
        with formatter.section("Protocols and their parameters (--set)"):
            formatter.write_dl([(name, _help(protocol)) for name, protocol in known.items()])


def _help(protocol: type[Protocol]) -> str:
    parameters = ", ".join(_parameter(one) for one in protocol.parameters.values())
    return f"{protocol.description}; {parameters}" if parameters else protocol.description


def _parameter(parameter: Parameter[Any]) -> str:
    default = "FILE" if parameter.default is None else parameter.default
    return f"{parameter.name}={default} ({parameter.description})"
