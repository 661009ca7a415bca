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
    return f"# {rule.name} ({rule.code})\n\n{' · '.join(facts)}\n\n{markdown(documentation)}"


def text(rule: Rule, documentation: str) -> str:
    """The page of one rule for a terminal: the docstring as it stands."""
    state = f"{rule.severity.value}, {'on' if rule.default else 'off'} by default"
    return f"{rule.code} {rule.name}: {rule.summary} ({state})\n\n{documentation.strip()}\n"


def markdown(documentation: str) -> str:
    """A docstring (underlined headings, ``::`` before indented code) as Markdown."""
    lines = documentation.strip().splitlines()
    out: list[str] = []
    fenced = False
    for number, line in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if fenced and line and not line.startswith(" "):
            _end_fence(out)
            fenced = False
        if fenced:
            if line or out[-1] != "```":
                out.append(line[4:])
        elif _underlines(following, line):
            out.append(f"## {line}")
        elif _underlines(line, out[-1].removeprefix("## ") if out else ""):
            out.append("")
        elif line.endswith("::"):
            out += [f"{line[:-1]}", ""] if line != "::" else []
            out.append("```")
            fenced = True
        else:
            out.append(line)
    if fenced:
        _end_fence(out)
    return "\n".join(out).rstrip("\n") + "\n"


def _underlines(line: str, title: str) -> bool:
    return len(line) > 2 and len(line) == len(title) and not line.strip("-")


def _end_fence(out: list[str]) -> None:
    while not out[-1]:
        out.pop()
    if out[-1] != "```":
        out += ["```", ""]


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
