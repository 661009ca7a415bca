"""What Sentry's SDKs send, received on loopback."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

KEY = "0123456789abcdef0123456789abcdef"


def parsed(envelope: bytes) -> tuple[dict[str, Any], list[tuple[dict[str, Any], Any]]]:
    """The headers of an envelope, and its items: their headers, and their payloads (JSON, else bytes)."""
    line, _, rest = envelope.partition(b"\n")
    headers, items = json.loads(line), []
    while rest:
        line, _, rest = rest.partition(b"\n")
        if not line:
            continue
        header = json.loads(line)
        length = header.get("length")
        if length is None:
            payload, _, rest = rest.partition(b"\n")
        else:
            payload, rest = rest[:length], rest[length:].removeprefix(b"\n")
        try:
            items.append((header, json.loads(payload)))
        except ValueError:
            items.append((header, payload))
    return headers, items


@dataclass
class Receiver:
    """A Sentry of the test's own."""

    port: int
    status: int = 200
    delay: float = 0.0
    """Seconds before it answers."""
    envelopes: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    answer: bytes = b"{}"

    @property
    def dsn(self) -> str:
        return f"http://{KEY}@127.0.0.1:{self.port}/1"

    @property
    def items(self) -> list[tuple[str, Any]]:
        """Type and payload of everything that came, in the order in which it came."""
        return [(header["type"], payload) for data in self.envelopes for header, payload in parsed(data)[1]]

    @property
    def events(self) -> list[Any]:
        return [payload for kind, payload in self.items if kind == "event"]

    @property
    def spans(self) -> list[dict[str, Any]]:
        """Name, op, status and data of every span that has ended, as either version of the SDK sends it."""
        found = []
        for kind, payload in self.items:
            if kind == "transaction":
                trace = payload["contexts"]["trace"]
                found.append({"name": payload["transaction"], **_span(trace)})
                found += [{"name": span["description"], **_span(span)} for span in payload["spans"]]
            elif kind == "span":
                for span in payload.get("items", [payload]):
                    if "name" not in span:  # version 10 sends the page's own figures by themselves
                        found.append({"name": span.get("description"), **_span(span)})
                        continue
                    data = {
                        key: value["value"] if isinstance(value, dict) else value
                        for key, value in span.get("attributes", {}).items()
                    }
                    found.append({"name": span["name"], **_span({**span, "op": data.get("sentry.op"), "data": data})})
        return found


def _span(span: dict[str, Any]) -> dict[str, Any]:
    return {
        "op": span.get("op"),
        "status": span.get("status"),
        "data": span.get("data") or {},
        "id": span.get("span_id"),
        "parent": span.get("parent_span_id"),
    }


_R = TypeVar("_R", bound=Receiver)


def receiving() -> contextlib.AbstractContextManager[Receiver]:
    return receiving_as(Receiver)


@contextlib.contextmanager
def receiving_as(kind: type[_R]) -> Iterator[_R]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            data = self._body()
            if self.headers.get("Content-Encoding") == "gzip":
                data = gzip.decompress(data)
            receiver.envelopes.append(data)
            receiver.paths.append(self.path)
            time.sleep(receiver.delay)
            self.send_response(receiver.status)
            if receiver.status == 429:
                self.send_header("Retry-After", "60")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(receiver.answer)))
            self.end_headers()
            self.wfile.write(receiver.answer)

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers["Content-Length"] or 0))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = kind(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
