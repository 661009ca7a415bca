"""Repairs in the files around the code: the rest of the file stays as it is, to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request
from monitorlint.languages.config.json_places import parse
from monitorlint.languages.config.rewrite.file import ConfigRewriter
from monitorlint.model.edits import Change
from monitorlint.model.finding import Region
from monitorlint.model.fixes import FixResult
from monitorlint.model.remedy import Refused, Remedy, Rewritten
from monitorlint.report.fixes import patch

WORDS = st.text('ab"\\é{}[]:, /\n😀', max_size=6)
NAMES = st.dictionaries(WORDS, WORDS, min_size=1, max_size=5)

TRACING = "Sentry.browserTracingIntegration()"


def repaired(folder: Path, *, unsafe: bool = True, write: bool = True, select: str = "MON4") -> FixResult:
    ignore = ("MON436",) if select == "MON4" else ()
    request = Request(paths=(folder,), select=(select,), ignore=ignore, cache=False, jobs=1, debug=True, isolated=True)
    return fix(request, FixOptions(unsafe=unsafe, write=write))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{\n  "dependencies": {\n    "@sentry/react": "^8.0.0",\n    "@sentry/tracing": "^7.0.0"\n  }\n}\n',
            '{\n  "dependencies": {\n    "@sentry/react": "^8.0.0"\n  }\n}\n',
        ),
        (
            '{\r\n\t"dependencies": {\r\n\t\t"@sentry/hub": "^7.0.0",\r\n\t\t"@sentry/node": "^8.0.0"\r\n\t}\r\n}',
            '{\r\n\t"dependencies": {\r\n\t\t"@sentry/node": "^8.0.0"\r\n\t}\r\n}',
        ),
        (
            '\ufeff{"name": "é", "dependencies": {"@sentry/node": "^8.0.0", "@sentry/hub": "7", "x": "1"}}',
            '\ufeff{"name": "é", "dependencies": {"@sentry/node": "^8.0.0", "x": "1"}}',
        ),
        (
            '{"dependencies": {"@sentry/node": "^10.1.0"}, "devDependencies": {"@sentry/types": "^7"}}',
            '{"dependencies": {"@sentry/node": "^10.1.0"}, "devDependencies": {"@sentry/types": "^7"}}',
        ),
        (
            '{"dependencies": {"@sentry/node": "^10.1.0", "@sentry/profiling-node": "^8.2.0"}}',
            '{"dependencies": {"@sentry/node": "^10.1.0", "@sentry/profiling-node": "^10.1.0"}}',
        ),
    ],
)
def test_dependencies_are_repaired_in_place(before: str, after: str, tmp_path: Path) -> None:
    place = tmp_path / "package.json"
    place.write_bytes(before.encode())
    repaired(tmp_path)
    assert place.read_bytes().decode() == after
    repaired(tmp_path)
    assert place.read_bytes().decode() == after


def test_nothing_is_changed_without_leave(tmp_path: Path) -> None:
    place = tmp_path / "package.json"
    text = '{"dependencies": {"@sentry/node": "^8.0.0", "@sentry/hub": "7"}}'
    place.write_text(text)
    result = repaired(tmp_path, unsafe=False)
    assert place.read_text() == text
    assert [(site.code, site.unsafe) for site in result.refused] == [("MON401", True)]


def test_a_package_that_is_still_imported_stays(tmp_path: Path) -> None:
    place = tmp_path / "package.json"
    text = '{"dependencies": {"@sentry/react": "^8.0.0", "@sentry/tracing": "^7.0.0"}}'
    place.write_text(text)
    (tmp_path / "main.ts").write_text('import { BrowserTracing } from "@sentry/tracing";\nnew BrowserTracing();\n')
    repaired(tmp_path)
    assert place.read_text() == text


def test_an_option_is_added_to_the_call(tmp_path: Path) -> None:
    place = tmp_path / "app.py"
    place.write_text('import sentry_sdk\n\nsentry_sdk.init(\n    dsn=None,\n)\nsentry_sdk.start_span(op="x")\n')
    result = repaired(tmp_path)
    assert "    dsn=None,\n    traces_sample_rate=0.1,\n)" in place.read_text()
    assert result.fixed == 1
    assert result.left.findings == ()


@given(NAMES, st.data(), st.sampled_from([None, 2, "\t"]))
def test_a_member_goes_and_the_rest_stays(names: dict[str, str], data: st.DataObject, indent: int | str | None) -> None:
    text = json.dumps({"a": names, "b": [names]}, indent=indent, ensure_ascii=False)
    gone = data.draw(st.sampled_from(sorted(names)))
    (member,) = (m for m in parse(text).members("a") if m.key == gone)
    region = Region(1, 1, 1, 1, len(text[: member.start].encode()), 0)
    remedy = Remedy("remove-member", "MON401", "package.json", region, "", target=gone)
    (outcome,) = ConfigRewriter("package.json", text.encode()).outcomes([remedy])
    assert isinstance(outcome.result, Rewritten)
    after = Change(outcome.result.edits).applied(text.encode()).decode()
    assert json.loads(after) == {"a": {k: v for k, v in names.items() if k != gone}, "b": [names]}


@pytest.mark.parametrize("text", ['{"a": {"x": 1, /* y */ "z": 2}}', '{"a": {"w": 1, // v\n"x": 1}}', '{"a": '])
def test_what_would_lose_a_comment_is_refused(text: str) -> None:
    region = Region(1, 1, 1, 1, text.find('"x"'), 0)
    remedy = Remedy("remove-member", "MON401", "package.json", region, "", target="x")
    (outcome,) = ConfigRewriter("package.json", text.encode()).outcomes([remedy])
    assert isinstance(outcome.result, Refused)


@pytest.mark.parametrize(
    ("call", "after"),
    [
        (
            "Sentry.init({ dsn: D, tracesSampleRate: 0.1 });",
            "Sentry.init({ dsn: D, tracesSampleRate: 0.1, integrations: [Sentry.browserTracingIntegration()] });",
        ),
        (
            "Sentry.init({\n  integrations: [\n    a(),\n  ],\n  tracesSampler\n});",
            "Sentry.init({\n  integrations: [\n    a(),\n    " + TRACING + ",\n  ],\n  tracesSampler\n});",
        ),
        (
            "Sentry.init({ integrations: [], tracesSampleRate: 0.1 });",
            "Sentry.init({ integrations: [Sentry.browserTracingIntegration()], tracesSampleRate: 0.1 });",
        ),
        (
            "Sentry.init({ integrations: all(), tracesSampleRate: 0.1 });",
            "Sentry.init({ integrations: all(), tracesSampleRate: 0.1 });",
        ),
        ("init({ tracesSampleRate: 0.1 });", "init({ tracesSampleRate: 0.1 });"),
    ],
)
def test_an_integration_is_added_to_a_browsers_init(call: str, after: str, tmp_path: Path) -> None:
    head = 'import * as Sentry from "@sentry/react";\nimport { init } from "@sentry/react";\n'
    (tmp_path / "package.json").write_text('{"dependencies": {"@sentry/react": "^10.0.0"}}')
    place = tmp_path / "main.ts"
    place.write_text(f"{head}{call}\n")
    repaired(tmp_path)
    assert place.read_text() == f"{head}{after}\n"
    repaired(tmp_path)
    assert place.read_text() == f"{head}{after}\n"


def test_a_rate_is_added_to_the_init_of_node(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"@sentry/node": "^10.0.0"}}')
    place = tmp_path / "instrument.mjs"
    place.write_text(
        'import * as Sentry from "@sentry/node";\nSentry.init({ dsn: D });\nSentry.startSpan({}, () => 1);\n'
    )
    repaired(tmp_path)
    assert "Sentry.init({ dsn: D, tracesSampleRate: 0.1 });" in place.read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"A=s3cret\n", b"A=s3cret\nSENTRY_DSN=\nRELEASE=\n"),
        (b"\xef\xbb\xbfA=s3cret\r\n", b"\xef\xbb\xbfA=s3cret\r\nSENTRY_DSN=\r\nRELEASE=\r\n"),
        (b"A=s3cret", b"A=s3cret"),
    ],
)
def test_a_variable_is_added_to_the_example(before: bytes, after: bytes, tmp_path: Path) -> None:
    place = tmp_path / ".env.example"
    place.write_bytes(before)
    (tmp_path / "app.py").write_text(
        "import os\nimport sentry_sdk\nsentry_sdk.init(dsn=os.environ['SENTRY_DSN'], release=os.environ['RELEASE'])\n"
    )
    result = repaired(tmp_path, unsafe=False)
    assert place.read_bytes() == after
    assert b"s3cret" not in b"".join(patch(result))


NODE = 'import * as Sentry from "@sentry/node";\n'
BROWSER = 'import * as Sentry from "@sentry/browser";\n'
VITE = 'import { sentryVitePlugin } from "@sentry/vite-plugin";\nimport { defineConfig } from "vite";\n'
PLUGIN = "sentryVitePlugin({ org, project })"
REPLAY = "integrations: [Sentry.replayIntegration()]"


@pytest.mark.parametrize(
    ("code", "name", "before", "after"),
    [
        (
            "MON436",
            "instrument.mjs",
            NODE + "Sentry.init({\n  dsn: D,\n});\n",
            NODE + "Sentry.init({\n  dsn: D,\n  environment: process.env.NODE_ENV,\n});\n",
        ),
        (
            "MON437",
            "instrument.mjs",
            NODE + "Sentry.init({ dsn: D });\n",
            NODE + "Sentry.init({ dsn: D, serverName: process.env.SERVER_NAME });\n",
        ),
        (
            "MON429",
            "main.ts",
            BROWSER + f"Sentry.init({{ dsn: D, {REPLAY}, replaysSessionSampleRate: 1.0 /* all */ }});\n",
            BROWSER + f"Sentry.init({{ dsn: D, {REPLAY}, replaysSessionSampleRate: 0.1 /* all */ }});\n",
        ),
        (
            "MON432",
            "vite.config.ts",
            VITE + f"export default defineConfig({{\n  build: {{ sourcemap: false }},\n  plugins: [{PLUGIN}],\n}});\n",
            VITE
            + f'export default defineConfig({{\n  build: {{ sourcemap: "hidden" }},\n  plugins: [{PLUGIN}],\n}});\n',
        ),
        (
            "MON432",
            "vite.config.ts",
            VITE + f"export default defineConfig({{\n  plugins: [{PLUGIN}]\n}});\n",
            VITE
            + f'export default defineConfig({{\n  plugins: [{PLUGIN}],\n  build: {{ sourcemap: "hidden" }}\n}});\n',
        ),
        (
            "MON432",
            "vite.config.ts",
            VITE + f"export default defineConfig({{ build: {{ outDir }}, plugins: [{PLUGIN}] }});\n",
            VITE
            + f'export default defineConfig({{ build: {{ outDir, sourcemap: "hidden" }}, plugins: [{PLUGIN}] }});\n',
        ),
        (
            "MON433",
            "vite.config.ts",
            VITE + f"export default defineConfig({{ build: {{ sourcemap: true }}, plugins: [{PLUGIN}] }});\n",
            VITE + f'export default defineConfig({{ build: {{ sourcemap: "hidden" }}, plugins: [{PLUGIN}] }});\n',
        ),
    ],
)
def test_an_option_gets_the_value_that_the_rule_names(
    code: str, name: str, before: str, after: str, tmp_path: Path
) -> None:
    versions = {"node": "^10.0.0", "browser": "^10.0.0", "vite-plugin": "^5.0.0"}
    (tmp_path / "package.json").write_text(
        json.dumps({"dependencies": {f"@sentry/{n}": v for n, v in versions.items()}})
    )
    (tmp_path / ".env.example").write_text("SENTRY_DSN=\nSERVER_NAME=api-1\n")
    place = tmp_path / name
    place.write_text(before)
    repaired(tmp_path, unsafe=False, select=code)
    assert place.read_text() == before
    result = repaired(tmp_path, select=code)
    assert place.read_text() == after
    assert result.fixed == 1
    assert result.left.findings == ()


@pytest.mark.parametrize(
    "text",
    [
        f"export default defineConfig({{ build, plugins: [{PLUGIN}] }});\n",
        f"export default defineConfig({{ ...base, plugins: [{PLUGIN}] }});\n",
        f"export default defineConfig({{ build: {{ ...build }}, plugins: [{PLUGIN}] }});\n",
        f"export default defineConfig(() => ({{ plugins: [{PLUGIN}] }}));\n",
    ],
)
def test_what_is_made_elsewhere_stays(text: str, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"@sentry/vite-plugin": "^5.0.0"}}')
    place = tmp_path / "vite.config.ts"
    place.write_text(VITE + text)
    repaired(tmp_path, select="MON432")
    assert place.read_text() == VITE + text


def test_version_11_is_told_what_to_collect(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"dependencies": {"@sentry/node": "^11.0.0"}}')
    place = tmp_path / "instrument.mjs"
    place.write_text(NODE + "Sentry.init({ dsn: D });\n")
    repaired(tmp_path, select="MON415")
    least = "dataCollection: { userInfo: false, cookies: false, httpBodies: [] }"
    assert place.read_text() == NODE + f"Sentry.init({{ dsn: D, {least} }});\n"


@pytest.mark.parametrize(
    ("command", "program", "starts", "after"),
    [
        ("node dist/index.js", "src/index.ts", "src/instrument.ts", "node --import ./dist/instrument.js dist/index.js"),
        (
            "A=1 node --trace-warnings ./server.mjs && x",
            "server.mjs",
            "lib/instrument.mjs",
            "A=1 node --import ./lib/instrument.mjs --trace-warnings ./server.mjs && x",
        ),
        ("nodemon app", "app.js", "instrument.js", "with node --import"),
    ],
)
def test_the_start_command_of_an_es_module_is_spelt_out(
    command: str, program: str, starts: str, after: str, tmp_path: Path
) -> None:
    manifest = {
        "type": "module",
        "scripts": {"start": command},
        "dependencies": {"@sentry/node": "^10.0.0", "express": "^5.0.0"},
    }
    specifier = starts.removeprefix("src/").removesuffix(".ts")
    for name, text in (
        ("package.json", json.dumps(manifest)),
        (program, f'import "./{specifier}";\nimport express from "express";\nexport const app = express();\n'),
        (starts, NODE + "Sentry.init({ dsn: D, tracesSampleRate: 0.1 });\n"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (finding,) = repaired(tmp_path, write=False, select="MON406").left.findings
    assert after in finding.note
