"""Rules on paper: the table of all, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monitorlint.model.rule import Rule
from monitorlint.report.links import rule_page

INDEX_HEAD = """\
# Rules

These pages are the docstrings of the checks: `monitorlint rule CODE` prints the same text. Regenerate them with
`python docs/generate.py`.

"""


def table(rules: Sequence[Rule]) -> str:
    """One line per rule, aligned, for a terminal."""
    width = max((len(rule.name) for rule in rules), default=0)
    return "".join(
        f"{rule.code}  {'on' if rule.default else 'off':<3}  {rule.severity.value:<7}  "
        f"{rule.name:<{width}}  {rule.summary}\n"
        for rule in rules
    )


def index(rules: Sequence[Rule]) -> str:
    """The table of all rules, as a Markdown page that links to theirs."""
    lines = ["| code | name | what it finds | severity | by default | fix |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [
        f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.summary} | {rule.severity.value} "
        f"| {'on' if rule.default else 'off'} | {rule.fixable} |"
        for rule in rules
    ]
    return INDEX_HEAD + "\n".join(lines) + "\n"


def page(rule: Rule, documentation: str) -> str:
    """The Markdown page of one rule."""
    facts = [
        f"**Severity**: {rule.severity.value}",
        f"**By default**: {'on' if rule.default else 'off'}",
        f"**Fix**: {rule.fixable}",
    ]
    return f"# {rule.name} ({rule.code})\n\n{' · '.join(facts)}\n\n{documentation.strip()}\n"


def record(rule: Rule, documentation: str) -> dict[str, Any]:
    """One rule for machines."""
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "kind": rule.kind,
        "severity": rule.severity.value,
        "confidence": rule.confidence.value,
        "default": rule.default,
        "fixable": rule.fixable,
        "documentation": documentation,
        "url": rule_page(rule.code),
    }
