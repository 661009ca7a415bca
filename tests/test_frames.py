"""Applications of frameworks that load files by where they lie: who runs which of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitorlint.engine.request import Request
from monitorlint.engine.run import run

INIT = "import * as Sentry from '@sentry/{package}';\nSentry.init({{ dsn: 'd', tracesSampleRate: 0.1 }});\n"
CALL = "export async function load() {\n  return await fetch('https://example.com/a');\n}\n"


def verdicts(folder: Path, files: dict[str, str]) -> dict[str, str]:
    """The verdict on the one call of each file that has one."""
    for name, text in {"monitorlint.toml": "", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    request = Request(paths=(folder,), select=("MON2",), cache=False, jobs=1, debug=True, purpose="coverage")
    return {s.path: str(s.status) for s in run(request).sites if s.kind == "http"}


@pytest.mark.parametrize(
    ("name", "status"),
    [("data.server.ts", "monitored"), (".server/data.ts", "monitored"), ("data.ts", "unknown")],
)
def test_what_is_named_for_the_server_is_no_part_of_the_browser_s_program(
    tmp_path: Path, name: str, status: str
) -> None:
    files = {
        "react-router.config.ts": "export default {};\n",
        "app/root.tsx": "export default function App() { return null; }\n",
        "app/entry.server.tsx": INIT.format(package="react-router"),
        "app/entry.client.tsx": "export {};\n",
        "app/routes/home.tsx": f"import {{ load }} from '../{name[:-3]}';\nexport const loader = () => load();\n",
        f"app/{name}": CALL,
    }
    assert verdicts(tmp_path, files)[f"app/{name}"] == status


JOBS = """
import { trace } from '@opentelemetry/api';
import { load } from './load';
const tracer = trace.getTracer('jobs');
export abstract class Job {
  async start() {
    return await tracer.startActiveSpan('job', async (span) => {
      try {
        return await this.run();
      } finally {
        span.end();
      }
    });
  }
  abstract run(): Promise<unknown>;
}
export class Loading extends Job {
  async run() {
    return await load();
  }
}
export const loading = new Loading();
"""


@pytest.mark.parametrize(
    ("jobs", "status"), [(JOBS, "monitored"), (JOBS.replace("await this.run()", "1"), "unmonitored")]
)
@pytest.mark.parametrize("folder", ["src/lib/server", "src/lib"])
def test_files_for_the_server_import_each_other_as_any_do(tmp_path: Path, folder: str, jobs: str, status: str) -> None:
    files = {
        "svelte.config.js": "export default {};\n",
        "src/hooks.server.ts": f"import {{ loading }} from './{folder[4:]}/jobs';\nvoid loading.start();\n",
        f"{folder}/jobs.ts": jobs,
        f"{folder}/load.ts": CALL,
    }
    assert verdicts(tmp_path, files)[f"{folder}/load.ts"] == status


@pytest.mark.parametrize(
    ("only", "status"),
    [("import 'server-only';\n", "monitored"), ("import 'client-only';\n", "unmonitored"), ("", "unknown")],
)
def test_a_file_says_for_which_side_it_is(tmp_path: Path, only: str, status: str) -> None:
    files = {
        "next.config.ts": "export default {};\n",
        "instrumentation.ts": "export async function register() { await import('./sentry.server.config'); }\n",
        "sentry.server.config.ts": INIT.format(package="nextjs"),
        "pages/home.tsx": "import { load } from '../data';\nexport default () => <a onClick={load} />;\n",
        "data.ts": only + CALL,
    }
    assert verdicts(tmp_path, files)["data.ts"] == status


@pytest.mark.parametrize(
    ("package", "options", "status"),
    [
        ("nextjs", "", "monitored"),
        ("nextjs", "integrations: []", "monitored"),
        ("nextjs", "defaultIntegrations: false", "unmonitored"),
        ("react", "", "unmonitored"),
        ("react", "integrations: [Sentry.browserTracingIntegration()]", "monitored"),
    ],
)
def test_in_the_browser_requests_are_traced_where_that_is_the_default_or_asked_for(
    tmp_path: Path, package: str, options: str, status: str
) -> None:
    files = {
        "next.config.ts": "export default {};\n",
        "instrumentation-client.ts": INIT.format(package=package).replace("{ ", f"{{ {options}, ".replace("{ ,", "{")),
        "app/page.tsx": "import { Form } from './form';\nexport default () => <Form />;\n",
        "app/form.tsx": "'use client';\n"
        f"{CALL}export const Form = () => <a onClick={{() => load().catch(() => 0)}} />;\n",
    }
    assert verdicts(tmp_path, files)["app/form.tsx"] == status


def test_an_sdk_of_both_sides_covers_each_by_what_it_traces_there(tmp_path: Path) -> None:
    files = {
        "react-router.config.ts": "export default {};\n",
        "app/root.tsx": "export default function App() { return null; }\n",
        "app/entry.client.tsx": INIT.format(package="react-router"),
        "app/routes/home.tsx": f"{CALL}export default () => <a onClick={{() => load().catch(() => 0)}} />;\n",
        "app/routes/tile.client.tsx": CALL,
    }
    assert set(verdicts(tmp_path, files).values()) == {"unmonitored"}


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("node --import ./instrument.mjs dist/main.js", "monitored"),
        ("node dist/main.js", "unmonitored"),
        ('node dist/main.js", "start:traced": "node --import ./instrument.mjs dist/main.js', "unknown"),
    ],
)
def test_what_a_start_script_loads_first_is_on(tmp_path: Path, start: str, status: str) -> None:
    files = {
        "package.json": f'{{"name": "shop", "scripts": {{\n"start": "{start.replace(", ", ", " + chr(10))}"\n}}}}\n',
        "instrument.mjs": INIT.format(package="node"),
        "src/main.ts": "import { createServer } from 'node:http';\nimport { load } from './data';\n"
        "createServer(() => load()).listen(80);\n",
        "src/data.ts": CALL,
    }
    assert verdicts(tmp_path, files)["src/data.ts"] == status


@pytest.mark.parametrize(("name", "status"), [("web", "monitored"), ("docs", "unmonitored")])
def test_a_launch_of_what_is_built_counts_for_the_application_that_it_names(
    tmp_path: Path, name: str, status: str
) -> None:
    files = {
        "package.json": '{"name": "shop", "dependencies": {"dd-trace": "^5.0.0"}}\n',
        "web/Dockerfile": "CMD node --import dd-trace/initialize.mjs ./web/server.js\n",
        f"{name}/next.config.ts": "export default {};\n",
        f"{name}/app/page.tsx": f"{CALL}export default async () => <p>{{await load()}}</p>;\n",
    }
    assert verdicts(tmp_path, files)[f"{name}/app/page.tsx"] == status


@pytest.mark.parametrize(("name", "status"), [("server/data.ts", "monitored"), ("lib/data.ts", "unknown")])
def test_what_a_page_fetches_on_the_server_is_no_part_of_the_browser_s_program(
    tmp_path: Path, name: str, status: str
) -> None:
    files = {
        "next.config.ts": "export default {};\n",
        "instrumentation.ts": "export async function register() { await import('./sentry.server.config'); }\n",
        "sentry.server.config.ts": INIT.format(package="nextjs"),
        "pages/home.tsx": f"import {{ load }} from '../{name[:-3]}';\nexport default () => null;\n"
        "export const getServerSideProps = async () => ({ props: await load() });\n",
        name: CALL,
    }
    assert verdicts(tmp_path, files)[name] == status


@pytest.mark.parametrize("imported", ["virtual:react-router/server-build", "../build/server/index.js"])
@pytest.mark.parametrize(("start", "status"), [("import './monitoring';\n", "monitored"), ("", "unmonitored")])
def test_a_server_of_the_project_s_own_runs_what_the_framework_builds(
    tmp_path: Path, imported: str, start: str, status: str
) -> None:
    files = {
        "react-router.config.ts": "export default {};\n",
        "app/root.tsx": "export default function App() { return null; }\n",
        "app/entry.server.tsx": "export default function handle() {}\n",
        "app/routes/home.tsx": "import { load } from '../data.server';\nexport const loader = () => load();\n",
        "app/data.server.ts": CALL,
        "server/index.ts": f"{start}import express from 'express';\nconst build = () => import('{imported}');\n",
        "server/monitoring.ts": INIT.format(package="node"),
    }
    assert verdicts(tmp_path, files)["app/data.server.ts"] == status


@pytest.mark.parametrize(
    ("hook", "status"),
    [
        ("import { sentry } from '@hono/sentry';\napp.use('*', sentry({ dsn: 'd' }));\n", "monitored"),
        ("import * as Sentry from '@sentry/node';\nSentry.setupExpressErrorHandler(app);\n", "monitored"),
        ("import * as Sentry from '@sentry/node';\napp.use(Sentry.Handlers.errorHandler());\n", "monitored"),
        ("import { sentry } from './sentry';\napp.use('*', sentry());\n", "unmonitored"),
        ("", "unmonitored"),
    ],
)
@pytest.mark.parametrize("caught", [False, True])
def test_a_handler_of_the_monitor_s_own_sees_what_handlers_of_requests_do_not_catch(
    tmp_path: Path, hook: str, status: str, caught: bool
) -> None:
    call = "await fetch('https://example.com/a');"
    body = f"try {{ {call} }} catch {{ c.status(500); }}" if caught else call
    files = {
        "src/index.ts": "import { Hono } from 'hono';\nimport { routes } from './routes';\n"
        f"const app = new Hono();\n{hook}routes(app);\nexport default app;\n",
        "src/routes.ts": f"export function routes(app) {{\n  app.get('/', async (c) => {{ {body} }});\n}}\n",
    }
    assert verdicts(tmp_path, files)["src/routes.ts"] == ("unmonitored" if caught else status)


@pytest.mark.parametrize(
    ("name", "status"), [("src/next.config.ts", "monitored"), ("shop/next.config.ts", "unmonitored")]
)
def test_the_sources_of_an_application_are_no_application_of_their_own(tmp_path: Path, name: str, status: str) -> None:
    folder = name.partition("/")[0]
    files = {
        "next.config.mjs": "export default {};\n",
        name: "export default {};\n",
        "instrumentation-client.ts": INIT.format(package="nextjs"),
        f"{folder}/app/page.tsx": f"'use client';\n{CALL}export default function Page() {{ return null; }}\n",
    }
    assert verdicts(tmp_path, files) == {f"{folder}/app/page.tsx": status}
