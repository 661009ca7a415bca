"""The project that the monitoring contract describes: React and Vite in front, Node behind, both with Sentry.

It is checked, repaired, finished as its owner would, checked again, built with Vite, started with Node, and fails: the
error has to arrive.
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
from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.model.finding import Finding

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


def test_its_owner_is_told_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    folder = written(tmp_path)
    assert found(run(asked(folder)).findings) == [
        ".env:1 MON417",
        "backend/.env:1 MON417",
        "backend/instrument.js:3 MON424",
        "backend/package.json:9 MON402",
        "package.json:11 MON401",
        "src/instrument.ts:3 MON426",
    ]
    left = fix(asked(folder), FixOptions(unsafe=True, write=True)).left
    assert found(left.findings) == [".env:1 MON417", "backend/.env:1 MON417"]
    assert all("Client Keys" in finding.note for finding in left.findings)
    assert "YOUR" not in "".join(f"{finding}" for finding in left.findings)
    finished(folder, 8000)
    assert found(run(asked(folder)).findings) == []


def test_its_errors_arrive(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    packages = npm.installed(request.config, **{"@sentry__node": "10.78.0", "express": "5.1.0"})
    backend = written(tmp_path) / "backend"
    fix(asked(tmp_path), FixOptions(unsafe=True, write=True))
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


def test_its_front_end_carries_the_dsn(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    versions = {"vite": "7.1.0", "@sentry__react": "10.78.0", "react": "19.1.0", "react-dom": "19.1.0"}
    packages = npm.installed(request.config, **versions)
    folder = written(tmp_path)
    fix(asked(folder), FixOptions(unsafe=True, write=True))
    finished(folder, 8000)
    shutil.rmtree(folder / "backend")
    (folder / "node_modules").symlink_to(packages / "node_modules")
    build = ["node", "node_modules/vite/bin/vite.js", "build", "--logLevel", "error"]
    done = subprocess.run(build, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bundle = "".join(path.read_text(encoding="utf-8") for path in (folder / "dist" / "assets").glob("*.js"))
    assert f"http://{KEY}@127.0.0.1:8000/1" in bundle
    assert "1.0.0" in bundle
