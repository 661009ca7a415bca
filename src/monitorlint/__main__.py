"""``python -m monitorlint``."""

from __future__ import annotations

from monitorlint.cli import leave

leave()
