"""``reelgraph schema``: constraints and indexes of the graph, as recorded migrations."""

from __future__ import annotations

from dataclasses import asdict

import click

from .context import Context


@click.group("schema")
def schema_group() -> None:
    """Constraints and indexes: what the graph has, and what it needs.

    'load' applies what is missing by itself.

    \b
    Examples:
      reelgraph schema info
      reelgraph schema apply
    """


@schema_group.command()
@click.option("--json", is_flag=True, help="Print JSON.")
@click.pass_obj
def info(context: Context, /, json: bool) -> None:
    """List all migrations: applied, pending, changed or missing.

    \b
    Examples:
      reelgraph schema info
      reelgraph schema info --json
    """
    from ..graph import migrations

    with context.graph() as graph:
        states = migrations.info(graph)
    context.echo_rows([asdict(state) for state in states], json, "Schema migrations")


@schema_group.command()
@click.pass_obj
def validate(context: Context) -> None:
    """Check that the graph has exactly the migrations of this version; exits with 1 if not.

    \b
    Examples:
      reelgraph schema validate
    """
    from ..graph import migrations

    with context.graph() as graph:
        states = migrations.validate(graph)
    click.echo(f"The schema is complete: {len(states)} migrations are applied and unchanged.")


@schema_group.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be applied.")
@click.pass_obj
def apply(context: Context, dry_run: bool) -> None:
    """Apply the migrations that are pending.

    \b
    Examples:
      reelgraph schema apply
      reelgraph schema apply --dry-run
    """
    from ..graph import migrations

    with context.graph() as graph:
        if dry_run:
            states = migrations.info(graph)
            versions = [state.version for state in states if state.state == "pending"]
        else:
            versions = migrations.apply(graph)
    what = "Would apply" if dry_run else "Applied"
    click.echo(f"{what}: {', '.join(versions)}" if versions else "Nothing to apply.")
