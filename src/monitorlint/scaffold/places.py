"""Where the helper modules of a project belong, and where they are already."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from monitorlint.scaffold.helper import PYTHON_NAME, PYTHON_NAMES, python_home
from monitorlint.scaffold.typescript_helper import STEMS
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitorlint.scaffold.detect import NodePart, PythonPart

_SCRIPTS = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
_HOMES = ("src/utils", "src/lib", "app/utils", "app/lib", "utils", "lib", "src")
"""Folders of a package in which others have put such modules, the usual ones first."""


def python_target(part: PythonPart, configured: str) -> str:
    """The path of a part's helper, from the root.

    :param configured: ``helpers.python``; ``""`` where it is not set.
    :raises UsageError: the configured path cannot be imported; the part has several helper modules.
    """
    if configured:
        path = _inside(configured, "helpers.python")
        name = path.rpartition("/")[2]
        if not (name.endswith(".py") and name.removesuffix(".py").isidentifier()):
            raise UsageError(f"helpers.python: {path} cannot be imported; name a Python file, such as {PYTHON_NAME}")
        return path
    known = _known(part.files, tuple(PYTHON_NAMES.values()), "helpers.python")
    if known:
        return known
    start = len(part.folder) + 1 if part.folder else 0
    files = [path[start:] for path in part.files]
    packages = [path.removesuffix("/__init__.py") for path in files if path.endswith("/__init__.py")]
    return _join(part.folder, python_home(packages, PYTHON_NAMES[part.backend], files))


def script_target(root: Path, part: NodePart, configured: str) -> str:
    """As `python_target`, for the helper of a package of npm.

    :param configured: ``helpers.typescript``.
    """
    stem = STEMS[part.flavour.backend]
    if configured:
        path = _inside(configured, "helpers.typescript")
        if not path.endswith(_SCRIPTS) or path.endswith((".d.ts", ".d.mts", ".d.cts")):
            raise UsageError(f"helpers.typescript: {path} cannot be imported; name a file, such as {stem}.ts")
        return path
    known = _known(
        part.files, tuple(f"{name}{suffix}" for name in STEMS.values() for suffix in _SCRIPTS), "helpers.typescript"
    )
    if known:
        return known
    name = f"{stem}.{'ts' if part.flavour.is_typed else 'js'}"
    for home in _HOMES:
        if _is_home(root, _join(part.folder, home), part.files):
            return _join(part.folder, f"{home}/{name}")
    return _join(part.folder, name)


def _is_home(root: Path, folder: str, files: Sequence[str]) -> bool:
    """Whether a folder is there, and its code is the project's: what git ignores is not among its files."""
    if any(path.startswith(f"{folder}/") for path in files):
        return True
    try:
        return not any(name.endswith(_SCRIPTS) for name in os.listdir(root / folder))  # noqa: PTH208 - names alone
    except OSError:
        return False


def _known(files: Sequence[str], names: Sequence[str], key: str) -> str:
    known = [path for path in files if path.rpartition("/")[2] in names]
    if len(known) > 1:
        raise UsageError(f"{known[0]} and {known[1]} are both helper modules; set {key} to one of them")
    return known[0] if known else ""


def _inside(configured: str, key: str) -> str:
    path = configured.replace(os.sep, "/")
    if path.startswith("../") or os.path.isabs(path):  # noqa: PTH117 - no Path is needed
        raise UsageError(f"{key}: {path} lies outside the project; move it below its root")
    return path


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder else path
