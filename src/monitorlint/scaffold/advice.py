"""What ``monitorlint init`` tells people: what it found in a project, and what is left for them to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern
from monitorlint.scaffold.detect import (
    NodePart,
    has_opentelemetry,
    python_entry,
    sets_up_sentry,
    tells_requests_apart,
)
from monitorlint.scaffold.node_packages import ELECTRON, package_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from monitorlint.scaffold.detect import PythonPart, Stack
    from monitorlint.settings.values import Backend

PYTHON_SDK = "sentry-sdk>=2.15,<3"
_PYTHON_OTEL = ("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http")
_OTEL_RANGE = ">=1.16,<2"
_NODE_OTEL = ("@opentelemetry/api", "@opentelemetry/sdk-node")
_OTEL_VERSIONS = (((22, 15), ("^1.10.0", "^0.301.0")), ((18, 19), ("~1.9.1", "^0.223.0")))
"""The oldest Node, and the versions that fit each other and it; the newest first."""
_NEWEST, _OLDER = 11, 10
"""Majors of the SDK for npm that the helper is made for."""
_NEWEST_NODE = (20, 19)
"""The oldest Node that the newest major runs on (its ``engines``)."""
_SIDES = {"node": "Node", "worker": "a worker of Cloudflare"}
_LOADED_FIRST = "in a file of its own that is loaded before all others (ES modules: node --import)"
_NUMBER = pattern(r"(\d+)(?:\.(\d+))?[\d.x*]*")


def found(root: Path, stack: Stack) -> Iterator[str]:
    """One line for each part of the project, and for monitoring that is there."""
    for python in stack.python:
        yield _found("Python", python, python.frameworks or ("a script or package",))
    for node in stack.node:
        yield _found(_SIDES.get(node.flavour.runtime, "front end"), node, node.frameworks or ("a package",))
    parts: list[PythonPart | NodePart] = [*stack.python, *stack.node]
    for part in parts:
        place = sets_up_sentry(root, part)
        if place:
            yield f"Found Sentry, set up in {place}"
        if has_opentelemetry(part) and _backend(part) == "sentry":
            where = part.folder or "the project"
            other = "" if _is_browser(part) else " (--backend opentelemetry: to it)"
            yield f"Found OpenTelemetry in {where}; the helpers report to Sentry beside it{other}"


def stays_with_sentry(stack: Stack, backend: Backend) -> Iterator[str]:
    """The parts whose helper reports to Sentry though another backend is wished."""
    for node in stack.node:
        if backend != node.flavour.backend:
            name = node.folder or "The application"
            where = "on Cloudflare" if node.flavour.runtime == "worker" else "in browsers"
            yield f"{name} runs {where}: its helper reports to Sentry; the one for OpenTelemetry is for Node"


def _found(side: str, part: PythonPart | NodePart, frameworks: tuple[str, ...]) -> str:
    return f"Found {side}: {', '.join(frameworks)}" + (f" in {part.folder}" if part.folder else "")


def installs(root: Path, stack: Stack) -> Iterator[str]:
    """The commands that install what the helpers import and is not there."""
    for python in stack.python:
        if python.backend == "opentelemetry":
            missing = [f"'{name}{_OTEL_RANGE}'" for name in _PYTHON_OTEL if name not in python.distributions]
            if missing:
                yield _in(python.folder, f"{python.add} {' '.join(missing)}") + _recorded(root, python)
        elif "sentry-sdk" not in python.distributions:
            yield _in(python.folder, f"{python.add} '{PYTHON_SDK}'") + _recorded(root, python)
    newest = min((_major(node) for node in stack.node), default=_NEWEST)
    for node in stack.node:
        if node.flavour.backend == "opentelemetry":
            wanted = zip(_NODE_OTEL, _otel_versions(node), strict=True)
            missing = [f"{name}@{version}" for name, version in wanted if name not in node.dependencies]
            if missing:
                yield _in(node.folder, f"{node.add} {' '.join(missing)}")
            continue
        sdk = node.flavour.sdk
        if package_of(sdk) not in node.dependencies:
            where = node.folder if node.manifest is None else node.manifest
            yield _in(where, f"{node.add} {sdk}@{_sibling(node) or f'^{newest}'}")


def outdated(stack: Stack) -> Iterator[str]:
    """What is there, and too old for the helpers."""
    for node in stack.node:
        if node.flavour.backend == "opentelemetry":
            continue
        major = _majors(node.dependencies.get(node.flavour.sdk, ""))
        if major and max(major) < _OLDER:
            sdk = node.flavour.sdk
            yield f"{sdk} {node.dependencies[sdk]} is too old: the helper needs {_OLDER} or {_NEWEST}"


def starts(root: Path, stack: Stack, helpers: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Where the helpers are to be called first.

    :param helpers: The helper module of each part, by its language (``python``, ``node``) and folder.
    """
    for python in stack.python:
        helper = helpers["python", python.folder]
        if python.backend == "opentelemetry":
            yield f"call init_opentelemetry() of {helper} {_python_start(root, python)}"
        elif not sets_up_sentry(root, python):
            yield f"call init_sentry() of {helper} {_python_start(root, python)}"
    for node in stack.node:
        helper = helpers["node", node.folder]
        if node.flavour.backend == "opentelemetry":
            yield f"call initOpenTelemetry() of {helper} {_LOADED_FIRST}"
        elif not sets_up_sentry(root, node):
            yield from _node_starts(root, node, helper)


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
    elif node.flavour.runtime == "worker":
        entry = node.worker or "the worker's entry file"
        given = "(env: Env)" if node.flavour.is_typed else "(env)"
        call = f"Sentry.withSentry({given} => sentryOptions(env), …)"
        yield f"{entry}: put {call} around what it exports; sentryOptions is in {helper}"
        if node.worker and not tells_requests_apart(root, node):
            yield 'compatibility_flags of the worker: Sentry needs "nodejs_compat" (or "nodejs_als") among them'
    elif package_of(sdk) == ELECTRON:
        yield f"call initSentry() of {helper} first in the entry file of the main process"
    else:
        yield f"call initSentry() of {helper} {_LOADED_FIRST}"


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
    names = (f"next.config.{ending}" for ending in ("ts", "mts", "mjs", "cjs", "js"))
    config = next((name for name in names if (root / node.folder / name).is_file()), "next.config.mjs")
    # Next.js before 15.3 loads neither file without it, and what is bundled is not traced.
    majors = _majors(node.dependencies.get(node.flavour.sdk, ""))
    module = node.flavour.sdk if majors and max(majors) < _NEWEST else f"{node.flavour.sdk}/config"
    path = f"{node.folder}/{config}" if node.folder else config
    yield f"{path}: put withSentryConfig() of '{module}' around what it exports"


def _backend(part: PythonPart | NodePart) -> Backend:
    return part.flavour.backend if isinstance(part, NodePart) else part.backend


def _is_browser(part: PythonPart | NodePart) -> bool:
    """Whether no helper for OpenTelemetry runs there."""
    return isinstance(part, NodePart) and part.flavour.runtime != "node"


def _otel_versions(node: NodePart) -> tuple[str, str]:
    """The versions of the API and the SDK that run where the package runs."""
    numbers = [(int(m[1]), int(m[2] or 0)) for m in _NUMBER.finditer(node.engine)]
    least = min(numbers, default=_OTEL_VERSIONS[-1][0])
    found = next((versions for oldest, versions in _OTEL_VERSIONS if least >= oldest), _OTEL_VERSIONS[-1][1])
    # One that is there decides: they go by pairs.
    for index, name in enumerate(_NODE_OTEL):
        present = node.dependencies.get(name, "")
        for _, versions in _OTEL_VERSIONS:
            if present and present.lstrip("^~>=v ").startswith(versions[index].lstrip("^~").rpartition(".")[0]):
                found = versions
    return found


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
