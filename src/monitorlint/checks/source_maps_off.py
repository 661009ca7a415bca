"""What it does
------------
Reports a Vite configuration with Sentry's plugin that makes no source maps to upload.

Why is this bad?
----------------
The plugin uploads the maps that the bundler wrote, and there are none. Stack traces stay minified, and the build says
nothing of it.

Example
-------
::

    export default defineConfig({
      build: { sourcemap: false },
      plugins: [react(), sentryVitePlugin({ org, project })],
    });

Use instead
-----------
::

    export default defineConfig({
      build: { sourcemap: "hidden" },
      plugins: [react(), sentryVitePlugin({ org, project })],
    });

How it decides
--------------
The file that calls `sentryVitePlugin` sets `build.sourcemap` to false; or, with a plugin below version 11, it does not
set it at all, and neither does a script by `--sourcemap`. From 11 on the plugin turns hidden maps on where nothing is
said. A plugin that is told not to upload (`disable`, `sourcemaps.disable`) is left alone.

References
----------
- `decideSourceMapHandling` in @sentry/bundler-plugins 11.12.0
- Run with Vite 6 and @sentry/vite-plugin 3.6.1 and 5.4.1: no maps where nothing is set
- https://vite.dev/config/build-options.html#build-sourcemap
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.finding import Cure
from monitorlint.checks.setup_finding import at_call
from monitorlint.model.finding import Applicability, Fix, Region, Severity
from monitorlint.model.remedy import Remedy
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import Bundler, SentryCall

RULE = Rule(
    code="MON432",
    name="source-maps-off",
    summary="Sentry's plugin for Vite has no source maps to upload",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
    fixable="unsafe",
)

_PLUGIN = "@sentry/vite-plugin"
_SETS_THEM_SINCE = 11
_TOLD = ("disable", "sourcemaps.disable")


def check(judged: Judged) -> Iterator[Finding]:
    """The first call of the plugin in each configuration."""
    setup = judged.setup
    bundlers = {bundler.path: bundler for bundler in setup.use.bundlers}
    for call in setup.use.calls:
        bundler = bundlers.pop(call.path, None) if call.target == f"{_PLUGIN}.sentryVitePlugin" else None
        setting = bundler.source_maps if bundler is not None else ""
        installed = setup.installed(call.path, _PLUGIN) if setting in {"false", "unset"} else None
        if bundler is None or installed is None or installed.major is None or call.is_open:
            continue
        if any(name in call.options for name in _TOLD):
            continue
        if setting == "unset" and (installed.major >= _SETS_THEM_SINCE or _by_flag(setup, call)):
            continue
        what = "turns source maps off" if setting == "false" else "makes no source maps"
        message = f"The build {what}: {_PLUGIN} {installed.shown} has nothing to upload"
        note = 'set build.sourcemap to "hidden"'
        yield at_call(RULE, setup, at_build(call, bundler), message, note=note, cure=hidden_maps(RULE, bundler))


def at_build(call: SentryCall, bundler: Bundler) -> SentryCall:
    """The call of the plugin, at the place that is to be changed: the call of `defineConfig` around it, if any."""
    return call if bundler.place is None else call._replace(place=bundler.place)


def hidden_maps(rule: Rule, bundler: Bundler) -> Cure | None:
    """Hidden source maps in a configuration, where it is handed to `defineConfig`."""
    if bundler.place is None:
        return None
    region = Region(*bundler.place)
    remedy = Remedy("value", rule.code, bundler.path, region, "", keyword="build.sourcemap", value='"hidden"')
    return Cure(remedy, Fix(Applicability.UNSAFE, 'Set build.sourcemap to "hidden"'))


def _by_flag(setup: ProjectSetup, call: SentryCall) -> bool:
    manifest = setup.manifest_of(call.path)
    return any("--sourcemap" in script.command for script in (manifest.scripts if manifest is not None else ()))
