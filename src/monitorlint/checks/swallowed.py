"""What MON602 and MON605 share: a handler that keeps what it caught from the monitor of errors that runs with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.model.finding import Applicability, Evidence, Finding, Fix
from monitorlint.model.remedy import Remedy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.rule import Rule
    from monitorlint.model.site import Site, Swallowed


def swallowed(rule: Rule, judged: Judged, how: str, fate: str) -> Iterator[Finding]:
    """Every such handler, at its first monitored call: of one that is not, another rule speaks already.

    :param how: Where what the handler caught goes, as in ``Swallowed.how``.
    :param fate: The same, in words.
    """
    seen: set[tuple[str, int]] = set()
    for site in judged.sites:
        found = site.swallowed
        if found is None or found.how != how or site.status not in {"monitored", "unknown"}:
            continue
        key = (site.path, found.region.start)
        if key not in seen:
            seen.add(key)
            yield _finding(rule, site, found, fate)


def _finding(rule: Rule, site: Site, found: Swallowed, fate: str) -> Finding:
    monitor = found.monitor
    where = f" in {site.function}()" if site.function else ""
    sends = _capture(monitor.name)
    cure = _cure(rule, site, found, sends) if sends else None
    return Finding(
        code=rule.code,
        name=rule.name,
        message=f"What {site.target}{where} raises {fate}: {_title(monitor.name)} never sees it",
        severity=rule.severity,
        confidence=rule.confidence,
        kind=site.kind,
        target=site.target,
        path=site.path,
        region=found.region,
        symbol=site.function,
        text=site.text,
        evidence=(
            Evidence(site.path, site.region.row, f"calls {site.target}"),
            Evidence(monitor.path, monitor.line, monitor.name),
        ),
        area=site.area,
        note=f"call {sends.rpartition('.')[2]}({found.name}) in the handler" if sends else "report it in the handler",
        fix=cure.fix if cure is not None else None,
        remedy=cure.remedy if cure is not None else None,
    )


def _title(name: str) -> str:
    """The monitor for a message: its product where that is Sentry, else its package."""
    if "sentry" in name.lower():
        return "Sentry"
    return name.partition(".")[0]


def _capture(name: str) -> str:
    """What sends an exception, by the name of what starts Sentry, or sends something; ``""`` where it is not known."""
    if name.startswith("@sentry/"):
        scope, _, rest = name.partition("/")
        return f"{scope}/{rest.partition('.')[0]}.captureException"
    return "sentry_sdk.capture_exception" if name.startswith(("sentry_sdk.", "**.sentry_monitoring.")) else ""


def _cure(rule: Rule, site: Site, found: Swallowed, sends: str) -> Cure:
    remedy = Remedy("capture", rule.code, site.path, found.region, "", target=sends, keyword=found.name)
    return Cure(remedy, Fix(Applicability.UNSAFE, f"Send it with {sends}()"))
