"""The subcommand of ``reelgraph load`` for one source, with the source's own options."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from .context import Context
from .load import load_tables
from .load_bulk import bulk
from .model_options import model_options, parse_options

if TYPE_CHECKING:
    from ..loader.bulk import BulkReport
    from ..loader.load import LoadReport
    from ..loader.source import Source

_INIT = (
    click.Option(["--init"], is_flag=True, help="Propose a mapping for the data files PATH …"),
    click.Option(["--force"], is_flag=True, help="With --init: replace an existing mapping."),
    click.Option(["--print", "print_it"], is_flag=True, help="With --init: only print it."),
)
_COMMON = (
    click.Option(["--dry-run"], is_flag=True, help="Check files and database, write nothing."),
    click.Option(["--into-new"], is_flag=True, help="Empty the database first; asks before."),
    click.Option(["--yes"], is_flag=True, help="Do not ask."),
    click.Option(
        ["--max-errors"],
        type=click.IntRange(0),
        default=0,
        metavar="N",
        help="Leave out up to N bad rows and list them in a file; one more stops the load. "
        "[default: 0]",
    ),
    click.Option(
        ["--rejected"],
        type=click.Path(path_type=Path, dir_okay=False),
        help="CSV file for the rows left out. [default: rejected-NAME.csv]",
    ),
    click.Option(
        ["--bulk"],
        is_flag=True,
        help="Fill an empty database by neo4j-admin import: faster. The local server is stopped "
        "and started; for your own one the files and the command are prepared.",
    ),
    click.Option(["--json"], is_flag=True, help="Print the report as JSON."),
)


def source_command(source: type[Source]) -> click.Command:
    """The command that loads from ``source``; one with mappings can propose one, too."""
    from ..loader.source import MappedSource

    mapped = issubclass(source, MappedSource)

    @click.pass_obj
    def run(context: Context, /, paths: tuple[Path, ...], **flags: Any) -> None:
        if flags.get("init"):
            _propose(source, paths, flags)
        elif len(paths) > 1:
            raise InputError("more than one file is given", "Without --init give one mapping.")
        else:
            _run(context, source, paths[0] if paths else None, flags)

    return click.Command(
        source.name,
        callback=run,
        short_help=source.description,
        help=_help(source),
        params=[
            click.Argument(
                ["paths"],
                nargs=-1 if mapped else 1,
                required=False,
                metavar="[PATH]..." if mapped else "[PATH]",
                type=click.Path(path_type=Path),
                callback=_as_tuple,
            ),
            *(_INIT if mapped else ()),
            *model_options(source.options_class),
            *_COMMON,
        ],
    )


def _as_tuple(ctx: click.Context, parameter: click.Parameter, value: Any) -> tuple[Path, ...]:
    return value if isinstance(value, tuple) else (value,) if value is not None else ()


def _propose(source: type[Any], files: tuple[Path, ...], flags: dict[str, Any]) -> None:
    if not files:
        raise InputError(
            "--init needs the data files", f"reelgraph load {source.name} --init FILE …"
        )
    if flags["print_it"]:
        click.echo(source.propose(files), nl=False)
        return
    made = source.write_proposal(files, flags["force"])
    click.echo(f"{made}: look at it, then: reelgraph load {source.name} {made}")


def _help(source: type[Source]) -> str:
    examples = source.examples or (f"reelgraph load {source.name} PATH",)
    text = inspect.cleandoc(source.__doc__ or source.description).replace("``", "'")
    return "\n".join([text, "", "\b", "Examples:", *(f"  {example}" for example in examples)])


def _run(context: Context, source: type[Source], path: Path | None, flags: dict[str, Any]) -> None:
    from ..loader.rejects import Rejects
    from ..loader.source import Reading

    if source.licence:
        context.note(source.licence)
    listed = flags["rejected"] or context.settings.workspace / f"rejected-{source.name}.csv"
    rejects = Rejects(flags["max_errors"], listed)
    options = parse_options(source.options_class, flags)
    tables = source().read(path, Reading(options, context.settings.cache_dir, rejects))
    report: LoadReport | BulkReport
    if flags["bulk"]:
        report = bulk(context, tables, rejects, flags)
    else:
        wanted = {name: flags[name] for name in ("dry_run", "into_new", "yes")}
        report = load_tables(context, tables, rejects, **wanted)
    _show(context, source.name, report, flags["json"])
    if rejects.total:
        context.note(f"{rejects.total:,} rows were left out, see {listed}")


def _show(context: Context, name: str, report: LoadReport | BulkReport, json: bool) -> None:
    if json:
        context.echo_json(report.as_dict())
        return
    if report.funnel:
        context.echo_rows(report.funnel, title="What each rule kept")
    rows = [{"rows": key, "number": number} for key, number in report.rows.items()]
    context.echo_rows(rows, title=f"Read from {name}")
    click.echo(str(report))
