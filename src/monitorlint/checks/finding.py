"""From a site to a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.finding import Confidence, Finding, Fix
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from monitorlint.model.remedy import Remedy
    from monitorlint.model.rule import Rule
    from monitorlint.model.site import Site


class Cure(NamedTuple):
    """A remedy, and what is said of it before anybody has tried it."""

    remedy: Remedy
    fix: Fix | None
    """None: it is not likely to be carried out."""


def from_site(rule: Rule, site: Site, message: str, *, note: str = "", cure: Cure | None = None) -> Finding:
    """The finding of one rule at one site.

    :param message: One sentence, no full stop.
    :param note: One line of advice.
    :param cure: What repairs it. Where the verdict is uncertain, nothing is offered.
    """
    certain = site.confidence is not Confidence.LOW and site.status != "unknown"
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
        fix=cure.fix if cure is not None and certain else None,
        remedy=cure.remedy if cure is not None and certain else None,
    )
