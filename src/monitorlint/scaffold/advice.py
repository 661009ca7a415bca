"""What ``monitorlint init`` tells people: what it found in a project, and what is left for them to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.scaffold.detect import has_opentelemetry, python_entry, sets_up_sentry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from monitorlint.scaffold.detect import NodePart, PythonPart, Stack

PYTHON_SDK = "sentry-sdk>=2.15,<3"
_NEWEST, _OLDER = 11, 10
"""Majors of the SDK for npm that the helper is made for."""
_NEWEST_NODE = (20, 19)
"""The oldest Node that the newest major runs on (its ``engines``)."""
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?[\d.x*]*")


def found(root: Path, stack: Stack) -> Iterator[str]:
    """One line for each part of the project, and for monitoring that is there."""
    for python in stack.python:
        yield _found("Python", python, python.frameworks or ("a script or package",))
    for node in stack.node:
        side = "Node" if node.flavour.runtime == "node" else "front end"
        yield _found(side, node, node.frameworks or ("a package",))
    parts: list[PythonPart | NodePart] = [*stack.python, *stack.node]
    for part in parts:
        place = sets_up_sentry(root, part)
        if place:
            yield f"Found Sentry, set up in {place}"
        if has_opentelemetry(part):
            yield f"Found OpenTelemetry in {part.folder or 'the project'}; the helpers report to Sentry beside it"


def _found(side: str, part: PythonPart | NodePart, frameworks: tuple[str, ...]) -> str:
    return f"Found {side}: {', '.join(frameworks)}" + (f" in {part.folder}" if part.folder else "")


def installs(root: Path, stack: Stack) -> Iterator[str]:
    """The commands that install what the helpers import and is not there."""
    for python in stack.python:
        if "sentry-sdk" not in python.distributions:
            yield _in(python.folder, f"{python.add} '{PYTHON_SDK}'") + _recorded(root, python)
    newest = min((_major(node) for node in stack.node), default=_NEWEST)
    for node in stack.node:
        sdk = node.flavour.sdk
        if sdk not in node.dependencies:
            yield _in(node.folder, f"{node.add} {sdk}@{_sibling(node) or f'^{newest}'}")


def outdated(stack: Stack) -> Iterator[str]:
    """What is there, and too old for the helpers."""
    for node in stack.node:
        major = _majors(node.dependencies.get(node.flavour.sdk, ""))
        if major and max(major) < _OLDER:
            sdk = node.flavour.sdk
            yield f"{sdk} {node.dependencies[sdk]} is too old: the helper needs {_OLDER} or {_NEWEST}"


def starts(root: Path, stack: Stack, helpers: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Where the helpers are to be called first.

    :param helpers: The helper module of each part, by its language (``python``, ``node``) and folder.
    """
    for python in stack.python:
        if not sets_up_sentry(root, python):
            yield f"call init_sentry() of {helpers['python', python.folder]} {_python_start(root, python)}"
    for node in stack.node:
        if not sets_up_sentry(root, node):
            yield from _node_starts(root, node, helpers["node", node.folder])


def _recorded(root: Path, python: PythonPart) -> str:
    """What remains to be done behind a command that installs, and writes down nothing."""
    if python.add != "pip install":
        return ""
    named = "requirements.txt" if (root / python.folder / "requirements.txt").is_file() else "what the project requires"
    return f"  # and add it to {named}"


def _python_start(root: Path, python: PythonPart) -> str:
    entry = python_entry(root, python)
    if "Django" in python.frameworks:
        return f"at the end of {entry or 'the settings'}"
    return f"in {entry}, before the application is made" if entry else "where the application starts"


def _node_starts(root: Path, node: NodePart, helper: str) -> Iterator[str]:
    sdk = node.flavour.sdk
    if sdk == "@sentry/nextjs":
        yield from _next_starts(root, node, helper)
    elif node.flavour.runtime == "browser":
        more = ", and put its ErrorBoundary around the application" if node.flavour.is_react else ""
        yield f"call initSentry() of {helper} first in the entry file{more}"
    elif node.flavour.runtime == "universal":
        yield f"call initSentry() of {helper} where {sdk} wants Sentry.init, on both sides"
    else:
        first = "in a file of its own that is loaded before all others (ES modules: node --import)"
        yield f"call initSentry() of {helper} {first}"


def _next_starts(root: Path, node: NodePart, helper: str) -> Iterator[str]:
    """Next.js loads two files by their names, beside ``app`` or ``pages``, and hands errors to what they export."""
    place = f"{node.folder}/" if node.folder else ""
    if any((root / node.folder / "src" / name).is_dir() for name in ("app", "pages")):
        place += "src/"
    suffix = "ts" if node.flavour.is_typed else "js"
    for file, inside, exported, name in (
        ("instrumentation", " in register()", "captureRequestError", "onRequestError"),
        ("instrumentation-client", "", "captureRouterTransitionStart", "onRouterTransitionStart"),
    ):
        call = f"{place}{file}.{suffix}: call initSentry() of {helper}{inside}"
        yield f"{call}, and export {{ {exported} as {name} }} from '{node.flavour.sdk}'"


def _in(folder: str, command: str) -> str:
    return f"cd {folder} && {command}" if folder else command


def _sibling(node: NodePart) -> str:
    """The range of another part of the SDK that is there: they have to be of one version."""
    for name in ("@sentry/node", "@sentry/react", "@sentry/browser", "@sentry/core", "@sentry/profiling-node"):
        if name in node.dependencies and _majors(node.dependencies[name]):
            return node.dependencies[name]
    return ""


def _major(node: NodePart) -> int:
    """The newest major that runs where the package runs."""
    numbers = [(int(m[1]), int(m[2] or 0)) for m in _NUMBER.finditer(node.engine)]
    next_ = _majors(node.dependencies.get("next", ""))
    is_old = (numbers and min(numbers) < _NEWEST_NODE) or (next_ and max(next_) < 14)
    present = _majors(node.dependencies.get(node.flavour.sdk, ""))
    return _OLDER if is_old or (present and max(present) <= _OLDER) else _NEWEST


def _majors(version_range: str) -> list[int]:
    if not re.match(r"[\^~>=<v\s]*\d", version_range):
        return []
    return [int(match[1]) for match in _NUMBER.finditer(version_range)]
