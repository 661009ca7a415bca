"""What the MON3xx rules share: a loop that nothing in the code limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure, from_site
from monitorlint.model.finding import Applicability, Fix
from monitorlint.model.remedy import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.rule import Rule
    from monitorlint.model.site import Site

_GUARD = "detect_infinite_loop"
_SLOW = frozenset({"MON303", "MON304", "MON305", "MON306", "MON307"})
"""Rules of loops whose turns wait for a model, a server or a clock: a hundred turns are many."""
_SLOW_LIMIT = 100

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
            yield from_site(rule, site, f"`{header}` {site.reason}; {lacks}", note=note, cure=_cure(rule, site, judged))


def _cure(rule: Rule, site: Site, judged: Judged) -> Cure | None:
    if rule.fixable == "no":
        # A guard tells where a loop hangs; one that can never end needs more than that.
        return None
    limit = _SLOW_LIMIT if rule.code in _SLOW else None
    remedy = Remedy("guard", rule.code, site.path, site.region, _GUARD, limit=limit)
    return Cure(
        remedy, Fix(Applicability.SAFE, f"Count the turns and call `{judged.usage(site.language, _GUARD).name}`")
    )
