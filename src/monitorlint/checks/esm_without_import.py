"""What it does
------------
Reports an ES module program that starts Sentry by an import, and Node without `--import`.

Why is this bad?
----------------
In ES modules the libraries are linked before a line of the program runs. Sentry can watch them only through hooks that
are in place earlier, and those come with `node --import`. Without it, versions 8 to 10 make no spans of Express,
databases or AI SDKs, and 11 none of AI SDKs. Errors still arrive, so nobody looks.

Example
-------
::

    "type": "module",
    "scripts": { "start": "node dist/index.js" }     // whose first line is: import "./instrument.js"

Use instead
-----------
::

    "scripts": { "start": "node --import ./dist/instrument.js dist/index.js" }

How it decides
--------------
The package is of type `module` (or the file is `.mjs`). A file that no other imports always loads one that calls
`init` of `@sentry/node`, with a sample rate for traces, and loads a library that the SDK watches. A script of
`package.json` starts that file with `node` (a file of `dist`, `build`, `out` or `lib` stands for that of `src`), and
neither that command nor any other file near it has `--import`, `--require` or `--loader`. Programs that a bundler puts
together are left out. Opt-in: `NODE_OPTIONS` may hold it where the program runs.

References
----------
- Run with @sentry/node 10.78.0 and 11.12.0 on Node 20: spans of Express and openai, with and without `--import`
- https://docs.sentry.io/platforms/javascript/guides/node/install/esm/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding, is_init, samples_traces
from monitorlint.model.finding import Evidence, Region, Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.index.setup import ProjectSetup
    from monitorlint.model.finding import Finding
    from monitorlint.model.setup import Manifest, ProgramStart, Script

RULE = Rule(
    code="MON406",
    name="esm-without-import",
    summary="An ES module program that starts Sentry without node --import",
    kind="setup",
    severity=Severity.WARNING,
    default=False,
)

AI = frozenset({"openai", "@anthropic-ai/sdk", "@google/genai", "ai"})
_FIRST_WITH_AI = 10
_FIRST, _ONLY_AI = 8, 11
_BUNDLERS = pattern(r"\b(?:esbuild|tsup|tsdown|rollup|rolldown|vite|webpack|ncc|bun|parcel|unbuild|wrangler)\b")
_NODE = pattern(r"(?:^|[&|;\s])(?:node|nodemon)\s+((?:-[\w-]+(?:=\S+)?\s+)*)([\w./-]+)")
_OUTPUT = pattern(r"^(?:\./)?(?:dist|build|out|lib)/")


def check(judged: Judged) -> Iterator[Finding]:
    """One finding for each program."""
    setup = judged.setup
    for program in setup.use.programs:
        manifest = setup.manifest_of(program.path)
        installed = setup.installed(program.path, program.package)
        if manifest is None or installed is None or installed.major is None or setup.is_preloaded(program.path):
            continue
        missed = [library for library in program.libraries if _is_missed(library, installed.major)]
        found = _script(manifest, program) if missed and is_esm(program.path, manifest) else None
        if found is None or not _traces(setup, program.starts):
            continue
        script, command = found
        yield finding(
            RULE,
            setup,
            program.path,
            Region(*program.place),
            f"Sentry starts without --import, and makes no spans of {', '.join(missed)}",
            target=program.package,
            text=f"{program.starts} {script.name}",
            evidence=[Evidence(manifest.path, script.region.row, "starts the program")],
            note=f"let {script.name} be: {command}" if command else "start it with node --import and that module",
            area=program.area,
        )


def is_esm(path: str, manifest: Manifest) -> bool:
    """Whether a file is an ES module when Node runs it, or what is made of it."""
    return path.endswith((".mjs", ".mts")) or (manifest.is_module and not path.endswith((".cjs", ".cts")))


def _is_missed(library: str, major: int) -> bool:
    return major >= _FIRST_WITH_AI if library in AI else _FIRST <= major < _ONLY_AI


def _script(manifest: Manifest, program: ProgramStart) -> tuple[Script, str] | None:
    """The script that starts a program with `node`, and the command that it should be; ``""``: not known."""
    if any(_BUNDLERS.search(script.command) for script in manifest.scripts if "test" not in script.name):
        return None
    own = _own(manifest, program.path)
    for script in manifest.scripts:
        for found in _NODE.finditer(script.command):
            name = _OUTPUT.sub("", found[2]).removeprefix("./").removeprefix("src/")
            stem, dot, ending = name.rpartition(".")
            name, ending = (stem, dot + ending) if ending in {"js", "mjs"} else (name, "")
            if name == own and "test" not in script.name:
                return script, _command(script.command, found, f"{own}{ending}", _own(manifest, program.starts), ending)
    return None


def _own(manifest: Manifest, path: str) -> str:
    """A file's path in its package, without `src` and its ending."""
    return path[len(manifest.folder) :].lstrip("/").removeprefix("src/").rpartition(".")[0]


def _command(command: str, found: re.Match[str], program: str, starts: str, ending: str) -> str:
    """The command with `--import` and the module that starts Sentry, which lies where the program lies."""
    folder = found[2][: -len(program)] if found[2].endswith(program) else None
    if folder is None or not ending or program.removesuffix(ending) == starts:
        return ""
    module = f"{folder if folder.startswith('.') else './' + folder}{starts}{ending}"
    at = found.start(1)
    return f"{command[:at]}--import {module} {command[at:]}"


def _traces(setup: ProjectSetup, path: str) -> bool:
    return any(is_init(call) and samples_traces(call) for call in setup.use.calls if call.path == path)
