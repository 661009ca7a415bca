"""``monitorlint rule``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from monitorlint.model.rule import Rule


@click.command("rule", help="Explain the rule CODE (a code or a name); without one, list all rules.")
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="The documentation of every rule.")
@click.option("--output-format", "--format", type=click.Choice(["text", "json", "markdown"]), default="text")
def command(code: str | None, output_format: str, *, every: bool) -> int:
    """Print documentation."""
    from monitorlint.checks import all_rules  # noqa: PLC0415
    from monitorlint.cli.output import write  # noqa: PLC0415

    if code is not None and every:
        raise click.UsageError("Name a rule or give --all, not both.", click.get_current_context())
    rules = all_rules()
    chosen = rules if code is None else (_find(code, rules),)
    if output_format == "json":
        write([_json(chosen, single=code is not None)], None)
    elif code is None and not every:
        write(_tables(rules, output_format), None)
    else:
        write(_pages(chosen, output_format), None)
    return 0


def _find(wanted: str, rules: tuple[Rule, ...]) -> Rule:
    for rule in rules:
        if wanted.upper() == rule.code or wanted.lower() == rule.name:
            return rule
    from difflib import get_close_matches  # noqa: PLC0415 - only a typo needs it

    known = [text for rule in rules for text in (rule.code, rule.name)]
    near = get_close_matches(wanted.upper(), known, n=1) or get_close_matches(wanted.lower(), known, n=1)
    hint = f"Did you mean '{near[0]}'?" if near else "'monitorlint rule' lists all rules."
    raise click.UsageError(f"No such rule '{wanted}'. {hint}", click.get_current_context())


def _json(rules: tuple[Rule, ...], *, single: bool) -> str:
    import json  # noqa: PLC0415

    from monitorlint.checks import documentation  # noqa: PLC0415
    from monitorlint.report.rules import record  # noqa: PLC0415

    records = [record(rule, documentation(rule.code)) for rule in rules]
    return json.dumps(records[0] if single else records, indent=2) + "\n"


def _tables(rules: tuple[Rule, ...], output_format: str) -> Iterator[str]:
    from monitorlint.report.rules import index, table  # noqa: PLC0415

    yield index(rules) if output_format == "markdown" else table(rules)


def _pages(rules: tuple[Rule, ...], output_format: str) -> Iterator[str]:
    from monitorlint.checks import documentation  # noqa: PLC0415
    from monitorlint.report.rules import page, text  # noqa: PLC0415

    show = page if output_format == "markdown" else text
    for number, rule in enumerate(rules):
        yield ("\n" if number else "") + show(rule, documentation(rule.code))
