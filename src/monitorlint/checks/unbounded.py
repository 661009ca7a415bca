"""What the MON3xx rules share: a loop that nothing in the code limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import from_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.rule import Rule

# The header is the message's subject; the code frame shows all of it.
_LONGEST_HEADER = 70


def unbounded(rule: Rule, judged: Judged, lacks: str, note: str) -> Iterator[Finding]:
    """One finding per loop site that the rule speaks of.

    :param lacks: What the loop has not, as the second half of the message.
    :param note: The cure.
    """
    for site in judged.sites:
        if site.kind == "loop" and site.status == "unbounded" and site.code == rule.code:
            header = site.text if len(site.text) <= _LONGEST_HEADER else f"{site.text[: _LONGEST_HEADER - 1]}…"
            yield from_site(rule, site, f"`{header}` {site.reason}; {lacks}", note=note)
