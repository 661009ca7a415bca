"""Packages from npm for tests that compare monitorlint with the tool it has to agree with."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest


def installed(config: pytest.Config, **versions: str) -> Path:
    """The folder in which exact versions of some packages are installed; the test is skipped where that cannot be.

    They are kept in pytest's cache, which ``--cache-clear`` empties.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("NOT COMPARED: needs node and npm")
    wanted = {name.replace("__", "/"): version for name, version in sorted(versions.items())}
    cache = config.cache
    assert cache is not None
    folder = Path(cache.mkdir("npm-" + "-".join(f"{n.replace('/', '+')}@{v}" for n, v in wanted.items())))
    if not (folder / "done").is_file():
        (folder / "package.json").write_text(json.dumps({"private": True, "dependencies": wanted}))
        arguments = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        ran = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            pytest.skip(f"NOT COMPARED: npm cannot install {wanted}: {ran.stderr.strip()[-200:]}")
        (folder / "done").touch()
    return folder


def node(script: str, *arguments: str, packages: Path, text: str = "") -> str:
    """What a CommonJS script prints, which may require the packages of a folder."""
    (packages / "script.cjs").write_text(script, encoding="utf-8")
    ran = subprocess.run(
        ["node", str(packages / "script.cjs"), *arguments], input=text, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
