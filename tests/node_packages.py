"""npm packages for the tests of the TypeScript helper, by name and exact version, installed once per machine."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import ROOT

SETS = ROOT / "tests" / "node"


@functools.cache
def modules(name: str) -> Path:
    """The ``node_modules`` of ``tests/node/NAME/package.json``; without Node or npm, the test is skipped."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("NOT TESTED: the TypeScript helper needs node and npm on the PATH")
    manifest = (SETS / name / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "monitorlint-tests"
    folder = cache / f"{name}-{hashlib.sha256(manifest).hexdigest()[:16]}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        # Whole or not at all, whoever else does the same: renamed into place.
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            (Path(scratch) / "package.json").write_bytes(manifest)
            done = subprocess.run(
                [npm, "install", *"--no-audit --no-fund --ignore-scripts --no-package-lock --loglevel=error".split()],
                cwd=scratch,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                pytest.skip(f"NOT TESTED: npm cannot install {name}: {done.stderr.strip()[-300:]}")
            try:
                Path(scratch).rename(folder)
            except OSError:
                assert folder.exists()
            else:
                Path(scratch).mkdir()  # for TemporaryDirectory to remove
    return folder / "node_modules"
