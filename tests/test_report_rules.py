"""Docstrings as pages."""

from __future__ import annotations

from monitorlint.model.rule import Rule
from monitorlint.report.rules import index, markdown, page, table, text

DOCUMENTATION = """\
What it does
------------
Finds it::

    a = [

        1,
    ]

Example
-------
::

    b
"""


def test_markdown() -> None:
    assert markdown(DOCUMENTATION) == (
        "## What it does\n\nFinds it:\n\n```\na = [\n\n    1,\n]\n```\n\n## Example\n\n```\nb\n```\n"
    )


def test_markdown_leaves_the_rest_alone() -> None:
    assert markdown("Plain text.\n\n- a list\n- of two") == "Plain text.\n\n- a list\n- of two\n"
    assert markdown("") == "\n"


def test_pages_and_tables(rule: Rule) -> None:
    assert page(rule, DOCUMENTATION).startswith("# unmonitored-ai-call (MON101)\n\n**Severity**: error · ")
    assert text(rule, DOCUMENTATION).startswith("MON101 unmonitored-ai-call: nothing monitors an AI call (error, on by")
    assert table([rule]) == "MON101  on   error    unmonitored-ai-call  nothing monitors an AI call\n"
    assert "| [MON101](MON101.md) | unmonitored-ai-call |" in index([rule])
