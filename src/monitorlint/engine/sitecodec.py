"""Sites as JSON and back: for the cache, and on the way from one process to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.finding import Confidence, Evidence, Region
from monitorlint.model.site import Level, MonitoredBy, Site

if TYPE_CHECKING:
    from typing import Any


def encode_site(site: Site) -> dict[str, Any]:
    """What ``decode_site`` takes."""
    return site._asdict()


def decode_site(row: dict[str, Any]) -> Site:
    """The site that ``encode_site`` wrote.

    :raises KeyError, TypeError, ValueError: the row was written by another version.
    """
    monitor = row["monitored_by"]
    return Site(
        **{
            **row,
            "region": Region(*row["region"]),
            "confidence": Confidence(row["confidence"]),
            "monitored_by": None if monitor is None else MonitoredBy._make(monitor)._replace(level=Level(monitor[1])),
            "evidence": tuple(Evidence(*e) for e in row["evidence"]),
        }
    )
