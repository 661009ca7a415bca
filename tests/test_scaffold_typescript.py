"""The TypeScript helper, run as it lies in a project, against the real SDKs of both versions."""

from __future__ import annotations

import base64
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
from sentry_receiver import Receiver, parsed, receiving

SCENARIOS = ROOT / "tests" / "node"
PLAIN = Flavour(is_typed=False)
QUICK = Thresholds(ai=0.05, fetch=(0.03, 0.05), operation=(0.03, 0.05))
SECRET = "correct-horse-battery-staple"  # noqa: S105 - nothing that it opens


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest) -> Modules:
    return Modules(request.config)


def lay(folder: Path, version: str, modules: Modules) -> Path:
    """A project with the helper, and with one that has short limits."""
    (folder / "node_modules").symlink_to(modules(f"sentry{version}"))
    (folder / "quick").mkdir()
    (folder / "sentryMonitoring.mjs").write_text(typescript_helper(Thresholds(), PLAIN))
    quick = typescript_helper(QUICK, PLAIN)
    assert "LOOP_SECONDS = 300" in quick
    (folder / "quick" / "sentryMonitoring.mjs").write_text(quick.replace("LOOP_SECONDS = 300", "LOOP_SECONDS = 0.05"))
    return folder


def run(
    folder: Path, program: str, *options: str, dsn: str | None, node: str = "node", **environment: str
) -> list[str]:
    """The lines that a program prints; what it writes to standard error must be nothing."""
    unwanted = ("SENTRY_", "NODE_OPTIONS", "NODE_ENV", "SERVER_NAME")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    if dsn is not None:
        kept["SENTRY_DSN"] = dsn
    (folder / "main.mjs").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [node, *options, "main.mjs"],
        cwd=folder,
        env={**kept, "TEST_SECRET": SECRET, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


class Seen:
    """What the scenarios returned, and what Sentry got of them."""

    def __init__(self, results: dict[str, Any], receiver: Receiver) -> None:
        self.results = results
        self.receiver = receiver
        self.events = receiver.events
        self.all_spans = receiver.spans
        self.spans = {span["name"]: span for span in self.all_spans}

    def of(self, scenario: str) -> list[Any]:
        return [event for event in self.events if event["tags"].get("scenario") == scenario]

    def alerts(self, operation: str) -> list[tuple[str, str]]:
        """Level and message of the events of one operation, warnings first."""
        found = [event for event in self.events if event["tags"].get("operation") == operation]
        texts = [(event["level"], event.get("message") or event["exception"]["values"][-1]["value"]) for event in found]
        return sorted(texts, key=lambda text: text[0], reverse=True)

    def tags(self, operation: str) -> dict[str, str]:
        (event,) = [event for event in self.events if event["tags"].get("operation") == operation]
        return {name: value for name, value in event["tags"].items() if name != "scenario"}


@pytest.fixture(scope="module", params=["10 on 18", "11 on 20", "11 on 22"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, modules: Modules) -> Seen:
    version, major = request.param.split(" on ")
    folder = lay(tmp_path_factory.mktemp("scenarios"), version, modules)
    node = modules.node(major)
    with receiving() as receiver:
        lines = run(folder, (SCENARIOS / "scenarios.mjs").read_text(encoding="utf-8"), dsn=receiver.dsn, node=node)
    assert lines[0] == "Sentry initialized for backend monitoring"
    return Seen(json.loads(lines[-1]), receiver)


def test_the_receiver_reads_what_the_sdk_itself_reads(seen: Seen, tmp_path: Path, modules: Modules) -> None:
    lay(tmp_path, "11", modules)
    (tmp_path / "main.mjs").write_text((SCENARIOS / "parse.mjs").read_text())
    done = subprocess.run(
        ["node", "main.mjs"],
        cwd=tmp_path,
        input=b"\n".join(map(base64.b64encode, seen.receiver.envelopes)),
        capture_output=True,
        check=True,
    )
    theirs = json.loads(done.stdout)
    ours = [[headers, [list(item) for item in items]] for headers, items in map(parsed, seen.receiver.envelopes)]
    assert len(ours) > 40
    assert theirs == ours


class TestSlowCalls:
    def test_alert_while_they_run(self, seen: Seen) -> None:
        # The scenario goes on only when the alerts are there, so they were sent before its call had ended.
        assert {seen.results[name] for name in ("slow_ai", "slow_fetch", "slow_operation")} == {"done"}
        assert seen.alerts("slow_ai") == [("error", "openai slow_ai took longer than 0.05 s")]
        assert seen.alerts("slow_fetch") == [
            ("warning", "slow_fetch took longer than 0.03 s"),
            ("error", "slow_fetch took longer than 0.05 s"),
        ]
        assert seen.alerts("slow_operation") == [
            ("warning", "slow_operation took longer than 0.03 s"),
            ("error", "slow_operation took longer than 0.05 s"),
        ]
        assert seen.tags("slow_ai") == {
            "monitor": "ai",
            "operation": "slow_ai",
            "provider": "openai",
            "alert": "slow",
        }
        (event,) = [event for event in seen.events if event["tags"]["operation"] == "slow_ai"]
        details = event["contexts"]["monitoring"]
        assert details["seconds"] >= 0.05
        assert (details["running"], details["limit_seconds"]) == (True, 0.05)
        assert event["contexts"]["monitoring_context"] == {"videoId": "v1"}
        assert event["contexts"]["trace"]["span_id"] == seen.spans["openai slow_ai"]["id"]

    def test_that_block_the_event_loop_alert_once_when_they_end(self, seen: Seen) -> None:
        assert seen.alerts("blocking") == [("error", "blocking took longer than 0.05 s")]

    def test_fast_ones_are_silent(self, seen: Seen) -> None:
        assert seen.results["quick_calls"] == [["value", True]] * 3
        assert [e for e in seen.events if str(e["tags"].get("operation")).startswith("quick_")] == []
        assert {"openai quick_ai", "quick_fetch", "quick_operation"} < set(seen.spans)

    def test_a_stream_s_consumer_may_take_its_time(self, seen: Seen) -> None:
        assert seen.results["slow_stream"] == [0, 0, 1]
        assert seen.alerts("slow_stream") == [("error", "openai slow_stream took longer than 0.05 s")]


class TestErrors:
    def test_are_sent_once_and_passed_on(self, seen: Seen) -> None:
        assert seen.results["nested_errors"] == ["error", True]
        assert [event["tags"]["operation"] for event in seen.of("nested_errors")] == ["inner"]
        assert seen.alerts("inner") == [("error", "slow down")]
        assert seen.tags("inner")["monitor"] == "fetch"
        assert seen.tags("inner")["http_status"] == "429"

    @pytest.mark.parametrize(
        ("name", "alert", "status"),
        [
            ("auth", "auth", "401"),
            ("timeout", "timeout", None),
            ("reset", "network", None),
            ("api", "api_error", "500"),
            ("retried", "rate_limit", "429"),
            ("plain", "error", None),
            ("text", "error", None),
            ("object", "error", None),
        ],
    )
    def test_are_tagged_with_their_reason(self, seen: Seen, name: str, alert: str, status: str | None) -> None:
        assert seen.results["errors"][name] == ["error", True]
        tags = seen.tags(f"error_{name}")
        assert (tags["monitor"], tags["alert"], tags.get("http_status")) == ("operation", alert, status)

    def test_of_the_network_itself(self, seen: Seen) -> None:
        assert seen.results["network"] == seen.results["timed_out"] == ["error", False]
        assert seen.tags("network") == {"monitor": "fetch", "operation": "network", "alert": "network"}
        assert seen.tags("timed_out")["alert"] == "timeout"

    def test_what_is_thrown_on_purpose_is_none(self, seen: Seen) -> None:
        assert [kind for kind, _ in seen.results["on_purpose"]] == ["error"] * 3
        assert [seen.results["on_purpose"][n][1] for n in (0, 2)] == [True, True]
        assert seen.of("on_purpose") == []
        assert {"on_purpose", "openai on_purpose"} < set(seen.spans)

    def test_the_helper_s_frames_are_not_the_application_s(self, seen: Seen) -> None:
        frames = [
            frame
            for event in [*seen.of("errors"), *seen.of("nested_errors")]
            for value in event["exception"]["values"]
            for frame in value.get("stacktrace", {}).get("frames", [])
        ]
        assert {f["in_app"] for f in frames if "sentryMonitoring" in str(f.get("filename"))} == {False}
        assert {f["in_app"] for f in frames if str(f.get("filename")).endswith("main.mjs")} == {True}


class TestSpans:
    @pytest.mark.parametrize(
        ("name", "model", "tokens"),
        [
            ("openai", "gpt-1", {"total_tokens": 3, "cache_read.input_tokens": 1}),
            ("anthropic", "claude-1", {"cache_read.input_tokens": 1}),
            ("google", "gemini-1", {"total_tokens": 3}),
            ("vercel", "any-1", {"total_tokens": 3}),
            ("ollama", "llama-1", {}),
        ],
    )
    def test_tell_the_model_and_the_tokens(self, seen: Seen, name: str, model: str, tokens: dict[str, int]) -> None:
        span = seen.spans[f"{name} answer_{name}"]
        assert (span["op"], span["status"]) == ("gen_ai.generate_content", "ok")
        data = {key: value for key, value in span["data"].items() if key.startswith("gen_ai.")}
        assert data == {
            "gen_ai.operation.name": "generate_content",
            "gen_ai.provider.name": name,
            "gen_ai.system": name,
            "gen_ai.pipeline.name": f"answer_{name}",
            "gen_ai.request.model": model,
            "gen_ai.response.model": model,
            "gen_ai.usage.input_tokens": 1,
            "gen_ai.usage.output_tokens": 2,
            **{f"gen_ai.usage.{key}": value for key, value in tokens.items()},
        }

    def test_a_getter_of_an_answer_is_not_touched(self, seen: Seen) -> None:
        assert seen.results["answers"] == ["value", True]
        assert "openai answer_lazy" not in seen.spans
        assert seen.spans["lazy answer_lazy"]["status"] == "ok"

    def test_have_parents_and_children(self, seen: Seen) -> None:
        spans = seen.spans
        assert spans["openai span"]["parent"] == spans["parent"]["id"]
        assert {spans[name]["parent"] for name in ("traced_fetch", "untraced_fetch", "child")} == {
            spans["openai span"]["id"]
        }
        assert spans["child_a"]["parent"] == spans["parallel_a"]["id"]
        assert spans["child_b"]["parent"] == spans["parallel_b"]["id"]

    def test_count_no_request_twice(self, seen: Seen) -> None:
        assert seen.spans["untraced_fetch"]["op"] == "http.client"
        assert seen.spans["traced_fetch"]["op"] == "function"
        below = [span for span in seen.all_spans if span["parent"] == seen.spans["traced_fetch"]["id"]]
        assert [span["op"] for span in below] == ["http.client"]

    def test_carry_the_context_and_the_status(self, seen: Seen) -> None:
        data = seen.spans["openai span"]["data"]
        assert (data["context.videoId"], data["gen_ai.request.model"]) == ("v3", "gpt-2")
        assert seen.results["spans"] == 200
        assert seen.spans["status"]["data"]["http_status"] == 200
        assert seen.spans["error_auth"]["data"]["error.type"] == "AuthenticationError"
        assert seen.spans["error_auth"]["status"] != "ok"


class TestStreams:
    def test_come_out_as_they_went_in(self, seen: Seen) -> None:
        streams = seen.results["streams"]
        assert streams["whole"] == streams["awaited"] == [1, 2, 3]
        assert streams["left"] == [[1, 2], {"done": True}]
        assert streams["class"] == [True, 2, 2]
        assert streams["promise"] == [True, "response", 2]
        assert streams["web"] == [True, 3]
        assert streams["node"] == streams["event"] == ["a", "b"]
        assert streams["none"] == "no stream"
        assert len(streams["frozen"]) == 2
        assert streams["failed"] == [1, True]
        assert streams["thrown"] == ["of the consumer, at 1"]
        assert streams["rejected"] == ["error", True]

    def test_of_the_web_are_what_they_were(self, seen: Seen) -> None:
        found = seen.results["web_streams"]
        for name in ("iterated", "values", "read", "bytes", "piped", "sunk", "teed", "response", "browser"):
            assert found[name] == [True, "abc"], name
        assert found["buffered"] == [True, "ab"]
        assert found["kept"] == ["a", False, "b"]
        assert found["cancelled"] == ["why", True]
        assert found["reader_cancelled"] == ["why", True]
        assert found["failing"] == ["a", True]
        assert found["pipe_failing"] == [True]
        assert found["locked"] == "TypeError"

    @pytest.mark.parametrize(
        "name",
        "iterated values read bytes piped sunk teed response browser buffered cancelled reader_cancelled".split(),
    )
    def test_of_the_web_have_spans_that_end(self, seen: Seen, name: str) -> None:
        (span,) = [span for span in seen.all_spans if span["name"] == f"openai web_{name}"]
        assert (span["op"], span["status"]) == ("gen_ai.generate_content", "ok")
        assert ("gen_ai.response.time_to_first_chunk" in span["data"]) is (name != "cancelled")

    def test_of_the_web_send_an_error_once(self, seen: Seen) -> None:
        operations = sorted(event["tags"]["operation"] for event in seen.of("web_streams"))
        assert operations == ["web_failing", "web_pipe_failing"]
        assert seen.spans["openai web_failing"]["status"] != "ok"

    @pytest.mark.parametrize("name", "whole awaited left class promise web node event none frozen consumer".split())
    def test_each_has_a_span(self, seen: Seen, name: str) -> None:
        (span,) = [span for span in seen.all_spans if span["name"] == f"openai stream_{name}"]
        assert (span["op"], span["status"]) == ("gen_ai.generate_content", "ok")
        iterated = name not in {"event", "none", "frozen"}
        assert span["data"].get("gen_ai.response.streaming") is (True if iterated else None)
        assert ("gen_ai.response.time_to_first_chunk" in span["data"]) is iterated
        assert span["data"].get("gen_ai.usage.output_tokens") == (9 if name in {"class", "promise"} else None)

    def test_an_error_in_the_middle_is_sent_once(self, seen: Seen) -> None:
        assert seen.alerts("stream_failing") == [("error", "mid-stream")]
        assert [event["tags"]["operation"] for event in seen.of("streams")] == ["stream_failing"]
        assert seen.spans["openai stream_failing"]["status"] != "ok"
        assert seen.spans["openai stream_rejected"]["status"] != "ok"


class TestLoops:
    def test_alert_once_per_crossing(self, seen: Seen) -> None:
        assert seen.alerts("long") == [
            ("warning", "Loop long has reached 1000 turns"),
            ("error", "Loop long has reached 10000 turns"),
        ]
        assert seen.alerts("short") == []
        assert seen.alerts("limited") == [("warning", "Loop limited has reached 200 turns")]
        (event,) = [e for e in seen.events if e.get("message") == "Loop long has reached 10000 turns"]
        assert event["tags"]["alert"] == event["tags"]["monitor"] == "loop"
        assert event["contexts"]["monitoring_context"] == {"current": 10_000, "token": "[Filtered]"}

    def test_runs_that_follow_or_interleave_alert_on_their_own(self, seen: Seen) -> None:
        # The SDK itself may take the second for a repetition of the first.
        for name in ("again", "twins"):
            assert 1 <= len(seen.alerts(name)) <= 2
            assert set(seen.alerts(name)) == {("warning", f"Loop {name} has reached 1000 turns")}

    def test_a_long_run_alerts_once(self, seen: Seen) -> None:
        assert seen.alerts("overdue") == [("warning", "Loop overdue runs for more than 0.05 s")]
        assert seen.tags("overdue")["alert"] == "slow"


def test_nothing_private_is_in_any_envelope(seen: Seen) -> None:
    assert [data for data in seen.receiver.envelopes if SECRET.encode() in data] == []
    (event,) = [event for event in seen.events if event["tags"].get("operation") == "context"]
    assert event["contexts"]["monitoring_context"] == {
        "lessonId": 7,
        "prompt": "[Filtered]",
        "userPrompt": "[Filtered]",
        "promptTokens": 12,
        "apiKey": "[Filtered]",
        "note": "[Filtered]",
        "headers": "<Object>",
        "list": "<Array of 2>",
        "long": "x" * 200,
        "messageCount": 3,
        "when": "1970-01-01T00:00:00.000Z",
    }


def test_memory_alerts_until_it_sinks(seen: Seen) -> None:
    assert seen.alerts("memory") == [("warning", "More than 0% of the memory is in use")]
    assert seen.results["memory"] == "function"


CALLS = """
import { initSentry, monitorFetch, detectInfiniteLoop, monitorAIGenerationStream, watchMemory }
  from './sentryMonitoring.mjs';
import { flush } from '@sentry/node';

const isOn = initSentry();
watchMemory({ limit: 0 });
const value = {};
const error = new Error('no');
const stream = (async function* () { yield 1; })();
const results = [
  isOn,
  (await monitorFetch('a', { b: 1 }, async () => value)) === value,
  await monitorFetch('a', null, () => { throw error; }).catch((caught) => caught === error),
  monitorAIGenerationStream('a', 'b', null, () => stream) === stream,
];
for await (const chunk of stream) results.push(chunk);
detectInfiniteLoop('a', 5000);
await flush(200);
console.log(JSON.stringify(results));
"""


@pytest.mark.parametrize("version", ["10", "11"])
class TestWithoutSentry:
    def test_no_dsn_is_one_line_and_no_monitoring(self, tmp_path: Path, version: str, modules: Modules) -> None:
        lines = run(lay(tmp_path, version, modules), CALLS, dsn=None)
        assert lines == ["SENTRY_DSN is not set: no monitoring", "[false,true,true,true,1]"]

    def test_a_wrong_dsn_neither(self, tmp_path: Path, version: str, modules: Modules) -> None:
        folder = lay(tmp_path, version, modules)
        program = "console.error = console.warn = console.info;\n" + CALLS
        lines = run(folder, program, dsn="https://YOUR_KEY_HERE")
        assert lines[-2:] == ["SENTRY_DSN is no DSN: no monitoring", "[false,true,true,true,1]"]

    def test_the_receiver_is_down(self, tmp_path: Path, version: str, modules: Modules) -> None:
        with receiving() as receiver:
            dsn = receiver.dsn
        assert run(lay(tmp_path, version, modules), CALLS, dsn=dsn)[-1] == "[true,true,true,true,1]"
        assert receiver.envelopes == []

    @pytest.mark.parametrize(("status", "delay"), [(429, 0.0), (500, 0.0), (200, 0.5)])
    def test_the_receiver_is_in_trouble(
        self, tmp_path: Path, version: str, modules: Modules, status: int, delay: float
    ) -> None:
        with receiving() as receiver:
            receiver.status, receiver.delay = status, delay
            assert run(lay(tmp_path, version, modules), CALLS, dsn=receiver.dsn)[-1] == "[true,true,true,true,1]"
        assert receiver.envelopes != []

    def test_sentry_itself_fails(self, tmp_path: Path, version: str, modules: Modules) -> None:
        broken = """
import { getCurrentScope } from '@sentry/node';
const break_ = () => { Object.getPrototypeOf(getCurrentScope()).clone = () => { throw new Error('Sentry'); }; };
"""
        program = broken + CALLS.replace("const value", "break_();\nconst value").replace("await flush(200);", "")
        with receiving() as receiver:
            assert run(lay(tmp_path, version, modules), program, dsn=receiver.dsn)[-1] == "[true,true,true,true,1]"


TRACED = """
import OpenAI from 'openai';
import { monitorAIGeneration, monitorAIGenerationStream } from './sentryMonitoring.mjs';
import { flush } from '@sentry/node';
import { createServer } from 'node:http';

const answer = { id: '1', object: 'chat.completion', model: 'gpt-9', choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 } };
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answer));
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const client = new OpenAI({ apiKey: process.env.TEST_SECRET, baseURL: `http://127.0.0.1:${server.address().port}` });
const messages = [{ role: 'user', content: process.env.TEST_SECRET }];
await monitorAIGeneration('openai', 'ask', null, () => client.chat.completions.create({ model: 'gpt-9', messages }));
await flush(5000);
server.close();
server.closeAllConnections();
"""


@pytest.mark.parametrize("version", ["10", "11"])
def test_what_the_sdk_traces_is_not_counted_twice(tmp_path: Path, version: str, modules: Modules) -> None:
    folder = lay(tmp_path, version, modules)
    (folder / "instrument.mjs").write_text(
        "import { initSentry } from './sentryMonitoring.mjs';\ninitSentry({ tracesSampleRate: 1 });\n"
    )
    with receiving() as receiver:
        run(folder, TRACED, "--import", "./instrument.mjs", dsn=receiver.dsn)
    models = [span for span in receiver.spans if str(span["op"]).startswith("gen_ai.")]
    assert [span["op"] for span in models] == ["gen_ai.chat"]
    assert models[0]["data"]["gen_ai.usage.output_tokens"] == 5
    (ours,) = [span for span in receiver.spans if span["name"] == "openai ask"]
    assert (ours["op"], models[0]["parent"]) == ("function", ours["id"])
    assert [key for key in ours["data"] if key.startswith("gen_ai.")] == []
    assert [data for data in receiver.envelopes if SECRET.encode() in data] == []


SERVERS = """
import { initSentry, setupErrorHandler } from './sentryMonitoring.mjs';
initSentry();
const { default: express } = await import('express');
const { default: fastify } = await import('fastify');
const { flush } = await import('@sentry/node');

const fail = (status) => Object.assign(new Error(`failed with ${status}`), { status, statusCode: status });
const one = express();
one.get('/bug', () => { throw fail(500); });
one.get('/missing', () => { throw fail(404); });
setupErrorHandler(one);
one.use((error, request, response, next) => response.status(error.status).end('mine'));
const two = fastify();
setupErrorHandler(two);
two.get('/bug', async () => { throw new Error('fastify failed'); });

const server = one.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const address = await two.listen({ port: 0, host: '127.0.0.1' });
const base = `http://127.0.0.1:${server.address().port}`;
const results = [];
for (const url of [`${base}/bug`, `${base}/missing`, `${address}/bug`]) results.push((await fetch(url)).status);
server.closeAllConnections();
server.close();
await two.close();
await flush(5000);
console.log(JSON.stringify(results));
"""


@pytest.mark.parametrize("version", ["10", "11"])
def test_endpoints_report_their_failures_once(tmp_path: Path, version: str, modules: Modules) -> None:
    with receiving() as receiver:
        lines = run(
            lay(tmp_path, version, modules), SERVERS, dsn=receiver.dsn, SERVER_NAME="shop-1", NODE_ENV="staging"
        )
    assert json.loads(lines[-1]) == [500, 404, 500]
    assert sorted(event["exception"]["values"][-1]["value"] for event in receiver.events) == [
        "failed with 500",
        "fastify failed",
    ]
    assert {(event["server_name"], event["environment"]) for event in receiver.events} == {("shop-1", "staging")}


def test_written_with_require(tmp_path: Path, modules: Modules) -> None:
    lay(tmp_path, "11", modules)
    (tmp_path / "sentryMonitoring.cjs").write_text(
        typescript_helper(Thresholds(), Flavour(is_typed=False, is_commonjs=True))
    )
    program = "import helper from './sentryMonitoring.cjs'; console.log(Object.keys(helper).sort().join(' '));"
    assert run(tmp_path, program, dsn=None)[0].split() == [
        *("detectInfiniteLoop", "initSentry", "monitorAIGeneration", "monitorAIGenerationStream", "monitorFetch"),
        *("monitorFetchStream", "monitorOperation", "monitorOperationStream", "setupErrorHandler", "watchMemory"),
    ]
