"""The helper module of TypeScript and JavaScript: its text for the SDK, the build and the thresholds of a package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from monitorlint.settings.values import Backend, Thresholds

STEMS: dict[Backend, str] = {"sentry": "sentryMonitoring", "opentelemetry": "openTelemetryMonitoring"}
"""The names by which the helper is found where no configuration names it, before ``.ts`` or ``.js``."""

_TEMPLATES = Path(__file__).parent / "typescript"
_REGION = pattern(r"(?ms)^ *//#region (\w+)\n(.*?)^ *//#endregion\n")
_NODE_IMPORT = pattern(r"(?m)^import .* from 'node:.*';\n")
_STARTED = """Call `initSentry()` once, where the application
 * starts, before it imports what is to be traced.
"""
_WRAPPED = """Put `Sentry.withSentry` around what the worker exports
 * by default, with the options that `sentryOptions()` gives.
"""
_EXPORTED = pattern(r"(?m)^export (?:async )?(?:function|const|class) (\w+)")


class Flavour(NamedTuple):
    """What a package needs its helper to be."""

    sdk: str = "@sentry/node"
    """Of Sentry; what fits the frameworks."""
    runtime: str = "node"
    """``node``, ``browser``, ``worker`` (of Cloudflare), or ``universal``: a framework builds it for both sides."""
    is_typed: bool = True
    is_commonjs: bool = False
    """Written with ``require``; only without types, where no compiler sees to it."""
    prefix: str = "VITE_"
    """What variables begin with that the build puts into the code: ``VITE_``, ``NEXT_PUBLIC_``, ``REACT_APP_``."""
    is_vite: bool = True
    """The build puts them into ``import.meta.env``, else into ``process.env``."""
    is_react: bool = False
    backend: Backend = "sentry"
    """OpenTelemetry is for Node alone: what runs in browsers reports to Sentry."""


def typescript_helper(thresholds: Thresholds, flavour: Flavour, examples: Collection[str] = ()) -> str:
    """The text of the helper, with the project's thresholds (seconds, turns, a share).

    :param examples: Names of wrappers that the configuration expects; the template has ``monitorLessonLoading``.
    """
    suffix = "ts" if flavour.is_typed else "js"
    text = _template(f"{STEMS['sentry']}.{suffix}")
    if flavour.backend == "opentelemetry":
        parts = dict(_REGION.findall(_template(f"otelRegions.{suffix}")))
        text = _REGION.sub(lambda m: f"//#region {m[1]}\n{parts.get(m[1], m[2])}//#endregion\n", text)
    kept = {"about", "options", "start", "runtime", "span", "init", "vite" if flavour.is_vite else "process"}
    if flavour.is_react:
        kept.add("react")
    if flavour.runtime != "node":
        kept -= {"start", "init", "options"} if flavour.runtime == "worker" else {"start"}
        text = _NODE_IMPORT.sub("", text)
        text = _REGION.sub(
            lambda m: _template(f"{flavour.runtime}.{suffix}") if m[1] == "runtime" else m[0],
            text,
        )
        if flavour.runtime == "worker":
            text = text.replace(_STARTED, _WRAPPED)
        text = text.replace("VITE_APP_VERSION", release_variable(flavour)).replace("VITE_", flavour.prefix)
    text = _REGION.sub(lambda m: _region(m[1], m[2], kept, examples), text)
    text = re.sub(r"\n{3,}", "\n\n", text)
    text = text.replace("'@sentry/node'", f"'{flavour.sdk}'")
    pair = "[{}, {}]" + (" as const" if flavour.is_typed else "")
    constants = {
        "AI_SECONDS": _number(thresholds.ai),
        "FETCH_SECONDS": pair.format(*map(_number, thresholds.fetch)),
        "OPERATION_SECONDS": pair.format(*map(_number, thresholds.operation)),
        "LOOP_LIMIT": str(thresholds.loop),
        "MEMORY_LIMIT": _number(thresholds.memory),
    }
    for name, value in constants.items():
        text, number = re.subn(rf"(?m)^const {name} = .*$", f"const {name} = {value};", text)
        assert number == 1, name
    return _commonjs(text) if flavour.is_commonjs and not flavour.is_typed else text


def dsn_variable(flavour: Flavour) -> str:
    """The variable that a front end's DSN is read from."""
    return f"{flavour.prefix}SENTRY_DSN"


def release_variable(flavour: Flavour) -> str:
    """The variable that a front end's version is read from."""
    return "REACT_APP_VERSION" if flavour.prefix == "REACT_APP_" else f"{flavour.prefix}APP_VERSION"


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _region(name: str, body: str, kept: Collection[str], examples: Collection[str]) -> str:
    if name == "example":
        if set(_EXPORTED.findall(body)) & set(examples):
            return body
        return "".join(line if line.startswith("//") else f"// {line}" for line in body.splitlines(keepends=True))
    return body if name in kept else ""


def _number(value: float) -> str:
    """As JavaScript writes it: 30, 2.5."""
    return str(int(value)) if value == int(value) else repr(value)


def _commonjs(text: str) -> str:
    names = _EXPORTED.findall(text)
    text = re.sub(r"(?m)^import \* as (\w+) from ('[^']+');$", r"const \1 = require(\2);", text)
    text = re.sub(r"(?m)^import (\{[^}]*\}) from ('[^']+');$", _required, text)
    text = re.sub(r"(?m)^export (?=async |function |const |class )", "", text)
    exports = "".join(f"  {name},\n" for name in names)
    return f"'use strict';\n\n{text}\nmodule.exports = {{\n{exports}}};\n"


def _required(found: re.Match[str]) -> str:
    names = found[1].replace(" as ", ": ")
    return f"const {names} = require({found[2]});"
