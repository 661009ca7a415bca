"""The project that the monitoring contract describes: React and Vite in front, Node behind, both with Sentry.

It is checked, repaired, finished as its owner would, checked again, built with Vite, started with Node, and fails: the
error has to arrive. In front a visitor loads lessons and breaks the page: span and error have to arrive, too.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest  # noqa: TC002 - pytest is what runs this

import npm
from conftest import RunTool
from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.model.finding import Finding
from sentry_receiver import receiving
from test_end_to_end_react import serving

PROJECT = Path(__file__).parent / "fixtures" / "document" / "project.txt"
KEY = "5d41402abc4b2a76b9719d911017c592"
WAIT = 20.0
"""Seconds that an event may take to arrive."""


def written(folder: Path) -> Path:
    for part in f"\n{PROJECT.read_text(encoding='utf-8')}".split("\n--- ")[1:]:
        path, _, text = part.partition("\n")
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return folder


def repaired(tool: RunTool, folder: Path) -> Path:
    """The project after ``init`` and ``fix --unsafe-fixes``."""
    written(folder)
    assert tool("init", cwd=folder).code == 0
    fix(asked(folder), FixOptions(unsafe=True, write=True))
    return folder


def asked(folder: Path) -> Request:
    return Request(paths=(folder,), isolated=True, cache=False, jobs=1, debug=True)


def found(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{f.path}:{f.region.row} {f.code}" for f in findings if f.suppressed is None]


def finished(folder: Path, port: int) -> None:
    """What only the owner can do: the DSN of each Sentry project."""
    for path, name in ((".env", "VITE_SENTRY_DSN"), ("backend/.env", "SENTRY_DSN")):
        place = folder / path
        lines = [line for line in place.read_text().splitlines() if not line.startswith(f"{name}=")]
        place.write_text("\n".join([f"{name}=http://{KEY}@127.0.0.1:{port}/1", *lines, ""]))


@contextmanager
def sentry() -> Iterator[tuple[int, list[str], threading.Event]]:
    """A Sentry on this machine: its port, what it was sent, and whether an error was among it."""
    received: list[str] = []
    arrived = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])) if "content-length" in self.headers else b""
            while not body or "content-length" not in self.headers:
                size = int(self.rfile.readline() or b"0", 16)  # in pieces, each behind its length
                body += self.rfile.read(size)
                self.rfile.readline()
                if not size:
                    break
            text = (gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body).decode()
            received.append(f"{self.path}\n{text}")
            if "the lesson is broken" in text:
                arrived.set()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], received, arrived
    finally:
        server.shutdown()
        server.server_close()


def test_its_owner_is_told_what_is_wrong_and_what_to_do(tool: RunTool, tmp_path: Path) -> None:
    folder = written(tmp_path)
    assert tool("init", cwd=folder).code == 0
    assert found(run(asked(folder)).findings) == [
        ".env:1 MON417",
        "backend/.env:1 MON417",
        "backend/instrument.js:3 MON424",
        "backend/package.json:9 MON402",
        "package.json:11 MON401",
        "src/instrument.ts:3 MON426",
        "src/lessons.ts:2 MON201",
    ]
    left = fix(asked(folder), FixOptions(unsafe=True, write=True)).left
    assert found(left.findings) == [".env:1 MON417", "backend/.env:1 MON417"]
    assert all("Client Keys" in finding.note for finding in left.findings)
    assert "YOUR" not in "".join(f"{finding}" for finding in left.findings)
    finished(folder, 8000)
    assert found(run(asked(folder)).findings) == []


def test_its_errors_arrive(tool: RunTool, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    packages = npm.installed(request.config, **{"@sentry__node": "10.78.0", "express": "5.1.0"})
    backend = repaired(tool, tmp_path) / "backend"
    (backend / "node_modules").symlink_to(packages / "node_modules")
    with sentry() as (port, received, arrived):
        finished(tmp_path, port)
        command = ["node", "--env-file=.env", "index.js"]
        with subprocess.Popen(command, cwd=backend, stdout=subprocess.PIPE, text=True) as program:
            try:
                assert program.stdout is not None
                address = f"http://127.0.0.1:{int(program.stdout.readline())}/broken"
                with suppress(urllib.error.HTTPError):
                    urllib.request.urlopen(address, timeout=WAIT)
                assert arrived.wait(WAIT), received
            finally:
                program.kill()
    event = next(text for text in received if "the lesson is broken" in text)
    assert event.startswith("/api/1/envelope/")
    assert '"server_name":"backend-production"' in event


def test_its_front_end_reports(tool: RunTool, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        npm.missing("the front end needs chromium on the PATH")
    packages = npm.installed(
        request.config,
        **{"vite": "7.1.0", "@sentry__react": "10.78.0", "react": "19.1.0", "react-dom": "19.1.0"},
        **{"puppeteer-core": "24.43.1"},
    )
    folder = repaired(tool, tmp_path)
    assert "monitorFetch(" in (folder / "src" / "lessons.ts").read_text()
    (folder / "node_modules").symlink_to(packages / "node_modules")
    (folder / "lessons.mjs").write_text((Path(__file__).parent / "node" / "lessons.mjs").read_text())
    with receiving() as receiver:
        finished(folder, receiver.port)
        start = folder / "src" / "instrument.ts"
        # How much is kept is the owner's to say; of a single visit a tenth may be nothing.
        start.write_text(start.read_text().replace("tracesSampleRate: 0.1", "tracesSampleRate: 1"))
        node(folder, "node_modules/vite/bin/vite.js", "build", "--logLevel", "error")

        def is_over() -> bool:
            return bool(receiver.events) and "load_lessons" in {span["name"] for span in receiver.spans}

        with serving(folder / "dist", is_over) as url:
            shown = node(folder, "lessons.mjs", chromium, url)
    assert shown.strip() == "Sorry"
    (event,) = receiver.events
    assert "the page is broken" in {value["value"] for value in event["exception"]["values"]}
    assert (event["release"], event["environment"]) == ("1.0.0", "production")
    kinds = {span["op"] for span in receiver.spans}
    assert "pageload" in kinds, kinds


def node(folder: Path, *command: str) -> str:
    """What a program of Node prints."""
    done = subprocess.run(["node", *command], cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
