"""``reelgraph doctor``: is everything there, and where do the settings come from?"""

from __future__ import annotations

from dataclasses import asdict

import click

from .context import Context


@click.command()
@click.option("--json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(context: Context, json: bool) -> None:
    """Show all settings with their origin, and check what is needed to work.

    Passwords are masked. Exits with 1 when something needed is missing; a warning says
    what works less well. Nothing is changed.

    \b
    Examples:
      reelgraph doctor
      reelgraph doctor --json
      NEO4J_URI=neo4j+s://xxxx.databases.neo4j.io reelgraph doctor
    """
    from .checks import all_checks

    settings = context.loaded.table()
    if not json:
        shown = ("setting", "value", "origin", "environment")
        context.echo_rows([{key: row[key] for key in shown} for row in settings], title="Settings")
    checks = [asdict(check) for check in all_checks(context.loaded)]
    if json:
        context.echo_json({"settings": settings, "checks": checks})
    else:
        context.echo_rows(checks, title="Checks")
    if any(check["status"] == "failed" for check in checks):
        raise SystemExit(1)
