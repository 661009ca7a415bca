"""The Python helper for OpenTelemetry, run as it lies in a project, against the real SDK."""

# The module is made here, so its types are not known; tests/test_scaffold_types.py sees to them.
# mypy: allow-untyped-decorators, disable-error-code="no-any-return"

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import subprocess
import sys
import textwrap
import threading
import time
import types
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import SpanKind

from conftest import quiet_environment
from monitor_forms import FORMS
from monitorlint.scaffold.helper import python_helper
from monitorlint.settings.values import Thresholds
from otlp_receiver import collecting

NAME = "opentelemetry_monitoring.py"
SECRET = "correct-horse-battery-staple"  # noqa: S105 - nothing that it opens

forms = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__.strip("_"))


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> types.ModuleType:
    path = tmp_path_factory.mktemp("helper") / NAME
    path.write_text(python_helper(Thresholds(), "opentelemetry"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("opentelemetry_monitoring", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture
def helper(module: types.ModuleType) -> Any:
    module._loop_runs.clear()
    module._log.disabled = False
    return module


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(helper: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(helper, "perf_counter", clock)
    monkeypatch.setattr(helper._watch, "add", lambda *_: None)  # waits for real time
    return clock


class Seen:
    """What the SDK of the current test would export."""

    def __init__(self, helper: Any, sampler: Any = None) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.sampler = helper._sampler(sampler or self.provider.sampler, None)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def all(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    @property
    def spans(self) -> list[ReadableSpan]:
        return [span for span in self.all if "message" not in (span.attributes or {})]

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """The attributes of the short spans."""
        return [dict(span.attributes or {}) for span in self.all if "message" in (span.attributes or {})]

    @property
    def span(self) -> ReadableSpan:
        (span,) = self.spans
        return span

    def named(self, name: str) -> ReadableSpan:
        (span,) = [span for span in self.all if span.name == name]
        return span


@pytest.fixture
def seen(helper: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    seen = Seen(helper)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", seen.provider)
    yield seen
    assert trace.get_current_span() is trace.INVALID_SPAN, "no span is left as the current one"
    seen.provider.shutdown()


class RateLimitError(Exception):
    """As SDKs name it."""

    status_code = 429


def fail_with(error: BaseException) -> Callable[[], Any]:
    def fail() -> None:
        raise error

    return fail


def until(condition: Callable[[], bool]) -> None:
    """What a call waits for: no test waits for a time to pass."""
    while not condition():
        time.sleep(0.001)


class TestEveryForm:
    @forms
    def test_a_result_comes_back_and_a_span_ends(self, helper: Any, seen: Seen, form: Any) -> None:
        result = object()
        assert (
            form(helper.monitor_ai_generation("groq", "ask", {"model": "m-1", "video_id": 7}), lambda: result) is result
        )
        attributes = dict(seen.span.attributes or {})
        for streamed in ("gen_ai.response.streaming", "gen_ai.response.time_to_first_chunk"):
            attributes.pop(streamed, None)
        assert (seen.span.name, seen.span.kind, seen.span.status.is_ok) == ("groq ask", SpanKind.CLIENT, True)
        assert attributes == {
            "monitor": "ai",
            "operation": "ask",
            "provider": "groq",
            "context.model": "m-1",
            "context.video_id": 7,
            "gen_ai.operation.name": "generate_content",
            "gen_ai.provider.name": "groq",
            "gen_ai.system": "groq",
            "gen_ai.pipeline.name": "ask",
            "gen_ai.request.model": "m-1",
        }
        assert seen.alerts == []

    @forms
    def test_an_exception_passes_untouched_and_is_recorded_once(self, helper: Any, seen: Seen, form: Any) -> None:
        error = RateLimitError("slow down")
        with pytest.raises(RateLimitError) as caught, helper.monitor_operation("outer"):
            form(helper.monitor_ai_generation("groq", "ask"), fail_with(error))
        assert caught.value is error
        assert (error.__context__, error.__cause__) == (None, None)
        inner, outer = seen.named("groq ask"), seen.named("outer")
        assert outer.context is not None
        assert inner.parent is not None
        assert inner.parent.span_id == outer.context.span_id
        for span in (inner, outer):
            attributes = span.attributes or {}
            assert (span.status.status_code.name, span.status.description) == ("ERROR", "rate_limit")
            assert (attributes["error.type"], attributes["alert"], attributes["http_status"]) == (
                f"{__name__}.RateLimitError",
                "rate_limit",
                429,
            )
        (event,) = [event for span in seen.all for event in span.events]
        assert list(inner.events) == [event]
        recorded = dict(event.attributes or {})
        assert recorded["exception.type"] == f"{__name__}.RateLimitError"
        assert recorded["exception.message"] == "slow down"
        assert "in fail" in str(recorded["exception.stacktrace"])
        assert seen.alerts == []

    @forms
    def test_what_is_slow_is_reported(self, helper: Any, seen: Seen, clock: Clock, form: Any) -> None:
        for seconds, monitor in (
            (30, helper.monitor_ai_generation("groq", "ask")),
            (31, helper.monitor_ai_generation("groq", "ask")),
            (5, helper.monitor_fetch("load", {"lesson_id": 3})),
            (6, helper.monitor_fetch("load", {"lesson_id": 3})),
            (11, helper.monitor_operation("save")),
        ):
            form(monitor, lambda seconds=seconds: clock.sleep(seconds))
        alerts = [(a["monitor"], a["operation"], a["alert"], a["level"], a["message"]) for a in seen.alerts]
        assert alerts == [
            ("ai", "ask", "slow", "error", "groq ask took longer than 30 s"),
            ("fetch", "load", "slow", "warning", "load took longer than 5 s"),
            ("operation", "save", "slow", "error", "save took longer than 10 s"),
        ]
        ai, fetch, operation = (seen.named(name) for name in ("slow: groq ask", "slow: load", "slow: save"))
        assert [span.status.status_code.name for span in (ai, fetch, operation)] == ["ERROR", "UNSET", "ERROR"]
        assert dict(fetch.attributes or {}) == {
            "monitor": "fetch",
            "operation": "load",
            "alert": "slow",
            "level": "warning",
            "message": "load took longer than 5 s",
            "monitoring.seconds": 6,
            "monitoring.slow": True,
            "monitoring.running": False,
            "monitoring.limit_seconds": 5,
            "context.lesson_id": 3,
        }

    @forms
    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
    def test_an_interruption_is_no_error(self, helper: Any, seen: Seen, form: Any, error: type[BaseException]) -> None:
        with pytest.raises(error):
            form(helper.monitor_fetch("ask"), fail_with(error()))
        assert seen.span.status.is_ok
        assert (seen.span.attributes or {})["cancelled"] is True
        assert (list(seen.span.events), seen.alerts) == ([], [])

    @forms
    def test_without_opentelemetry_it_does_nothing(self, helper: Any, form: Any) -> None:
        error = ValueError("mine")
        assert not helper._is_on()
        assert form(helper.monitor_fetch("ask"), lambda: 42) == 42
        with pytest.raises(ValueError, match="mine") as caught:
            form(helper.monitor_fetch("ask"), fail_with(error))
        assert caught.value is error
        assert vars(error) == {}

    @forms
    @pytest.mark.usefixtures("seen")
    @pytest.mark.parametrize("broken", ["get_tracer_provider", "set_span_in_context"])
    def test_an_opentelemetry_that_fails_is_not_noticed(
        self, helper: Any, monkeypatch: pytest.MonkeyPatch, form: Any, broken: str
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("it has a bug")

        error = ValueError("mine")
        with monkeypatch.context() as patch:
            patch.setattr(trace, broken, fail)
            assert form(helper.monitor_fetch("ask"), lambda: 42) == 42
            with pytest.raises(ValueError, match="mine") as caught:
                form(helper.monitor_fetch("ask"), fail_with(error))
        assert caught.value is error
        assert error.__context__ is None


class TestContext:
    def test_spans_inside_are_children(self, helper: Any, seen: Seen) -> None:
        tracer = trace.get_tracer("theirs")
        around = tracer.start_as_current_span("request")
        with around, helper.monitor_operation("work"), tracer.start_as_current_span("query"):
            pass
        request, work, query = (seen.named(name) for name in ("request", "work", "query"))
        assert work.parent == request.context
        assert query.parent == work.context

    def test_generators_that_interleave_leave_nothing_behind(self, helper: Any, seen: Seen) -> None:
        def turns(name: str) -> Generator[int, None, None]:
            with helper.monitor_operation(name):
                yield 1

        one, other = turns("one"), turns("other")
        next(one), next(other)
        one.close()
        other.close()
        with helper.monitor_operation("after"):
            pass
        assert seen.named("after").parent is None

    def test_a_stream_leaves_its_consumer_where_it_was(self, helper: Any, seen: Seen) -> None:
        tracer = trace.get_tracer("theirs")

        def chunks() -> Iterator[int]:
            tracer.start_span("inside").end()
            yield 1
            yield 2

        stream = helper.monitor_ai_generation.stream("p", "ask", None, chunks)
        with tracer.start_as_current_span("consumer") as consumer:
            for _ in stream:
                assert trace.get_current_span() is consumer
                tracer.start_span("work").end()
            assert trace.get_current_span() is consumer
        work = [span.parent for span in seen.all if span.name == "work"]
        assert work == [seen.named("consumer").context] * 2
        assert seen.named("inside").parent == seen.named("p ask").context

    def test_a_generator_may_be_closed_in_another_context(
        self, helper: Any, seen: Seen, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def chunks() -> AsyncGenerator[int, None]:
            with helper.monitor_operation("chunks"):
                yield 1
                yield 2

        async def asend(stream: AsyncGenerator[int, None]) -> int:
            return await anext(stream)

        async def aclose(stream: AsyncGenerator[int, None]) -> None:
            await stream.aclose()

        async def main() -> None:
            stream = chunks()
            await asyncio.create_task(asend(stream))
            await asyncio.create_task(aclose(stream))

        asyncio.run(main())
        assert seen.span.name == "chunks"
        assert caplog.records == []  # such as "Failed to detach context"

    def test_what_is_attached_inside_goes_with_it(self, helper: Any, seen: Seen) -> None:
        with helper.monitor_operation("work"):
            otel_context.attach(otel_context.set_value("theirs", 1))
        assert otel_context.get_value("theirs") is None
        assert seen.span.name == "work"


class TestModels:
    ANSWERS: tuple[tuple[Any, str, dict[str, int]], ...] = (
        (
            SimpleNamespace(
                model="gpt-1",
                usage=SimpleNamespace(
                    prompt_tokens=1, completion_tokens=2, total_tokens=3, prompt_tokens_details={"cached_tokens": 1}
                ),
            ),
            "gpt-1",
            {"total_tokens": 3, "cache_read.input_tokens": 1},
        ),
        (
            {"model": "claude-1", "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 1}},
            "claude-1",
            {"cache_read.input_tokens": 1},
        ),
        (
            SimpleNamespace(
                model_version="gemini-1",
                usage_metadata=SimpleNamespace(prompt_token_count=1, candidates_token_count=2, thoughts_token_count=4),
            ),
            "gemini-1",
            {"reasoning.output_tokens": 4},
        ),
        (SimpleNamespace(model="llama-1", prompt_eval_count=1, eval_count=2), "llama-1", {}),
    )

    @pytest.mark.parametrize(("answer", "model", "more"), ANSWERS, ids=[row[1] for row in ANSWERS])
    @pytest.mark.parametrize("way", ["call", "acall", "decorator", "stream"])
    def test_of_answers_and_their_tokens_are_told(
        self, helper: Any, seen: Seen, answer: Any, model: str, more: dict[str, int], way: str
    ) -> None:
        async def waited() -> Any:
            return answer

        if way == "call":
            assert helper.monitor_ai_generation.call("p", "ask", None, lambda: answer) is answer
        elif way == "acall":
            assert asyncio.run(helper.monitor_ai_generation.acall("p", "ask", None, waited)) is answer
        elif way == "decorator":
            assert helper.monitor_ai_generation("p", "ask")(lambda: answer)() is answer
        else:
            assert list(helper.monitor_ai_generation.stream("p", "ask", None, lambda: iter(["a", answer]))) == [
                "a",
                answer,
            ]
        found = {key.removeprefix("gen_ai."): value for key, value in (seen.span.attributes or {}).items()}
        assert (found["request.model"], found["response.model"]) == (model, model)
        usage = {key.removeprefix("usage."): value for key, value in found.items() if key.startswith("usage.")}
        assert usage == {"input_tokens": 1, "output_tokens": 2, **more}
        assert found.get("response.streaming") is (True if way == "stream" else None)

    def test_the_first_chunk_has_its_time(self, helper: Any, seen: Seen, clock: Clock) -> None:
        def chunks() -> Iterator[str]:
            clock.sleep(2)
            yield "a"
            clock.sleep(7)
            yield "b"

        assert list(helper.monitor_ai_generation.stream("p", "ask", None, chunks)) == ["a", "b"]
        assert (seen.span.attributes or {})["gen_ai.response.time_to_first_chunk"] == 2

    def test_a_property_of_an_answer_is_not_touched(self, helper: Any, seen: Seen) -> None:
        class Lazy:
            @property
            def usage(self) -> int:
                raise AssertionError("consumed")

        lazy = Lazy()
        assert helper.monitor_ai_generation.call("p", "ask", None, lambda: lazy) is lazy
        assert seen.span.status.is_ok

    def test_what_is_traced_besides_counts_once(self, helper: Any, seen: Seen) -> None:
        tracer = trace.get_tracer("instrumentation")

        def ask() -> Any:
            with tracer.start_as_current_span("chat gpt-1", attributes={"gen_ai.operation.name": "chat"}):
                return {"model": "gpt-1", "usage": {"input_tokens": 1}}

        helper.monitor_ai_generation.call(
            "p", "outer", None, lambda: helper.monitor_ai_generation.call("p", "inner", None, ask)
        )
        assert {key for key in seen.named("p inner").attributes or {} if key.startswith("gen_ai.")} == set()
        assert {key for key in seen.named("p outer").attributes or {} if key.startswith("gen_ai.")} == set()
        helper.monitor_ai_generation.call("p", "alone", None, lambda: {"usage": {"input_tokens": 5}})
        assert (seen.named("p alone").attributes or {})["gen_ai.usage.input_tokens"] == 5


class TestAlerts:
    def test_of_a_slow_call_are_exported_while_it_runs(
        self, helper: Any, seen: Seen, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(helper, "FETCH_SECONDS", (0.01, 0.02))
        with helper.monitor_fetch("load", {"lesson_id": 3}):
            until(lambda: len(seen.alerts) == 2)
            assert seen.spans == []  # its own span has not ended
        assert [(a["level"], a["monitoring.running"]) for a in seen.alerts] == [("warning", True), ("error", True)]
        (span,) = seen.spans
        assert [alert.parent == span.context for alert in seen.all if alert is not span] == [True, True]

    def test_of_loops_once_per_crossing(self, helper: Any, seen: Seen) -> None:
        for turn in range(1, 10_501):
            if turn % 100 == 0:
                helper.detect_infinite_loop("poll", turn, {"page": turn, "api_key": SECRET})
        assert [(a["level"], a["message"], a["context.page"]) for a in seen.alerts] == [
            ("warning", "Loop poll has reached 1000 turns", 1000),
            ("error", "Loop poll has reached 10000 turns", 10_000),
        ]
        assert {(a["monitor"], a["alert"], a["operation"], a["context.api_key"]) for a in seen.alerts} == {
            ("loop", "loop", "poll", "[Filtered]")
        }
        assert {span.name for span in seen.all} == {"loop: poll"}

    def test_of_memory(self, helper: Any, seen: Seen) -> None:
        stop = helper.watch_memory(0.0, interval=0.001)
        until(lambda: bool(seen.alerts))
        stop()
        assert [(a["monitor"], a["alert"], a["level"]) for a in seen.alerts] == [("memory", "memory", "warning")]

    def test_and_errors_reach_people_though_the_trace_is_not_sampled(
        self, helper: Any, monkeypatch: pytest.MonkeyPatch, clock: Clock
    ) -> None:
        seen = Seen(helper, ParentBased(ALWAYS_OFF))
        monkeypatch.setattr(trace, "_TRACER_PROVIDER", seen.provider)
        error = RateLimitError("slow down")
        with contextlib.suppress(RateLimitError), helper.monitor_operation("outer"):
            helper.monitor_ai_generation.call("groq", "ask", None, fail_with(error))
        helper.monitor_fetch.call("load", None, lambda: clock.sleep(6))
        assert [(span.name, len(span.events)) for span in seen.all] == [("rate_limit: groq ask", 1), ("slow: load", 0)]
        assert [(a["alert"], a.get("http_status")) for a in seen.alerts] == [("rate_limit", 429), ("slow", None)]


def test_nothing_private_is_recorded(helper: Any, seen: Seen) -> None:
    class BadRequestError(Exception):
        body = SECRET

    def cause() -> None:
        raise ValueError(SECRET)

    hostile = {"prompt": SECRET, "apiKey": SECRET, "note": f"sk-{SECRET}", "headers": {"a": SECRET}, "list": [SECRET]}
    answer = {"model": "m", "choices": [{"message": {"content": SECRET}}], "usage": {"output_tokens": 1}}
    helper.monitor_ai_generation.call("p", "ask", hostile, lambda: answer)

    def fail() -> None:
        try:
            cause()
        except ValueError as error:
            raise BadRequestError("no") from error

    with pytest.raises(BadRequestError):
        helper.monitor_ai_generation.call("p", "fail", hostile, fail)
    assert len(seen.all) == 2
    assert SECRET not in "".join(span.to_json() for span in seen.all)


PROGRAM = """
import logging, sys, time
{logging}
import opentelemetry_monitoring as helper
from opentelemetry_monitoring import detect_infinite_loop, init_opentelemetry, monitor_ai_generation, monitor_fetch

began = init_opentelemetry()
class RateLimitError(Exception):
    status_code = 429
def fail():
    raise RateLimitError("slow down")
with monitor_fetch("load", {{"lesson_id": 3}}):
    time.sleep({seconds})
answer = {{"model": "m-1", "usage": {{"input_tokens": 3}}}}
print(monitor_ai_generation.call("groq", "ask", None, lambda: answer)["model"])
for turn in range(100, 1100, 100):
    detect_infinite_loop("poll", turn)
try:
    monitor_ai_generation.call("groq", "fail", None, fail)
except RateLimitError as error:
    print(error)
print(began)
"""


def run(
    folder: Path, environment: dict[str, str], *, seconds: float = 0.0, logs: bool = False
) -> subprocess.CompletedProcess[str]:
    helper = python_helper(Thresholds(fetch=(0.05, 5.0)), "opentelemetry")
    (folder / NAME).write_text(helper, encoding="utf-8")
    begin = "logging.basicConfig(level=logging.INFO, format='%(name)s %(message)s', stream=sys.stdout)" if logs else ""
    (folder / "main.py").write_text(textwrap.dedent(PROGRAM.format(logging=begin, seconds=seconds)), encoding="utf-8")
    kept = {name: value for name, value in quiet_environment().items() if not name.startswith("OTEL_")}
    return subprocess.run(
        [sys.executable, "main.py"],
        cwd=folder,
        env={**kept, "PYTHONWARNINGS": "default", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


LIVED = "m-1\nslow down\n{}\n"


class TestOverTheWire:
    def test_everything_arrives(self, tmp_path: Path) -> None:
        with collecting() as collector:
            environment = {
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
                "OTEL_SERVICE_NAME": "shop",
                "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={SECRET}",
            }
            done = run(tmp_path, environment, seconds=0.2)
        assert done.stderr == "OpenTelemetry initialized for backend monitoring\n"
        assert done.stdout == LIVED.format(True)
        assert set(collector.paths) == {"/v1/traces"}
        assert {resource["service.name"] for resource in collector.resources} == {"shop"}
        assert sorted(span.name for span in collector.received) == [
            "groq ask",
            "groq fail",
            "load",
            "loop: poll",
            "slow: load",
        ]
        slow, load = collector.named("slow: load"), collector.named("load")
        assert (slow.parent, slow.trace) == (load.id, load.trace)
        assert (slow.attributes["monitoring.running"], slow.attributes["level"]) == (True, "warning")
        ask, failed = collector.named("groq ask"), collector.named("groq fail")
        assert (ask.kind, ask.attributes["gen_ai.usage.input_tokens"]) == ("SPAN_KIND_CLIENT", 3)
        assert (failed.is_error, failed.why, failed.attributes["alert"]) == (True, "rate_limit", "rate_limit")
        assert [exception["exception.message"] for exception in failed.exceptions] == ["slow down"]
        assert [data for data in collector.envelopes if SECRET.encode() in data] == []

    def test_an_alert_is_sent_before_a_hung_call_ends(self, tmp_path: Path) -> None:
        (tmp_path / NAME).write_text(python_helper(Thresholds(fetch=(0.05, 5.0)), "opentelemetry"), encoding="utf-8")
        (tmp_path / "main.py").write_text(
            "import sys\nfrom opentelemetry_monitoring import *\n"
            "from opentelemetry_monitoring import init_opentelemetry, monitor_fetch\n"
            "init_opentelemetry()\nwith monitor_fetch('hung'):\n    sys.stdin.read()\n"
        )
        with collecting() as collector:
            environment = quiet_environment(
                OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint, OTEL_BSP_SCHEDULE_DELAY="20", PYTHONWARNINGS="default"
            )
            process = subprocess.Popen(
                [sys.executable, "main.py"], cwd=tmp_path, env=environment, stdin=subprocess.PIPE
            )
            until(lambda: bool(collector.envelopes))
            assert [span.name for span in collector.received] == ["slow: hung"]
            process.communicate(b"", timeout=60)
            assert [span.name for span in collector.received] == ["slow: hung", "hung"]

    def test_with_nothing_configured_it_is_one_line(self, tmp_path: Path) -> None:
        line = "OTEL_EXPORTER_OTLP_ENDPOINT is not set: no monitoring\n"
        done = run(tmp_path, {})
        assert (done.returncode, done.stdout, done.stderr) == (0, LIVED.format(False), line)
        done = run(tmp_path, {}, logs=True)
        assert (done.stdout, done.stderr) == (f"opentelemetry_monitoring {line}{LIVED.format(False)}", "")
        done = run(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"})
        assert (done.stdout, done.stderr) == (LIVED.format(False), "OTEL_SDK_DISABLED is set: no monitoring\n")

    @pytest.mark.parametrize("status", [429, 500])
    def test_a_collector_that_refuses_harms_nobody(self, tmp_path: Path, status: int) -> None:
        with collecting() as collector:
            collector.status = status
            done = run(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "1"})
        assert (done.returncode, done.stdout) == (0, LIVED.format(True))
        assert collector.envelopes

    def test_a_collector_that_is_not_there_harms_nobody(self, tmp_path: Path) -> None:
        with collecting() as collector:
            endpoint = collector.endpoint
        done = run(tmp_path, {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "1"})
        assert (done.returncode, done.stdout) == (0, LIVED.format(True))

    @pytest.mark.parametrize(
        "environment",
        [
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "no address"},
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_COMPRESSION": "what"},
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_BSP_MAX_QUEUE_SIZE": "-1"},
        ],
    )
    def test_a_typing_error_harms_nobody(self, tmp_path: Path, environment: dict[str, str]) -> None:
        done = run(tmp_path, {"OTEL_EXPORTER_OTLP_TIMEOUT": "1", **environment})
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("m-1\nslow down\n")

    def test_without_the_sdk_it_names_what_is_missing(self, tmp_path: Path) -> None:
        (tmp_path / "opentelemetry" / "sdk").mkdir(parents=True)
        hidden = "import sys\nsys.modules['opentelemetry.sdk.trace'] = None\n"
        (tmp_path / "sitecustomize.py").write_text(hidden)
        environment = {"PYTHONPATH": str(tmp_path), "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
        done = run(tmp_path, environment)
        assert (done.returncode, done.stdout) == (0, LIVED.format(False))
        assert done.stderr == (
            "No opentelemetry.sdk.trace, install opentelemetry-sdk and "
            "opentelemetry-exporter-otlp-proto-http: no monitoring\n"
        )

    def test_without_opentelemetry_at_all_it_runs(self, tmp_path: Path) -> None:
        (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['opentelemetry'] = None\n")
        environment = {"PYTHONPATH": str(tmp_path), "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
        done = run(tmp_path, environment)
        assert (done.returncode, done.stdout) == (0, LIVED.format(False))
        assert len(done.stderr.splitlines()) == 1


class TestInit:
    def test_a_set_up_of_the_application_stays(self, helper: Any, seen: Seen) -> None:
        assert helper.init_opentelemetry("http://127.0.0.1:9") is True
        assert trace.get_tracer_provider() is seen.provider

    def test_a_rate_holds_for_all_but_alerts(self, helper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
        monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", type(trace._TRACER_PROVIDER_SET_ONCE)())
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
        with collecting() as collector:
            assert helper.init_opentelemetry(collector.endpoint, traces_sample_rate=0.0)
            with helper.monitor_fetch("load"):
                helper.detect_infinite_loop("poll", 1000)
            trace.get_tracer_provider().shutdown()  # type: ignore[attr-defined]
        assert [span.name for span in collector.received] == ["loop: poll"]


def test_threads_do_not_mix(helper: Any, seen: Seen) -> None:
    barrier = threading.Barrier(4)

    def work(number: int) -> None:
        with helper.monitor_operation(f"outer_{number}"):
            barrier.wait()
            with helper.monitor_operation(f"inner_{number}"):
                barrier.wait()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(4):
        assert seen.named(f"inner_{number}").parent == seen.named(f"outer_{number}").context
