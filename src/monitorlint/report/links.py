"""Where the project lives on the web."""

from __future__ import annotations

HOME = "https://github.com/monitorlint/monitorlint"
ISSUES = f"{HOME}/issues"


def rule_page(code: str) -> str:
    """URL of a rule's documentation."""
    return f"{HOME}/blob/main/docs/rules/{code}.md"
