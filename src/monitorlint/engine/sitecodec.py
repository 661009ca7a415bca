"""Sites as JSON and back: for the cache, and on the way from one process to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.finding import Confidence, Evidence, Region
from monitorlint.model.site import Level, MonitoredBy, Site, Swallowed

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
    swallowed = row["swallowed"]
    return Site(
        **{
            **row,
            "region": Region(*row["region"]),
            "confidence": Confidence(row["confidence"]),
            "identity": Confidence(row["identity"]),
            "monitored_by": _monitor(monitor) if monitor is not None else None,
            "evidence": tuple(Evidence(*e) for e in row["evidence"]),
            "swallowed": _swallowed(swallowed) if swallowed is not None else None,
        }
    )


def _monitor(row: list[Any]) -> MonitoredBy:
    return MonitoredBy._make(row)._replace(level=Level(row[1]))


def _swallowed(row: list[Any]) -> Swallowed:
    region, how, name, monitor = row
    return Swallowed(Region(*region), how, name, _monitor(monitor))
