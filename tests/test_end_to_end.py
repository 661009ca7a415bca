"""A project as a user has it: `init`, `fix`, and its first day in production, with Sentry's own SDKs."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import RunTool
from node_packages import Modules
from python_packages import distributions
from sentry_receiver import Receiver, receiving

SECRET = "correct-horse-battery-staple"  # noqa: S105 - nothing that it opens
TURNS = 120
"""Requests after which what the application waits for is done."""
THRESHOLDS = "[thresholds]\nai = 0.05\nfetch = [5, 10]\noperation = [5, 10]\nloop = 1000\nmemory = 0.8\n"
CHAT = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m-1",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": SECRET}}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
}


@dataclass
class World:
    """What the application talks to: a model that is slow, and a job that takes its time."""

    url: str
    asked: int = 0


@contextlib.contextmanager
def world() -> Iterator[World]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            time.sleep(0.2)  # four times the limit
            self._answer(200, CHAT)

        def do_GET(self) -> None:
            place.asked += 1
            self._answer(200, {"state": "done" if place.asked >= TURNS else "running"})

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    place = World(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def nowhere() -> str:
    """An address where nobody answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def lived(folder: Path, command: list[str], *, dsn: bool = True, **environment: str) -> tuple[Receiver, str]:
    """What Sentry got of one run of the application, and what that printed."""
    with receiving() as receiver, world() as place:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SENTRY_")}
        kept |= {"WORLD": place.url, "NOWHERE": nowhere(), "OPENAI_API_KEY": SECRET, **environment}
        if dsn:
            kept["SENTRY_DSN"] = receiver.dsn
        done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return receiver, done.stdout


def assert_everything_is_seen(receiver: Receiver, *, loop: str, load: str) -> None:
    alerts = {(e["tags"]["monitor"], e["tags"]["alert"]): e for e in receiver.events}
    assert sorted(alerts) == [("ai", "slow"), ("fetch", "network"), ("loop", "loop")]
    assert len(receiver.events) == 3
    slow, failed, turning = alerts["ai", "slow"], alerts["fetch", "network"], alerts["loop", "loop"]
    assert (slow["level"], _message(slow)) == ("error", "openai ask took longer than 0.05 s")
    assert (slow["tags"]["provider"], slow["tags"]["operation"]) == ("openai", "ask")
    assert (failed["level"], failed["tags"]["operation"]) == ("error", load)
    assert (turning["level"], _message(turning)) == ("warning", f"Loop {loop} has reached 100 turns")
    spans = [span for span in receiver.spans if str(span["op"]).startswith("gen_ai.")]
    assert sum("gen_ai.usage.output_tokens" in span["data"] for span in spans) == 1
    assert "openai ask" in {span["name"] for span in receiver.spans}
    assert [data for data in receiver.envelopes if SECRET.encode() in data] == []


def _message(event: dict[str, Any]) -> str:
    message = event.get("message") or event["logentry"]["message"]
    assert isinstance(message, str)
    return message


PYTHON = """\
import os
import time

import requests
from openai import OpenAI

WORLD, NOWHERE = os.environ["WORLD"], os.environ["NOWHERE"]
client = OpenAI(base_url=WORLD, max_retries=0)


def ask(question: str) -> str:
    answer = client.chat.completions.create(model="m", messages=[{"role": "user", "content": question}])
    return answer.choices[0].message.content or ""


def load_lesson(lesson_id: str) -> object:
    return requests.get(f"{NOWHERE}/lessons/{lesson_id}", timeout=5).json()


def wait_for_export() -> None:
    while True:
        status = requests.get(f"{WORLD}/export", timeout=5).json()
        if status["state"] == "done":
            break


def main() -> None:
    print(len(ask("why?")))
    wait_for_export()
    try:
        load_lesson("1")
    except requests.ConnectionError:
        print("not there")


if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def application(request: pytest.FixtureRequest) -> Path:
    """What the Python application needs, besides sentry-sdk."""
    return distributions(request.config, "openai==2.9.0", "requests==2.32.5")


def test_python(tool: RunTool, tmp_path: Path, application: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "main.py").write_text(PYTHON)
    (tmp_path / "requirements.txt").write_text("openai\nrequests\n")
    (tmp_path / "monitorlint.toml").write_text(THRESHOLDS)
    command = [sys.executable, "-m", "shop.main"]
    # Before: it runs, and nobody hears of anything.
    receiver, printed = lived(tmp_path, command, PYTHONPATH=str(application))
    assert receiver.envelopes == []

    assert tool("init").code == 0
    assert tool("fix", "--allow-dirty", "--no-cache").code == 0
    main = shop / "main.py"
    text = main.read_text()
    assert text.count("detect_infinite_loop(") == text.count("monitor_ai_generation(") == 1
    begun = "from shop.sentry_monitoring import init_sentry\n\n    init_sentry(traces_sample_rate=1.0)\n    "
    main.write_text(text.replace("    print(len(ask", f"    {begun}print(len(ask"))

    receiver, again = lived(tmp_path, command, PYTHONPATH=str(application))
    assert again == printed == f"{len(SECRET)}\nnot there\n"
    assert_everything_is_seen(receiver, loop="wait_for_export", load="load_lesson")
    receiver, again = lived(tmp_path, command, dsn=False, PYTHONPATH=str(application))
    assert (again, receiver.envelopes) == (printed, [])


NODE = """\
import OpenAI from 'openai';

const { WORLD, NOWHERE } = process.env;
const client = new OpenAI({ baseURL: WORLD, maxRetries: 0 });

async function ask(question) {
  const answer = await client.chat.completions.create({
    model: 'm',
    messages: [{ role: 'user', content: question }],
  });
  return answer.choices[0].message.content;
}

async function loadLesson(lessonId) {
  const response = await fetch(`${NOWHERE}/lessons/${lessonId}`);
  return response.json();
}

async function waitForExport() {
  while (true) {
    const response = await fetch(`${WORLD}/export`);
    const status = await response.json();
    if (status.state === 'done') break;
  }
}

console.log((await ask('why?')).length);
await waitForExport();
try {
  await loadLesson('1');
} catch {
  console.log('not there');
}
"""


@pytest.mark.parametrize("version", ["10", "11"])
def test_node(tool: RunTool, tmp_path: Path, request: pytest.FixtureRequest, version: str) -> None:
    modules = Modules(request.config)(f"sentry{version}")
    (tmp_path / "node_modules").symlink_to(modules)
    source = tmp_path / "src"
    source.mkdir()
    (source / "main.js").write_text(NODE)
    manifest = {"name": "shop", "type": "module", "dependencies": {"openai": "^6", "@sentry/node": f"^{version}"}}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "monitorlint.toml").write_text(THRESHOLDS)
    command = ["node", "src/main.js"]
    receiver, printed = lived(tmp_path, command)
    assert receiver.envelopes == []

    done = tool("init")
    assert (done.code, "\nWrote src/sentryMonitoring.js\n" in done.err) == (0, True)
    assert tool("fix", "--allow-dirty", "--no-cache").code == 0
    text = (source / "main.js").read_text()
    assert text.count("detectInfiniteLoop(") == text.count("monitorAIGeneration(") == 1
    assert text.count("monitorFetch(") == 2
    (source / "instrument.js").write_text(
        "import { initSentry } from './sentryMonitoring.js';\n\ninitSentry({ tracesSampleRate: 1 });\n"
    )
    command = ["node", "--import", "./src/instrument.js", "src/main.js"]
    receiver, again = lived(tmp_path, command)
    assert again == f"Sentry initialized for backend monitoring\n{printed}"
    assert printed == f"{len(SECRET)}\nnot there\n"
    assert_everything_is_seen(receiver, loop="wait_for_export", load="load_lesson")
    receiver, again = lived(tmp_path, command, dsn=False)
    assert (again, receiver.envelopes) == (f"SENTRY_DSN is not set: no monitoring\n{printed}", [])
