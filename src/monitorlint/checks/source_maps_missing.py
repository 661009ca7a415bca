"""What it does
------------
Reports a browser application that starts Sentry, and whose build makes no source maps.

Why is this bad?
----------------
Every stack trace shows one line of minified code. No step after the build can mend it: the maps were never written.

Example
-------
::

    export default defineConfig({ plugins: [react()] });        // and Sentry.init in src/main.tsx

Use instead
-----------
::

    export default defineConfig({
      build: { sourcemap: "hidden" },
      plugins: [react(), sentryVitePlugin({ org, project, authToken: process.env.SENTRY_AUTH_TOKEN })],
    });

How it decides
--------------
A package with a `vite.config` and a script that runs `vite build` calls `init` of a package for browsers. The
configuration leaves `build.sourcemap` unset, or sets it to false, and has no plugin of Sentry's; no script has
`--sourcemap`, and no file of the project speaks of `sentry-cli` or an auth token. The helper module that
`monitorlint init` writes counts for nothing here: its owner has only begun.

References
----------
- https://vite.dev/config/build-options.html#build-sourcemap
- https://docs.sentry.io/platforms/javascript/guides/react/sourcemaps/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import BROWSER, at_call, is_init
from monitorlint.model.finding import Evidence, Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import Bundler, Manifest

RULE = Rule(
    code="MON431",
    name="source-maps-missing",
    summary="A browser application with Sentry whose build makes no source maps",
    kind="setup",
    severity=Severity.WARNING,
    default=True,
)

_HELPER = "sentryMonitoring."
_BUILD = pattern(r"\bvite\s+build\b")


def check(judged: Judged) -> Iterator[Finding]:
    """The first start in each package."""
    setup = judged.setup
    if any(file.uploads for file in setup.files):
        return
    seen: set[str] = set()
    for call in setup.use.calls:
        if call.package not in BROWSER or not is_init(call) or call.area != "app" or _HELPER in call.path:
            continue
        manifest = setup.manifest_of(call.path)
        bundler = _bundler(setup, manifest) if manifest is not None and manifest.path not in seen else None
        if manifest is None or bundler is None or not _builds_without_maps(manifest):
            continue
        seen.add(manifest.path)
        message = "The build makes no source maps: Sentry shows minified code"
        evidence = [Evidence(bundler.path, 1, "configures the build")]
        yield at_call(RULE, setup, call, message, evidence=evidence, note="add sentryVitePlugin() to the configuration")


def _builds_without_maps(manifest: Manifest) -> bool:
    """Whether a script runs Vite's build, and none asks for maps."""
    commands = [script.command for script in manifest.scripts]
    return any(map(_BUILD.search, commands)) and not any("--sourcemap" in command for command in commands)


def _bundler(setup: ProjectSetup, manifest: Manifest) -> Bundler | None:
    """The only configuration of Vite in a package, where it makes no maps and has no plugin of Sentry's."""
    found = [one for one in setup.use.bundlers if setup.manifest_of(one.path) is manifest]
    if len(found) != 1 or found[0].source_maps not in {"unset", "false"}:
        return None
    return None if any("entry" in word.lower() for word in found[0].words) else found[0]
