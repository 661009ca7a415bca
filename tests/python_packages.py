"""Packages from PyPI that only some tests need, in folders of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from npm import missing

if TYPE_CHECKING:
    import pytest


def distributions(config: pytest.Config, *requirements: str, python: str = sys.executable) -> Path:
    """The folder in which some packages are installed, to be put on the path; it is kept in pytest's cache."""
    cache = config.cache
    assert cache is not None
    own = "" if python == sys.executable else "-other"
    folder = Path(cache.mkdir(f"pypi{own}-{'-'.join(requirements).replace('==', '-')}"))
    if not (folder / "done").is_file():
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(folder)]
        done = subprocess.run([*command, *requirements], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            missing(f"pip cannot install {' '.join(requirements)}: {done.stderr.strip()[-200:]}")
        (folder / "done").touch()
    return folder
