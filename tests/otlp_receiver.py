"""What OpenTelemetry's SDKs send over OTLP, received on loopback."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sentry_receiver import Receiver, receiving_as

ERROR = 2
"""The code of a status."""


@dataclass
class Span:
    """One span as it came."""

    name: str
    kind: str
    is_error: bool
    why: str
    """The description of its status."""
    attributes: dict[str, Any]
    exceptions: list[dict[str, Any]]
    """The attributes of the exceptions that it recorded."""
    id: str
    parent: str
    trace: str


@dataclass
class Collector(Receiver):
    """A collector of the test's own."""

    answer: bytes = field(default=b"")

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests as the JSON of OTLP, whether they came as such or as protobuf."""
        return [json.loads(data) if data[:1] == b"{" else _read(data) for data in self.envelopes]

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The attributes of what has sent them."""
        return [_attributes(part["resource"]) for data in self.requests for part in data["resourceSpans"]]

    @property
    def received(self) -> list[Span]:
        """All spans, in the order in which they came."""
        return [
            _span(span)
            for data in self.requests
            for part in data["resourceSpans"]
            for scope in part["scopeSpans"]
            for span in scope["spans"]
        ]

    @property
    def alerts(self) -> list[Span]:
        """The short spans that tell of something."""
        return [span for span in self.received if "message" in span.attributes]

    def named(self, name: str) -> Span:
        (span,) = [span for span in self.received if span.name == name]
        return span


def collecting() -> contextlib.AbstractContextManager[Collector]:
    return receiving_as(Collector)


def _read(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = MessageToDict(ExportTraceServiceRequest.FromString(data))
    for part in found["resourceSpans"]:
        for scope in part["scopeSpans"]:
            for span in scope["spans"]:
                for key in span.keys() & {"traceId", "spanId", "parentSpanId"}:
                    span[key] = base64.b64decode(span[key]).hex()
    return found


def _span(span: dict[str, Any]) -> Span:
    status = span.get("status") or {}
    return Span(
        name=span["name"],
        kind=_KINDS.get(span["kind"], str(span["kind"])),
        is_error=status.get("code") in {ERROR, "STATUS_CODE_ERROR"},
        why=status.get("message", ""),
        attributes=_attributes(span),
        exceptions=[_attributes(event) for event in span.get("events", ()) if event["name"] == "exception"],
        id=span["spanId"],
        parent=span.get("parentSpanId") or "",
        trace=span["traceId"],
    )


_KINDS = {1: "SPAN_KIND_INTERNAL", 3: "SPAN_KIND_CLIENT"}
"""As JSON has them; protobuf has names."""


def _attributes(owner: dict[str, Any]) -> dict[str, Any]:
    return dict(_pairs(owner))


def _pairs(owner: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for row in owner.get("attributes", ()):
        ((kind, value),) = row["value"].items()
        yield row["key"], int(value) if kind == "intValue" else value
