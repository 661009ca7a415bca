"""Parts of the rewriting of TypeScript by themselves: where no fixture can show them, or many small ones would."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from monitorlint.languages.rewriting import NotImportableError, Wishes
from monitorlint.languages.typescript.rewrite.file import FileRewriter
from monitorlint.languages.typescript.rewrite.helper_module import HelperModules
from monitorlint.languages.typescript.specifiers import encode
from monitorlint.model.edits import Change
from monitorlint.model.finding import Applicability, Region
from monitorlint.model.remedy import Refused, Remedy, Rewritten

HELPER = "sentryMonitoring.ts"


def remedied(
    text: str, call: str, remedy: Remedy, *, path: str = "a.ts", offered: Collection[str] | None = None
) -> str:
    """What becomes of the place of a text that reads ``call``: the new text, ``refused: …`` or ``unsafe: …``."""
    source = text.encode()
    start = source.index(call.encode())
    region = Region(1, 1, 1, 1, start, start + len(call.encode()))
    placed = Remedy(
        remedy.kind,
        "MON101",
        path,
        region,
        remedy.helper,
        target=remedy.target,
        provider=remedy.provider,
        is_async=remedy.is_async,
        stream=remedy.stream,
        seconds=remedy.seconds,
        keyword=remedy.keyword,
        milliseconds=remedy.milliseconds,
    )
    rewriter = FileRewriter(path, source, Wishes("./sentryMonitoring", offered=offered))
    assert rewriter.refusal == ""
    (outcome,) = rewriter.outcomes([placed])
    if isinstance(outcome.result, Refused):
        return f"refused: {outcome.result.reason}"
    made: Rewritten = outcome.result
    after = Change([*rewriter.import_edits(made.needs), *made.edits]).applied(source).decode()
    assert rewriter.parses(after.encode())
    return after if made.applicability is Applicability.SAFE else f"unsafe: {after}"


def wrap(target: str, *, is_async: bool = True, stream: str = "no", helper: str = "monitor_operation") -> Remedy:
    return Remedy("wrap", "", "", Region(1, 1, 1, 1), helper, target=target, is_async=is_async, stream=stream)


def limit(target: str, keyword: str = "", *, seconds: float = 10) -> Remedy:
    return Remedy(
        "timeout", "", "", Region(1, 1, 1, 1), "", target=target, seconds=seconds, keyword=keyword, milliseconds=True
    )


class TestLazyQueries:
    """A query that runs when it is awaited must not be run by us."""

    QUERY = "prisma.user.findMany({ where: {} })"
    REMEDY = wrap("@prisma/client.PrismaClient.user.findMany")

    def test_an_awaited_one_is_wrapped(self) -> None:
        after = remedied(f"const users = await {self.QUERY};\n", self.QUERY, self.REMEDY)
        assert f"await monitorOperation('a', {{}}, async () => {self.QUERY});" in after

    def test_one_that_an_async_function_returns_is_wrapped(self) -> None:
        after = remedied(f"async function load() {{ return {self.QUERY}; }}\n", self.QUERY, self.REMEDY)
        assert f"return monitorOperation('load', {{}}, () => {self.QUERY});" in after

    @pytest.mark.parametrize(
        "text",
        [
            "const all = prisma.$transaction([{}, other]);",
            "const query = {};",
            "function load() {{ return {}; }}",
            "{};",
        ],
    )
    def test_one_that_is_not_awaited_is_refused(self, text: str) -> None:
        assert "runs when it is awaited" in remedied(text.format(self.QUERY), self.QUERY, self.REMEDY)

    def test_a_chain_is_wrapped_as_a_whole(self) -> None:
        text = "const { data } = await supabase.from('users').select('id').eq('team', team);\n"
        after = remedied(text, "supabase.from('users')", wrap("@supabase/supabase-js.createClient.from"))
        whole = "supabase.from('users').select('id').eq('team', team)"
        assert f"await monitorOperation('a', {{}}, async () => {whole});" in after


class TestTelemetry:
    REMEDY = wrap("ai.streamText", is_async=False, stream="yes", helper="monitor_ai_generation")
    OPTION = "experimental_telemetry: { isEnabled: true, recordInputs: false, recordOutputs: false }"

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("streamText({ model, prompt })", "streamText({ model, prompt, OPTION })"),
            ("streamText({\n  model,\n  prompt,\n})", "streamText({\n  model,\n  prompt,\n  OPTION,\n})"),
            ("streamText({\n  model, // fast\n})", "streamText({\n  model, // fast\n  OPTION,\n})"),
            ("streamText({\n  model // fast\n})", "streamText({\n  model, // fast\n  OPTION\n})"),
            ("streamText({})", "streamText({ OPTION })"),
        ],
    )
    def test_the_option_is_put_into_the_call(self, before: str, after: str) -> None:
        result = remedied(f"const result = {before};\n", before, self.REMEDY)
        assert result == f"unsafe: const result = {after.replace('OPTION', self.OPTION)};\n"

    @pytest.mark.parametrize("given", ["options", "{ ...options }", "{ model, telemetry }", "{ [key]: 1 }, more"])
    def test_it_is_not_where_the_options_are_not_known(self, given: str) -> None:
        assert remedied(f"streamText({given});\n", f"streamText({given})", self.REMEDY).startswith("refused: ")


class TestTimeouts:
    @pytest.mark.parametrize(
        ("call", "remedy", "after"),
        [
            ("fetch(url)", limit("fetch"), "fetch(url, { signal: AbortSignal.timeout(10000) })"),
            ("fetch(url, { a })", limit("fetch"), "fetch(url, { a, signal: AbortSignal.timeout(10000) })"),
            ("ky.get(url)", limit("ky.get", "timeout"), "ky.get(url, { timeout: 10000 })"),
            ("c.create({ a })", limit("openai.OpenAI.create", "timeout"), "c.create({ a }, { timeout: 10000 })"),
            ("fetch(url)", limit("fetch", seconds=0.5), "fetch(url, { signal: AbortSignal.timeout(500) })"),
        ],
    )
    def test_a_limit_is_one_more_option(self, call: str, remedy: Remedy, after: str) -> None:
        assert remedied(f"await {call};\n", call, remedy) == f"unsafe: await {after};\n"

    @pytest.mark.parametrize(
        ("call", "remedy", "reason"),
        [
            ("fetch(url, { signal })", limit("fetch"), "sets signal itself"),
            ("fetch(url, { ...more })", limit("fetch"), "unpacked"),
            ("fetch(url, options)", limit("fetch"), "made elsewhere"),
            ("fetch(...given)", limit("fetch"), "not written here"),
            ("send(x)", limit("other.send", "timeout"), "limit its client"),
            ("kysely.get(url)", limit("kysely.get", "timeout"), "limit its client"),
        ],
    )
    def test_none_is_set_where_it_might_be_set_already(self, call: str, remedy: Remedy, reason: str) -> None:
        assert reason in remedied(f"await {call};\n", call, remedy)


class TestAHelperWithoutStreams:
    """A helper module of the user's own need not have the forms that keep what a call gives."""

    OFFERED = ("monitorAIGeneration", "monitorFetch")

    def test_a_richer_promise_is_unsafe(self) -> None:
        call = "client.responses.create({})"
        remedy = wrap("openai.OpenAI.responses.create", helper="monitor_ai_generation")
        text = f"function ask() {{ return {call}; }}\n"
        assert remedied(text, call, remedy, offered=self.OFFERED).startswith("unsafe: ")

    def test_arguments_that_may_throw_make_it_unsafe(self) -> None:
        text = "function load() { return fetch(address()).catch(() => null); }\n"
        remedy = wrap("fetch", helper="monitor_fetch")
        assert remedied(text, "fetch(address())", remedy, offered=self.OFFERED).startswith("unsafe: ")

    def test_an_awaited_stream_is_measured_until_it_begins(self) -> None:
        call = "client.responses.create({ stream: true })"
        remedy = wrap("openai.OpenAI.responses.create", helper="monitor_ai_generation", stream="yes")
        after = remedied(f"const s = await {call};\n", call, remedy, offered=self.OFFERED)
        assert f"await monitorAIGeneration('', 'a', {{}}, async () => {call});" in after

    def test_a_missing_helper_is_named(self) -> None:
        remedy = wrap("fetch", helper="monitor_fetch")
        assert remedied("await fetch(url);\n", "fetch(url)", remedy, offered=()) == (
            "refused: the helper module has no monitorFetch"
        )


def test_a_refusal_shows_what_to_write() -> None:
    text = "class A {\n  response = fetch(\n    '/api',\n  );\n}\n"
    call = text[text.index("fetch") : text.index(";")]
    start = text.index(call)
    remedy = Remedy(
        "wrap",
        "MON201",
        "a.ts",
        Region(2, 1, 4, 1, start, start + len(call)),
        "monitor_fetch",
        target="fetch",
        is_async=True,
    )
    (outcome,) = FileRewriter("a.ts", text.encode(), Wishes("./sentryMonitoring")).outcomes([remedy])
    assert isinstance(outcome.result, Refused)
    assert outcome.result.snippet == ("const result = await monitorFetch('a', {}, async () => fetch(\n  '/api',\n));\n")


@pytest.mark.parametrize(
    ("stream", "snippet"),
    [("yes", "const stream = monitorAIGenerationStream('anthropic', 'a', {}, () => c.stream(q));\n"), ("no", "")],
)
def test_what_gives_no_promise_is_not_shown_under_a_helper_that_waits_for_one(stream: str, snippet: str) -> None:
    text = "c.stream(q).on('text', show);\n"
    remedy = Remedy(
        "wrap",
        "MON101",
        "a.ts",
        Region(1, 1, 1, 12, 0, len("c.stream(q)")),
        "monitor_ai_generation",
        provider="anthropic",
        target="anthropic.messages.stream",
        stream=stream,
    )
    (outcome,) = FileRewriter("a.ts", text.encode(), Wishes("./sentryMonitoring")).outcomes([remedy])
    assert isinstance(outcome.result, Refused)
    assert outcome.result.snippet == snippet


@pytest.mark.parametrize("text", [b"fetch(", b"const x = <div>{</div>", b"await fetch(url)\r;", b"}}}"])
def test_what_does_not_parse_is_left_alone(text: bytes) -> None:
    assert FileRewriter("a.tsx", text, Wishes("")).refusal


def project(folder: Path, files: dict[str, str]) -> HelperModules:
    """A project's files, each with its text; those in TypeScript import what their texts name in quotes."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    code = [name for name in files if name.endswith((".ts", ".tsx", ".js", ".mjs", ".mts", ".vue"))]
    imports = {
        name: [encode(line.split("'")[1]) for line in files[name].splitlines() if line.startswith("import")]
        for name in code
    }
    return HelperModules(folder, code, imports)


PATHS = '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}'
NODE = '{"compilerOptions": {"module": "NodeNext"}}'
MODULE = '{"name": "x", "type": "module"}'


@pytest.mark.parametrize(
    ("files", "path", "helper", "name"),
    [
        ({}, "src/a.ts", "src/sentryMonitoring.ts", "./sentryMonitoring"),
        ({}, "src/a/b.ts", "src/c/sentryMonitoring.ts", "../c/sentryMonitoring"),
        ({}, "a.ts", "lib/sentryMonitoring.ts", "./lib/sentryMonitoring"),
        ({"tsconfig.json": PATHS}, "src/a/b.ts", "src/c/sentryMonitoring.ts", "@/c/sentryMonitoring"),
        ({"tsconfig.json": PATHS}, "src/a/b.ts", "src/a/sentryMonitoring.ts", "./sentryMonitoring"),
        ({"tsconfig.json": PATHS}, "src/a/b.ts", "lib/sentryMonitoring.ts", "../../lib/sentryMonitoring"),
        (
            {"tsconfig.json": PATHS, "src/a/n.ts": "import '../x';", "src/x.ts": ""},
            "src/a/b.ts",
            "src/c/sentryMonitoring.ts",
            "../c/sentryMonitoring",
        ),
        (
            {"tsconfig.json": PATHS, "src/a/n.ts": "import '../x';", "src/x.ts": "", "src/a/b.ts": "import '@/x';"},
            "src/a/b.ts",
            "src/c/sentryMonitoring.ts",
            "@/c/sentryMonitoring",
        ),
        (
            {"tsconfig.json": '{"compilerOptions": {"baseUrl": "src"}}', "src/x.ts": "", "src/a/n.ts": "import 'x';"},
            "src/a/b.ts",
            "src/c/sentryMonitoring.ts",
            "c/sentryMonitoring",
        ),
        (
            {
                "package.json": '{"name": "x", "imports": {"#*": "./src/*.ts"}}',
                "src/x.ts": "",
                "src/n.ts": "import '#x';",
            },
            "src/a/b.ts",
            "src/c/sentryMonitoring.ts",
            "#c/sentryMonitoring",
        ),
        ({"package.json": MODULE, "tsconfig.json": NODE}, "a.ts", "sentryMonitoring.ts", "./sentryMonitoring.js"),
        ({"package.json": '{"name": "x"}', "tsconfig.json": NODE}, "a.ts", "sentryMonitoring.ts", "./sentryMonitoring"),
        ({"package.json": MODULE}, "a.js", "sentryMonitoring.js", "./sentryMonitoring.js"),
        ({}, "a.mjs", "sentryMonitoring.mjs", "./sentryMonitoring.mjs"),
        ({"n.ts": "import './x.js';", "x.ts": ""}, "a.ts", "sentryMonitoring.ts", "./sentryMonitoring.js"),
        ({"n.ts": "import './x.ts';", "x.ts": ""}, "a.ts", "sentryMonitoring.ts", "./sentryMonitoring.ts"),
        (
            {"package.json": MODULE, "tsconfig.json": NODE, "n.ts": "import './x';", "x.ts": ""},
            "a.ts",
            "sentryMonitoring.ts",
            "./sentryMonitoring",
        ),
        (
            {"package.json": '{"name": "x"}', "packages/a/package.json": '{"type": "module"}'},
            "packages/a/a.ts",
            "src/sentryMonitoring.ts",
            "../../src/sentryMonitoring",
        ),
    ],
)
def test_the_helper_is_imported_as_the_project_imports(
    tmp_path: Path, files: dict[str, str], path: str, helper: str, name: str
) -> None:
    modules = project(tmp_path, {"package.json": '{"name": "x"}', path: "", helper: "", **files})
    assert modules.name(path, helper) == name


SERVER = "import '@sentry/node';\n"
BROWSER = "import '@sentry/react';\n"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.ts": "", "sentryMonitoring.ts": "import './a';"}, "imports this file"),
        ({"a.ts": "", "sentryMonitoring.ts": "import './b';", "b.ts": "import './a';"}, "imports this file"),
        ({"a.ts": "'use client';\n", "sentryMonitoring.ts": SERVER}, "runs in the browser"),
        ({"a.ts": '// x\n/* y */\n"use client"\n', "sentryMonitoring.ts": SERVER}, "runs in the browser"),
        ({"a.ts": "export const runtime = 'edge';\n", "sentryMonitoring.ts": SERVER}, "runs on the edge"),
        ({"a.ts": "import 'express';\n", "sentryMonitoring.ts": BROWSER}, "runs on the server"),
        ({"a.ts": "'use server';\n", "sentryMonitoring.ts": BROWSER}, "runs on the server"),
        ({"a.ts": "import 'vite';\n", "sentryMonitoring.ts": BROWSER}, "runs on the server"),
        ({"a.ts": "import 'react-dom';\n", "sentryMonitoring.ts": "import '@sentry/cloudflare';\n"}, "in the browser"),
    ],
)
def test_a_helper_that_cannot_be_imported_is_not(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    modules = project(tmp_path, {"package.json": '{"name": "x"}', **files})
    with pytest.raises(NotImportableError, match=reason):
        modules.name("a.ts", HELPER)


WITH_CONVEX = '{"name": "x", "dependencies": {"convex": "1"}}'
WORKER = 'name = "x"\nmain = "src/index.ts"\n'
PLATFORMS = [
    ({"package.json": WITH_CONVEX, "convex/a.ts": ""}, BROWSER, "Convex runs the file"),
    ({"package.json": WITH_CONVEX, "convex/util/a.ts": ""}, SERVER, "Convex runs the file"),
    ({"package.json": WITH_CONVEX, "convex/a.ts": "// x\n'use node';\n"}, SERVER, ""),
    ({"package.json": WITH_CONVEX, "src/a.ts": ""}, BROWSER, ""),
    ({"wrangler.toml": WORKER, "src/a.ts": "", "src/index.ts": "import './a';\n"}, SERVER, "Cloudflare runs"),
    ({"wrangler.jsonc": '{\n  "main": "./src/a.ts",\n}', "src/a.ts": ""}, SERVER, "Cloudflare runs the file"),
    ({"wrangler.toml": 'pages_build_output_dir = "dist"', "functions/a.ts": ""}, SERVER, "Cloudflare runs the file"),
    ({"wrangler.toml": WORKER, "src/a.ts": "", "src/index.ts": "import './a';\n"}, "import '@sentry/cloudflare';", ""),
    ({"wrangler.toml": WORKER, "src/a.ts": "import 'http';\n", "src/index.ts": ""}, SERVER, ""),
]


@pytest.mark.parametrize(("files", "helper", "reason"), PLATFORMS)
def test_a_platform_that_runs_the_file_can_load_the_helper(
    tmp_path: Path, files: dict[str, str], helper: str, reason: str
) -> None:
    modules = project(tmp_path, {"package.json": '{"name": "x"}', HELPER: helper, **files})
    path = next(name for name in files if name.endswith("a.ts"))
    if reason:
        with pytest.raises(NotImportableError, match=reason):
            modules.name(path, HELPER)
    else:
        assert modules.name(path, HELPER).endswith("sentryMonitoring")


SCRIPT = "sentryMonitoring.js"
ES_MODULE = "import '@sentry/node';\nexport const monitorFetch = 1;\n"
OF_COMMONJS = "const Sentry = require('@sentry/node');\nmodule.exports = { Sentry };\n"
OTHER = "export const b = 1;\n"
PLAIN = '{"name": "x"}'
LOADED = [
    # who imports, the package, the helper: and why Node cannot load it, if it cannot
    ("a.mjs", "import 'fs';\n", MODULE, ES_MODULE, ""),
    ("a.mjs", "import 'fs';\n", PLAIN, OF_COMMONJS, ""),
    ("a.mjs", "import 'react';\n", PLAIN, ES_MODULE, ""),
    ("a.mjs", "import './b.js';\nimport 'fs';\n", PLAIN, ES_MODULE, ""),
    ("a.cjs", "const fs = require('fs');\n", PLAIN, OF_COMMONJS, ""),
    ("a.js", "import 'fs';\n", PLAIN, ES_MODULE, ""),
    ("a.mjs", "import 'fs';\n", PLAIN, ES_MODULE, "for CommonJS"),
    ("a.cjs", "const fs = require('fs');\n", MODULE, ES_MODULE, "helper module an ES module"),
    ("a.js", "const fs = require('fs');\n", PLAIN, ES_MODULE, "helper module an ES module"),
    ("a.mjs", "import 'path';\n", PLAIN, "import '@sentry/react';\n", "runs on the server"),
    ("a.js", "const { contextBridge } = require('electron');\n", PLAIN, OF_COMMONJS, "a preload script of Electron"),
    ("a.js", "load();\n", PLAIN, ES_MODULE, "nothing says that the file is a module"),
    ("a.js", "load();\n", MODULE, ES_MODULE, ""),
    ("b.js", "load();\n", PLAIN, ES_MODULE, ""),
]


@pytest.mark.parametrize(("path", "text", "package", "helper", "reason"), LOADED)
def test_node_can_load_the_helper_where_it_is_imported(
    tmp_path: Path, path: str, text: str, package: str, helper: str, reason: str
) -> None:
    files = {"package.json": package, "b.js": OTHER, "c.js": "import './b.js';\n", SCRIPT: helper, path: text}
    modules = project(tmp_path, files)
    if reason:
        with pytest.raises(NotImportableError, match=reason):
            modules.name(path, SCRIPT)
    else:
        assert modules.name(path, SCRIPT).startswith("./sentryMonitoring")


def test_what_no_build_sees_imports_nothing(tmp_path: Path) -> None:
    files = {"worker.js": "fetch('/x');", "app.js": "import './b';", "src/public/a.js": "export {}", "lib.ts": ""}
    found = {f"public/{name}" if "/" not in name else name: text for name, text in files.items()}
    modules = project(tmp_path, {"package.json": '{"name": "x"}', HELPER: BROWSER, **found})
    with pytest.raises(NotImportableError, match="served as it is"):
        modules.name("public/worker.js", HELPER)
    for path in ("public/app.js", "public/lib.ts", "src/public/a.js"):
        assert modules.name(path, HELPER)


def test_a_client_file_may_import_a_helper_for_the_browser(tmp_path: Path) -> None:
    modules = project(tmp_path, {"a.ts": "'use client';\n", HELPER: BROWSER})
    assert modules.name("a.ts", HELPER) == "./sentryMonitoring"


def test_the_helper_does_not_import_itself(tmp_path: Path) -> None:
    with pytest.raises(NotImportableError, match="itself"):
        project(tmp_path, {HELPER: ""}).name(HELPER, HELPER)
