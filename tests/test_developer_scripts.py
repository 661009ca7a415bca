"""Which scripts of a ``package.json``, by their names, and which packages serve those alone who write a project."""

from __future__ import annotations

from typing import Any

import pytest

from monitorlint.languages.typescript.developers import entries_of, is_for_developers, tools_among


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("test", True),
        ("test:smoke", True),
        ("translate", True),
        ("generate:sdk", True),
        ("tools:check-links", True),
        ("openapi:generate", True),
        ("start", False),
        ("dev", False),
        ("generate:invoices", False),
        ("start:docs", False),
        ("build:server", False),
        ("refresh", False),
    ],
)
def test_a_script_is_for_developers_by_its_name(script: str, expected: bool) -> None:
    assert is_for_developers(script) is expected


def test_what_others_ask_for_publish_or_deploy_is_no_tool() -> None:
    manifests: dict[str, dict[str, Any]] = {
        "": {"name": "shop", "dependencies": {"@shop/used": "workspace:*"}},
        "tools/console": {"name": "@shop/console"},
        "tools/used": {"name": "@shop/used"},
        "tools/published": {"name": "@shop/published", "exports": "./index.js"},
        "tools/admin": {"name": "@shop/admin", "dependencies": {"next": "^16.0.0"}},
        "apps/web": {"name": "@shop/web"},
        "services/local-dev-console": {"name": "local-dev-console"},
    }
    assert tools_among(manifests) == {"tools/console", "services/local-dev-console"}


def test_the_files_of_a_package_are_found_wherever_they_stand() -> None:
    manifest = {
        "main": "a.js",
        "bin": {"shop": "b.js"},
        "exports": {".": [{"import": "./c.js"}, "./d.js"]},
        "files": ["e"],
    }
    assert sorted(entries_of(manifest)) == ["./c.js", "./d.js", "a.js", "b.js"]
    assert list(entries_of({})) == []
