"""``python -m monitorlint``."""

from __future__ import annotations

import sys

from monitorlint.cli import main

sys.exit(main())
