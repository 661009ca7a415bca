"""What MON102 and MON202 share: a call that nothing limits in time."""

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


def unlimited(rule: Rule, judged: Judged) -> Iterator[Finding]:
    """One finding per site of the rule's kind that may wait for ever."""
    for site in judged.sites:
        if site.kind == rule.kind and site.timeout == "none" and site.status != "suppressed":
            where = f" in {site.function}()" if site.function else ""
            message = f"{site.target}{where} has no timeout and may wait for ever"
            cure = _cure(rule, site, judged.timeouts.get(site.kind))
            # What shows that the call is monitored, or leaves that in doubt, says nothing of its limit.
            apart = site._replace(evidence=(), status="unmonitored", confidence=site.identity)
            yield from_site(rule, apart, message, note=_advice(site), cure=cure)


def _advice(site: Site) -> str:
    if not site.timeout_keyword:
        return "set a timeout on the client or the call"
    return f"pass `{site.timeout_keyword}` in {'milli' if site.timeout_milliseconds else ''}seconds"


def _cure(rule: Rule, site: Site, seconds: float | None) -> Cure | None:
    if seconds is None:
        return None
    remedy = Remedy(
        "timeout",
        rule.code,
        site.path,
        site.region,
        "",
        target=site.target,
        is_async=site.is_async,
        seconds=seconds,
        keyword=site.timeout_keyword,
        milliseconds=site.timeout_milliseconds,
    )
    # A call that took longer so far, and came back, will fail.
    return Cure(remedy, Fix(Applicability.UNSAFE, f"Limit the call to {seconds:g} s"))
