"""The helper module: its text for the thresholds of a project, and the file that it becomes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from monitorlint.scaffold.regions import composed, regions

if TYPE_CHECKING:
    from collections.abc import Collection

    from monitorlint.settings.values import Backend, Thresholds

PYTHON_NAMES: dict[Backend, str] = {"sentry": "sentry_monitoring.py", "opentelemetry": "opentelemetry_monitoring.py"}
"""The names by which the helper is found where no configuration names it."""
PYTHON_NAME = PYTHON_NAMES["sentry"]

_MOST = 0.9
"""The share of the packages' files in one of them from which on that is the project's."""

_TEMPLATES = Path(__file__).parent / "python"


def python_helper(thresholds: Thresholds, backend: Backend = "sentry") -> str:
    """The text of the Python helper, with the project's thresholds (seconds, turns, a share)."""
    text = (_TEMPLATES / PYTHON_NAME).read_text(encoding="utf-8")
    other = (_TEMPLATES / "otel_regions.py").read_text(encoding="utf-8") if backend == "opentelemetry" else ""
    text = composed(text, regions(other) if other else None)
    constants: dict[str, object] = {
        "AI_SECONDS": float(thresholds.ai),
        "FETCH_SECONDS": tuple(map(float, thresholds.fetch)),
        "OPERATION_SECONDS": tuple(map(float, thresholds.operation)),
        "LOOP_LIMIT": thresholds.loop,
        "MEMORY_LIMIT": float(thresholds.memory),
    }
    for name, value in constants.items():
        text, number = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value!r}", text)
        assert number == 1, name
    return text


def python_home(packages: Collection[str], name: str = PYTHON_NAME, files: Collection[str] = ()) -> str:
    """Where the helper belongs in a project that says nothing about it: a path from the root, with ``/``.

    :param packages: The folders that are packages, relative to the root: ``shop``, ``src/shop``, ``shop/api``.
    :param files: The project's files: where all of them lie in one package, however deep, that is the place.
    """
    outermost = [package for package in packages if not any(package.startswith(f"{other}/") for other in packages)]
    if (
        len(outermost) == 1
        and "/" in outermost[0]
        and files
        and all(path.startswith(f"{outermost[0]}/") for path in files)
    ):
        return f"{outermost[0]}/{name}"
    top = [package for package in packages if "/" not in package]
    in_src = [package for package in packages if package.count("/") == 1 and package.startswith("src/")]
    if in_src and "src" not in packages:
        # Several packages have no common one; what lies beside them is imported by its bare name.
        folder = in_src[0] if len(in_src) == 1 else "src"
    else:
        folder = top[0] if len(top) == 1 else _main(top, files)
    return f"{folder}/{name}" if folder else name


def _main(packages: Collection[str], files: Collection[str]) -> str:
    """The package that holds nearly all of the code of several: the others are clients of it, scripts, plug-ins."""
    held = {package: sum(path.startswith(f"{package}/") for path in files) for package in packages}
    best = max(held, key=lambda package: held[package], default="")
    return best if best and held[best] >= _MOST * sum(held.values()) else ""
