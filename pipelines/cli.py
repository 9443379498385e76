"""The command line, `ccw`. Every option can be set by an environment variable too; `--help` names it."""

import inspect
import os
import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from pipelines.errors import DiskFull, RunnerError, UsageError, WarehouseDamaged, in_words
from pipelines.logs import log, set_up_logs
from pipelines.settings import DEMO_EXTRACTS, RunSettings, parse_mapping, parse_mode, parse_timestamp
from pipelines.warehouse import resources
from pipelines.warehouse.private import NOBODY_ELSE
from pipelines.warehouse.trouble import is_damaged, is_disk_full

app = typer.Typer(
    help="Lands contact-centre extracts, builds trusted KPIs from them with dbt, and publishes them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


class FileFormat(StrEnum):
    """Format of simulated extracts."""

    CSV = "csv"
    PARQUET = "parquet"


class LandTo(StrEnum):
    """Where what lands is kept."""

    TABLE = "table"
    PARQUET = "parquet"


class Grain(StrEnum):
    """Length of the periods of a KPI."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


Extracts = Annotated[Path, typer.Option(envvar="CCW_EXTRACTS", help="Folder of the extract files.")]
Warehouse = Annotated[Path, typer.Option(envvar="CCW_WAREHOUSE", help="The warehouse, a DuckDB file.")]
Published = Annotated[Path, typer.Option(envvar="CCW_PUBLISHED", help="Folder that readers open.")]
AsOf = Annotated[
    str | None,
    typer.Option(envvar="CCW_AS_OF", help="What the models take for now; default: the newest contact event."),
]
FullRefresh = Annotated[
    bool,
    typer.Option("--full-refresh", envvar="CCW_FULL_REFRESH", help="Rebuild everything from what has landed."),
]
Target = Annotated[str, typer.Option(envvar="CCW_TARGET", help="Target of profiles.yml.")]
To = Annotated[
    LandTo | None,
    typer.Option(
        envvar="CCW_TO",
        help="Keep what lands in tables of the warehouse, or in Parquet files beside it that Spark reads too; "
        "default: as before, at first tables.",
    ),
]
Landed = Annotated[
    Path | None,
    typer.Option(envvar="CCW_LANDED", help="Folder of those Parquet files; default: beside the warehouse."),
]
Vars = Annotated[str | None, typer.Option("--vars", envvar="CCW_VARS", help="Vars of the dbt project, a YAML mapping.")]
MaxRejectedShare = Annotated[
    float,
    typer.Option(
        envvar="CCW_MAX_REJECTED_SHARE",
        min=0,
        max=1,
        help="Publish only with at most this share of rejected lines.",
    ),
]
SourceTimeZones = Annotated[
    str | None,
    typer.Option(
        envvar="CCW_SOURCE_TIME_ZONES",
        help="Zones of timestamps without an offset, a YAML mapping of sources; default: what the sources declare.",
    ),
]
AllowMissingKpis = Annotated[
    bool,
    typer.Option(
        "--allow-missing-kpis",
        envvar="CCW_ALLOW_MISSING_KPIS",
        help="Publish even if a KPI of the last published run is gone.",
    ),
]
AcceptLoad = Annotated[
    list[int] | None,
    typer.Option(
        "--accept-load",
        metavar="LOAD_ID",
        help="Let a load through whatever the checks at the door find in it; can be given several times.",
    ),
]
Report = Annotated[
    bool, typer.Option("--report/--no-report", envvar="CCW_REPORT", help="Publish the HTML report with the rest.")
]
ReportLanguage = Annotated[
    str,
    typer.Option(envvar="CCW_REPORT_LANGUAGE", help="Language in which the report opens; its pages can switch."),
]
Threads = Annotated[
    int | None, typer.Option(envvar="CCW_THREADS", min=1, help="Threads of dbt and of DuckDB; default: the cores.")
]
MemoryLimit = Annotated[
    str | None,
    typer.Option(
        envvar="CCW_MEMORY_LIMIT",
        help="Memory of DuckDB, such as 4GB; default: 3 GiB a thread or the size of its file, at most 60 % of all.",
    ),
]
TempDirectory = Annotated[
    Path | None,
    typer.Option(envvar="CCW_TEMP_DIRECTORY", help="Folder for what exceeds it; default: beside the warehouse."),
]
PreserveInsertionOrder = Annotated[
    bool | None,
    typer.Option(
        envvar="CCW_PRESERVE_INSERTION_ORDER",
        help="Keep the order of rows while models are built, which takes memory; default: yes.",
    ),
]
PublishedMode = Annotated[
    str,
    typer.Option(
        envvar="CCW_PUBLISHED_MODE",
        metavar="MODE",
        help="Who may read what is published, as chmod says it: 600 you alone, 640 your group too, 644 everybody.",
    ),
]
Keep = Annotated[int, typer.Option(envvar="CCW_KEEP", min=1, help="Number of published runs that stay.")]

RetryRejected = Annotated[
    bool,
    typer.Option(
        "--retry-rejected",
        help="Land rejected rows that the rules of now let in; extract files land too only with --extracts.",
    ),
]
Reset = Annotated[
    str | None,
    typer.Option(
        metavar="SOURCE.TABLE",
        help="Take back all that has landed of an extract; extract files land again only with --extracts.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Take back without asking.")]

Every = Annotated[float, typer.Option(envvar="CCW_EVERY", min=0, help="Seconds from one round to the next.")]

_DEFAULTS = RunSettings()
_EVERY = "every"
_LANDS = "lands"
_WIDTH_OF_A_FILE = 200


def _console() -> Console:
    """Standard output: as wide as the terminal, or wide enough for any table where it is none."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_OF_A_FILE)


@app.callback()
def common(
    debug: Annotated[bool, typer.Option(envvar="CCW_DEBUG", help="Show tracebacks and dbt's own log.")] = False,
    log_format: Annotated[
        LogFormat, typer.Option(envvar="CCW_LOG_FORMAT", help="Log for people or for machines.")
    ] = LogFormat.TEXT,
) -> None:
    """Set up what all commands share."""
    if debug:
        os.environ["CCW_DEBUG"] = "1"
    os.umask(NOBODY_ELSE)
    set_up_logs(log_format)


def _job(
    context: typer.Context,
    extracts: Extracts = DEMO_EXTRACTS,
    warehouse: Warehouse = _DEFAULTS.warehouse,
    published: Published = _DEFAULTS.published,
    as_of: AsOf = None,
    full_refresh: FullRefresh = False,
    target: Target = _DEFAULTS.target,
    to: To = None,
    landed: Landed = None,
    dbt_vars: Vars = None,
    max_rejected_share: MaxRejectedShare = _DEFAULTS.max_rejected_share,
    keep: Keep = _DEFAULTS.keep,
    published_mode: PublishedMode = "600",
    allow_missing_kpis: AllowMissingKpis = False,
    accept_load: AcceptLoad = None,
    source_time_zones: SourceTimeZones = None,
    report: Report = _DEFAULTS.report,
    report_language: ReportLanguage = _DEFAULTS.report_language,
    threads: Threads = None,
    memory_limit: MemoryLimit = None,
    temp_directory: TempDirectory = None,
    preserve_insertion_order: PreserveInsertionOrder = None,
) -> None:
    from pipelines.report import headlines, texts  # noqa: PLC0415 - their libraries cost time, which others need not pay
    from pipelines.run import main_job, watch  # noqa: PLC0415

    texts.read(report_language)
    resources.use(
        threads=threads,
        memory_limit=memory_limit,
        temp_directory=temp_directory,
        preserve_insertion_order=preserve_insertion_order,
    )
    settings = RunSettings(
        extracts=extracts,
        warehouse=warehouse,
        published=published,
        as_of=parse_timestamp(as_of),
        full_refresh=full_refresh,
        target=target,
        land_to=to.value if to else None,
        landed_folder=landed,
        dbt_vars=parse_mapping("--vars", dbt_vars, "{fcr_windows_hours: [24, 48, 72, 168]}"),
        source_time_zones=parse_mapping("--source-time-zones", source_time_zones, "{acd: Europe/Bucharest}"),
        max_rejected_share=max_rejected_share,
        keep=keep,
        published_mode=parse_mode(published_mode),
        allow_missing_kpis=allow_missing_kpis,
        accept_loads=tuple(accept_load or ()),
        report=report,
        report_language=report_language,
        **context.meta.get(_LANDS, {}),
    )
    if context.info_name == "run":
        main_job.run(settings)
        if settings.report:
            headlines.print_headlines(published / "current", report_language, _console())
    elif context.info_name == "watch":
        watch.watch(settings, context.meta[_EVERY])
    else:
        main_job.run_step(settings, str(context.info_name))


def _watch(context: typer.Context, every: Every = 60, **options: Any) -> None:
    """Do `_job` with its options, every so many seconds."""
    context.meta[_EVERY] = every
    _job(context, **options)


def _land(
    context: typer.Context,
    retry_rejected: RetryRejected = False,
    reset: Reset = None,
    yes: Yes = False,
    **options: Any,
) -> None:
    """Do `_job` with its options; before it, or alone if no folder is named, what these options say."""
    if reset and not yes:
        try:
            typer.confirm(f"Take back all that has landed of {reset}? Its files can land again afterwards.", abort=True)
        except typer.Abort as answer:
            raise UsageError(f"Nothing of {reset} was taken back: answer y, or add --yes.") from answer
    came_from = context.get_parameter_source("extracts")
    is_told = came_from is not None and came_from.name != "DEFAULT"
    context.meta[_LANDS] = {
        "reset": reset,
        "retry_rejected": retry_rejected,
        "lands_files": is_told or not (reset or retry_rejected),
    }
    _job(context, **options)


def _take_options_of_job(command: Callable[..., None]) -> None:
    """Give a command all options of the job besides its own: Typer reads them from its signature."""
    command.__signature__ = inspect.signature(command).replace(  # type: ignore[attr-defined]
        parameters=[
            *(own for own in inspect.signature(command).parameters.values() if own.name != "options"),
            *(option for option in inspect.signature(_job).parameters.values() if option.name != "context"),
        ]
    )
    command.__annotations__ = _job.__annotations__ | command.__annotations__


for _command in (_watch, _land):
    _take_options_of_job(_command)

for _name, _help in {
    "run": "The main job: land, check, build, check, report, publish. Without options: the demo extracts, into ./var.",
    "check": "Check what has landed, and the marts.",
    "build": "Build and test the models with dbt.",
    "publish": "Check the marts of the last build and publish them.",
}.items():
    app.command(_name, help=_help)(_job)
app.command("land", help="Land the extract files, each exactly once.")(_land)
app.command("watch", help="The main job again and again in one process, whenever something is new.")(_watch)


@app.command("report")
def build_report(
    published: Published = _DEFAULTS.published,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default: that of the published run.")] = None,
    language: ReportLanguage = _DEFAULTS.report_language,
) -> None:
    """Build the report on what is published again, such as in another language."""
    from pipelines import report  # noqa: PLC0415
    from pipelines.report import headlines  # noqa: PLC0415

    folder = report.rebuild(published, out, language=language)
    headlines.print_headlines(published / "current", language, _console(), folder if out else None)


@app.command()
def verify(published: Published = _DEFAULTS.published) -> None:
    """Read all files of all published runs, and list those that are not as they were written; then exit code 1."""
    from pipelines.run.verify import verify as verify_published  # noqa: PLC0415

    print(verify_published(published))


@app.command()
def simulate(
    contacts: Annotated[int, typer.Option(help="Number of contacts.")],
    out: Annotated[Path, typer.Option(help="Folder to write to: new, empty, or one that holds earlier days.")],
    days: Annotated[int, typer.Option(help="Number of days.")] = 70,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; without it they end with 2026-04-26.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same extracts.")] = 7,
    file_format: Annotated[FileFormat, typer.Option("--format", help="Format of the files.")] = FileFormat.CSV,
) -> None:
    """Write realistic extracts of any size, with the true issue behind each contact in `truth/`."""
    from simulator import simulate as write_extracts  # noqa: PLC0415

    write_extracts(contacts, days, seed, out, file_format.value, start=start.date() if start else None)
    log.info("%s contacts over %s days written to %s", contacts, days, out)


@app.command()
def status(warehouse: Warehouse = _DEFAULTS.warehouse, published: Published = _DEFAULTS.published) -> None:
    """Show the last runs and their steps, what has landed, and why rows were rejected."""
    from pipelines.run.status import print_status  # noqa: PLC0415

    print_status(warehouse, published, _console())


@app.command()
def kpi(
    kpi: Annotated[str | None, typer.Argument(help="Id of the KPI, such as fcr_24h.")] = None,
    by: Annotated[
        str, typer.Option(help="Level: organization, client, site, team, agent, queue, channel or reason.")
    ] = "organization",
    grain: Annotated[Grain, typer.Option(help="Length of the periods.")] = Grain.MONTH,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First period start.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last period start.")] = None,
    member: Annotated[str | None, typer.Option(help="Only this member of the level.")] = None,
    list_all: Annotated[
        bool, typer.Option("--list", help="Print all KPIs with their names, units and levels.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print the KPI's definition.")] = False,
    rows: Annotated[
        bool, typer.Option("--rows", help="Print the fact rows behind the number of --member and --since.")
    ] = False,
    published: Published = _DEFAULTS.published,
) -> None:
    """Print a published KPI as a table with its interval and target, or with --list which KPIs there are."""
    from pipelines.kpi import show  # noqa: PLC0415

    if list_all:
        with show.open_published(published) as connection:
            show.print_list(connection, _console())
        return
    if kpi is None:
        raise UsageError("Name a KPI, such as `ccw kpi fcr_24h`; `ccw kpi --list` shows all.")
    question = show.KpiQuestion(
        kpi, by, grain.value, since.date() if since else None, until.date() if until else None, member
    )
    with show.open_published(published) as connection:
        if explain:
            show.print_definition(connection, kpi, _console())
        elif rows:
            show.print_rows(connection, question, _console())
        else:
            show.print_values(connection, question, _console())


def main() -> None:
    """Run the command line; an error is one sentence and its exit code, with a traceback only on --debug."""
    try:
        app()
    except RunnerError as error:
        if os.environ.get("CCW_DEBUG"):
            raise
        log.error("%s", in_words(error))
        sys.exit(error.exit_code)
    except Exception as error:
        if os.environ.get("CCW_DEBUG"):
            raise
        known = _of_the_disk(error)
        log.error("%s", in_words(known or error))
        sys.exit(known.exit_code if known else 1)


def _of_the_disk(error: Exception) -> RunnerError | None:
    """What to do about a disk that is full, or that changed what is published; None of something else."""
    if is_disk_full(error):
        return DiskFull("The disk is full: make room, then run again. What was published stays.")
    if is_damaged(error):
        return WarehouseDamaged("What is published is damaged: `ccw verify` lists it, `ccw run` publishes it anew.")
    return None


if __name__ == "__main__":
    main()
