"""A worker of Cloudflare as a user has it: `init`, `fix`, the compiler, and the runtime that runs such workers."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, RunTool
from node_packages import Modules
from sentry_receiver import receiving

SECRET = "correct-horse-battery-staple"  # noqa: S105 - nothing that it opens
PROGRAM = ROOT / "tests" / "node" / "worker.mjs"
CONFIGURATION = """\
{
  // what wrangler deploys
  "name": "assistant",
  "main": "src/index.ts",
  "compatibility_flags": ["nodejs_compat"]
}
"""
WORKER = """\
interface Env {
  MODELS: string;
  TOKEN: string;
}

async function ask(env: Env): Promise<string> {
  const response = await fetch(`${env.MODELS}/ask`, { headers: { authorization: env.TOKEN } });
  const { model } = await response.json<{ model: string }>();
  return model;
}

async function load(env: Env): Promise<Response> {
  const response = await fetch(`${env.MODELS}/gone`);
  return response;
}

const handler = {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/load') return load(env);
    return new Response(await ask(env));
  },
} satisfies ExportedHandler<Env>;

export default handler;
"""
COMPILER = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "target": "ES2022",
    "lib": ["ES2022"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "types": ["@cloudflare/workers-types"],
    "skipLibCheck": True,
    "noEmit": True,
}


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest) -> Modules:
    return Modules(request.config)


@pytest.mark.parametrize("version", ["10", "11"])
def test_it_reports_what_it_fails_with(tool: RunTool, tmp_path: Path, version: str, modules: Modules) -> None:
    (tmp_path / "src").mkdir()
    entry = tmp_path / "src" / "index.ts"
    entry.write_text(WORKER)
    (tmp_path / "wrangler.jsonc").write_text(CONFIGURATION)
    (tmp_path / "package.json").write_text('{"private": true, "type": "module", "devDependencies": {"wrangler": "4"}}')
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": COMPILER, "include": ["src"]}))
    (tmp_path / ".gitignore").write_text("node_modules\n")

    done = tool("init")
    assert done.code == 0
    assert "Found a worker of Cloudflare: " in done.err
    assert "npm install @sentry/cloudflare@^11" in done.err
    assert "src/index.ts: put Sentry.withSentry((env: Env) => sentryOptions(env), …) around" in done.err
    assert "compatibility_flags" not in done.err
    done = tool("fix")
    assert (done.code, "Fixed 2 findings" in done.err) == (0, True)
    assert tool("check", "--no-cache").code == 0
    fixed = entry.read_text()
    assert fixed.count("monitorFetch(") == 2

    entry.write_text(
        "import * as Sentry from '@sentry/cloudflare';\n"
        + fixed.replace("{ monitorFetch }", "{ monitorFetch, sentryOptions }").replace(
            "export default handler", "export default Sentry.withSentry((env: Env) => sentryOptions(env), handler)"
        )
    )
    (tmp_path / "node_modules").symlink_to(modules(f"worker{version}"))
    tsc = modules("tools") / "typescript" / "bin" / "tsc"
    compiled = subprocess.run(["node", tsc], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert compiled.stdout == ""

    (tmp_path / "run.mjs").write_text(PROGRAM.read_text())
    with receiving() as receiver:
        command = ["node", "run.mjs", "src/index.ts", receiver.dsn, SECRET, "/ask", "/load"]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    (asked, loaded) = json.loads(ran.stdout.splitlines()[-1])
    assert asked == [200, "m-1"]
    assert loaded[0] == 500
    (event,) = receiver.events
    assert event["environment"] == "staging"
    tags = {"monitor": "fetch", "operation": "load", "alert": "network"}
    assert {name: event["tags"][name] for name in tags} == tags
    assert [data for data in receiver.envelopes if SECRET.encode() in data] == []


def test_without_a_dsn_it_runs_on(tool: RunTool, tmp_path: Path, modules: Modules) -> None:
    (tmp_path / "node_modules").symlink_to(modules("worker11"))
    (tmp_path / "wrangler.jsonc").write_text(CONFIGURATION)
    (tmp_path / "package.json").write_text('{"type": "module", "dependencies": {"hono": "4"}}')
    (tmp_path / "index.js").write_text(
        "import * as Sentry from '@sentry/cloudflare';\n"
        "import { monitorFetch, sentryOptions } from './sentryMonitoring.js';\n"
        "const fetch = async () => new Response(await monitorFetch('x', {}, async () => 'fine'));\n"
        "export default Sentry.withSentry(sentryOptions, { fetch });\n"
    )
    (tmp_path / "wrangler.jsonc").write_text(CONFIGURATION.replace("src/index.ts", "index.js"))
    assert "Wrote sentryMonitoring.js" in tool("init").err
    (tmp_path / "run.mjs").write_text(PROGRAM.read_text())
    command = ["node", "run.mjs", "index.js", "", SECRET, "/a", "/b"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == [[200, "fine"], [200, "fine"]]
    assert (ran.stdout + ran.stderr).count("SENTRY_DSN is not set: no monitoring") == 1
