"""The flags that the commands which read files have in common, and the request they make."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from monitorlint.engine.request import Request
    from monitorlint.model.run import RunResult
    from monitorlint.report import ReportOptions

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(
    path_type=Path, readable=False
)  # what cannot be read is said where it is read: a finding, not the end


def _split(
    ctx: click.Context,  # noqa: ARG001 - click's signature
    param: click.Parameter,  # noqa: ARG001
    value: tuple[str, ...],
) -> tuple[str, ...] | None:
    """Take apart ``MON1,MON2`` and repeated flags; None when the flag was not given."""
    parts = (part.strip() for text in value for part in text.split(","))
    return tuple(part for part in parts if part) if value else None


_SHARED = (
    click.argument("paths", nargs=-1, type=FILE),
    click.option("--stdin-filename", metavar="PATH", help="Where the text on standard input belongs (with PATHS '-')."),
    click.option(
        "--select",
        callback=_split,
        multiple=True,
        metavar="CODES",
        help="Only these codes, prefixes or names; ALL for every rule.",
    ),
    click.option("--extend-select", multiple=True, callback=_split, metavar="CODES", help="These as well."),
    click.option("--ignore", multiple=True, callback=_split, metavar="CODES", help="Not these."),
    click.option(
        "--exclude",
        callback=_split,
        multiple=True,
        metavar="PATTERNS",
        help="Leave out files that match; .gitignore syntax.",
    ),
    click.option("--force-exclude", is_flag=True, help="Leave out excluded files even when they are named in PATHS."),
    click.option("--config", type=FILE, metavar="FILE", help="Read this configuration and no other."),
    click.option("--isolated", is_flag=True, help="Read no configuration."),
    click.option(
        "-o", "--output-file", type=FILE, metavar="FILE", help="Write the report there instead of to standard output."
    ),
    click.option("--no-cache", is_flag=True, help="Neither read nor write the cache."),
    click.option("--cache-dir", type=FILE, metavar="DIR", envvar="MONITORLINT_CACHE_DIR", help="Where the cache lies."),
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Processes; 0, the default: as many as pay off.",
    ),
    click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colours in the report."
    ),
    click.option("-q", "--quiet", is_flag=True, help="Only the report; no summary, no progress."),
    click.option("-v", "--verbose", is_flag=True, help="Say which rules were on and how long it took."),
    click.option("--debug", is_flag=True, help="Show the traceback of an error of monitorlint."),
)


def shared_options(command: Command) -> Command:
    """Add the shared flags to a command."""
    return functools.reduce(lambda wrapped, option: option(wrapped), reversed(_SHARED), command)


def request(flags: dict[str, Any], **more: Any) -> Request:
    """Make the request that the shared flags describe; ``more`` are fields of ``Request``."""
    from monitorlint.engine.request import Request  # noqa: PLC0415

    paths: tuple[Path, ...] = flags["paths"] or (Path(),)
    piped = Path("-") in paths
    if piped and len(paths) > 1:
        raise click.UsageError("'-' stands alone: standard input is one file.", click.get_current_context())
    if flags["stdin_filename"] is not None and not piped:
        raise click.UsageError("--stdin-filename needs '-' as the path.", click.get_current_context())
    return Request(
        paths=() if piped else paths,
        stdin=sys.stdin.buffer.read() if piped else None,
        stdin_filename=flags["stdin_filename"],
        config=flags["config"],
        isolated=flags["isolated"],
        select=flags["select"],
        extend_select=flags["extend_select"],
        ignore=flags["ignore"],
        exclude=flags["exclude"],
        force_exclude=flags["force_exclude"],
        cache=not flags["no_cache"],
        cache_dir=flags["cache_dir"],
        jobs=flags["jobs"],
        debug=flags["debug"],
        **more,
    )


def report_options(flags: dict[str, Any], exit_code: int) -> ReportOptions:
    """How the report is to look."""
    from monitorlint.cli.terminal import wants_color, width  # noqa: PLC0415
    from monitorlint.report import ReportOptions  # noqa: PLC0415

    to_file = flags["output_file"] is not None
    color = wants_color(flags["color"], sys.stdout)
    return ReportOptions(
        color=flags["color"] == "always" if to_file else color,
        width=width(),
        exit_code=exit_code,
        working_directory=str(Path.cwd()),
        documentation=_documentation,
    )


def _documentation(code: str) -> str:
    """The rule's page; most formats never ask for one."""
    from monitorlint.checks import documentation  # noqa: PLC0415

    return documentation(code)


def run(flags: dict[str, Any], **more: Any) -> RunResult:
    """Run the engine, with a progress bar where someone looks on."""
    from monitorlint.cli.progress import progress  # noqa: PLC0415
    from monitorlint.engine.run import run as run_engine  # noqa: PLC0415

    bar = progress(quiet=flags["quiet"])
    try:
        return run_engine(request(flags, progress=bar, **more))
    finally:
        if bar is not None:
            bar.close()
