"""The subcommand of ``reelgraph load`` for one source, with the source's own options."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..errors import InputError
from .context import Context
from .load_bulk import bulk
from .load_writing import load_tables
from .model_options import model_options, parse_options

if TYPE_CHECKING:
    from ..graph.unfinished import GraphWork
    from ..loader.bulk import BulkReport
    from ..loader.load import LoadReport
    from ..loader.source import Source

_INIT = (
    click.Option(["--init"], is_flag=True, help="Propose a mapping for the data files PATH …"),
    click.Option(["--force"], is_flag=True, help="With --init: replace an existing mapping."),
    click.Option(["--print", "print_it"], is_flag=True, help="With --init: only print it."),
)
_COMMON = (
    click.Option(
        ["--dry-run"],
        is_flag=True,
        help="Check the files, and say why the load would be refused and what it would delete; "
        "write nothing.",
    ),
    click.Option(
        ["--into-new"],
        is_flag=True,
        help="First delete the data set in the database, with its runs; asks first. Refused "
        "where the database holds what reelgraph did not make.",
    ),
    click.Option(
        ["--delete-everything"],
        is_flag=True,
        help="With --into-new: delete whatever the database holds, whoever made it; asks first.",
    ),
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
        ["--keep-unknown"],
        is_flag=True,
        help="Keep interactions about users or items that the source's other files lack: these "
        "become nodes without properties, and are counted. Without it, such a row is bad.",
    ),
    click.Option(
        ["--text-ids"],
        is_flag=True,
        help="Read ids as texts, even where most of them are whole numbers. Without it, a row with "
        "an id such as 'bob' among many numbers is bad.",
    ),
    click.Option(
        ["--bulk"],
        is_flag=True,
        help="Fill an empty database by neo4j-admin import, which is faster. The local server is "
        "stopped and started; for your own server, the files and the command are prepared.",
    ),
    click.Option(["--json"], is_flag=True, help="Print the report as JSON."),
)


def source_command(source: type[Source]) -> click.Command:
    """The command that loads from ``source``; one with mappings can propose one, too."""
    from ..loader.source import MappedSource

    mapped = issubclass(source, MappedSource)

    @click.pass_context
    def run(ctx: click.Context, /, paths: tuple[Path, ...], **flags: Any) -> None:
        context = ctx.ensure_object(Context)
        if flags["delete_everything"] and not flags["into_new"]:
            raise InputError(
                "--delete-everything is for a load that replaces what is there",
                "Give --into-new, too.",
            )
        if flags.get("init"):
            _propose(source, paths, flags)
        elif len(paths) > 1:
            raise InputError("more than one file is given", "Without --init give one mapping.")
        else:
            _run(context, source, paths[0] if paths else None, flags, given_options(ctx, source))

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
        click.echo(source.propose(files).text, nl=False)
        return
    made = source.write_proposal(files, flags["force"])
    for title, lines in (("Check:", made.checks), ("Not used:", made.unused)):
        if lines:
            click.echo("\n".join([title, *(f"- {line}" for line in lines), ""]))
    click.echo(f"{made.path}: look at it, then: reelgraph load {source.name} {made.path}")


def _help(source: type[Source]) -> str:
    examples = source.examples or (f"reelgraph load {source.name} PATH",)
    text = inspect.cleandoc(source.__doc__ or source.description).replace("``", "'")
    return "\n".join([text, "", "\b", "Examples:", *(f"  {example}" for example in examples)])


def given_options(ctx: click.Context, source: type[Source]) -> list[str]:
    """The source's own options as they were given, so that the load can be named."""
    words: list[str] = []
    for option in model_options(source.options_class):
        name = str(option.name)
        if ctx.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        value = ctx.params[name]
        if isinstance(value, bool):
            words.append((option.opts if value else option.secondary_opts)[0])
            continue
        for one in value if isinstance(value, tuple) else (value,):
            words += [option.opts[0], str(one.resolve() if isinstance(one, Path) else one)]
    return words


def _given_flags(flags: dict[str, Any]) -> list[str]:
    """Those of the flags of all sources that say how the rows are read."""
    return [f"--{name.replace('_', '-')}" for name in ("keep_unknown", "text_ids") if flags[name]]


def work_of(
    source: str, path: Path | None, options: Sequence[str], max_errors: int = 0
) -> GraphWork:
    """What the graph remembers of a load: the command that goes on with it from any folder."""
    from ..graph.unfinished import GraphWork

    words = ["reelgraph", "load", source, *([str(path.resolve())] if path else []), *options]
    allowed = ["--max-errors", str(max_errors)] if max_errors else []
    return GraphWork(shlex.join(words), shlex.join([*words, *allowed]))


def _run(
    context: Context,
    source: type[Source],
    path: Path | None,
    flags: dict[str, Any],
    given: Sequence[str],
) -> None:
    from ..loader.reading.rejects import Rejects
    from ..loader.source import Reading

    if source.licence:
        context.note(source.licence)
    listed = flags["rejected"] or context.settings.workspace / f"rejected-{source.name}.csv"
    rejects = Rejects(flags["max_errors"], listed)
    options = parse_options(source.options_class, flags)
    reading = Reading(options, context.settings.cache_dir, rejects, flags["text_ids"])
    tables = source().read(path, reading)
    tables.keep_unknown, tables.text_ids = flags["keep_unknown"], flags["text_ids"]
    report: LoadReport | BulkReport
    given = [*given, *_given_flags(flags)]
    work = work_of(source.name, path, given, flags["max_errors"])
    if flags["bulk"]:
        report = bulk(context, tables, rejects, work, flags)
    else:
        names = ("dry_run", "into_new", "delete_everything", "yes")
        wanted = {name: flags[name] for name in names}
        report = load_tables(context, tables, rejects, work, **wanted)
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
