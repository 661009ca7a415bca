"""What those who write a project run alone: scripts of its ``package.json`` files, and packages that are tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORD = pattern(r"[a-z0-9]+")
# By one of these words in its name a script checks, builds or writes something of the project itself.
_DEVELOPING = frozenset(
    """
    test tests e2e smoke lint format typecheck coverage build prebuild postbuild bundle transpile bench benchmark
    benchmarks release version preversion postversion publish prepublish prepublishonly prepack prepare changelog doc
    docs codegen translate translation translations i18n l10n locale locales openapi swagger schema icons typings types
    check verify validate storybook screenshot screenshots ci tool tools eval evals
    """.split()
)
# Likewise with the name of what it writes: `generate:sdk`, not `generate:invoices`.
_WRITING = frozenset("generate gen update create download extract".split())
_WRITTEN = frozenset("sdk client clients api graphql gql css tokens proto fixtures manifest code routes".split())
# With one of these it looks at what others of these words name: `db:verify` changes no data.
_LOOKING = frozenset("check verify validate lint typecheck test tests".split())
_LOOKED_AT = frozenset("db data schema migration migrations".split())
# What has one of these starts, feeds or changes what is deployed.
_RUNNING = frozenset(
    """
    start serve server prod production worker workers job jobs cron deploy run main schedule scheduled daily nightly
    hourly ingest sync import migrate migration migrations seed backfill setup install postinstall preinstall web data
    db send
    """.split()
)
# What fills a database to work with, or looks at what there is, is run by hand where nothing else runs it.
_BY_HAND = frozenset(
    """
    seed seeds seeding audit audits backtest backtests qa preflight doctor codemod codemods diagnose diagnostics
    """.split()
)
_WHATEVER = frozenset("db data seed web".split())
_TOOL = pattern(r"tools?|tooling|utils?|(?:.*[-_])?dev[-_](?:tools?|tooling|console|scripts?|utils?)|local[-_]dev.*")
_PUBLISHED = ("exports", "module", "files", "publishConfig", "bin", "types", "typings", "workspaces")
_APPLICATIONS = frozenset("next nuxt astro gatsby @sveltejs/kit @remix-run/node @react-router/node expo".split())
"""What a platform deploys that a repository says nothing of."""
_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def is_for_developers(script: str) -> bool:
    """Whether those who write a project alone run a script of its ``package.json``, by its name."""
    words = frozenset(_WORD.findall(script.lower()))
    running = words & _RUNNING
    if running and (words.isdisjoint(_LOOKING) or not running <= _LOOKED_AT):
        return False
    return not words.isdisjoint(_DEVELOPING) or not (words.isdisjoint(_WRITING) or words.isdisjoint(_WRITTEN))


def is_by_hand(script: str) -> bool:
    """Whether a script is most likely run by hand, by its name, if nothing that deploys the project runs it."""
    words = frozenset(_WORD.findall(script.lower()))
    return not words.isdisjoint(_BY_HAND) and words & _RUNNING <= _WHATEVER


def entries_of(manifest: Mapping[str, Any]) -> Iterable[str]:
    """The files by which a package is used or started, as they are written."""
    todo: list[Any] = [manifest.get(key) for key in ("main", "module", "browser", "bin", "exports")]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)


def tools_among(manifests: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The folders of packages that are named like tools, that no other package asks for, and that are not published."""
    asked = {folder: _asked_for(manifest) for folder, manifest in manifests.items()}
    wanted = frozenset().union(*asked.values())
    return frozenset(
        folder
        for folder, manifest in manifests.items()
        if folder
        and any(_TOOL.fullmatch(part) for part in folder.lower().split("/"))
        and manifest.get("name") not in wanted
        and not any(key in manifest for key in _PUBLISHED)
        and asked[folder].isdisjoint(_APPLICATIONS)
    )


def _asked_for(manifest: Mapping[str, Any]) -> frozenset[str]:
    tables = (manifest.get(section) for section in _SECTIONS)
    return frozenset(name for table in tables if isinstance(table, dict) for name in table)
