"""``monitorlint init``: what it finds in a project, and what it writes beside the Python helper."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conftest import RunTool
from monitorlint import __version__
from monitorlint.scaffold.plan import _with_hook


def make(root: Path, **files: str | dict[str, Any]) -> None:
    """Files by their paths; a dict is written as JSON."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))


def tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def package(*dependencies: str, **more: Any) -> dict[str, Any]:
    return {"name": "shop", "dependencies": dict.fromkeys(dependencies, "*"), **more}


CODE = "export const ask = async () => fetch('/api');\n"

PROJECTS: dict[str, tuple[dict[str, Any], list[str], list[str], list[str]]] = {
    # files; what is found; what is written; commands that install
    "FastAPI with uv": (
        {
            "pyproject.toml": '[project]\nname = "a"\ndependencies = ["fastapi>=0.1", "openai"]\n',
            "uv.lock": "",
            "app/main.py": "",
            "app/__init__.py": "",
        },
        ["Python: FastAPI"],
        ["app/sentry_monitoring.py"],
        ["uv add 'sentry-sdk>=2.15,<3'"],
    ),
    "Django with pip": (
        {"requirements.txt": "Django==5.1\n", "manage.py": "", "shop/settings.py": "", "shop/__init__.py": ""},
        ["Python: Django"],
        ["shop/sentry_monitoring.py"],
        ["pip install 'sentry-sdk>=2.15,<3'"],
    ),
    "Flask with poetry and Sentry": (
        {
            "pyproject.toml": '[tool.poetry.dependencies]\nflask = "^3"\nsentry-sdk = "^2.20"\n',
            "app.py": "import sentry_sdk\nsentry_sdk.init(dsn='')\n",
        },
        ["Python: Flask", "Sentry, set up in app.py"],
        ["sentry_monitoring.py"],
        [],
    ),
    "a script": ({"main.py": "print(1)\n"}, ["Python: a script or package"], ["sentry_monitoring.py"], ["pip install"]),
    "Express with TypeScript and pnpm": (
        {
            "package.json": package("express", "openai", type="module", engines={"node": ">=22.12"}),
            "pnpm-lock.yaml": "",
            "tsconfig.json": "{}",
            "src/utils/log.ts": CODE,
        },
        ["Node: Express"],
        ["src/utils/sentryMonitoring.ts"],
        ["pnpm add @sentry/node@^11"],
    ),
    "a server and its front end in one package": (
        {
            "package.json": package(
                "express", "react", "react-dom", "openai", type="module", devDependencies={"vite": "*"}
            ),
            "tsconfig.json": "{}",
            "client/index.html": "",
            "client/src/lib/api.ts": CODE,
            "server/index.ts": CODE,
            "shared/schema.ts": CODE,
        },
        ["Node: Express", "front end: React, Vite in client"],
        ["sentryMonitoring.ts", "client/src/lib/sentryMonitoring.ts"],
        ["npm install @sentry/node@^11", "npm install @sentry/react@^11"],
    ),
    "a server with pages of its own making": (
        {
            "package.json": package("express", "react", "react-dom", devDependencies={"vite": "*"}),
            "tsconfig.json": "{}",
            "client/src/page.tsx": CODE,
            "server/index.ts": CODE,
        },
        ["Node: Express, React"],
        ["sentryMonitoring.ts"],
        ["npm install @sentry/node@^11"],
    ),
    "a worker of Cloudflare": (
        {
            "package.json": package("hono", devDependencies={"wrangler": "4", "vite": "*"}),
            "wrangler.toml": 'name = "a"\nmain = "src/index.ts"\n',
            "src/index.ts": CODE,
        },
        ["a worker of Cloudflare: Hono"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/cloudflare@^11"],
    ),
    "a server with a configuration of a worker that is gone": (
        {
            "package.json": package("hono"),
            "wrangler.toml": 'name = "a"\nmain = "src/worker.ts"\n',
            "src/index.ts": CODE,
        },
        ["Node: Hono"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/node@^11"],
    ),
    "Astro on Cloudflare": (
        {
            "package.json": package("astro", "@astrojs/cloudflare"),
            "wrangler.jsonc": '{"main": "src/worker.ts"}',
            "src/worker.ts": CODE,
        },
        ["front end: Astro"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/astro@^11"],
    ),
    "Fastify with require on an old Node": (
        {
            "package.json": package("fastify", engines={"node": ">=18"}),
            "lib/index.js": "const fastify = require('fastify');\nmodule.exports = {};\n",
        },
        ["Node: Fastify"],
        ["lib/sentryMonitoring.js"],
        ["npm install @sentry/node@^10"],
    ),
    "Nest with yarn": (
        {"package.json": package("@nestjs/core"), "yarn.lock": "", "tsconfig.json": "{}", "src/main.ts": CODE},
        ["Node: Nest"],
        ["src/sentryMonitoring.ts"],
        ["yarn add @sentry/nestjs@^11"],
    ),
    "Next.js": (
        {
            "package.json": package("next", "react-dom", "ai", packageManager="bun@1.2"),
            "tsconfig.json": "{}",
            "lib/ai.ts": CODE,
            "app/page.tsx": CODE,
            "next.config.ts": CODE,
        },
        ["front end: Next.js"],
        ["lib/sentryMonitoring.ts"],
        ["bun add @sentry/nextjs@^11"],
    ),
    "React with Vite": (
        {
            "package.json": {**package("react-dom"), "devDependencies": {"vite": "^7", "typescript": "^5"}},
            "src/main.tsx": CODE,
        },
        ["front end: React, Vite"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/react@^11"],
    ),
    "a command that Vite builds": (
        {
            "package.json": {
                **package("openai", type="module", bin={"tidy": "dist/index.mjs"}),
                "devDependencies": {"vite": "^7", "typescript": "^5"},
            },
            "src/index.ts": CODE,
        },
        ["Node: a package"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/node@^11"],
    ),
    "a front end that brings a command": (
        {
            "package.json": {
                **package("openai", bin={"serve": "serve.mjs"}),
                "devDependencies": {"vite": "^7", "typescript": "^5"},
            },
            "index.html": "<div id=root></div>",
            "src/main.ts": CODE,
        },
        ["front end: Vite"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/browser@^11"],
    ),
    "a front end and what serves it": (
        {
            "package.json": {
                **package("express", "react-dom", scripts={"start": "node serve.js"}),
                "devDependencies": {"vite": "*"},
            },
            "index.html": "<div id=root></div>",
            "serve.js": "import express from 'express';\n",
            "src/main.tsx": CODE,
        },
        ["front end: Express, React, Vite"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/react@^11"],
    ),
    "Node, and scripts in Python": (
        {
            "package.json": {**package("express"), "devDependencies": {"typescript": "^5"}},
            "src/server.ts": CODE,
            "tools/sizes.py": "import os\n\nprint(os.listdir())\n",
        },
        ["Node: Express"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/node@^11"],
    ),
    "React with a server that stands in for the real one": (
        {
            "package.json": {
                **package("react-dom", "axios"),
                "devDependencies": {"express": "^4", "vite": "^7", "typescript": "^5"},
            },
            "mock-server.ts": "import express from 'express';\n",
            "src/main.tsx": CODE,
        },
        ["front end: React, Vite"],
        ["src/sentryMonitoring.ts"],
        ["npm install @sentry/react@^11"],
    ),
    "React of another version of Sentry": (
        {
            "package.json": {"dependencies": {"react-dom": "^19", "@sentry/react": "^10.5.0"}, "type": "module"},
            "src/main.jsx": CODE,
        },
        ["front end: React"],
        ["src/sentryMonitoring.js"],
        [],
    ),
    "OpenTelemetry": (
        {"package.json": package("express", "@opentelemetry/sdk-node"), "index.mjs": CODE},
        [
            "Node: Express",
            "OpenTelemetry in the project; the helpers report to Sentry beside it (--backend opentelemetry: to it)",
        ],
        ["sentryMonitoring.js"],
        ["npm install @sentry/node@^11"],
    ),
    "front ends that need nothing when they run, with what builds them here and around": (
        {
            "package.json": {"private": True, "workspaces": ["admin", "pages/*"], "devDependencies": {"vite": "*"}},
            "package-lock.json": "{}",
            "admin/package.json": {"private": True, "devDependencies": {"vite": "^7", "react-dom": "^19"}},
            "admin/index.html": "<div id=root></div>",
            "admin/src/main.tsx": CODE,
            "pages/options/package.json": {"private": True, "dependencies": {"zod": "^4"}},
            "pages/options/index.html": "<div id=root></div>",
            "pages/options/src/main.ts": CODE,
            "pages/kit/package.json": {"private": True, "dependencies": {"zod": "^4"}},
            "pages/kit/src/main.ts": CODE,
            "pages/manual/package.json": {"private": True, "devDependencies": {"vitepress": "^1", "vite": "^7"}},
            "pages/manual/index.html": "<div id=root></div>",
            "pages/manual/src/main.ts": CODE,
        },
        ["front end: React, Vite in admin", "front end: Vite in pages/options"],
        ["admin/src/sentryMonitoring.ts", "pages/options/src/sentryMonitoring.ts"],
        ["cd admin && npm install @sentry/react@^11", "cd pages/options && npm install @sentry/browser@^11"],
    ),
    "Electron with Sentry": (
        {
            "package.json": package(
                "@sentry/electron", devDependencies={"electron": "*", "react-dom": "*", "vite": "*"}
            ),
            "src/main/main.ts": CODE,
            "src/renderer/main.tsx": CODE,
        },
        ["Node: React"],
        ["src/sentryMonitoring.ts"],
        [],
    ),
    "a back end of Python, a front end and a service": (
        {
            "package.json": {
                "private": True,
                "workspaces": ["web", "api", "packages/*"],
                "devDependencies": {"vite": "*"},
            },
            "package-lock.json": "{}",
            "backend/pyproject.toml": '[project]\nname = "b"\ndependencies = ["fastapi"]\n',
            "backend/app/__init__.py": "",
            "backend/app/main.py": "",
            "scripts/release.py": "",
            "web/package.json": package("react-dom"),
            "web/src/main.tsx": CODE,
            "api/package.json": package("express", "groq-sdk"),
            "api/src/main.ts": CODE,
            "packages/types/package.json": package("zod"),
            "packages/types/index.ts": CODE,
            "packages/sdk/package.json": package("openai", files=["dist"]),
            "packages/sdk/index.ts": CODE,
            "packages/docs-site/package.json": package("react-dom", "@docusaurus/core", "webpack"),
            "packages/docs-site/src/index.tsx": CODE,
            "packages/fixtures/app/package.json": package("express"),
            "packages/fixtures/app/index.ts": CODE,
            "backend/worker/requirements.txt": "celery\n",
            "backend/worker/main.py": "",
        },
        ["Python: FastAPI in backend", "Node: Express in api", "front end: React, Vite in web"],
        ["backend/app/sentry_monitoring.py", "api/src/sentryMonitoring.ts", "web/src/sentryMonitoring.ts"],
        [
            "cd backend && pip install 'sentry-sdk>=2.15,<3'",
            "cd api && npm install @sentry/node@^11",
            "cd web && npm install @sentry/react@^11",
        ],
    ),
}


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[list[str], list[str], list[str]]:
    files, *expected = PROJECTS[request.param]
    make(tmp_path, **files)
    found, helpers, commands = expected
    return found, helpers, commands


def test_it_finds_and_writes_and_a_second_run_changes_nothing(
    tool: RunTool, tmp_path: Path, project: tuple[list[str], list[str], list[str]]
) -> None:
    found, helpers, commands = project
    before = tree(tmp_path)
    done = tool("init", "--dry-run")
    assert (done.code, done.out) == (0, "")
    assert tree(tmp_path) == before
    would = [line.removeprefix("Would write ") for line in done.err.splitlines() if line.startswith("Would write ")]

    done = tool("init")
    lines = done.err.splitlines()
    assert (done.code, done.out) == (0, "")
    assert [line.removeprefix("Found ") for line in lines if line.startswith("Found ")] == found
    wrote = [line.removeprefix("Wrote ") for line in lines if line.startswith("Wrote ")]
    assert wrote == would
    assert wrote[: len(helpers)] == helpers
    installs = [line.strip() for line in lines if " add " in line or " install " in line]
    assert len(installs) == len(commands)
    assert all(line.startswith(command) for line, command in zip(installs, commands, strict=True))
    after = tree(tmp_path)
    assert {path: after[path] for path in before} == before
    assert sorted(set(after) - set(before)) == sorted(wrote)

    again = tool("init")
    assert (again.code, again.err.splitlines()[-1]) == (0, "Nothing to write")
    assert tree(tmp_path) == after
    assert tool("init", "--diff").code == 0
    assert tool("check", "--no-cache", "--select", "ALL", "--exclude", "app.py").code in {0, 1}


class TestHelpers:
    def test_for_what_the_package_is(self, tool: RunTool, tmp_path: Path) -> None:
        files = PROJECTS["a back end of Python, a front end and a service"][0]
        make(tmp_path, **files)
        tool("init")
        web = (tmp_path / "web/src/sentryMonitoring.ts").read_text()
        api = (tmp_path / "api/src/sentryMonitoring.ts").read_text()
        assert ("from '@sentry/react'" in web, "VITE_SENTRY_DSN" in web, "ErrorBoundary" in web) == (True,) * 3
        assert ("from '@sentry/node'" in api, "VITE_" in api, "setupErrorHandler" in api) == (True, False, True)
        configuration = tomllib.loads((tmp_path / "monitorlint.toml").read_text())
        assert configuration["helpers"] == {"python": "backend/app/sentry_monitoring.py"}
        variables = (tmp_path / "web/.env.example").read_text()
        assert "\nVITE_SENTRY_DSN=\n" in variables
        assert "\nVITE_APP_VERSION=1.0.0\n" in variables
        assert "\nSERVER_NAME=\n" in (tmp_path / "api/.env.example").read_text()
        assert "\nSENTRY_RELEASE=\n" in (tmp_path / "backend/.env.example").read_text()

    def test_for_electron_is_for_the_process_that_is_node(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["Electron with Sentry"][0])
        done = tool("init")
        text = (tmp_path / "src/sentryMonitoring.ts").read_text()
        assert ("from '@sentry/electron/main'" in text, "@sentry/react" in text) == (True, False)
        assert "first in the entry file of the main process" in done.err

    def test_for_next_js_has_nothing_that_its_build_for_the_edge_lacks(self, tool: RunTool, tmp_path: Path) -> None:
        # Turbopack builds no module that imports what is not there; found with @sentry/nextjs 10.78 and 11.5.
        make(tmp_path, **PROJECTS["Next.js"][0])
        tool("init")
        text = (tmp_path / "lib/sentryMonitoring.ts").read_text()
        assert ("from '@sentry/nextjs'" in text, "ErrorBoundary" in text) == (True, False)
        make(tmp_path, **{"package.json": package("@remix-run/react", "react-dom")})
        tool("init", "--force", "--yes")
        assert "ErrorBoundary" in (tmp_path / "lib/sentryMonitoring.ts").read_text()

    def test_of_one_folder(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["a back end of Python, a front end and a service"][0], **{".git/HEAD": ""})
        done = tool("init", "web/src")
        assert [line for line in done.err.splitlines() if line.startswith("Found")] == [
            "Found front end: React, Vite in web"
        ]
        assert not list(tmp_path.rglob("sentry_monitoring.py"))
        assert tool("init", "--stdout").code == 2
        assert "from '@sentry/node'" in tool("init", "api", "--stdout").out

    def test_not_in_a_folder_that_git_ignores(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **{"package.json": package("express")})
        make(
            tmp_path,
            **{".gitignore": "lib/\n", "server.ts": CODE, "src/lib/index.ts": CODE, "lib/b.ts": CODE, "src/a.ts": CODE},
        )
        assert "\nWrote src/sentryMonitoring.ts\n" in tool("init").err

    def test_of_a_folder_that_looks_like_no_application(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["Django with pip"][0])
        make(tmp_path, **{"translate/package.json": package("react", private=True)})
        make(tmp_path, **{"translate/src/a.ts": CODE})
        assert "sentryMonitoring" not in tool("init").err
        assert "Wrote translate/src/sentryMonitoring.ts\n" in tool("init", "translate/src").err

    def test_with_require_where_the_package_uses_it(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["Fastify with require on an old Node"][0])
        tool("init")
        text = (tmp_path / "lib/sentryMonitoring.js").read_text()
        assert text.startswith("'use strict';\n")
        assert "const Sentry = require('@sentry/node');" in text
        assert "\nexport " not in text

    def test_where_the_configuration_says(self, tool: RunTool, tmp_path: Path) -> None:
        thresholds = "[thresholds]\nai = 12\n"
        make(tmp_path, **PROJECTS["Express with TypeScript and pnpm"][0])
        make(tmp_path, **{"monitorlint.toml": f'helpers.typescript = "src/watch.mts"\n{thresholds}'})
        assert "\nWrote src/watch.mts\n" in tool("init").err
        assert "\nconst AI_SECONDS = 12;\n" in (tmp_path / "src/watch.mts").read_text()

    def test_one_for_all_is_for_the_part_that_it_lies_in(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["a back end of Python, a front end and a service"][0])
        make(tmp_path, **{"monitorlint.toml": 'helpers.typescript = "web/src/watch.ts"\n'})
        assert tool("init").code == 0
        assert "from '@sentry/react'" in (tmp_path / "web/src/watch.ts").read_text()
        assert not (tmp_path / "api/src/sentryMonitoring.ts").exists()

    @pytest.mark.parametrize(
        ("path", "message"), [("../x.ts", "lies outside the project"), ("x.py", "cannot be imported")]
    )
    def test_not_where_it_is_of_no_use(self, tool: RunTool, tmp_path: Path, path: str, message: str) -> None:
        make(tmp_path, **PROJECTS["Nest with yarn"][0])
        make(tmp_path, **{"monitorlint.toml": f'helpers.typescript = "{path}"\n'})
        done = tool("init")
        assert (done.code, done.err.count("\n"), message in done.err) == (2, 1, True)

    def test_a_wrapper_that_the_configuration_names_is_live(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["React with Vite"][0])
        wrapper = '[[wrappers]]\nkind = "http"\nurl = "/api/lessons/{id}"\ntypescript = "monitorLessonLoading"\n'
        make(tmp_path, **{"monitorlint.toml": wrapper + 'args = ["{id}"]\n'})
        tool("init")
        assert "\nexport function monitorLessonLoading<T>(" in (tmp_path / "src/sentryMonitoring.ts").read_text()

    def test_nothing_to_monitor(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **{"README.md": ""})
        done = tool("init")
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert "no code of Python, TypeScript or JavaScript" in done.err

    def test_next_has_no_boundary_for_its_edge_runtime(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["Next.js"][0])
        tool("init")
        assert "ErrorBoundary" not in (tmp_path / "lib/sentryMonitoring.ts").read_text()


class TestWhatIsLeft:
    @pytest.mark.parametrize(
        ("name", "more", "expected"),
        [
            (
                "FastAPI with uv",
                {"app/main.py": "from fastapi import FastAPI\n\napp: FastAPI = FastAPI()\n"},
                ["call init_sentry() of app/sentry_monitoring.py in app/main.py, before the application is made"],
            ),
            (
                "FastAPI with uv",
                {"app/main.py": "app = FastAPI()\n", "app/admin.py": "app = FastAPI()\n"},
                ["call init_sentry() of app/sentry_monitoring.py where the application starts"],
            ),
            (
                "Django with pip",
                {},
                [
                    "pip install 'sentry-sdk>=2.15,<3'  # and add it to requirements.txt",
                    "call init_sentry() of shop/sentry_monitoring.py at the end of shop/settings.py",
                ],
            ),
            (
                "a worker of Cloudflare",
                {},
                [
                    "npm install @sentry/cloudflare@^11",
                    (
                        "src/index.ts: put Sentry.withSentry((env: Env) => sentryOptions(env), …) around what it"
                        " exports; sentryOptions is in src/sentryMonitoring.ts"
                    ),
                    'compatibility_flags of the worker: Sentry needs "nodejs_compat" (or "nodejs_als") among them',
                ],
            ),
            (
                "Next.js",
                {"src/app/page.tsx": CODE},
                [
                    "bun add @sentry/nextjs@^11",
                    (
                        "src/instrumentation.ts: call initSentry() of lib/sentryMonitoring.ts in register(), and export"
                        " { captureRequestError as onRequestError } from '@sentry/nextjs'"
                    ),
                    (
                        "src/instrumentation-client.ts: call initSentry() of lib/sentryMonitoring.ts, and export"
                        " { captureRouterTransitionStart as onRouterTransitionStart } from '@sentry/nextjs'"
                    ),
                    "next.config.ts: put withSentryConfig() of '@sentry/nextjs/config' around what it exports",
                ],
            ),
        ],
    )
    def test_says_where(
        self, tool: RunTool, tmp_path: Path, name: str, more: dict[str, str], expected: list[str]
    ) -> None:
        make(tmp_path, **PROJECTS[name][0])
        make(tmp_path, **more)
        _, _, left = tool("init").err.partition("Next:\n")
        lines = [line.strip() for line in left.splitlines()]
        assert lines[-len(expected) - 2 : -2] == expected


class TestOpenTelemetry:
    """``--backend opentelemetry``."""

    @pytest.mark.parametrize(
        ("name", "helpers", "commands"),
        [
            (
                "FastAPI with uv",
                {"python": "app/opentelemetry_monitoring.py"},
                ["uv add 'opentelemetry-sdk>=1.16,<2' 'opentelemetry-exporter-otlp-proto-http>=1.16,<2'"],
            ),
            (
                "Express with TypeScript and pnpm",
                {"typescript": "src/utils/openTelemetryMonitoring.ts"},
                ["pnpm add @opentelemetry/api@~1.9.1 @opentelemetry/sdk-node@^0.223.0"],
            ),
            (
                "Fastify with require on an old Node",
                {"typescript": "lib/openTelemetryMonitoring.js"},
                ["npm install @opentelemetry/api@~1.9.1 @opentelemetry/sdk-node@^0.223.0"],
            ),
            (
                "OpenTelemetry",
                {"typescript": "openTelemetryMonitoring.js"},
                ["npm install @opentelemetry/api@~1.9.1"],
            ),
        ],
    )
    def test_it_writes_and_goes_by_it_the_next_time(
        self, tool: RunTool, tmp_path: Path, name: str, helpers: dict[str, str], commands: list[str]
    ) -> None:
        make(tmp_path, **PROJECTS[name][0])
        before = tree(tmp_path)
        done = tool("init", "--backend", "opentelemetry")
        lines = done.err.splitlines()
        assert (done.code, done.out) == (0, "")
        assert [line.strip() for line in lines if " add " in line or " install " in line] == commands
        (path,) = helpers.values()
        assert f"Wrote {path}" in lines
        call = "init_opentelemetry()" if path.endswith(".py") else "initOpenTelemetry()"
        assert any(line.startswith(f"  call {call} of {path} ") for line in lines)
        configuration = tomllib.loads((tmp_path / "monitorlint.toml").read_text())
        assert configuration["helpers"] == {"backend": "opentelemetry", **helpers}
        assert "OTEL_EXPORTER_OTLP_ENDPOINT=\n" in (tmp_path / ".env.example").read_text()
        after = tree(tmp_path)
        assert {path: after[path] for path in before} == before
        written = [content for path, content in after.items() if path not in before and not path.startswith(".git")]
        assert b"sentry" not in b"".join(written).lower()
        for again in (("init",), ("init", "--backend", "opentelemetry")):
            assert tool(*again).err.splitlines()[-1] == "Nothing to write"
        assert tree(tmp_path) == after
        assert tool("check", "--no-cache").code in {0, 1}

    def test_what_runs_in_browsers_stays_with_sentry_and_it_says_so(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["a back end of Python, a front end and a service"][0])
        done = tool("init", "--backend", "opentelemetry")
        said = "web runs in browsers: its helper reports to Sentry; the one for OpenTelemetry is for Node"
        assert done.err.splitlines().count(said) == 1
        assert [line.removeprefix("Wrote ") for line in done.err.splitlines() if "onitoring." in line][:3] == [
            "backend/app/opentelemetry_monitoring.py",
            "api/src/openTelemetryMonitoring.ts",
            "web/src/sentryMonitoring.ts",
        ]
        assert "\n  cd web && npm install @sentry/react@^11\n" in done.err
        assert "VITE_SENTRY_DSN" in (tmp_path / "web/.env.example").read_text()
        assert "SENTRY" not in (tmp_path / "api/.env.example").read_text()
        assert tool("init").err.splitlines()[-1] == "Nothing to write"

    def test_a_configuration_that_is_there_is_the_user_s(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **{"main.py": "", "monitorlint.toml": "[thresholds]\nai = 12\n"})
        done = tool("init", "--backend", "opentelemetry")
        assert '\n  set helpers.backend = "opentelemetry" in monitorlint.toml: the next init goes by it\n' in done.err
        assert (tmp_path / "monitorlint.toml").read_text() == "[thresholds]\nai = 12\n"
        assert "\nAI_SECONDS = 12.0\n" in (tmp_path / "opentelemetry_monitoring.py").read_text()

    def test_a_helper_for_sentry_is_kept(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **{"main.py": ""})
        tool("init")
        before = tree(tmp_path)
        done = tool("init", "--backend", "opentelemetry")
        assert "Kept sentry_monitoring.py, which differs" in done.err
        assert {path: tree(tmp_path)[path] for path in before if path != ".env.example"} == {
            path: content for path, content in before.items() if path != ".env.example"
        }

    def test_another_backend_is_a_mistake(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **{"main.py": "", "monitorlint.toml": 'helpers.backend = "datadog"\n'})
        done = tool("init")
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert done.err.startswith("monitorlint: monitorlint.toml:1: ")
        assert tool("init", "--isolated", "--backend", "datadog").code == 2


class TestBesideTheCode:
    def test_missing_variables_are_added(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["Express with TypeScript and pnpm"][0])
        old = "OPENAI_API_KEY=\n# export SENTRY_DSN=unused\nNODE_ENV = test"
        make(tmp_path, **{".env.sample": old})
        assert "\nAdded to .env.sample\n" in tool("init").err
        text = (tmp_path / ".env.sample").read_text()
        assert text == f"{old}\n\n# What alerts call this server\nSERVER_NAME=\n"
        assert not (tmp_path / ".env.example").exists()

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (None, "# Values for this machine alone; .env.example tells which there are\n.env\n"),
            ("dist\r\n", "dist\r\n\r\n# Values for this machine alone; .env.example tells which there are\r\n.env\r\n"),
            (".env*\n!.env.example\n", ".env*\n!.env.example\n"),
            ("!\n\\\n.env\n", "!\n\\\n.env\n"),
            ("*.env\n", "*.env\n"),
        ],
    )
    def test_env_is_ignored(self, tool: RunTool, tmp_path: Path, before: str | None, after: str) -> None:
        make(tmp_path, **{"main.py": ""})
        if before is not None:
            (tmp_path / ".gitignore").write_bytes(before.encode())
        tool("init")
        assert (tmp_path / ".gitignore").read_bytes() == after.encode()

    def test_env_is_ignored_already_in_every_part(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["a back end of Python, a front end and a service"][0], **{".gitignore": "dist\n"})
        make(tmp_path, **{"web/.gitignore": ".env*\n", "api/.gitignore": "/.env\n", "backend/.gitignore": ".env\n"})
        tool("init")
        assert (tmp_path / ".gitignore").read_text() == "dist\n"
        make(tmp_path, **{"api/.gitignore": "!.env\n"})
        tool("init")
        assert (tmp_path / ".gitignore").read_text().endswith("\n.env\n")
        assert "Nothing to write" in tool("init").err

    def test_env_is_committed_on_purpose(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["a back end of Python, a front end and a service"][0], **{".env": "PORT=80\n"})
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
        subprocess.run(["git", "-C", tmp_path, "add", ".env"], check=True)
        tool("init")
        assert not (tmp_path / ".gitignore").exists()

    def test_what_starts_sentry_by_itself_has_variables_of_its_own(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **PROJECTS["Flask with poetry and Sentry"][0])
        assert "variables" not in tool("init").err
        assert not (tmp_path / ".env.example").exists()
        assert not (tmp_path / ".gitignore").exists()

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("repos:\n- repo: x\n  hooks: []\n", "repos:\n- repo: x\n  hooks: []\nITEM0"),
            ("repos:\n  - repo: x\n\nci:\n  a: 1\n", "repos:\n  - repo: x\nITEM2\nci:\n  a: 1\n"),
            ("ci: {}\nrepos:  # ours\n    # first\n    - repo: x\n", None),
            ("repos: []\n", None),
            ("repos: [{repo: x}]\n", None),
            ("{}\n", None),
        ],
    )
    def test_a_hook_is_added_where_hooks_are(self, before: str, after: str | None) -> None:
        entry = "- repo: m\n  hooks:\n    - id: n\n"
        for depth in ("0", "2"):
            item = "".join(" " * int(depth) + line for line in entry.splitlines(keepends=True))
            after = after.replace(f"ITEM{depth}", item) if after else after
        assert _with_hook(before, entry) == after

    def test_the_hook_is_written_once(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **{"main.py": "", ".pre-commit-config.yaml": "repos:\n  - repo: local\n    hooks: []\n"})
        tool("init")
        text = (tmp_path / ".pre-commit-config.yaml").read_text()
        assert text.endswith(f"    rev: v{__version__}\n    hooks:\n      - id: monitorlint\n")
        assert "Nothing to write" in tool("init").err

    def test_the_workflow_is_not_for_another_service(self, tool: RunTool, tmp_path: Path) -> None:
        make(tmp_path, **{"main.py": "", ".gitlab-ci.yml": ""})
        tool("init")
        assert not (tmp_path / ".github").exists()
        make(tmp_path, **{".github/workflows/test.yml": "run: monitorlint check\n"})
        assert "Nothing to write" in tool("init").err
        make(tmp_path, **{".github/workflows/test.yml": "run: pytest\n"})
        assert "Wrote .github/workflows/monitorlint.yml" in tool("init").err

    def test_what_belongs_to_the_repository_is_not_written_into_a_part_of_it(
        self, tool: RunTool, tmp_path: Path
    ) -> None:
        make(tmp_path, **{"a/main.py": "", "a/monitorlint.toml": ""})
        (tmp_path / ".git").mkdir()
        tool("init", "a")
        assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
            ".env.example",
            ".gitignore",
            "main.py",
            "monitorlint.toml",
            "sentry_monitoring.py",
        ]

    def test_manifests_that_are_none_are_no_harm(self, tool: RunTool, tmp_path: Path) -> None:
        make(
            tmp_path,
            **{
                "package.json": "[",
                "web/package.json": '{"dependencies": 3, "engines": [], "type": {}}',
                "web/main.ts": CODE,
                "main.js": CODE,
                "pyproject.toml": "[[",
            },
        )
        done = tool("init", "--isolated")
        assert done.code in {0, 2}
        assert "Traceback" not in done.err
