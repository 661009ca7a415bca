"""Build hook: the wheel carries the rules, and their compiled form, so that no user's run has to parse TOML."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Rules(BuildHookInterface[Any]):
    """Puts ``rules/`` and the compiled catalogue into the package."""

    _scratch: tempfile.TemporaryDirectory[str]
    """Goes with the hook, when the wheel is written."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add both to the wheel; an editable install finds ``rules/`` in the checkout."""
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "src"))
        from monitorlint.catalog import compile_rules  # noqa: PLC0415 - on the path only now

        # Not in the source tree: that may be read-only, and a checkout must not change because it was built.
        self._scratch = tempfile.TemporaryDirectory(prefix="monitorlint-build-")
        compiled = Path(self._scratch.name) / "_compiled.json"
        compile_rules(compiled)
        build_data["force_include"][str(Path(self.root) / "rules")] = "monitorlint/rules"
        build_data["force_include"][str(compiled)] = "monitorlint/catalog/_compiled.json"
