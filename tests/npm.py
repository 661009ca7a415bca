"""Packages from npm for tests that compare monitorlint with the tool it has to agree with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRED = "MONITORLINT_NODE_TESTS"
"""Set to ``required`` (as .ci/run does), a test fails that cannot have what it needs of Node; else it is skipped."""
_LONGEST = 600
"""Seconds that another process may take to install the same packages."""


def missing(what: str) -> NoReturn:
    """Say that a test cannot be run here."""
    if os.environ.get(REQUIRED) == "required":
        pytest.fail(f"NOT RUN, and {REQUIRED} is set: {what}")
    pytest.skip(f"NOT RUN: {what}")


def installed(config: pytest.Config, **versions: str) -> Path:
    """The folder in which exact versions of some packages are installed; the test is skipped where that cannot be.

    They are kept in pytest's cache, which ``--cache-clear`` empties.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        missing("needs node and npm")
    wanted = {name.replace("__", "/"): version for name, version in sorted(versions.items())}
    cache = config.cache
    assert cache is not None
    folder = Path(cache.mkdir("npm-" + "-".join(f"{n.replace('/', '+')}@{v}" for n, v in wanted.items())))
    with _held(folder / "lock"):
        _install(folder, wanted)
    return folder


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    """One process installs, others wait for it."""
    end = time.monotonic() + _LONGEST
    while True:
        try:
            lock.mkdir()
            break
        except FileExistsError:
            if time.monotonic() > end:
                shutil.rmtree(lock, ignore_errors=True)
            time.sleep(0.2)
    try:
        yield
    finally:
        lock.rmdir()


def _install(folder: Path, wanted: dict[str, str]) -> None:
    if not (folder / "done").is_file():
        (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}))
        arguments = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        ran = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            missing(f"npm cannot install {wanted}: {ran.stderr.strip()[-200:]}")
        (folder / "done").touch()


def node(script: str, *arguments: str, packages: Path, text: str = "") -> str:
    """What a CommonJS script prints, which may require the packages of a folder."""
    (packages / "script.cjs").write_text(script, encoding="utf-8")
    ran = subprocess.run(
        ["node", str(packages / "script.cjs"), *arguments], input=text, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
