"""What MON102 and MON202 share: a call that nothing limits in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import from_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.rule import Rule


def unlimited(rule: Rule, judged: Judged, note: str) -> Iterator[Finding]:
    """One finding per site of the rule's kind that may wait for ever."""
    for site in judged.sites:
        if site.kind == rule.kind and site.timeout == "none" and site.status != "suppressed":
            where = f" in {site.function}()" if site.function else ""
            yield from_site(rule, site, f"{site.target}{where} has no timeout and may wait for ever", note=note)
