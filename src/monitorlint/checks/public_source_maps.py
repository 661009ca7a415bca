"""What it does
------------
Reports a Vite build whose source maps are uploaded to Sentry and published with the application.

Why is this bad?
----------------
With `sourcemap: true` each bundle names its map, and the map lies beside it on the server: everybody reads the source.
Sentry needs neither.

Example
-------
::

    export default defineConfig({
      build: { sourcemap: true },
      plugins: [react(), sentryVitePlugin({ org, project })],
    });

Use instead
-----------
::

    export default defineConfig({
      build: { sourcemap: "hidden" },
      plugins: [
        react(),
        sentryVitePlugin({ org, project, sourcemaps: { filesToDeleteAfterUpload: ["./dist/**/*.map"] } }),
      ],
    });

How it decides
--------------
The file that calls `sentryVitePlugin` sets `build.sourcemap` to true, and the plugin deletes nothing after the upload
(`filesToDeleteAfterUpload`, or `deleteSourcemapsAfterUpload` from version 11 on). Opt-in: the source may be public, and
a later step of the build may delete the maps.

References
----------
- `decideSourceMapHandling` in @sentry/bundler-plugins 11.12.0
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import at_call
from monitorlint.checks.source_maps_off import at_build, hidden_maps
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON433",
    name="public-source-maps",
    summary="Source maps that are uploaded to Sentry and published, too",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
    fixable="unsafe",
)

_PLUGIN = "@sentry/vite-plugin"
_LEFT_ALONE = (
    "disable",
    "sourcemaps.disable",
    "sourcemaps.filesToDeleteAfterUpload",
    "sourcemaps.deleteFilesAfterUpload",
    "sourcemaps.deleteSourcemapsAfterUpload",
)


def check(judged: Judged) -> Iterator[Finding]:
    """The first call of the plugin in each configuration."""
    setup = judged.setup
    bundlers = {bundler.path: bundler for bundler in setup.use.bundlers}
    for call in setup.use.calls:
        bundler = bundlers.pop(call.path, None) if call.target == f"{_PLUGIN}.sentryVitePlugin" else None
        sourcemaps = call.options.get("sourcemaps")
        is_written_out = sourcemaps is None or any(name.startswith("sourcemaps.") for name in call.options)
        if bundler is None or bundler.source_maps != "true" or call.is_open or not is_written_out:
            continue
        if any(name in call.options for name in _LEFT_ALONE):
            continue
        message = "build.sourcemap is true: the source maps are published with the application"
        note = 'set it to "hidden", and sourcemaps.filesToDeleteAfterUpload of the plugin'
        yield at_call(RULE, setup, at_build(call, bundler), message, note=note, cure=hidden_maps(RULE, bundler))
