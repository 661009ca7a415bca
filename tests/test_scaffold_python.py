"""The Python helper, run as it lies in a project, against the real sentry-sdk."""

# The module is loaded from its file, so its types are not known here; tests/test_scaffold_types.py sees to them.
# mypy: allow-untyped-decorators, disable-error-code="no-any-return"

from __future__ import annotations

import asyncio
import builtins
import collections.abc
import contextlib
import gc
import importlib.util
import inspect
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
import types
import warnings
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import sentry_sdk
from hypothesis import given, settings
from hypothesis import strategies as st
from sentry_sdk.transport import Transport

from conftest import ROOT, quiet_environment
from monitor_forms import FORMS

HELPER = ROOT / "src" / "monitorlint" / "scaffold" / "python" / "sentry_monitoring.py"
DSN = "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1"


class Recorder(Transport):
    """Keeps what would be sent."""

    def __init__(self, options: dict[str, Any] | None = None) -> None:
        super().__init__(options)
        self.items: list[tuple[str, Any]] = []

    def capture_envelope(self, envelope: Any) -> None:
        self.items += [(str(item.type), item.payload.json) for item in envelope.items]


class Sentry:
    """What the current test's Sentry has received."""

    def _payloads(self, kind: str) -> list[Any]:
        transport = sentry_sdk.get_client().transport
        assert isinstance(transport, Recorder)
        return [payload for name, payload in transport.items if name == kind]

    @property
    def events(self) -> list[Any]:
        return self._payloads("event")

    @property
    def event(self) -> Any:
        (event,) = self.events
        return event

    @property
    def transactions(self) -> list[Any]:
        return self._payloads("transaction")

    @property
    def spans(self) -> list[tuple[str, str, str]]:
        """Op, name and status of every span that has ended, roots first."""
        found = []
        for root in self.transactions:
            trace = root["contexts"]["trace"]
            found.append((trace["op"], root["transaction"], trace["status"]))
            found += [(span["op"], span["description"], span["status"]) for span in root["spans"]]
        for batch in self._payloads("span"):
            found += [(s["attributes"]["sentry.op"]["value"], s["name"], s["status"]) for s in batch["items"]]
        return found

    @property
    def alerts(self) -> list[tuple[str, str, str]]:
        return [(e["tags"]["monitor"], e["tags"]["alert"], e["level"]) for e in self.events]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class RateLimitError(Exception):
    """As SDKs name it."""

    status_code = 429


def fail(error: type[Exception] = ValueError) -> None:
    raise error


def load() -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("sentry_monitoring", HELPER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULE = load()
"""Once, as an application imports it: it registers with Sentry."""


@pytest.fixture
def helper() -> Any:
    MODULE._loop_runs.clear()
    MODULE._log.disabled = False  # whoever configures logging may have disabled it
    return MODULE


@pytest.fixture
def clock(helper: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(helper, "perf_counter", clock)
    # The thread that looks at what is still running waits for real time: TestWhileRunning is about it.
    monkeypatch.setattr(helper._watch, "add", lambda *_: None)
    return clock


@contextlib.contextmanager
def initialised(**options: Any) -> Iterator[Sentry]:
    with sentry_sdk.isolation_scope():
        sentry_sdk.init(
            DSN, transport=Recorder, **{"default_integrations": False, "traces_sample_rate": 1.0, **options}
        )
        try:
            yield Sentry()
        finally:
            sentry_sdk.get_client().close()
            sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    with initialised() as recorded:
        yield recorded


def monitors(helper: Any) -> dict[str, Callable[[], Any]]:
    return {
        "ai": lambda: helper.monitor_ai_generation("groq", "ask", {"video_id": 7}),
        "fetch": lambda: helper.monitor_fetch("ask", {"video_id": 7}),
        "operation": lambda: helper.monitor_operation("ask", {"video_id": 7}),
    }


KINDS = ("ai", "fetch", "operation")


forms = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__.strip("_"))
kinds = pytest.mark.parametrize("kind", KINDS)


class TestEveryForm:
    @forms
    @kinds
    def test_a_result_comes_back_and_a_span_ends(self, helper: Any, sentry: Sentry, form: Any, kind: str) -> None:
        result = object()
        assert form(monitors(helper)[kind](), lambda: result) is result
        op = {"ai": "gen_ai.generate_content", "fetch": "http.client", "operation": "function"}[kind]
        assert sentry.spans == [(op, "groq ask" if kind == "ai" else "ask", "ok")]
        assert sentry.events == []

    @forms
    def test_an_exception_passes_untouched_and_is_sent_once(self, helper: Any, sentry: Sentry, form: Any) -> None:
        error = RateLimitError("slow down")

        def fail() -> None:
            raise error

        with pytest.raises(RateLimitError) as caught, helper.monitor_operation("outer"):
            form(helper.monitor_ai_generation("groq", "ask"), fail)
        assert caught.value is error
        assert error.__context__ is None
        assert error.__cause__ is None
        assert caught.traceback[-1].name == "fail"
        assert sentry.alerts == [("ai", "rate_limit", "error")]
        assert sentry.event["tags"] == {
            "monitor": "ai",
            "provider": "groq",
            "operation": "ask",
            "alert": "rate_limit",
            "http_status": "429",
        }
        assert sentry.event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"] == "fail"
        assert [status for _, _, status in sentry.spans] == ["resource_exhausted", "error"]

    @forms
    def test_the_context_of_an_exception_is_the_same(self, helper: Any, sentry: Sentry, form: Any) -> None:
        def fail_first() -> None:
            raise KeyError("first")

        def fail() -> None:
            try:
                fail_first()
            except KeyError:
                raise ValueError("second")  # noqa: B904 - the implicit context is what is tested

        def context(run: Callable[[], Any]) -> list[str]:
            with pytest.raises(ValueError, match="second") as caught:
                run()
            chain: list[str] = []
            error: BaseException | None = caught.value
            while error is not None:
                chain.append(type(error).__name__)
                error = error.__context__
            return chain

        assert context(lambda: form(helper.monitor_fetch("ask"), fail)) == context(fail)
        assert len(sentry.events) == 1

    @forms
    @kinds
    def test_what_is_slow_is_reported(self, helper: Any, sentry: Sentry, clock: Clock, form: Any, kind: str) -> None:
        expected = {
            "ai": [(6, []), (29, []), (31, ["error"])],
            "fetch": [(4, []), (6, ["warning"]), (11, ["error"])],
            "operation": [(4, []), (6, ["warning"]), (11, ["error"])],
        }
        levels: list[str] = []
        for seconds, more in expected[kind]:
            form(monitors(helper)[kind](), lambda seconds=seconds: clock.sleep(seconds))
            levels += more
            assert sentry.alerts == [(kind, "slow", level) for level in levels]
        assert sentry.events[-1]["contexts"]["monitoring"]["seconds"] == expected[kind][-1][0]
        assert sentry.events[-1]["contexts"]["monitoring_context"] == {"video_id": 7}

    @forms
    def test_the_limit_itself_is_not_slow(self, helper: Any, sentry: Sentry, clock: Clock, form: Any) -> None:
        form(helper.monitor_ai_generation("groq", "ask"), lambda: clock.sleep(30))
        form(helper.monitor_fetch("ask"), lambda: clock.sleep(5))
        assert sentry.events == []

    @forms
    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
    def test_an_interruption_is_no_error(
        self, helper: Any, sentry: Sentry, form: Any, error: type[BaseException]
    ) -> None:
        raised = error()

        def stop() -> None:
            raise raised

        with pytest.raises(error) as caught:
            form(helper.monitor_fetch("ask"), stop)
        if "run" not in {entry.name for entry in caught.traceback} or error is not asyncio.CancelledError:
            assert caught.value is raised  # asyncio.run makes another CancelledError
        assert sentry.events == []
        assert [status for _, _, status in sentry.spans] == ["cancelled"]

    @forms
    def test_without_sentry_it_does_nothing(self, helper: Any, form: Any) -> None:
        error = ValueError("mine")

        def fail() -> None:
            raise error

        assert form(helper.monitor_fetch("ask"), lambda: 42) == 42
        with pytest.raises(ValueError, match="mine") as caught:
            form(helper.monitor_fetch("ask"), fail)
        assert caught.value is error
        assert vars(error) == {}

    @forms
    @pytest.mark.parametrize("name", ["start_transaction", "get_current_scope", "get_client", "capture_exception"])
    def test_a_sentry_that_fails_is_not_noticed(
        self, helper: Any, sentry: Sentry, monkeypatch: pytest.MonkeyPatch, form: Any, name: str
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("Sentry has a bug")

        error = ValueError("mine")

        def fail() -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(sentry_sdk, name, broken)
            assert form(helper.monitor_fetch("ask"), lambda: 42) == 42
            with pytest.raises(ValueError, match="mine") as caught:
                form(helper.monitor_fetch("ask"), fail)
        assert caught.value is error
        assert error.__context__ is None
        # What does not need the broken part still works.
        assert len(sentry.events) == (1 if name == "start_transaction" else 0)

    @forms
    def test_parallel_runs_do_not_mix(self, helper: Any, sentry: Sentry, form: Any) -> None:
        barrier = threading.Barrier(4)

        def work(number: int) -> None:
            form(helper.monitor_operation(f"run_{number}"), barrier.wait)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(sentry.spans) == [("function", f"run_{number}", "ok") for number in range(4)]


def until(condition: Callable[[], bool]) -> None:
    """What a call waits for: no test waits for a time to pass."""
    while not condition():
        time.sleep(0.001)


class TestWhileRunning:
    """A call that hangs never ends: people have to hear of it before."""

    @forms
    def test_every_limit_is_reported_once(
        self, helper: Any, sentry: Sentry, monkeypatch: pytest.MonkeyPatch, form: Any
    ) -> None:
        monkeypatch.setattr(helper, "FETCH_SECONDS", (0.02, 0.04))
        form(helper.monitor_fetch("ask", {"video_id": 7}), lambda: until(lambda: len(sentry.events) == 2))
        assert [(event["level"], event["message"]) for event in sentry.events] == [
            ("warning", "ask took longer than 0.02 s"),
            ("error", "ask took longer than 0.04 s"),
        ]
        for event in sentry.events:
            assert event["contexts"]["monitoring"]["running"] is True
            assert event["contexts"]["monitoring_context"] == {"video_id": 7}
            assert event["tags"] == {"monitor": "fetch", "operation": "ask", "alert": "slow"}
        assert {event["contexts"]["trace"]["trace_id"] for event in sentry.events} == {
            sentry.transactions[0]["contexts"]["trace"]["trace_id"]
        }

    def test_a_model_is_an_error(self, helper: Any, sentry: Sentry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(helper, "AI_SECONDS", 0.02)
        sentry_sdk.get_isolation_scope().set_user({"id": "u1"})
        with helper.monitor_ai_generation("groq", "ask"):
            until(lambda: sentry.events != [])
        assert (sentry.event["level"], sentry.event["message"]) == ("error", "groq ask took longer than 0.02 s")
        assert sentry.event["user"]["id"] == "u1"

    def test_a_consumer_may_take_its_time(self, helper: Any, sentry: Sentry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(helper, "AI_SECONDS", 0.02)

        def chunks() -> Iterator[int]:
            yield 1
            yield 2
            until(lambda: sentry.events != [])
            yield 3

        counts = []
        for chunk in helper.monitor_ai_generation.stream("groq", "ask", None, chunks):
            if chunk < 3:
                time.sleep(0.06)
            counts.append(len(sentry.events))
        assert counts == [0, 0, 1]

    def test_what_is_over_is_forgotten(self, helper: Any, sentry: Sentry) -> None:
        for _ in range(1000):
            with helper.monitor_fetch("ask"):
                pass
        with helper.monitor_fetch("ask"):
            assert len(helper._watch._looks) < 10
        assert sentry.events == []

    def test_in_a_forked_child(self, helper: Any, sentry: Sentry, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(helper, "AI_SECONDS", 0.02)
        with helper.monitor_ai_generation("groq", "before"):
            until(lambda: len(sentry.events) == 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # threads of other tests may live
            child = os.fork()
        if child == 0:
            with helper.monitor_ai_generation("groq", "after"):
                until(lambda: len(sentry.events) == 2)
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


class TestErrors:
    @pytest.mark.parametrize(
        ("error", "reason", "status"),
        [
            (type("RateLimitError", (Exception,), {})(), "rate_limit", None),
            (type("APIStatusError", (Exception,), {"status_code": 529})(), "api_error", "529"),
            (type("APIConnectionError", (Exception,), {})(), "network", None),
            (type("APITimeoutError", (Exception,), {})(), "timeout", None),
            (type("AuthenticationError", (Exception,), {"status_code": 401})(), "auth", "401"),
            (type("ResourceExhausted", (Exception,), {"code": 429})(), "rate_limit", "429"),
            (
                type(
                    "ClientError",
                    (Exception,),
                    {
                        "response": {
                            "Error": {"Code": "ThrottlingException"},
                            "ResponseMetadata": {"HTTPStatusCode": 400},
                        }
                    },
                )(),
                "rate_limit",
                "400",
            ),
            (
                type("HTTPError", (Exception,), {"response": types.SimpleNamespace(status_code=503)})(),
                "api_error",
                "503",
            ),
            (TimeoutError(), "timeout", None),
            (ConnectionResetError(), "network", None),
            (ValueError(), "error", None),
            (type("Odd", (Exception,), {"response": property(lambda _: 1 / 0)})(), "error", None),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
    )
    def test_errors_are_told_apart_by_name_and_status(
        self, helper: Any, sentry: Sentry, error: Exception, reason: str, status: str | None
    ) -> None:
        with contextlib.suppress(Exception), helper.monitor_fetch("ask"):
            raise error
        assert sentry.event["tags"]["alert"] == reason
        assert sentry.event["tags"].get("http_status") == status

    def test_an_error_that_is_also_slow_is_one_event(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        with contextlib.suppress(ValueError), helper.monitor_fetch("ask"):
            clock.sleep(60)
            raise ValueError
        assert sentry.alerts == [("fetch", "error", "error")]
        assert sentry.event["contexts"]["monitoring"] == {"seconds": 60.0, "slow": True}

    def test_a_slow_operation_around_an_error_is_reported(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        with contextlib.suppress(ValueError), helper.monitor_operation("outer"):
            clock.sleep(20)
            helper.monitor_fetch.call("inner", None, fail)
        assert sentry.alerts == [("fetch", "error", "error"), ("operation", "slow", "error")]

    def test_whoever_sends_it_again_is_too_late(self, helper: Any, sentry: Sentry) -> None:
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            helper.monitor_fetch.call("ask", None, fail)
        sentry_sdk.capture_exception(caught.value)
        assert len(sentry.events) == 1

    def test_a_second_copy_of_the_helper(self, helper: Any, sentry: Sentry, monkeypatch: pytest.MonkeyPatch) -> None:
        # As when a file is imported by two names, or several packages have one each.
        processors = list(sentry_sdk.scope.global_event_processors)
        monkeypatch.setattr(sentry_sdk.scope, "global_event_processors", processors)
        other: Any = load()
        with contextlib.suppress(ValueError), other.monitor_operation("outer"), helper.monitor_fetch("inner"):
            raise ValueError
        with contextlib.suppress(ValueError), helper.monitor_operation("outer"), other.monitor_fetch("inner"):
            raise ValueError
        assert [event["tags"]["operation"] for event in sentry.events] == ["inner", "inner"]

    def test_the_end_of_an_iteration_is_no_error(self, helper: Any, sentry: Sentry) -> None:
        with pytest.raises(StopIteration), helper.monitor_fetch("ask"):
            next(iter(()))
        with pytest.raises(StopIteration):
            helper.monitor_fetch.call("ask", None, iter(()).__next__)
        assert sentry.events == []

    def test_an_exception_that_forbids_attributes(self, helper: Any, sentry: Sentry) -> None:
        class FrozenError(Exception):
            def __setattr__(self, name: str, value: object) -> None:
                raise AttributeError(name)

        error = FrozenError()
        with pytest.raises(FrozenError) as caught, helper.monitor_fetch("outer"), helper.monitor_fetch("inner"):
            raise error
        assert caught.value is error
        assert len(sentry.events) == 1

    def test_an_exception_from_another_process_is_not_sent_again(self, helper: Any, sentry: Sentry) -> None:
        error = ValueError("there")
        with contextlib.suppress(ValueError), helper.monitor_fetch("there"):
            raise error
        with contextlib.suppress(ValueError), helper.monitor_fetch("here"):
            raise pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert len(sentry.events) == 1

    def test_another_exception_from_the_same_cause_is_sent(self, helper: Any, sentry: Sentry) -> None:
        with contextlib.suppress(RuntimeError), helper.monitor_operation("outer"):
            try:
                helper.monitor_fetch.call("inner", None, fail)
            except ValueError as error:
                raise RuntimeError from error
        assert [event["tags"]["operation"] for event in sentry.events] == ["inner", "outer"]

    def test_a_group_is_sent_unless_all_of_it_has_been(self, helper: Any, sentry: Sentry) -> None:
        async def fetch(name: str) -> None:
            with helper.monitor_fetch(name):
                raise ValueError(name)

        async def run(*more: Any) -> None:
            with helper.monitor_operation("all"):
                async with asyncio.TaskGroup() as group:
                    for task in (fetch("a"), fetch("b"), *more):
                        group.create_task(task)

        with pytest.raises(ExceptionGroup):
            asyncio.run(run())
        assert [event["tags"]["operation"] for event in sentry.events] == ["a", "b"]

        async def unwatched() -> None:
            raise KeyError("c")

        with pytest.raises(ExceptionGroup):
            asyncio.run(run(unwatched()))
        assert [event["tags"]["operation"] for event in sentry.events[2:]] == ["a", "b", "all"]

    def test_a_group_of_interruptions_is_no_error(self, helper: Any, sentry: Sentry) -> None:
        for members in ([KeyboardInterrupt()], [KeyboardInterrupt(), asyncio.CancelledError()]):
            with pytest.raises(BaseExceptionGroup), helper.monitor_fetch("ask"):
                raise BaseExceptionGroup("stop", members)
        assert sentry.events == []
        with pytest.raises(BaseExceptionGroup), helper.monitor_fetch("ask"):
            raise BaseExceptionGroup("stop", [KeyboardInterrupt(), ValueError()])
        assert len(sentry.events) == 1

    def test_what_sentry_sends_first_is_tagged_and_not_sent_again(self, helper: Any, sentry: Sentry) -> None:
        # As Sentry's integrations of AI SDKs do.
        def integration() -> None:
            try:
                fail(RateLimitError)
            except RateLimitError as error:
                sentry_sdk.capture_exception(error)
                raise

        with pytest.raises(RateLimitError):
            helper.monitor_ai_generation.call("groq", "ask", None, integration)
        assert sentry.alerts == [("ai", "rate_limit", "error")]

    def test_logging_it_does_not_send_it_again(self, helper: Any) -> None:
        with initialised(default_integrations=True, auto_enabling_integrations=False) as sentry:
            try:
                helper.monitor_fetch.call("ask", None, fail)
            except ValueError:
                logging.getLogger("app").exception("the request failed")
            logging.getLogger("app").error("something else")
            assert [event["level"] for event in sentry.events] == ["error", "error"]
            assert "exception" not in sentry.events[1]

    def test_other_errors_are_sent_as_ever(self, helper: Any, sentry: Sentry) -> None:
        with helper.monitor_fetch("ask"):
            pass
        sentry_sdk.capture_exception(ValueError())
        assert "monitor" not in sentry.event.get("tags", {})

    def test_the_excepthook_does_not_send_it_again(self, tmp_path: Path) -> None:
        (tmp_path / "sentry_monitoring.py").write_bytes(HELPER.read_bytes())
        (tmp_path / "main.py").write_text(
            "import sentry_sdk, sys\n"
            "from sentry_sdk.transport import Transport\n"
            "from sentry_monitoring import init_sentry, monitor_fetch\n"
            "class Printer(Transport):\n"
            "    def capture_envelope(self, envelope):\n"
            "        for item in envelope.items:\n"
            "            if item.type == 'event':\n"
            "                print('sent', item.payload.json['exception']['values'][0]['value'])\n"
            f"init_sentry({DSN!r}, transport=Printer)\n"
            "if sys.argv[1:]:\n"
            "    raise ValueError('unwatched')\n"
            "with monitor_fetch('ask'):\n"
            "    raise ValueError('watched')\n"
        )
        for args, sent in (((), "sent watched\n"), (("unwatched",), "sent unwatched\n")):
            done = subprocess.run(
                [sys.executable, "main.py", *args],
                cwd=tmp_path,
                env=quiet_environment(PYTHONWARNINGS="default"),
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.stdout == sent
            assert done.stderr.startswith("Sentry initialized for backend monitoring\n")
            assert done.returncode == 1

    def test_frames_of_the_helper_are_not_the_applications(self, helper: Any, sentry: Sentry) -> None:
        def fail() -> None:
            raise ValueError

        with pytest.raises(ValueError):  # noqa: PT011
            helper.monitor_operation.call(
                "outer", {"password": "hunter" * 2}, lambda: helper.monitor_fetch("a").call(fail)
            )
        frames = sentry.event["exception"]["values"][0]["stacktrace"]["frames"]
        own = [frame for frame in frames if frame["module"] == "sentry_monitoring"]
        assert own
        assert all(frame["in_app"] is False and "vars" not in frame for frame in own)
        assert "hunterhunter" not in str(sentry.event)


class TestSpans:
    def test_nested_runs_are_parent_and_child(self, helper: Any, sentry: Sentry) -> None:
        with helper.monitor_operation("outer"), helper.monitor_fetch("inner"):
            pass
        (root,) = sentry.transactions
        (child,) = root["spans"]
        assert (root["transaction"], child["description"]) == ("outer", "inner")
        assert child["parent_span_id"] == root["contexts"]["trace"]["span_id"]

    def test_a_run_belongs_to_the_applications_transaction(self, helper: Any, sentry: Sentry) -> None:
        with sentry_sdk.start_transaction(name="request", op="http.server"):
            with helper.monitor_fetch("ask", {"page": 2}):
                sentry_sdk.start_span(op="http.client", name="GET").finish()
            assert sentry_sdk.get_current_span().op == "http.server"  # type: ignore[union-attr]
        (root,) = sentry.transactions
        fetch, get = root["spans"]
        assert fetch["data"]["context.page"] == 2
        assert get["parent_span_id"] == fetch["span_id"]

    def test_an_ai_span_says_who_answered(self, helper: Any, sentry: Sentry) -> None:
        with helper.monitor_ai_generation("groq", "lesson_description"):
            pass
        data = sentry.transactions[0]["contexts"]["trace"]["data"]
        assert data["gen_ai.provider.name"] == data["gen_ai.system"] == "groq"
        assert data["gen_ai.operation.name"] == "generate_content"
        assert data["gen_ai.pipeline.name"] == "lesson_description"

    @pytest.mark.parametrize("way", ["call", "acall", "decorator", "stream"])
    @pytest.mark.parametrize("lifecycle", ["static", "stream"])
    def test_an_ai_span_tells_the_model_and_the_tokens(self, helper: Any, way: str, lifecycle: str) -> None:
        answer = {"model": "m-1", "usage": {"prompt_tokens": 3, "completion_tokens": 5}, "choices": ["text"]}

        async def waited() -> Any:
            return answer

        with initialised(
            **({"_experiments": {"trace_lifecycle": "stream"}} if lifecycle == "stream" else {})
        ) as sentry:
            monitor = helper.monitor_ai_generation("groq", "ask", {"model": "m"})
            if way == "stream":
                assert list(monitor.stream(lambda: iter(["a", answer]))) == ["a", answer]
            else:
                ways = {
                    "call": lambda: monitor.call(lambda: answer),
                    "acall": lambda: asyncio.run(monitor.acall(waited)),
                    "decorator": monitor(lambda: answer),
                }
                assert ways[way]() is answer
            sentry_sdk.flush()
            if lifecycle == "stream":
                (batch,) = sentry._payloads("span")
                data = {key: value["value"] for key, value in batch["items"][0]["attributes"].items()}
            else:
                data = sentry.transactions[0]["contexts"]["trace"]["data"]
        assert (data["gen_ai.request.model"], data["gen_ai.response.model"]) == ("m", "m-1")
        assert (data["gen_ai.usage.input_tokens"], data["gen_ai.usage.output_tokens"]) == (3, 5)
        assert ("gen_ai.response.time_to_first_chunk" in data) is (way == "stream")

    @pytest.mark.parametrize("depth", [0, 1])
    def test_what_the_sdk_traces_itself_counts_once(self, helper: Any, sentry: Sentry, depth: int) -> None:
        def ask() -> Any:
            with sentry_sdk.start_span(op="function", name="retry") if depth else contextlib.nullcontext():
                sentry_sdk.start_span(op="gen_ai.chat", name="chat m-1").finish()
            return {"model": "m-1", "usage": {"prompt_tokens": 3}}

        with sentry_sdk.start_transaction(name="request"):
            helper.monitor_ai_generation.call("groq", "ask", None, ask)
            helper.monitor_ai_generation.call("groq", "untraced", None, lambda: {"usage": {"prompt_tokens": 4}})
        # Whatever way the SDK sends such spans.
        spans = {span["description"]: span["data"] for span in sentry.transactions[0]["spans"]}
        for batch in sentry._payloads("span"):
            for span in batch["items"]:
                spans[span["name"]] = {key: value["value"] for key, value in span["attributes"].items()}
        assert "chat m-1" in spans
        assert "gen_ai.usage.input_tokens" not in spans["groq ask"]
        assert spans["groq untraced"]["gen_ai.usage.input_tokens"] == 4

    def test_tasks_are_siblings(self, helper: Any, sentry: Sentry) -> None:
        async def fetch(name: str, turns: int) -> None:
            with helper.monitor_fetch(name):
                for _ in range(turns):
                    await asyncio.sleep(0)

        async def run() -> None:
            with sentry_sdk.start_transaction(name="request"):
                await asyncio.gather(fetch("a", 1), fetch("b", 5), fetch("c", 3))

        asyncio.run(run())
        (root,) = sentry.transactions
        assert {span["parent_span_id"] for span in root["spans"]} == {root["contexts"]["trace"]["span_id"]}
        assert len(root["spans"]) == 3

    def test_interleaved_generators_leave_no_span_behind(self, helper: Any, sentry: Sentry) -> None:
        def chunks(name: str) -> Iterator[int]:
            with helper.monitor_fetch(name):
                yield 1

        first, second = chunks("first"), chunks("second")
        next(first)
        next(second)
        assert list(first) == []
        assert list(second) == []
        assert sentry_sdk.get_current_span() is None
        with helper.monitor_fetch("later"):
            pass
        later = next(root for root in sentry.transactions if root["transaction"] == "later")
        assert later["contexts"]["trace"]["parent_span_id"] is None

    def test_a_span_that_has_ended_has_no_children(self, helper: Any, sentry: Sentry) -> None:
        with sentry_sdk.new_scope() as scope:
            root = sentry_sdk.start_transaction(name="over")
            scope.span = root
            root.finish()
            with helper.monitor_fetch("later"):
                pass
        assert [root["transaction"] for root in sentry.transactions] == ["over", "later"]

    def test_a_decorated_generator_does_not_adopt_its_consumers_spans(self, helper: Any, sentry: Sentry) -> None:
        @helper.monitor_fetch("pages")
        def pages() -> Iterator[int]:
            with helper.monitor_fetch("page"):
                pass
            yield 1

        with sentry_sdk.start_transaction(name="request"):
            for _ in pages():
                with helper.monitor_fetch("use"):
                    pass
        (root,) = sentry.transactions
        parents = {span["description"]: span["parent_span_id"] for span in root["spans"]}
        ids = {span["description"]: span["span_id"] for span in root["spans"]}
        assert parents["use"] == parents["pages"] == root["contexts"]["trace"]["span_id"]
        assert parents["page"] == ids["pages"]

    def test_without_tracing_there_are_alerts_all_the_same(self, helper: Any, clock: Clock) -> None:
        with initialised(traces_sample_rate=None) as sentry:
            with helper.monitor_fetch("ask"):
                clock.sleep(20)
            assert sentry.alerts == [("fetch", "slow", "error")]
            assert sentry.transactions == []

    def test_streamed_spans(self, helper: Any) -> None:
        with initialised(_experiments={"trace_lifecycle": "stream"}) as sentry:
            with contextlib.suppress(ValueError), helper.monitor_operation("outer"), helper.monitor_fetch("inner"):
                raise ValueError
            sentry_sdk.flush()
            assert sorted(sentry.spans) == [("function", "outer", "error"), ("http.client", "inner", "error")]
            assert len(sentry.events) == 1

    def test_slow_events_are_one_issue(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        for seconds in (12, 40):
            with helper.monitor_fetch("ask"):
                clock.sleep(seconds)
        first, second = sentry.events
        assert first["fingerprint"] == second["fingerprint"]
        assert first["message"] == second["message"] == "ask took longer than 10 s"


class TestDecorators:
    def test_a_function_stays_what_it_is(self, helper: Any) -> None:
        def plain(a: int, /, b: str = "b", *c: float, d: bool = True) -> str:
            """Says what it does."""
            return f"{a}{b}{c}{d}"

        async def coroutine() -> None: ...

        def generator() -> Iterator[int]:
            yield 1

        async def async_generator() -> AsyncIterator[int]:
            yield 1

        for function in (plain, coroutine, generator, async_generator):
            made = helper.monitor_fetch("ask")(function)
            assert made.__name__ == function.__name__
            assert made.__doc__ == function.__doc__
            assert made.__wrapped__ is function
            assert inspect.signature(made) == inspect.signature(function)
            for kind in ("iscoroutinefunction", "isgeneratorfunction", "isasyncgenfunction", "isfunction"):
                assert getattr(inspect, kind)(made) == getattr(inspect, kind)(function), kind
        assert helper.monitor_fetch("ask")(plain)(1, "x", 2.0, d=False) == plain(1, "x", 2.0, d=False)

    def test_methods(self, helper: Any, sentry: Sentry) -> None:
        class Client:
            name = "client"

            @helper.monitor_fetch("plain")
            def plain(self) -> str:
                return self.name

            @helper.monitor_fetch("static")
            @staticmethod
            def static() -> str:
                return "static"

            @helper.monitor_fetch("of_class")
            @classmethod
            def of_class(cls) -> str:
                return cls.name

            @property
            @helper.monitor_fetch("value")
            def value(self) -> str:
                return self.name

        client = Client()
        assert (client.plain(), client.static(), client.of_class(), client.value) == (
            "client",
            "static",
            "client",
            "client",
        )
        assert [name for _, name, _ in sentry.spans] == ["plain", "static", "of_class", "value"]

    def test_each_call_is_a_run(self, helper: Any, sentry: Sentry) -> None:
        @helper.monitor_fetch("count_down")
        def count_down(number: int) -> int:
            return number and count_down(number - 1)

        assert count_down(2) == 0
        assert [name for _, name, _ in sentry.spans] == ["count_down"] * 3

    def test_a_generator_is_sent_to_thrown_into_and_closed(self, helper: Any, sentry: Sentry) -> None:
        log: list[object] = []

        def original() -> Generator[int, str, str]:
            try:
                while True:
                    try:
                        log.append((yield len(log)))
                    except KeyError as error:
                        log.append(error.args)
            finally:
                log.append("closed")

        def drive(function: Callable[[], Generator[int, str, str]]) -> list[object]:
            log.clear()
            generator = function()
            seen: list[object] = [
                next(generator),
                generator.send("one"),
                generator.throw(KeyError("two")),
                next(generator),
            ]
            generator.close()
            with pytest.raises(StopIteration):
                next(generator)
            return seen + log

        assert drive(helper.monitor_fetch("ask")(original)) == drive(original)
        assert sentry.events == []
        assert [status for _, _, status in sentry.spans] == ["ok"]

    def test_an_async_generator_is_sent_to_thrown_into_and_closed(self, helper: Any, sentry: Sentry) -> None:
        log: list[object] = []

        async def original() -> Any:
            try:
                while True:
                    try:
                        log.append((yield len(log)))
                        await asyncio.sleep(0)
                    except KeyError as error:
                        log.append(error.args)
            finally:
                await asyncio.sleep(0)
                log.append("closed")

        async def drive(function: Callable[[], Any]) -> list[object]:
            log.clear()
            generator = function()
            seen: list[object] = [
                await generator.__anext__(),
                await generator.asend("one"),
                await generator.athrow(KeyError("two")),
                await generator.__anext__(),
            ]
            await generator.aclose()
            with pytest.raises(StopAsyncIteration):
                await generator.__anext__()
            return seen + log

        assert asyncio.run(drive(helper.monitor_fetch("ask")(original))) == asyncio.run(drive(original))
        assert sentry.events == []
        assert [status for _, _, status in sentry.spans] == ["ok"]

    def test_a_generators_return_value(self, helper: Any, sentry: Sentry) -> None:
        @helper.monitor_fetch("ask")
        def inner() -> Generator[int, None, str]:
            yield 1
            return "done"

        def outer() -> Generator[int, None, str]:
            return (yield from inner())

        generator = outer()
        assert next(generator) == 1
        with pytest.raises(StopIteration) as caught:
            next(generator)
        assert caught.value.value == "done"
        assert len(sentry.spans) == 1

    def test_the_consumers_time_does_not_count(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        @helper.monitor_fetch("pages")
        def pages() -> Iterator[int]:
            for page in range(3):
                clock.sleep(1)
                yield page

        for _ in pages():
            clock.sleep(100)
        assert sentry.events == []

    def test_an_exception_in_a_handler_of_the_generator(self, helper: Any, sentry: Sentry) -> None:
        async def original() -> AsyncIterator[int]:
            with contextlib.suppress(KeyError):
                yield 1
            raise ValueError

        async def drive(function: Any) -> BaseException | None:
            generator = function()
            await generator.__anext__()
            with pytest.raises(ValueError) as caught:  # noqa: PT011
                await generator.athrow(KeyError())
            return caught.value.__context__

        assert asyncio.run(drive(original)) is None
        assert asyncio.run(drive(helper.monitor_fetch("ask")(original))) is None
        assert len(sentry.events) == 1

    def test_cancellation_reaches_the_body(self, helper: Any, sentry: Sentry) -> None:
        seen: list[str] = []

        @helper.monitor_ai_generation("groq", "ask")
        async def ask() -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        async def run() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ask(), 0.01)

        asyncio.run(run())
        assert seen == ["cancelled"]
        assert sentry.events == []
        assert [status for _, _, status in sentry.spans] == ["cancelled"]

    def test_a_monitor_may_be_entered_again_while_it_is_open(self, helper: Any, sentry: Sentry) -> None:
        monitor = helper.monitor_fetch("ask")
        with monitor, monitor:
            pass
        monitor.__exit__(None, None, None)
        assert len(sentry.spans) == 2


class Chunks:
    """A stream as SDKs have it: an iterator with attributes, a context manager, to be closed."""

    kind = "chunks"

    def __init__(self, items: list[Any], clock: Clock | None = None) -> None:
        self.items = items
        self.closed = False
        self.response = types.SimpleNamespace(status_code=200)
        self._clock = clock

    def __iter__(self) -> Iterator[Any]:
        while self.items:
            yield next(self)

    def __next__(self) -> Any:
        if self._clock is not None:
            self._clock.sleep(1)
        if not self.items:
            raise StopIteration
        item = self.items.pop(0)
        if isinstance(item, Exception):
            raise item
        return item

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.closed = True

    def collect(self) -> list[Any]:
        return list(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chunks) and other.items == self.items

    __hash__ = None  # type: ignore[assignment]


class AsyncChunks:
    """As ``Chunks``, asynchronous."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[Any]:
        while self.items:
            yield await self.__anext__()

    async def __anext__(self) -> Any:
        await asyncio.sleep(0)
        if not self.items:
            raise StopAsyncIteration
        item = self.items.pop(0)
        if isinstance(item, Exception):
            raise item
        return item

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        self.closed = True


class Manager:
    """A context manager whose value is the stream, as ``client.messages.stream()``; it can be awaited, too."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.left = False

    def __enter__(self) -> Any:
        return self.value

    def __exit__(self, *_: object) -> None:
        self.left = True

    async def __aenter__(self) -> Any:
        return self.value

    async def __aexit__(self, *_: object) -> None:
        self.left = True

    def __await__(self) -> Generator[Any, None, Any]:
        yield from asyncio.sleep(0).__await__()
        return self.value


class TestStreams:
    def stream(self, helper: Any, value: Any) -> Any:
        return helper.monitor_ai_generation.stream("groq", "chat", None, lambda: value)

    def astream(self, helper: Any, value: Any) -> Any:
        return helper.monitor_ai_generation.astream("groq", "chat", None, lambda: value)

    def test_it_is_what_it_was(self, helper: Any, sentry: Sentry) -> None:
        chunks = Chunks([1, 2])
        stream = self.stream(helper, chunks)
        assert isinstance(stream, Chunks)
        assert isinstance(stream, collections.abc.Iterator)
        assert not isinstance(stream, collections.abc.AsyncIterator)
        assert not hasattr(stream, "__len__")
        assert stream.kind == "chunks"
        assert stream.response is chunks.response
        assert stream == chunks
        assert chunks == stream
        with pytest.raises(TypeError, match="unhashable"):
            hash(stream)
        with pytest.raises(AttributeError, match=r"Chunks.*nothing"):
            _ = stream.nothing  # type: ignore[attr-defined]
        stream.kind = "mine"
        assert chunks.kind == "mine"
        del stream.kind
        assert chunks.kind == "chunks"
        assert repr(stream) == repr(chunks)
        assert set(dir(chunks)) <= set(dir(stream))
        assert vars(stream) == vars(chunks)
        assert sentry.spans == []

    def test_it_ends_with_the_iteration(self, helper: Any, sentry: Sentry) -> None:
        stream = self.stream(helper, Chunks([1, 2]))
        assert next(stream) == 1
        assert sentry.spans == []
        assert list(stream) == [2]
        assert len(sentry.spans) == 1
        assert list(stream) == []
        assert len(sentry.spans) == 1

    def test_it_ends_when_it_is_closed(self, helper: Any, sentry: Sentry) -> None:
        chunks = Chunks([1, 2])
        stream = self.stream(helper, chunks)
        next(stream)
        stream.close()
        assert chunks.closed
        assert len(sentry.spans) == 1

    def test_it_ends_with_its_with_statement(self, helper: Any, sentry: Sentry) -> None:
        chunks = Chunks([1, 2])
        with self.stream(helper, chunks) as stream:
            assert isinstance(stream, Chunks)
            for item in stream:
                assert item == 1
                break
            assert sentry.spans == []
        assert chunks.closed
        assert len(sentry.spans) == 1

    def test_it_ends_when_nobody_wants_it_any_more(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        for _ in self.stream(helper, Chunks([1, 2])):
            break
        gc.collect()
        assert len(sentry.spans) == 1
        stream = self.stream(helper, Chunks([1, 2]))
        clock.sleep(1000)
        del stream
        gc.collect()
        assert len(sentry.spans) == 2
        assert sentry.events == []

    def test_an_error_in_the_middle(self, helper: Any, sentry: Sentry) -> None:
        error = RateLimitError()
        stream = self.stream(helper, Chunks([1, error]))
        with pytest.raises(RateLimitError) as caught:
            list(stream)
        assert caught.value is error
        assert sentry.alerts == [("ai", "rate_limit", "error")]

    def test_an_error_that_only_the_with_statement_sees(self, helper: Any, sentry: Sentry) -> None:
        error = RateLimitError()
        with pytest.raises(RateLimitError), self.stream(helper, Chunks([1, error])) as stream:
            stream.collect()  # a method that iterates inside the stream
        assert sentry.alerts == [("ai", "rate_limit", "error")]

    def test_an_error_that_the_manager_handles(self, helper: Any, sentry: Sentry) -> None:
        with self.stream(helper, contextlib.suppress(ValueError)):
            fail()
        assert sentry.events == []
        assert [status for _, _, status in sentry.spans] == ["ok"]

    def test_waiting_counts_and_the_consumer_does_not(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        for _ in self.stream(helper, Chunks([0] * 20, clock)):
            clock.sleep(100)
        assert sentry.events == []
        for _ in self.stream(helper, Chunks([0] * 40, clock)):
            pass
        assert sentry.alerts == [("ai", "slow", "error")]

    def test_a_manager_of_a_stream(self, helper: Any, sentry: Sentry) -> None:
        manager = Manager(Chunks([1, 2]))
        with self.stream(helper, manager) as stream:
            assert isinstance(stream, Chunks)
            assert next(stream) == 1
        assert manager.left
        assert len(sentry.spans) == 1

    def test_a_manager_of_something_else(self, helper: Any, sentry: Sentry) -> None:
        response = types.SimpleNamespace(text="body")
        with helper.monitor_fetch.stream("page", None, lambda: Manager(response)) as got:
            assert got is response
            assert sentry.spans == []
        assert len(sentry.spans) == 1

    @pytest.mark.parametrize("value", ["text", b"bytes", 3, None, [1], (1,), {"a": 1}, {1}, Chunks, object()])
    def test_data_is_no_stream(self, helper: Any, sentry: Sentry, value: Any) -> None:
        assert self.stream(helper, value) is value
        assert len(sentry.spans) == 1

    def test_a_model_that_is_iterable_is_no_stream(self, helper: Any, sentry: Sentry) -> None:
        class Completion:
            __pydantic_fields__: dict[str, object] = {}  # noqa: RUF012 - as pydantic has it

            def __iter__(self) -> Iterator[Any]:
                yield "choices", []

        completion = Completion()
        assert self.stream(helper, completion) is completion
        assert len(sentry.spans) == 1

    def test_an_iterable_that_is_no_iterator(self, helper: Any, sentry: Sentry) -> None:
        class Response:
            def __iter__(self) -> Iterator[int]:
                return iter([1, 2])

        stream = self.stream(helper, Response())
        assert isinstance(stream, Response)
        assert list(stream) == [1, 2]
        assert len(sentry.spans) == 1
        assert list(stream) == [1, 2]

    def test_a_generator(self, helper: Any, sentry: Sentry) -> None:
        def original() -> Generator[int, int, str]:
            got = yield 1
            yield got
            return "done"

        stream = self.stream(helper, original())
        is_generator = inspect.isgenerator(stream)
        assert is_generator
        assert next(stream) == 1
        assert stream.send(5) == 5
        with pytest.raises(StopIteration) as caught:
            next(stream)
        assert caught.value.value == "done"
        assert len(sentry.spans) == 1

        def outer() -> Generator[int, int, str]:
            return (yield from self.stream(helper, original()))

        assert list(outer()) == [1, None]
        generator = self.stream(helper, original())
        next(generator)
        with pytest.raises(KeyError):
            generator.throw(KeyError("mine"))
        assert len(sentry.events) == 1

    def test_a_class_of_slots(self, helper: Any, sentry: Sentry) -> None:
        class Slots:
            __slots__ = ("left",)

            def __init__(self) -> None:
                self.left = 2

            def __iter__(self) -> Slots:
                return self

            def __next__(self) -> int:
                if not self.left:
                    raise StopIteration
                self.left -= 1
                return self.left

        stream = self.stream(helper, Slots())
        assert iter(stream) is stream
        assert list(stream) == [1, 0]
        assert len(sentry.spans) == 1

    def test_an_async_stream(self, helper: Any, sentry: Sentry) -> None:
        async def consume() -> None:
            stream = self.astream(helper, AsyncChunks([1, 2]))
            assert isinstance(stream, AsyncChunks)
            assert [item async for item in stream] == [1, 2]
            assert len(sentry.spans) == 1

            chunks = AsyncChunks([1, 2])
            async with self.astream(helper, chunks) as stream:
                assert await stream.__anext__() == 1
                assert len(sentry.spans) == 1
            assert chunks.closed
            assert len(sentry.spans) == 2

            chunks = AsyncChunks([1, 2])
            stream = self.astream(helper, chunks)
            async for _ in stream:
                break
            await stream.close()
            assert chunks.closed
            assert len(sentry.spans) == 3

            async for _ in self.astream(helper, AsyncChunks([1, 2])):
                break
            gc.collect()
            assert len(sentry.spans) == 4

            with pytest.raises(RateLimitError):
                _ = [item async for item in self.astream(helper, AsyncChunks([1, RateLimitError()]))]

        asyncio.run(consume())
        assert sentry.alerts == [("ai", "rate_limit", "error")]

    def test_what_may_be_awaited_or_entered(self, helper: Any, sentry: Sentry) -> None:
        async def consume() -> None:
            async with self.astream(helper, Manager(AsyncChunks([1]))) as stream:
                assert [item async for item in stream] == [1]
            assert len(sentry.spans) == 1
            stream = await self.astream(helper, Manager(AsyncChunks([1])))
            assert isinstance(stream, AsyncChunks)
            assert len(sentry.spans) == 1
            assert [item async for item in stream] == [1]
            assert len(sentry.spans) == 2
            assert await self.astream(helper, Manager("text")) == "text"
            assert len(sentry.spans) == 3

        asyncio.run(consume())

    def test_closing_an_async_generator(self, helper: Any, sentry: Sentry) -> None:
        async def chunks() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                await asyncio.sleep(0)
                fail(RateLimitError)

        async def consume() -> None:
            stream = self.astream(helper, chunks())
            assert await stream.__anext__() == 1
            with pytest.raises(RateLimitError):
                await stream.aclose()

        asyncio.run(consume())
        assert sentry.alerts == [("ai", "rate_limit", "error")]

    def test_what_need_not_be_awaited_need_not_be(self, helper: Any, sentry: Sentry) -> None:
        class Response(Chunks):
            def release(self) -> Manager:
                return Manager("done")

        self.stream(helper, Response([1])).release()
        assert len(sentry.spans) == 1
        gc.collect()  # no "was never awaited"

    def test_a_coroutine_is_one(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        async def create() -> AsyncChunks:
            return AsyncChunks([1, 2])

        async def consume() -> None:
            coroutine = self.astream(helper, create())
            assert inspect.iscoroutine(coroutine)
            clock.sleep(1000)  # not the model's time
            stream = await asyncio.create_task(coroutine)
            assert [item async for item in stream] == [1, 2]

        asyncio.run(consume())
        assert len(sentry.spans) == 1
        assert sentry.events == []

    def test_a_coroutine_that_waits_for_its_turn(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        async def ask() -> str:
            clock.sleep(1)
            return "text"

        async def run() -> list[str]:
            coroutines = [self.astream(helper, ask()) for _ in range(3)]
            clock.sleep(1000)
            return await asyncio.gather(*coroutines)

        assert asyncio.run(run()) == ["text"] * 3
        assert sentry.events == []

    def test_cancellation_of_one_step(self, helper: Any, sentry: Sentry) -> None:
        async def forever() -> AsyncIterator[int]:
            yield 1
            await asyncio.sleep(60)

        async def consume() -> None:
            stream = self.astream(helper, forever())
            assert await stream.__anext__() == 1
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stream.__anext__(), 0.01)
            with pytest.raises(StopAsyncIteration):
                await stream.__anext__()

        asyncio.run(consume())
        assert sentry.events == []
        assert [status for _, _, status in sentry.spans] == ["cancelled"]

    def test_without_sentry_it_is_the_stream_itself(self, helper: Any) -> None:
        chunks = Chunks([1])
        assert self.stream(helper, chunks) is chunks

    def test_a_class_that_cannot_be_followed(self, helper: Any, sentry: Sentry) -> None:
        class Odd(type):
            def __hash__(cls) -> int:
                raise TypeError("no")

        class Stream(metaclass=Odd):
            def __next__(self) -> int:
                return 1

        value = Stream()
        assert self.stream(helper, value) is value
        assert len(sentry.spans) == 1

    @given(
        items=st.lists(st.integers() | st.just(ValueError("inside")), max_size=6),
        taken=st.integers(0, 7),
        ending=st.sampled_from(["close", "drop", "with"]),
    )
    @settings(max_examples=60, deadline=None)
    def test_consumers_see_no_difference(self, items: list[Any], taken: int, ending: str) -> None:
        def consume(stream: Any) -> list[object]:
            seen: list[object] = []
            try:
                with stream if ending == "with" else contextlib.nullcontext():
                    for item in stream:
                        seen.append(item)
                        if len(seen) >= taken:
                            break
            except ValueError as error:
                seen.append(error)
            if ending == "close":
                stream.close()
            return [*seen, stream.items, stream.closed]

        with initialised() as sentry:
            watched = consume(self.stream(MODULE, Chunks(list(items))))
            gc.collect()
            assert watched == consume(Chunks(list(items)))
            assert len(sentry.spans) == 1
            assert len(sentry.events) <= 1
        for item in items:
            if isinstance(item, Exception):
                vars(item).clear()


class TestLoops:
    def run(self, helper: Any, turns: int, name: str = "poll", every: int = 100, **options: Any) -> None:
        for iterations in range(1, turns + 1):
            if iterations % every == 0:
                helper.detect_infinite_loop(name, iterations, {"page": iterations}, **options)

    def test_it_speaks_at_the_limit_and_ten_times_that(self, helper: Any, sentry: Sentry) -> None:
        self.run(helper, 999)
        assert sentry.events == []
        self.run(helper, 120_000)
        assert [e["contexts"]["monitoring"]["iterations"] for e in sentry.events] == [1_000, 10_000, 100_000]
        assert sentry.alerts == [("loop", "loop", level) for level in ("warning", "error", "error")]
        assert sentry.events[0]["tags"]["operation"] == "poll"
        assert sentry.events[0]["contexts"]["monitoring_context"] == {"page": 1_000}

    def test_the_limit_of_slow_loops(self, helper: Any, sentry: Sentry) -> None:
        self.run(helper, 99, every=10, limit=100)
        assert sentry.events == []
        self.run(helper, 100, every=10, limit=100)
        assert len(sentry.events) == 1

    def test_every_run_speaks(self, helper: Any, sentry: Sentry) -> None:
        for _ in range(3):
            self.run(helper, 1_500)
        assert len(sentry.events) == 3

    def test_two_loops_of_one_function(self, helper: Any, sentry: Sentry) -> None:
        for number in range(1, 16):
            helper.detect_infinite_loop("first", number * 100)
        for number in range(1, 16):
            helper.detect_infinite_loop("second", number * 100)
        assert [event["tags"]["operation"] for event in sentry.events] == ["first", "second"]

    def test_threads(self, helper: Any, sentry: Sentry) -> None:
        threads = [threading.Thread(target=self.run, args=(helper, 1_500)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(sentry.events) == 8

    def test_tasks(self, helper: Any, sentry: Sentry) -> None:
        async def loop() -> None:
            for iterations in range(1, 1_501):
                if iterations % 100 == 0:
                    helper.detect_infinite_loop("poll", iterations)
                    await asyncio.sleep(0)

        async def run() -> None:
            await asyncio.gather(*(loop() for _ in range(8)))

        asyncio.run(run())
        assert len(sentry.events) == 8

    def test_generators_that_take_turns(self, helper: Any, sentry: Sentry) -> None:
        def loop() -> Iterator[None]:
            for iterations in range(100, 1_501, 100):
                helper.detect_infinite_loop("poll", iterations)
                yield

        for _ in zip(loop(), loop(), loop(), strict=True):
            pass
        assert len(sentry.events) == 3

    def test_recursion(self, helper: Any, sentry: Sentry) -> None:
        def walk(depth: int) -> None:
            for iterations in range(100, 1_501, 100):
                helper.detect_infinite_loop("walk", iterations)
                if depth and iterations == 1_200:
                    walk(depth - 1)

        walk(2)
        assert len(sentry.events) == 3

    def test_through_a_function_of_the_users(self, helper: Any, sentry: Sentry) -> None:
        kept = []

        def guard(iterations: int) -> None:
            kept.append(inspect.currentframe())  # so that no two frames have the same address
            helper.detect_infinite_loop("poll", iterations)

        for iterations in range(100, 100_000, 100):
            guard(iterations)
        assert [e["contexts"]["monitoring"]["iterations"] for e in sentry.events] == [1_000, 10_000]

    def test_a_leap_over_several_limits_is_one_alert(self, helper: Any, sentry: Sentry) -> None:
        for iterations in (900, 250_000, 300_000):
            helper.detect_infinite_loop("poll", iterations)
        assert sentry.alerts == [("loop", "loop", "error")]

    def test_a_run_that_lasts(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        for iterations in range(10, 100, 10):
            helper.detect_infinite_loop("agent", iterations, limit=100)
            clock.sleep(90)
        assert sentry.alerts == [("loop", "slow", "warning")]
        assert sentry.event["contexts"]["monitoring"]["iterations"] == 50

    def test_short_runs_far_apart(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        for _ in range(20):
            self.run(helper, 250)
            clock.sleep(1_000)
        assert sentry.events == []

    def test_what_is_remembered_is_bounded(self, helper: Any, sentry: Sentry) -> None:
        for number in range(5_000):
            helper.detect_infinite_loop(f"loop_{number}", 100)
        assert len(helper._loop_runs) <= 1024
        assert sentry.events == []

    @pytest.mark.parametrize(
        "args", [("x", "many"), (None, None), (object(), 5), ("x", float("nan")), (["x"], 2_000), ("x", -1)]
    )
    def test_it_never_raises(self, helper: Any, sentry: Sentry, args: tuple[Any, Any]) -> None:
        helper.detect_infinite_loop(*args)
        helper.detect_infinite_loop(*args, {"odd": object()}, limit=0)
        helper.detect_infinite_loop(*args, "no context", limit="none")
        assert len(sentry.events) <= 2

    def test_it_is_cheap(self, helper: Any, sentry: Sentry) -> None:
        started = time.perf_counter()
        self.run(helper, 100_000)
        # A thousand calls; ten microseconds each would be 10 ms, a second is a mistake.
        assert time.perf_counter() - started < 1
        assert len(sentry.events) == 3

    @given(
        runs=st.lists(st.integers(0, 30_000), min_size=1, max_size=5),
        every=st.sampled_from([10, 100]),
        limit=st.sampled_from([100, 1000]),
    )
    @settings(max_examples=40, deadline=None)
    def test_each_power_of_ten_once_per_run(self, runs: list[int], every: int, limit: int) -> None:
        MODULE._loop_runs.clear()
        with initialised() as sentry:
            for turns in runs:
                self.run(MODULE, turns, every=every, limit=limit)
            expected = [limit * 10**power for turns in runs for power in range(4) if turns >= limit * 10**power]
            assert [e["contexts"]["monitoring"]["iterations"] for e in sentry.events] == expected


class TestContext:
    @pytest.mark.parametrize(
        ("key", "value", "sent"),
        [
            ("video_id", 7, 7),
            ("videoId", "a-b", "a-b"),
            ("share", 0.5, 0.5),
            ("share", float("inf"), "inf"),
            ("done", True, True),
            ("nothing", None, None),
            ("path", Path("a/b"), "a/b"),
            ("number", 1 << 80, "<int of 81 bits>"),
            ("lines", "a\nb", "a b"),
            ("items", [1, 2, 3], "<list of 3>"),
            ("blob", b"\x00\xff", "<bytes of 2>"),
            ("thing", object(), "<object>"),
            ("max_tokens", 500, 500),
            ("message_id", "m-1", "m-1"),
            ("prompt_name", "greeting", "greeting"),
            ("password", "hunter2", "[Filtered]"),
            ("API-Key", "abc", "[Filtered]"),
            ("accessToken", "abc", "[Filtered]"),
            ("session_id", "abc", "[Filtered]"),
            ("Authorization", "abc", "[Filtered]"),
            ("user_prompt", "Tell me", "[Filtered]"),
            ("messages", [{"role": "user"}], "[Filtered]"),
            ("responseText", "Once upon", "[Filtered]"),
            ("note", "sk-abcdef", "[Filtered]"),
            ("url", "https://user:pass@host/", "[Filtered]"),
        ],
    )
    def test_values(self, helper: Any, sentry: Sentry, clock: Clock, key: str, value: Any, sent: Any) -> None:
        with helper.monitor_fetch("ask", {key: value}):
            clock.sleep(20)
        assert sentry.event["contexts"]["monitoring_context"] == {key: sent}
        assert sentry.transactions[0]["contexts"]["trace"]["data"][f"context.{key}"] == sent

    def test_much_is_cut(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        with helper.monitor_fetch("n" * 5_000, {f"key_{number}": "x" * 10_000_000 for number in range(3)}):
            clock.sleep(20)
        assert len(str(sentry.event)) < 20_000
        with helper.monitor_fetch("ask", dict.fromkeys(range(10_000))):
            clock.sleep(20)
        assert len(sentry.events[1]["contexts"]["monitoring_context"]) == 20

    def test_odd_contexts(self, helper: Any, sentry: Sentry, clock: Clock) -> None:
        class Broken(dict[str, object]):
            def items(self) -> Any:
                raise RuntimeError

        class Unprintable(str):
            __slots__ = ()

            def __getitem__(self, key: Any) -> str:
                raise RuntimeError

        class Huge:
            def __len__(self) -> int:
                raise RuntimeError

        cycle: dict[str, object] = {}
        cycle["self"] = cycle
        odd: list[Any] = [
            Broken(a=1),
            "text",
            5,
            [1],
            cycle,
            {Unprintable("k"): Unprintable("v")},
            {"huge": Huge(), "id": 1},
        ]
        odd.append({(1, 2): 1, None: 2, "\ud800": "\ud800"})
        for context in odd:
            for monitor in (helper.monitor_fetch, helper.monitor_operation):
                with monitor("ask", context):
                    clock.sleep(20)
        assert len(sentry.events) == 2 * len(odd)
        contexts = [event["contexts"].get("monitoring_context") for event in sentry.events[::2]]
        assert contexts[:4] == [None] * 4
        assert contexts[6] == {"id": 1}

    @given(
        st.dictionaries(
            st.text() | st.integers() | st.none(),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
                lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
                max_leaves=5,
            ),
        )
    )
    @settings(max_examples=100, deadline=None)
    def test_any_context_is_sent(self, context: Any) -> None:
        with initialised() as sentry:
            with contextlib.suppress(ValueError), MODULE.monitor_fetch("ask", context):
                raise ValueError
            assert sentry.event["tags"]["operation"] == "ask"

    @pytest.mark.parametrize("name", [None, 5, "", "two\nlines", "x" * 1_000, object(), "\ud800"])
    def test_any_name_will_do(self, helper: Any, sentry: Sentry, clock: Clock, name: Any) -> None:
        with helper.monitor_ai_generation(name, name):
            clock.sleep(60)
        assert "\n" not in sentry.event["tags"].get("operation", "")
        assert len(sentry.event["tags"].get("operation", "")) <= 200


class TestInit:
    @pytest.fixture(autouse=True)
    def off(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.delenv("SENTRY_DSN", raising=False)
        yield
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)

    def test_without_a_dsn_it_is_off_and_says_so_in_one_line(
        self, helper: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for number, dsn in enumerate((None, "", "  "), start=1):
            assert helper.init_sentry(dsn) is False
            said = [record.getMessage() for record in caplog.records if record.name == helper.__name__]
            assert said == ["SENTRY_DSN is not set: no monitoring"] * number
        assert not sentry_sdk.get_client().is_active()

    def test_with_a_dsn_it_says_so_in_one_line(
        self, helper: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caplog.set_level(logging.DEBUG, logger=helper.__name__)
        monkeypatch.setenv("SENTRY_DSN", DSN)
        monkeypatch.setenv("SENTRY_ENVIRONMENT", "staging")
        monkeypatch.setenv("SENTRY_RELEASE", "shop@1.2.3")
        assert helper.init_sentry(transport=Recorder, default_integrations=False) is True
        messages = [record.getMessage() for record in caplog.records if record.name == helper.__name__]
        assert messages == ["Sentry initialized for backend monitoring"]
        options = sentry_sdk.get_client().options
        assert (options["environment"], options["release"]) == ("staging", "shop@1.2.3")
        assert options["include_local_variables"] is False
        assert options["traces_sample_rate"] == 0.1

    def test_a_logger_that_is_disabled_does_not_swallow_the_line(
        self, helper: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # As logging.config.dictConfig does by default to loggers that are there before it.
        monkeypatch.setattr(helper._log, "disabled", True)
        assert helper.init_sentry(DSN, transport=Recorder, default_integrations=False)
        assert capsys.readouterr().err == "Sentry initialized for backend monitoring\n"

    def test_options_are_passed_on(self, helper: Any) -> None:
        assert helper.init_sentry(DSN, transport=Recorder, default_integrations=False, include_local_variables=True)
        assert sentry_sdk.get_client().options["include_local_variables"] is True

    @pytest.mark.parametrize("options", [{"dsn": "YOUR_DSN"}, {"dsn": DSN, "tracesSampleRate": 1}])
    def test_mistakes_turn_it_off(self, helper: Any, caplog: pytest.LogCaptureFixture, options: dict[str, Any]) -> None:
        assert helper.init_sentry(**options) is False
        (record,) = [record for record in caplog.records if record.name == helper.__name__]
        assert record.levelname == "WARNING"
        assert options["dsn"] not in record.getMessage()
        with helper.monitor_fetch("ask"):
            pass

    def test_without_sentry_sdk(self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        original = builtins.__import__

        def missing(name: str, *args: Any, **kwargs: Any) -> Any:
            if name.partition(".")[0] == "sentry_sdk":
                raise ModuleNotFoundError(name)
            return original(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", missing)
        helper: Any = load()
        monkeypatch.undo()
        assert helper.init_sentry(DSN) is False
        assert "no sentry-sdk" in caplog.text
        with helper.monitor_fetch("ask"):
            helper.detect_infinite_loop("ask", 5_000)
        assert helper.monitor_ai_generation.call("groq", "ask", None, lambda: 1) == 1
        helper.watch_memory()()


class TestMemory:
    def test_it_warns_once_until_it_sinks(self, helper: Any, sentry: Sentry, monkeypatch: pytest.MonkeyPatch) -> None:
        shares = iter([0.5, 0.85, 0.9, 0.7, 0.95, 0.99])
        done = threading.Event()

        def share() -> float | None:
            value = next(shares, None)
            if value is None:
                done.set()
            return value

        monkeypatch.setattr(helper, "_memory_share", share)
        helper.watch_memory(interval=0.001)
        assert done.wait(10)
        for thread in self.watchers():
            thread.join(10)
        assert sentry.alerts == [("memory", "memory", "warning")] * 2
        assert [event["contexts"]["monitoring"]["used"] for event in sentry.events] == [0.85, 0.95]

    def watchers(self) -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name == "memory-watch"]

    def test_it_can_be_stopped(self, helper: Any, sentry: Sentry) -> None:
        stop = helper.watch_memory(1.0, interval=60)
        (thread,) = self.watchers()
        stop()
        thread.join(10)
        assert not thread.is_alive()
        assert sentry.events == []

    def test_without_sentry_nobody_watches(self, helper: Any) -> None:
        helper.watch_memory()
        assert self.watchers() == []

    @pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="needs Linux")
    def test_the_system_tells(self, helper: Any) -> None:
        assert 0 < helper._memory_share() < 1

    def test_a_containers_share(self, helper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        files = {
            "/sys/fs/cgroup/memory.max": "1000\n",
            "/sys/fs/cgroup/memory.current": "700\n",
            "/sys/fs/cgroup/memory.stat": "anon 3\ninactive_file 200\n",
        }
        monkeypatch.setattr(helper, "_read", lambda path: files[str(path)])
        assert helper._memory_share() == 0.5


def test_named_wrappers_are_monitors(helper: Any, sentry: Sentry) -> None:
    # The comment in the helper that shows how to write one is code that works.
    text = HELPER.read_text(encoding="utf-8")
    start = text.index("# def monitor_lesson_loading")
    lines = text[start:].split("\n\n")[0].splitlines()
    namespace = dict(vars(helper))
    exec("from __future__ import annotations\n" + "\n".join(line[2:] for line in lines), namespace)  # noqa: S102
    with namespace["monitor_lesson_loading"]("42"):
        pass
    assert sentry.spans == [("http.client", "lesson_loading", "ok")]


def test_a_forked_child_can_go_on(helper: Any, sentry: Sentry) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    helper.detect_infinite_loop("poll", 100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # later Pythons warn where there are threads
        child = os.fork()
    if child == 0:
        try:
            helper.detect_infinite_loop("poll", 2_000)
            with helper.monitor_fetch("ask"):
                pass
        finally:
            os._exit(0 if len(sentry.events) == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0
