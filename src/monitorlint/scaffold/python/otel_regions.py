"""The regions of ``sentry_monitoring.py`` that differ with OpenTelemetry."""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sentry_monitoring import (
    Context,
    _Alert,
    _class_name,
    _cleaned,
    _diagnosis,
    _is_end,
    _is_reportable,
    _say,
    _Subject,
    _tags,
    _text,
    _title,
)

# region about
"""Monitoring on OpenTelemetry: model calls, requests, other operations, loops, memory.

Written by ``monitorlint init``; from here on the file is yours. It needs Python 3.9 and
opentelemetry-api 1.16, or later. Call ``init_opentelemetry()`` once, where the
application starts; where it sets OpenTelemetry up itself, that is not needed.

    with monitor_ai_generation("openai", "lesson_description", {"video_id": video_id}):
        answer = client.responses.create(...)

    @monitor_fetch("load_lesson")
    async def load_lesson(lesson_id: str) -> Lesson: ...

    pages = [monitor_fetch.call("pages", None, lambda: get(url)) for url in urls]
    answer = await monitor_ai_generation.acall("openai", "ask", None, lambda: ask(text))
    for word in monitor_ai_generation.stream("openai", "ask", None, lambda: chat(text)):
        print(word)

Each opens a span, records an exception once, passes it on as it is, and reports what
takes longer than the limits below while it is still running: by a short span of its
own, for the span of what hangs is not sent before that ends. Values of a context are
small and not secret: what is named like a secret, a prompt or an answer is replaced,
and so is what is large.

Alert rules can rely on these attributes: ``monitor`` (ai, fetch, operation, loop,
memory), ``operation``, ``provider``, ``http_status``, ``level`` (warning, error) and
``alert`` (slow, rate_limit, auth, timeout, network, api_error, error, loop, memory).

Nothing here makes the application fail: without OpenTelemetry, where nothing is set up,
or when it fails itself, the code runs as if it were not monitored.
"""
# endregion

# region sdk
if TYPE_CHECKING:
    from opentelemetry import context as otel_context
    from opentelemetry import trace
else:
    try:
        from opentelemetry import context as otel_context
        from opentelemetry import trace
    except ImportError:
        trace = otel_context = None
# endregion


# region start
def init_opentelemetry(
    endpoint: str | None = None, *, traces_sample_rate: float | None = None
) -> bool:
    """Turn monitoring on; without an endpoint it stays off, the application runs on.

    It needs opentelemetry-sdk and the exporter for OTLP. These read the variables of
    OpenTelemetry, such as ``OTEL_SERVICE_NAME`` and ``OTEL_EXPORTER_OTLP_HEADERS``.

    :param endpoint: Where the collector listens. By default what the environment says:
        ``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_EXPORTER_OTLP_TRACES_ENDPOINT``.
    :param traces_sample_rate: Share of the traces that are sent; alerts always are. By
        default what ``OTEL_TRACES_SAMPLER`` says: all of them, where it is not set.
    :returns: Whether monitoring is on.
    """
    if _is_on():  # by the application, or by opentelemetry-instrument
        return True
    address = (endpoint or "").strip()
    if not address and not any(os.environ.get(name, "").strip() for name in _ENDPOINTS):
        _say(logging.INFO, f"{_ENDPOINTS[0]} is not set: no monitoring")
        return False
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        _say(logging.INFO, "OTEL_SDK_DISABLED is set: no monitoring")
        return False
    try:
        provider = _provider(address, traces_sample_rate)
        trace.set_tracer_provider(provider)
    except ImportError as error:
        package = "opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http"
        missing = error.name or "opentelemetry"
        _say(logging.WARNING, f"No {missing}, install {package}: no monitoring")
        return False
    except Exception as error:  # noqa: BLE001 - a typing error in a variable, most often
        # The text may quote an option that is secret: the class has to do.
        name = type(error).__name__
        line = f"OpenTelemetry refuses its options ({name}): no monitoring"
        _say(logging.WARNING, line)
        return False
    _say(logging.INFO, "OpenTelemetry initialized for backend monitoring")
    return True


_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def _provider(address: str, rate: float | None) -> Any:
    """A provider of the SDK that sends to a collector."""
    sdk: Any = importlib.import_module("opentelemetry.sdk.trace")
    exports: Any = importlib.import_module("opentelemetry.sdk.trace.export")
    protocol = next((value for p in _PROTOCOLS if (value := os.environ.get(p))), "")
    kind = "grpc" if protocol.strip() == "grpc" else "http"
    exporters: Any = importlib.import_module(
        f"opentelemetry.exporter.otlp.proto.{kind}.trace_exporter"
    )
    if address and kind == "http":
        address = f"{address.rstrip('/')}/v1/traces"
    options = {"endpoint": address} if address else {}
    exporter = exporters.OTLPSpanExporter(**options)
    provider = sdk.TracerProvider()
    provider.sampler = _sampler(provider.sampler, rate)
    provider.add_span_processor(exports.BatchSpanProcessor(exporter))
    return provider


def _sampler(sampler: Any, rate: float | None) -> _AlertsAlways:
    sampling: Any = importlib.import_module("opentelemetry.sdk.trace.sampling")
    if rate is not None:
        sampler = sampling.ParentBased(sampling.TraceIdRatioBased(rate))
    return _AlertsAlways(sampler, sampling.ALWAYS_ON)


class _AlertsAlways:
    """A sampler that loses no alert, and sees who else traces calls of models."""

    def __init__(self, sampler: Any, always: Any) -> None:
        self._sampler = sampler
        self._always = always

    def should_sample(
        self,
        parent_context: Any,
        trace_id: int,
        name: str,
        kind: Any = None,
        attributes: Mapping[str, Any] | None = None,
        links: Any = None,
        trace_state: Any = None,
    ) -> Any:
        found = attributes or {}
        is_alert = "alert" in found and "monitor" in found
        if any(key.startswith(("gen_ai.", "llm.")) for key in found):
            _mark_traced(parent_context)
        return (self._always if is_alert else self._sampler).should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        return f"AlertsAlways({self._sampler.get_description()})"


# endregion


# region span
class _Span:
    """A span, and the context in which it is the current one."""

    __slots__ = (
        "_seen",
        "_subject",
        "before",
        "context",
        "is_over",
        "is_traced",
        "span",
    )

    def __init__(self, subject: _Subject, context: Mapping[str, object]) -> None:
        self._subject = subject
        self.before = before = otel_context.get_current()
        self._seen: dict[str, Any] = {}
        self.is_over = self.is_traced = False
        if subject.kind == "ai":
            _mark_traced(before)
            model = context.get("model")
            if isinstance(model, str):
                self._seen["gen_ai.request.model"] = model
        kinds = trace.SpanKind
        is_client = subject.kind != "operation"
        self.span = _tracer().start_span(
            _title(subject),
            before,
            kinds.CLIENT if is_client else kinds.INTERNAL,
            _attributes(_tags(subject.kind, subject.name, subject.provider), context),
        )
        self.context = otel_context.set_value(
            _RUN, self, trace.set_span_in_context(self.span, before)
        )

    def active(self) -> _Active:
        """What makes it the current one."""
        return _Active(self)

    def observe(self, found: Mapping[str, object]) -> None:
        """Keep what is known of an answer, until the end."""
        self._seen.update(found)

    def end(self, error: BaseException | None) -> None:
        """Say what came of it; `release` ends it, when all is recorded."""
        subject, span = self._subject, self.span
        if subject.kind == "ai" and not self.is_traced:
            # Known at its end alone: who traces the call besides says all of this.
            model = self._seen.get("gen_ai.response.model")
            if model is not None:
                self._seen.setdefault("gen_ai.request.model", model)
            span.set_attribute("gen_ai.operation.name", "generate_content")
            span.set_attribute("gen_ai.provider.name", subject.provider)
            span.set_attribute("gen_ai.system", subject.provider)
            span.set_attribute("gen_ai.pipeline.name", subject.name)
            span.set_attributes(self._seen)
        if error is not None and _is_reportable(error):
            reason, status = _diagnosis(error)
            span.set_attribute("error.type", _class_name(error))
            span.set_attribute("alert", reason)
            if status is not None:
                span.set_attribute("http_status", status)
            span.set_status(trace.Status(trace.StatusCode.ERROR, reason))
        elif not _is_end(error):
            span.set_attribute("cancelled", True)

    def release(self) -> None:
        """End the span; nobody is to be put below it from here on."""
        self.is_over = True
        self.span.end()

    def leave(self, before: Any) -> None:
        """Make the context of before the current one, as far as this one still is it.

        Runs in generators may interleave: where that of before is over, too, it is the
        one before that. A token is of no use, for a generator may be closed elsewhere.
        """
        if otel_context.get_value(_RUN) is not self:
            return
        run = otel_context.get_value(_RUN, before)
        while isinstance(run, _Span) and run.is_over:
            before = run.before
            run = otel_context.get_value(_RUN, before)
        otel_context.attach(before)


class _Active:
    """While it is entered, a span is the current one."""

    __slots__ = ("_before", "_run")

    def __init__(self, run: _Span) -> None:
        self._run = run
        self._before = otel_context.get_current()

    def __enter__(self) -> None:
        otel_context.attach(self._run.context)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._run.leave(self._before)


_RUN = "monitoring_run"
"""Under which the context of OpenTelemetry has the innermost run."""


def _mark_traced(context: Any) -> None:
    """Somebody below has told of the call of a model: tokens are to count once."""
    run = otel_context.get_value(_RUN, context)
    while isinstance(run, _Span):
        run.is_traced = True
        run = otel_context.get_value(_RUN, run.before)


def _send(
    alert: _Alert,
    details: Mapping[str, object],
    context: Context,
    *,
    error: BaseException | None = None,
    span: _Span | None = None,
) -> None:
    """Record an exception on its span, or send a short span of its own."""
    values = {f"monitoring.{key}": value for key, value in details.items()}
    recorded: dict[str, Any] = {}
    if error is not None:
        import traceback  # noqa: PLC0415 - rarely needed

        error.__dict__[_REPORTED] = True
        frames = "".join(traceback.format_tb(error.__traceback__))
        recorded = {
            "exception.message": _text(error),
            # Without the messages of whatever it was raised from.
            "exception.stacktrace": f"{frames}{_class_name(error)}",
        }
        if span is not None and span.span.is_recording():
            span.span.set_attributes(_plain(values))
            span.span.set_attribute("level", alert.level)
            span.span.record_exception(error, recorded)
            return
    reason, status = (alert.reason, None) if error is None else _diagnosis(error)
    title = f"{alert.provider} {alert.operation}".strip()
    attributes = _attributes(
        {
            **_tags(alert.monitor, alert.operation, alert.provider),
            "alert": reason,
            "level": alert.level,
            "message": alert.message or _text(error),
            **({} if status is None else {"http_status": status}),
            **values,
        },
        _cleaned(context),
    )
    above = otel_context.get_current() if span is None else span.context
    made = _tracer().start_span(f"{reason}: {title}", above, attributes=attributes)
    if error is not None:
        made.set_attribute("error.type", _class_name(error))
        made.record_exception(error, recorded)
    if alert.level == "error":
        made.set_status(trace.Status(trace.StatusCode.ERROR, alert.message or reason))
    made.end()


def _attributes(
    attributes: Mapping[str, object], context: Mapping[str, object]
) -> dict[str, Any]:
    values = {f"context.{key}": value for key, value in context.items()}
    return _plain({**attributes, **values})


def _plain(attributes: Mapping[str, object]) -> dict[str, Any]:
    """Without what OpenTelemetry would complain of."""
    return {key: value for key, value in attributes.items() if value is not None}


_REPORTED = "__monitoring_reported__"
"""In the ``__dict__`` of an exception that has been recorded."""


def _is_on() -> bool:
    """Whether there is an OpenTelemetry to report to."""
    if not hasattr(trace, "get_tracer_provider"):
        return False
    try:
        nobody = (trace.ProxyTracerProvider, trace.NoOpTracerProvider)
        return not isinstance(trace.get_tracer_provider(), nobody)
    except Exception:  # noqa: BLE001 - not worth the application
        return False


def _tracer() -> trace.Tracer:
    provider = trace.get_tracer_provider()
    if not _tracers or _tracers[0][0] is not provider:
        _tracers[:] = [(provider, provider.get_tracer(__name__))]
    return _tracers[0][1]


_tracers: list[tuple[object, trace.Tracer]] = []
"""The one of the current provider."""


# endregion
