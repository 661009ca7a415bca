"""What it does
------------
Reports parts of Sentry's set-up in Next.js that nothing reads in the installed version.

Why is this bad?
----------------
The files are there, and half of the application is not watched: `sentry.server.config.ts` is a file like any other
since version 8, `sentry.client.config.ts` is left out by Turbopack, errors of server components need
`onRequestError`, and options of `withSentryConfig` that were dropped are passed over in silence.

Example
-------
::

    // next.config.mjs, @sentry/nextjs 10
    export default withSentryConfig(nextConfig, { org, project }, { tunnelRoute: "/monitoring" });

Use instead
-----------
::

    export default withSentryConfig(nextConfig, { org, project, tunnelRoute: "/monitoring" });

How it decides
--------------
By the installed version of `@sentry/nextjs`, beside the files of one `package.json`:

- 8 and later: `withSentryConfig` gets a third argument.
- 8 and later: `sentry.server.config` or `sentry.edge.config` is there, no file imports it, and no `instrumentation`
  file speaks of Sentry.
- `withSentryConfig` gets an option that is not in the types of that version: `transpileClientSDK`,
  `disableServerWebpackPlugin` and `disableClientWebpackPlugin` went with 8, `hideSourceMaps` with 9; with 11 those that
  moved under `webpack`.
- 9 and later, Next.js 15 and later, with an `app` folder: an `instrumentation` file starts Sentry and has no
  `onRequestError`.
- 9 and later: `sentry.client.config` is there, and `next build` runs with Turbopack, by its flag or because Next.js is
  16 or later.

References
----------
- `config/types.d.ts` and `config/webpack.js` of @sentry/nextjs 7.120.4, 8.55.2, 9.47.2, 10.78.0 and 11.8.0
- https://docs.sentry.io/platforms/javascript/guides/nextjs/manual-setup/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.next_builds import builds_with_turbopack, next_major
from monitorlint.checks.setup_finding import at_call, finding
from monitorlint.model.finding import Region, Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import Installed, ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import FrameworkFile, SentryCall

RULE = Rule(
    code="MON446",
    name="broken-next-setup",
    summary="A part of Sentry's set-up in Next.js that nothing reads",
    kind="setup",
    severity=Severity.WARNING,
    default=True,
)

_SDK = "@sentry/nextjs"
GONE = {
    "transpileClientSDK": (8, ""),
    "disableServerWebpackPlugin": (8, "sourcemaps.disable"),
    "disableClientWebpackPlugin": (8, "sourcemaps.disable"),
    "hideSourceMaps": (9, ""),
    "autoInstrumentServerFunctions": (11, "webpack.autoInstrumentServerFunctions"),
    "autoInstrumentMiddleware": (11, "webpack.autoInstrumentMiddleware"),
    "autoInstrumentAppDirectory": (11, "webpack.autoInstrumentAppDirectory"),
    "automaticVercelMonitors": (11, "webpack.automaticVercelMonitors"),
    "excludeServerRoutes": (11, "webpack.excludeServerRoutes"),
    "disableLogger": (11, "webpack.treeshake.removeDebugLogging"),
    "disableManifestInjection": (11, "routeManifestInjection: false"),
    "disableSentryWebpackConfig": (11, "webpack.disableSentryConfig"),
    "unstable_sentryWebpackPluginOptions": (11, ""),
}
"""Options of `withSentryConfig`: the major that they went with, and what took their place."""
_ONE_ARGUMENT_SINCE = 8
_HOOK_SINCE = 9
_NEXT_WITH_HOOK = 15
_START = Region(1, 1, 1, 1)


def check(judged: Judged) -> Iterator[Finding]:
    """What the calls of `withSentryConfig` say in vain, and then the files that are not loaded."""
    setup = judged.setup
    for call in setup.use.calls:
        installed = setup.installed(call.path, _SDK) if call.target == f"{_SDK}.withSentryConfig" else None
        if installed is not None and installed.major is not None:
            yield from _of_call(setup, call, installed, installed.major)
    for file in setup.use.named:
        installed = setup.installed(file.path, _SDK) if file.area == "app" else None
        if installed is not None and installed.major is not None:
            yield from _of_file(setup, file, installed.major)


def _of_call(setup: ProjectSetup, call: SentryCall, installed: Installed, major: int) -> Iterator[Finding]:
    if call.arguments > 2 and major >= _ONE_ARGUMENT_SINCE:
        message = f"{_SDK} {installed.shown} does not read a third argument of withSentryConfig"
        note = "put its options into the second one, and take out those that are gone"
        yield at_call(RULE, setup, call, message, option="third argument", note=note)
        return
    for name in call.options:
        since, instead = GONE.get(name, (0, ""))
        if since and major >= since:
            message = f"{_SDK} {installed.shown} ignores the option {name} of withSentryConfig"
            note = f"its place took {instead}" if instead else "remove it"
            yield at_call(RULE, setup, call, message, option=name, note=note)


def _of_file(setup: ProjectSetup, file: FrameworkFile, major: int) -> Iterator[Finding]:
    name = file.path.rpartition("/")[2].rpartition(".")[0]
    if name in {"sentry.server.config", "sentry.edge.config"} and major >= _ONE_ARGUMENT_SINCE:
        starter = _sibling(setup, file, "instrumentation")
        is_known = name == "sentry.edge.config" and _is_lost(setup, _sibling(setup, file, "sentry.server.config"))
        if _is_lost(setup, file) and not is_known:
            where = "there is no instrumentation file" if starter is None else f"{_name(starter)} does not import it"
            note = f'import it in register() of instrumentation.ts: await import("./{name}")'
            yield _at(setup, file, f"Nothing loads {_name(file)}: {where}", note)
    elif name == "instrumentation" and major >= _HOOK_SINCE and next_major(setup, file.path) >= _NEXT_WITH_HOOK:
        is_asked = file.has_app_router and any("entry" in word for word in file.words)
        if is_asked and "onRequestError" not in (*file.words, *file.names):
            message = f"{_name(file)} has no onRequestError: errors of server components do not reach Sentry"
            note = "add: export const onRequestError = Sentry.captureRequestError"
            yield _at(setup, file, message, note)
    elif name == "sentry.client.config" and major >= _HOOK_SINCE and _starts(setup, file) and not file.is_imported:
        other = _sibling(setup, file, "instrumentation-client")
        what = "Sentry is never started in the browser" if other is None else "its options are lost"
        note = "rename it to instrumentation-client" if other is None else f"move them into {_name(other)}"
        if builds_with_turbopack(setup, file.path):
            yield _at(setup, file, f"Turbopack does not load {_name(file)}: {what}", note)


def _is_lost(setup: ProjectSetup, file: FrameworkFile | None) -> bool:
    """Whether a file that starts Sentry is imported by none, and no instrumentation file speaks of Sentry."""
    if file is None or file.is_imported or not _starts(setup, file):
        return False
    starter = _sibling(setup, file, "instrumentation")
    return starter is None or not starter.words


def _starts(setup: ProjectSetup, file: FrameworkFile) -> bool:
    return any(call.path == file.path and call.target == f"{_SDK}.init" for call in setup.use.calls)


def _sibling(setup: ProjectSetup, file: FrameworkFile, name: str) -> FrameworkFile | None:
    """The file of a name that belongs to the same package."""
    manifest = setup.manifest_of(file.path)
    found = (one for one in setup.use.named if _name(one).rpartition(".")[0] == name)
    return next((one for one in found if setup.manifest_of(one.path) is manifest), None)


def _name(file: FrameworkFile) -> str:
    return file.path.rpartition("/")[2]


def _at(setup: ProjectSetup, file: FrameworkFile, message: str, note: str) -> Finding:
    return finding(RULE, setup, file.path, _START, message, target=_SDK, text=message, note=note, area=file.area)
