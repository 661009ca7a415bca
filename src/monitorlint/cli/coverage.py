"""``monitorlint coverage``."""

from __future__ import annotations

from typing import Any

import click

from monitorlint.cli.options import report_options, run, shared_options
from monitorlint.report import names

_HELP = """List every AI call, fetch and loop in PATHS (default: .), monitored or not, with the evidence.

The percentage is monitored / (monitored + unmonitored + unknown), over AI calls and fetches, and over the operations
(database, e-mail, file) whose MON5xx rule is on, in the areas that the settings report on (default: app). Suppressed
sites do not count; loops are listed and not part of it.
"""


@click.command("coverage", help=_HELP)
@shared_options
@click.option("--output-format", type=click.Choice(names("coverage")), default="text", help="Default: text.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 when the percentage is below; a run with nothing to count passes.",
)
def command(**flags: Any) -> int:
    """List sites."""
    from monitorlint.cli.output import write  # noqa: PLC0415
    from monitorlint.cli.terminal import say  # noqa: PLC0415
    from monitorlint.report import load  # noqa: PLC0415
    from monitorlint.report.ledger import percentage  # noqa: PLC0415
    from monitorlint.report.summary import failures, remarks  # noqa: PLC0415

    result = run(flags, purpose="coverage")
    percent, monitored, counted = percentage(result)
    short = flags["fail_under"] is not None and percent is not None and percent < flags["fail_under"]
    code = 2 if result.failures else int(short)
    write(load("coverage", flags["output_format"]).render(result, report_options(flags, code)), flags["output_file"])
    for line in failures(result):
        say(line)
    if not flags["quiet"]:
        for line in remarks(result):
            say(line)
        if flags["verbose"]:
            say(f"Rules: {', '.join(rule.code for rule in result.rules)}")
    if short:
        say(f"Monitored: {percent:.1f}% ({monitored} of {counted}), below --fail-under {flags['fail_under']:g}")
    return code
