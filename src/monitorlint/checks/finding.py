"""From a site to a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.finding import Finding

if TYPE_CHECKING:
    from monitorlint.model.rule import Rule
    from monitorlint.model.site import Site


def from_site(rule: Rule, site: Site, message: str, *, note: str = "") -> Finding:
    """The finding of one rule at one site.

    :param message: One sentence, no full stop.
    :param note: One line of advice.
    """
    return Finding(
        code=rule.code,
        name=rule.name,
        message=message,
        severity=rule.severity,
        confidence=site.confidence,
        kind=site.kind,
        target=site.target,
        path=site.path,
        region=site.region,
        symbol=site.function,
        text=site.text,
        evidence=site.evidence,
        area=site.area,
        note=note,
    )
