"""A front end of React as a user has it, in a real browser: `init`, `fix`, a build, and one visit."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import RunTool
from node_packages import Modules
from sentry_receiver import Receiver, receiving
from test_end_to_end import nowhere

SECRET = "correct-horse-battery-staple"  # noqa: S105 - nothing that it opens

MAIN = """\
import { createRoot } from 'react-dom/client';
import { App } from './App';

createRoot(document.getElementById('root')!).render(<App />);
"""
APP = """\
import { useState } from 'react';

async function loadLesson(lessonId: string): Promise<string> {
  const response = await fetch(`/api/lessons/${lessonId}`);
  return response.text();
}

async function loadElsewhere(lessonId: string): Promise<string> {
  const response = await fetch(`${import.meta.env.VITE_NOWHERE}/lessons/${lessonId}`);
  return response.text();
}

function Exercise({ isBroken }: { isBroken: boolean }) {
  if (isBroken) throw new Error('the exercise broke');
  return <p>ready</p>;
}

export function App() {
  const [lesson, setLesson] = useState('');
  const [isBroken, setIsBroken] = useState(false);
  return (
    <main>
      <h1>SECRET</h1>
      <input defaultValue="SECRET" />
      <p>lesson: {lesson}</p>
      <button id="slow" onClick={async () => setLesson(await loadLesson('1'))}>slow</button>
      <button id="failing" onClick={() => loadElsewhere('2').catch(() => setLesson('none'))}>failing</button>
      <button id="breaking" onClick={() => setIsBroken(true)}>breaking</button>
      <Exercise isBroken={isBroken} />
    </main>
  );
}
""".replace("SECRET", SECRET)
COMPILER = {
    "strict": True,
    "target": "ES2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "jsx": "react-jsx",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "types": ["vite/client"],
    "noEmit": True,
    "skipLibCheck": True,
}


def seen(receiver: Receiver) -> bool:
    kinds = [kind for kind, _ in receiver.items]
    return kinds.count("event") >= 4 and "replay_recording" in kinds


@contextlib.contextmanager
def serving(folder: Path, is_over: Callable[[], bool]) -> Iterator[str]:
    """The built page, and a lesson that takes long to come."""

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def do_GET(self) -> None:
            if self.path == "/seen":
                self._answer(json.dumps(is_over()))
            elif self.path.startswith("/api/"):
                time.sleep(0.5)  # far more than the limits
                self._answer("algebra")
            else:
                super().do_GET()

        def _answer(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_visit(tool: RunTool, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("NOT TESTED: the front end needs chromium on the PATH")
    modules = Modules(request.config)("react")
    (tmp_path / "node_modules").symlink_to(modules)
    source = tmp_path / "src"
    source.mkdir()
    (source / "main.tsx").write_text(MAIN)
    (source / "App.tsx").write_text(APP)
    page = '<!doctype html><div id="root"></div><script type="module" src="/src/main.tsx"></script>'
    (tmp_path / "index.html").write_text(page)
    dependencies = {"react": "^19", "react-dom": "^19", "@sentry/react": "^11"}
    manifest = {"type": "module", "dependencies": dependencies, "devDependencies": {"vite": "^7"}}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": COMPILER, "include": ["src"]}))
    (tmp_path / "monitorlint.toml").write_text("[thresholds]\nfetch = [0.1, 0.2]\n")

    assert tool("init").code == 0
    assert tool("fix", "--allow-dirty", "--no-cache").code == 0
    assert (source / "App.tsx").read_text().count("monitorFetch(") == 2
    # What is left to the user.
    main = MAIN.replace("\ncreateRoot(", "\ninitSentry({ tracesSampleRate: 1 });\ncreateRoot(")
    boundary = "<ErrorBoundary fallback={<p>Something broke</p>}><App /></ErrorBoundary>"
    imports = "import { ErrorBoundary, initSentry } from './sentryMonitoring';\n"
    (source / "main.tsx").write_text(imports + main.replace("<App />", boundary))
    with receiving() as receiver:
        environment = {**os.environ, "VITE_SENTRY_DSN": receiver.dsn, "VITE_APP_VERSION": "7.7.7", "NODE_ENV": ""}
        environment["VITE_NOWHERE"] = nowhere()
        for command in (["typescript/bin/tsc"], ["vite/bin/vite.js", "build", "--logLevel", "error"]):
            done = subprocess.run(
                ["node", modules / command[0], *command[1:]],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr
        (tmp_path / "browse.mjs").write_text((Path(__file__).parent / "node" / "browse.mjs").read_text())
        with serving(tmp_path / "dist", lambda: seen(receiver)) as url:
            screenshot = str(tmp_path / "page.png")
            done = subprocess.run(
                ["node", "browse.mjs", chromium, url, screenshot],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=180,
                check=False,
            )
    assert (done.returncode, done.stdout.strip()) == (0, "Something broke"), done.stderr

    found = sorted(
        (e["tags"].get("monitor", ""), e["tags"].get("alert", ""), e["level"])
        if e.get("tags")
        else ("", "", e["level"])
        for e in receiver.events
    )
    assert found == [
        ("", "", "error"),  # the component
        ("fetch", "network", "error"),
        ("fetch", "slow", "error"),
        ("fetch", "slow", "warning"),
    ]
    (broken,) = [event for event in receiver.events if not event.get("tags", {}).get("monitor")]
    assert "the exercise broke" in {value["value"] for value in broken["exception"]["values"]}
    assert {event["release"] for event in receiver.events} == {"7.7.7"}
    assert {event["environment"] for event in receiver.events} == {"production"}
    messages = {event.get("message") for event in receiver.events}
    assert {"load_lesson took longer than 0.1 s", "load_lesson took longer than 0.2 s"} <= messages
    assert "load_lesson" in {span["name"] for span in receiver.spans}
    replays = [replayed(payload) for kind, payload in receiver.items if kind == "replay_recording"]
    assert any("*" * len(SECRET.partition("-")[0]) in replay for replay in replays)
    assert [replay for replay in replays if SECRET in replay] == []
    assert [data for data in receiver.envelopes if SECRET.encode() in data] == []


def replayed(payload: Any) -> str:
    """The text of a recording: a line of JSON, and the rest compressed or not."""
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    _, _, rest = data.partition(b"\n")
    with contextlib.suppress(zlib.error):
        rest = zlib.decompress(rest)
    return rest.decode("utf-8", "replace")
