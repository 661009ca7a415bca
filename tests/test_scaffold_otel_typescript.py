"""The TypeScript helper for OpenTelemetry, run as it lies in a project, against the real SDKs of both versions."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from monitorlint.scaffold.typescript_helper import Flavour, typescript_helper
from monitorlint.settings.values import Thresholds
from node_packages import Modules
from otlp_receiver import Collector, collecting

SCENARIOS = (ROOT / "tests" / "node" / "otel.mjs").read_text(encoding="utf-8")
PLAIN = Flavour(backend="opentelemetry", is_typed=False)
QUICK = Thresholds(fetch=(0.03, 0.05))
SECRET = "correct-horse-battery-staple"  # noqa: S105 - nothing that it opens


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest) -> Modules:
    return Modules(request.config)


def lay(folder: Path, version: str, modules: Modules) -> Path:
    (folder / "node_modules").symlink_to(modules(f"otel{version}"))
    (folder / "quick").mkdir()
    (folder / "openTelemetryMonitoring.mjs").write_text(typescript_helper(Thresholds(), PLAIN))
    (folder / "quick" / "openTelemetryMonitoring.mjs").write_text(typescript_helper(QUICK, PLAIN))
    return folder


def run(
    folder: Path, node: str, program: str, environment: dict[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "NODE_"))}
    (folder / "main.mjs").write_text(program, encoding="utf-8")
    return subprocess.run(
        [node, *options, "main.mjs"],
        cwd=folder,
        env={**kept, "TEST_SECRET": SECRET, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Seen:
    def __init__(self, done: subprocess.CompletedProcess[str], collector: Collector) -> None:
        assert (done.returncode, done.stderr) == (0, "")
        self.first, last = done.stdout.splitlines()
        self.results: dict[str, Any] = json.loads(last)
        self.collector = collector
        self.named = collector.named


VERSIONS = {"2": "20", "3": "22"}
"""Of the SDK, and the Node under which it is run."""


@pytest.fixture(scope="module", params=VERSIONS)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, modules: Modules) -> Seen:
    folder = lay(tmp_path_factory.mktemp("otel"), request.param, modules)
    with collecting() as collector:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_SERVICE_NAME": "shop",
            "OTEL_BSP_SCHEDULE_DELAY": "20",
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization={SECRET}",
        }
        done = run(folder, modules.node(VERSIONS[request.param]), SCENARIOS, environment)
    return Seen(done, collector)


def test_it_says_so_in_one_line(seen: Seen) -> None:
    assert seen.first == "OpenTelemetry initialized for backend monitoring"
    assert seen.results["isOn"] is True
    assert set(seen.collector.paths) <= {"/v1/traces", "/v1/metrics", "/v1/logs"}
    assert {resource["service.name"] for resource in seen.collector.resources} == {"shop"}


def test_a_slow_call_is_told_while_it_runs(seen: Seen) -> None:
    assert seen.results["slow"] == "done"
    names = [span.name for span in seen.collector.received]
    assert names.count("slow: hung") == 2
    assert names.index("slow: hung") < names.index("hung")
    first, second = (span for span in seen.collector.alerts if span.attributes["operation"] == "hung")
    hung = seen.named("hung")
    assert (first.parent, first.trace, first.is_error, second.is_error) == (hung.id, hung.trace, False, True)
    attributes = dict(first.attributes)
    assert attributes.pop("monitoring.seconds") >= 0.03
    assert attributes == {
        "monitor": "fetch",
        "operation": "hung",
        "alert": "slow",
        "level": "warning",
        "message": "hung took longer than 0.03 s",
        "monitoring.slow": True,
        "monitoring.running": True,
        "monitoring.limit_seconds": 0.03,
        "context.lessonId": 3,
    }
    assert (second.attributes["level"], second.why) == ("error", "hung took longer than 0.05 s")


@pytest.mark.parametrize(
    ("provider", "model", "more"),
    [("openai", "gpt-1", {"total_tokens": 3}), ("anthropic", "claude-1", {"cache_read.input_tokens": 1})],
)
def test_spans_of_models_follow_the_conventions(seen: Seen, provider: str, model: str, more: dict[str, int]) -> None:
    span = seen.named(f"{provider} answer_{provider}")
    assert (span.kind, span.is_error) == ("SPAN_KIND_CLIENT", False)
    assert span.attributes == {
        "monitor": "ai",
        "operation": f"answer_{provider}",
        "provider": provider,
        "context.prompt": "[Filtered]",
        "context.lessonId": 1,
        "gen_ai.operation.name": "generate_content",
        "gen_ai.provider.name": provider,
        "gen_ai.system": provider,
        "gen_ai.pipeline.name": f"answer_{provider}",
        "gen_ai.request.model": model,
        "gen_ai.response.model": model,
        "gen_ai.usage.input_tokens": 1,
        "gen_ai.usage.output_tokens": 2,
        **{f"gen_ai.usage.{key}": value for key, value in more.items()},
    }


def test_an_error_is_recorded_once_and_passed_on(seen: Seen) -> None:
    assert seen.results["errors"] == ["error", True]
    inner, outer = seen.named("groq inner"), seen.named("outer")
    assert inner.parent == outer.id
    for span in (inner, outer):
        assert (span.is_error, span.why) == (True, "rate_limit")
        assert {key: span.attributes[key] for key in ("alert", "http_status", "error.type")} == {
            "alert": "rate_limit",
            "http_status": 429,
            "error.type": "RateLimitError",
        }
    (exception,) = inner.exceptions
    assert outer.exceptions == []
    assert (exception["exception.type"], exception["exception.message"]) == ("RateLimitError", "slow down")
    assert "main.mjs" in exception["exception.stacktrace"]


def test_whatever_is_thrown(seen: Seen) -> None:
    assert seen.results["thrown"] == [["error", True], ["error", False]]
    assert [e["exception.message"] for e in seen.named("text").exceptions] == ["text"]
    redirect = seen.named("redirect")
    assert (redirect.is_error, redirect.exceptions, redirect.attributes["cancelled"]) == (False, [], True)


def test_spans_have_parents_and_children(seen: Seen) -> None:
    assert seen.results["context"] == 1
    request, work, query = (seen.named(name) for name in ("request", "work", "query"))
    assert (work.parent, query.parent) == (request.id, work.id)


def test_what_is_traced_besides_counts_once(seen: Seen) -> None:
    for name in ("openai traced", "openai outer_traced"):
        assert [key for key in seen.named(name).attributes if key.startswith("gen_ai.")] == []


def test_streams_have_their_first_chunk_and_their_tokens(seen: Seen) -> None:
    assert seen.results["streams"] == [2, 2]
    found = seen.named("openai stream").attributes
    assert (found["gen_ai.usage.output_tokens"], found["gen_ai.request.model"]) == (9, "gpt-3")
    assert found["gen_ai.response.streaming"] is True
    assert 0 <= found["gen_ai.response.time_to_first_chunk"] < 60
    assert "gen_ai.response.time_to_first_chunk" in seen.named("openai node_stream").attributes


def test_loops_and_memory_alert(seen: Seen) -> None:
    alerts = [span.attributes for span in seen.collector.alerts if span.attributes["monitor"] == "loop"]
    assert [(a["level"], a["message"], a["context.current"], a["context.token"]) for a in alerts] == [
        ("warning", "Loop long has reached 1000 turns", 1000, "[Filtered]"),
        ("error", "Loop long has reached 10000 turns", 10_000, "[Filtered]"),
    ]
    (memory,) = [span for span in seen.collector.alerts if span.attributes["monitor"] == "memory"]
    assert memory.attributes["level"] == "warning"


def test_errors_of_endpoints_are_told_once_unless_the_client_is_at_fault(seen: Seen) -> None:
    assert seen.results["endpoint"] == [True, True, True]
    (found,) = [span for span in seen.collector.received if span.attributes.get("monitor") == "endpoint"]
    assert [e["exception.message"] for e in found.exceptions] == ["bug in a route"]


def test_nothing_private_is_sent(seen: Seen) -> None:
    assert len(seen.collector.received) > 20
    assert [data for data in seen.collector.envelopes if SECRET.encode() in data] == []


class TestWithoutACollector:
    def test_nothing_configured_is_one_line(self, tmp_path: Path, modules: Modules) -> None:
        lay(tmp_path, "2", modules)
        done = run(
            tmp_path, "node", SCENARIOS.replace("const isOn = usual.initOpenTelemetry();", "const isOn = false;"), {}
        )
        assert (done.returncode, done.stderr) == (0, "")
        first, last = done.stdout.splitlines()
        assert first == "OTEL_EXPORTER_OTLP_ENDPOINT is not set: no monitoring"
        results = json.loads(last)
        assert (results["errors"], results["streams"], results["slow"]) == (["error", True], [2, 2], "done")

    def test_one_that_is_not_there_or_refuses_harms_nobody(self, tmp_path: Path, modules: Modules) -> None:
        lay(tmp_path, "2", modules)
        with collecting() as collector:
            collector.status = 503
            for endpoint in (collector.endpoint, "http://127.0.0.1:9", "no address"):
                environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": "500"}
                done = run(tmp_path, "node", SCENARIOS, environment)
                assert done.returncode == 0, done.stderr
                assert json.loads(done.stdout.splitlines()[-1])["errors"] == ["error", True]

    def test_a_set_up_of_the_application_s_own_is_used(self, tmp_path: Path, modules: Modules) -> None:
        lay(tmp_path, "2", modules)
        done = run(tmp_path, "node", SCENARIOS, {"OWN_PROCESSORS": "1"})
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout.splitlines()[-1])["ended"] > 20

    @pytest.mark.parametrize(
        ("environment", "names"),
        [
            ({"OTEL_TRACES_SAMPLER": "always_off"}, ["slow: x"]),
            ({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}, ["slow: x"]),
            ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "1"}, ["slow: x", "x"]),
            ({"OTEL_SDK_DISABLED": "true"}, []),
        ],
    )
    def test_no_alert_is_lost_to_sampling(
        self, tmp_path: Path, modules: Modules, environment: dict[str, str], names: list[str]
    ) -> None:
        lay(tmp_path, "2", modules)
        program = (
            "import { initOpenTelemetry, monitorFetch } from './quick/openTelemetryMonitoring.mjs';\n"
            "initOpenTelemetry();\n"
            "await monitorFetch('x', null, () => new Promise((resolve) => setTimeout(resolve, 40)));\n"
        )
        with collecting() as collector:
            done = run(tmp_path, "node", program, {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, **environment})
            assert done.returncode == 0, done.stderr
        assert sorted({span.name for span in collector.received}) == names


def test_what_it_exports_as_commonjs(tmp_path: Path, modules: Modules) -> None:
    lay(tmp_path, "2", modules)
    text = typescript_helper(Thresholds(), PLAIN._replace(is_commonjs=True))
    (tmp_path / "openTelemetryMonitoring.cjs").write_text(text)
    program = "import helper from './openTelemetryMonitoring.cjs'; console.log(Object.keys(helper).sort().join(' '));"
    assert run(tmp_path, "node", program, {}).stdout.split() == [
        "detectInfiniteLoop",
        "initOpenTelemetry",
        "monitorAIGeneration",
        "monitorAIGenerationStream",
        "monitorFetch",
        "monitorFetchStream",
        "monitorOperation",
        "monitorOperationStream",
        "setupErrorHandler",
        "watchMemory",
    ]
