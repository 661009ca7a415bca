"""npm packages for the tests of the TypeScript helper, by name and exact version."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from npm import installed, missing

if TYPE_CHECKING:
    import pytest

_APPLICATION = {
    "@types/node": "20.19.30",
    "@types/react": "19.2.7",
    "express": "5.2.1",
    "fastify": "5.6.2",
    "openai": "6.49.0",
    "react": "19.2.3",
}
_WORKER = {"@cloudflare/workers-types": "4.20260702.1", "esbuild": "0.28.2", "miniflare": "4.20260426.0"}
_SETS = {
    "sentry10": {
        **_APPLICATION,
        "@sentry/cloudflare": "10.75.3",
        "@sentry/node": "10.78.0",
        "@sentry/react": "10.78.0",
    },
    "sentry11": {
        **_APPLICATION,
        "@sentry/cloudflare": "11.0.0",
        "@sentry/node": "11.12.0",
        "@sentry/react": "11.12.0",
    },
    "otel2": {
        "@opentelemetry/api": "1.9.1",
        "@opentelemetry/sdk-node": "0.223.0",
        "@types/node": "20.19.30",
        "openai": "6.49.0",
    },
    "otel3": {
        "@opentelemetry/api": "1.10.0",
        "@opentelemetry/sdk-node": "0.301.0",
        "@types/node": "20.19.30",
        "openai": "6.49.0",
    },
    "pyright": {"pyright": "1.1.414"},
    "react": {
        "@sentry/react": "11.12.0",
        "@types/react": "19.2.7",
        "@types/react-dom": "19.2.3",
        "puppeteer-core": "24.43.1",
        "react": "19.2.3",
        "react-dom": "19.2.3",
        "typescript": "5.9.3",
        "vite": "7.3.0",
    },
    "worker10": {**_WORKER, "@sentry/cloudflare": "10.75.3"},
    "worker11": {**_WORKER, "@sentry/cloudflare": "11.0.0"},
    "oldest": {"typescript": "5.0.4"},
    "tools": {
        "@eslint/js": "9.39.2",
        "eslint": "9.39.2",
        "prettier": "3.7.4",
        "ts-blank-space": "0.6.2",
        "typescript": "5.9.3",
        "typescript-eslint": "8.50.0",
    },
}


_NODES = {"18": "18.20.8", "22": "22.23.3"}
"""Versions of Node that are not the one on the PATH; that is ``20``."""


class Modules:
    """The ``node_modules`` of each set; without Node or npm, the test that asks is skipped."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def __call__(self, name: str) -> Path:
        return installed(self._config, **_SETS[name]) / "node_modules"

    def node(self, major: str) -> str:
        """The program of some major version of Node; for ``20``, the one on the PATH, which may be newer."""
        if major not in _NODES:
            return "node"
        machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
        if sys.platform != "linux" or machine is None:
            missing(f"npm has Node {major} for Linux alone")
        package = f"node-linux-{machine}"
        folder = installed(self._config, **{package: _NODES[major]})
        return str(folder / "node_modules" / package / "bin" / "node")
