"""``monitorlint check``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitorlint.cli.options import FILE, report_options, request, run, shared_options
from monitorlint.report import names

if TYPE_CHECKING:
    from monitorlint.model.run import RunResult

_SEVERITIES = ("error", "warning", "info")


@click.command("check", help="Report the AI calls, fetches and loops in PATHS (default: .) that no monitoring covers.")
@shared_options
@click.option(
    "--output-format",
    type=click.Choice(names("formats")),
    envvar="MONITORLINT_OUTPUT_FORMAT",
    help="Default: full on a terminal, else concise.",
)
@click.option("--statistics", is_flag=True, help="Count findings per rule instead of listing them (text or json).")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    default="info",
    help="The least severity that makes the exit code 1 (default: info, that is any).",
)
@click.option("--strict", is_flag=True, help="Findings of low confidence make the exit code 1, too.")
@click.option("--baseline", type=FILE, metavar="FILE", help="Hold back the findings that FILE lists.")
@click.option("--update-baseline", is_flag=True, help="Write the findings of this run to the baseline.")
@click.option("--fix", is_flag=True, help="Repair what can be repaired, and report the rest.")
@click.option("--diff", is_flag=True, help="Print what --fix would change, and nothing else; exit code 1 if anything.")
@click.option("--show-fixes", is_flag=True, help="Show the edits of each fix; change nothing.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="With --fix or --diff: those that may change what the code does, too."
)
@click.option("--allow-dirty", is_flag=True, help="With --fix: change folders in which git sees uncommitted changes.")
def command(**flags: Any) -> int:
    """Check files."""
    if flags["update_baseline"] and flags["baseline"] is None:
        raise click.UsageError("--update-baseline needs --baseline FILE.", click.get_current_context())
    if flags["fix"] or flags["diff"] or flags["show_fixes"]:
        return _with_fixes(flags)
    started = time.monotonic()
    result = run(flags, baseline=flags["baseline"], update_baseline=flags["update_baseline"])
    return _finish(result, flags, started)


def _with_fixes(flags: dict[str, Any]) -> int:
    """The runs that need the fixer."""
    from monitorlint.cli.fix import demand_clean, exit_code, repaired, shown  # noqa: PLC0415
    from monitorlint.cli.output import write_bytes  # noqa: PLC0415
    from monitorlint.cli.terminal import say  # noqa: PLC0415
    from monitorlint.report import fixes  # noqa: PLC0415

    context = click.get_current_context()
    if sum((flags["fix"], flags["diff"], flags["show_fixes"])) > 1:
        raise click.UsageError("Give one of --fix, --diff and --show-fixes.", context)
    if flags["update_baseline"]:
        raise click.UsageError("--update-baseline records what is left: run it after the fixes.", context)
    if flags["fix"] and Path("-") in flags["paths"]:
        raise click.UsageError("Standard input is fixed by 'monitorlint fix -'.", context)
    started = time.monotonic()
    asked = request(flags, baseline=flags["baseline"])
    if flags["show_fixes"]:
        return _finish(shown(asked, flags), flags, started)
    if flags["fix"] and not flags["allow_dirty"]:
        demand_clean(flags["paths"] or (Path(),))
    result = repaired(asked, flags, unsafe=flags["unsafe_fixes"], write=flags["fix"])
    if flags["diff"]:
        write_bytes(b"".join(fixes.patch(result)))
        if not flags["quiet"]:
            say(fixes.summary(result, would=True))
        return exit_code(result, diff=True)
    for line in fixes.errors(result):
        say(line)
    if not flags["quiet"]:
        say(fixes.summary(result))
    code = _finish(result.left, flags, started)
    return exit_code(result, diff=False) if fixes.errors(result) else code


def _finish(result: RunResult, flags: dict[str, Any], started: float) -> int:
    code = exit_code(result, flags["fail_on"], strict=flags["strict"], zero=flags["exit_zero"])
    _report(result, flags, code)
    _epilogue(result, flags, time.monotonic() - started)
    return code


def exit_code(result: RunResult, fail_on: str, *, strict: bool, zero: bool) -> int:
    """2 when monitorlint itself failed somewhere, 1 for findings that count, else 0."""
    from monitorlint.model.finding import Confidence  # noqa: PLC0415

    if result.failures:
        return 2
    grave = _SEVERITIES[: _SEVERITIES.index(fail_on) + 1]
    failing = any(
        finding.suppressed is None
        and finding.severity.value in grave
        and (strict or finding.confidence is not Confidence.LOW)
        for finding in result.findings
    )
    return int(failing and not zero)


def _report(result: RunResult, flags: dict[str, Any], code: int) -> None:
    from monitorlint.cli.output import write  # noqa: PLC0415
    from monitorlint.report import load  # noqa: PLC0415

    destination: Path | None = flags["output_file"]
    chosen: str = flags["output_format"] or ("full" if destination is None and sys.stdout.isatty() else "concise")
    if flags["statistics"]:
        write(_statistics(result, chosen), destination)
    else:
        write(load("formats", chosen).render(result, report_options(flags, code)), destination)


def _statistics(result: RunResult, chosen: str) -> Iterator[str]:
    from monitorlint.report.summary import statistics  # noqa: PLC0415

    rows = statistics(result)
    if chosen == "json":
        import json  # noqa: PLC0415

        yield (
            json.dumps([{"count": number, "code": code, "name": name} for number, code, name in rows], indent=2) + "\n"
        )
    elif chosen in ("full", "concise"):
        width = max((len(str(number)) for number, _, _ in rows), default=0)
        yield from (f"{number:>{width}}  {code}  {name}\n" for number, code, name in rows)
    else:
        raise click.UsageError(f"--statistics has no {chosen} form; use json or text.", click.get_current_context())


def _epilogue(result: RunResult, flags: dict[str, Any], seconds: float) -> None:
    from monitorlint.cli.terminal import say  # noqa: PLC0415
    from monitorlint.report.summary import failures, remarks, summary  # noqa: PLC0415

    for line in failures(result):
        say(line)
    if flags["quiet"]:
        return
    for line in remarks(result):
        say(line)
    if flags["verbose"]:
        say(f"Rules: {', '.join(rule.code for rule in result.rules)}")
        say(f"Time: {seconds:.2f} s")
    say(summary(result))
