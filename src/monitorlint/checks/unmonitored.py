"""What MON101, MON201 and MON501 to MON503 share: a call that no monitoring covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure, from_site
from monitorlint.model.finding import Applicability, Fix
from monitorlint.model.remedy import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding
    from monitorlint.model.remedy import Usage
    from monitorlint.model.rule import Rule
    from monitorlint.model.site import Site

_HELPERS = {"ai": "monitor_ai_generation", "http": "monitor_fetch"}
"""The helper for a kind of call; other kinds: ``monitor_operation``."""


def unmonitored(rule: Rule, judged: Judged) -> Iterator[Finding]:
    """One finding per site of the rule's kind that is not, or not surely, monitored."""
    for site in judged.sites:
        if site.kind != rule.kind or site.status not in {"unmonitored", "unknown"}:
            continue
        where = f" in {site.function}()" if site.function else ""
        if site.status == "unknown":
            monitor = site.monitored_by.name if site.monitored_by else "a monitor"
            message = f"{site.target}{where} may run without monitoring: {monitor} covers it, but {site.reason}"
        elif site.monitored_by is not None:
            level = site.monitored_by.level.value
            message = f"{site.target}{where} is monitored by {site.monitored_by.name} at level {level} only"
        else:
            message = f"{site.target}{where} is not monitored"
        helper = _HELPERS.get(site.kind, "monitor_operation")
        usage = judged.usage(site.language, helper)
        cure = _cure(rule, site, helper, usage)
        yield from_site(rule, site, message, note=f"put the call in `{usage.around}`", cure=cure)


def _cure(rule: Rule, site: Site, helper: str, usage: Usage) -> Cure:
    remedy = Remedy(
        "wrap",
        rule.code,
        site.path,
        site.region,
        helper,
        target=site.target,
        provider=site.provider,
        is_async=site.is_async,
        stream=site.stream,
        is_connection=site.is_connection,
    )
    is_missed = usage.waits and not site.is_async and (site.stream == "no" or site.is_connection)
    return Cure(remedy, None if is_missed else Fix(Applicability.SAFE, f"Put the call under `{usage.name}`"))
