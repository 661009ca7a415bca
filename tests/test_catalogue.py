"""The catalogue's own rules: paths, names, and mistakes with their place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from monitorlint.catalog import Catalogue, compile_rules, load_catalogue, store
from monitorlint.catalog.patterns import Table, matches
from monitorlint.model.finding import Confidence
from monitorlint.model.site import Level
from monitorlint.settings.values import UsageError

HEAD = 'schema = 1\nkind = "ai"\nname = "acme"\n'
TABLE = '\n[[python]]\npackage = "acme"\nroots = ["acme"]\nclients = ["acme.Client"]\ncalls = ["ask"]\n'
EXAMPLE = '\n  [[python.example]]\n  code = "import acme"\n'


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def pack(folder: Path, text: str, name: str = "acme.toml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("a.B", "a.B", True),
        ("a_*.Chat*", "a_x.ChatY", True),
        ("a_*.Chat*", "a_x.m.ChatY", False),
        ("a_*.**.Chat*", "a_x.ChatY", True),
        ("a_*.**.Chat*", "a_x.m.n.ChatY", True),
        ("a.**.make", "a.B.of().make", True),
        ("a.*", "a.b()", False),
        ("**.helper.f()", "helper.f()", True),
        ("**.helper.f()", "x.y.helper.f()", True),
        ("**.helper.f()", "x.my_helper.f()", False),
        ("audio.**", "audio.speech.create", True),
        ("*", "anything.at.all", True),
    ],
)
def test_globs(pattern: str, path: str, *, fits: bool) -> None:
    assert matches(pattern, path) is fits


def test_what_is_written_out_wins_over_globs_and_longer_globs_over_shorter() -> None:
    table: Table[int] = Table()
    table.add("a.*", 1)
    table.add("a.b*", 2)
    table.add("a.bc", 3)
    assert [table.get(path) for path in ("a.x", "a.bx", "a.bc", "z")] == [1, 2, 3, None]


@pytest.mark.parametrize(
    ("path", "reduced"),
    [
        ("openai.Client().with_options().chat", "openai.OpenAI().chat"),
        ("openai.Client", "openai.OpenAI"),
        ("openai.OpenAI().copy().with_options()", "openai.OpenAI()"),
        ("openai.lib.azure.AzureOpenAI()", "openai.AzureOpenAI()"),
        ("requests.session().get", "requests.Session().get"),
        ("requests.sessions.Session", "requests.Session"),
        (
            "langchain.chat_models.init_chat_model().bind_tools().ainvoke",
            "langchain_core.language_models.BaseChatModel().ainvoke",
        ),
        ("langchain_classic.chains.LLMChain", "langchain.chains.LLMChain"),
        (
            "vertexai.preview.generative_models.GenerativeModel().start_chat()",
            "vertexai.generative_models.ChatSession()",
        ),
        ("google.genai.client.AsyncClient().models", "google.genai.Client().aio.models"),
        ("langfuse.get_client().start_as_current_span()", "langfuse.Langfuse().start_as_current_span()"),
        ("nobody.knows().this", "nobody.knows().this"),
        # A step is a step of clients only.
        ("pathlib2.copy().copy()", "pathlib2.copy().copy()"),
    ],
)
def test_reduce(catalogue: Catalogue, path: str, reduced: str) -> None:
    assert catalogue.reduce(path) == reduced
    assert catalogue.reduce(reduced) == reduced


@pytest.mark.parametrize(
    ("path", "target", "method"),
    [
        ("openai.OpenAI().chat.completions.create", "openai.OpenAI.chat.completions.create", "chat.completions.create"),
        (
            "openai.Client().chat.completions.with_raw_response.create",
            "openai.OpenAI.chat.completions.create",
            "chat.completions.create",
        ),
        ("openai.embeddings.create", "openai.embeddings.create", "embeddings.create"),
        ("openai.ChatCompletion.acreate", "openai.ChatCompletion.acreate", "openai.ChatCompletion.acreate"),
        ("dspy.Predict()", "dspy.Predict.__call__", "__call__"),
        (
            "langchain_openai.chat_models.base.ChatOpenAI().invoke",
            "langchain_openai.chat_models.base.ChatOpenAI.invoke",
            "invoke",
        ),
        ("langgraph.prebuilt.create_react_agent().invoke", "langgraph.prebuilt.create_react_agent.invoke", "invoke"),
        ("litellm.main.acompletion", "litellm.acompletion", "litellm.acompletion"),
        ("requests.get", "requests.get", "requests.get"),
        (
            "google.genai.Client().chats.create().send_message",
            "google.genai.Client.chats.create.send_message",
            "chats.create().send_message",
        ),
    ],
)
def test_calls_are_matched(catalogue: Catalogue, path: str, target: str, method: str) -> None:
    match = catalogue.match_call(path)
    assert match is not None
    assert (match.target, match.method) == (target, method)


@pytest.mark.parametrize(
    "path",
    [
        "openai.OpenAI",
        "openai.OpenAI()",
        "openai.OpenAI().models.list",
        "openai.OpenAI().beta.threads.messages.create",
        "anthropic.Anthropic().messages.count_tokens",
        "langchain_core.prompts.ChatPromptTemplate().invoke",
        "langchain_openai.ChatOpenAI().bind_tools",
        "langgraph.graph.StateGraph().compile().invoke",
        "langchain_community.chat_message_histories.ChatMessageHistory().batch",
        "twilio.rest.Client().messages.create",
        "sqlalchemy.orm.Session().add",
        "requests.Session().prepare_request",
    ],
)
def test_look_alikes_are_not_matched(catalogue: Catalogue, path: str) -> None:
    assert catalogue.match_call(path) is None


def test_a_match_says_how_the_call_behaves(catalogue: Catalogue) -> None:
    create = catalogue.match_call("openai.AsyncOpenAI().responses.create")
    assert create is not None
    assert (create.is_async, create.stream, create.shape, create.client) == (
        True,
        "stream",
        "value",
        "openai.AsyncOpenAI()",
    )
    assert create.entry[:4] == ("ai", "openai", "openai", ">=1")
    assert create.timeout is not None
    assert (create.timeout.call, create.timeout.client, create.timeout.default) == (("timeout",), ("timeout",), 600.0)
    assert create.confidence is Confidence.HIGH

    streamed = catalogue.match_call("openai.OpenAI().responses.with_streaming_response.create")
    assert streamed is not None
    assert streamed.shape == "context"

    wrapped = catalogue.match_call("instructor.from_openai().chat.completions.create")
    assert wrapped is not None
    assert wrapped.is_async is None

    get = catalogue.match_call("requests.get")
    assert get is not None
    assert get.timeout is not None
    assert (get.timeout.unlimited, get.timeout.default) == (True, None)

    asked = catalogue.match_call("boto3.client().retrieve")
    assert asked is not None
    assert [(c.keyword, c.argument, c.values) for c in asked.when] == [("service_name", 0, ("bedrock-agent-runtime",))]

    local = catalogue.match_call("httpx.AsyncClient().get")
    assert local is not None
    assert "httpx.ASGITransport()" in local.unless[0].paths


def test_clients(catalogue: Catalogue) -> None:
    client = catalogue.client("openai.AsyncClient().with_options().with_raw_response")
    assert client is not None
    assert (client.path, client.is_async) == ("openai.AsyncOpenAI()", True)
    assert catalogue.client("openai.OpenAI().chat") is None
    assert catalogue.client("openai.OpenAI") is None


def test_look_alikes_and_guards(catalogue: Catalogue) -> None:
    assert catalogue.match_call("twilio.rest.Client().messages.create") is None
    assert catalogue.match_call("responses.get") is None
    assert catalogue.match_call("requests.get") is not None
    assert catalogue.guard("app.sentry_monitoring.detect_infinite_loop")
    assert not catalogue.guard("app.loops.detect_infinite_loop")


def test_roots_and_tails(catalogue: Catalogue) -> None:
    assert catalogue.roots_match("google.genai.types") == {"ai"}
    assert catalogue.roots_match("langchain_mistralai.chat_models") == {"ai"}
    assert catalogue.roots_match("requests.adapters") == {"http"}
    assert "monitor" in catalogue.roots_match("app.sentry_monitoring")
    assert catalogue.roots_match("numpy.random") == frozenset()
    assert {"ai", "email"} <= catalogue.tails["send_message"]
    assert "http" in catalogue.tails["get"]
    assert catalogue.tails["()"] == {"ai"}


def test_monitor_forms(catalogue: Catalogue) -> None:
    span = catalogue.span("sentry_sdk.api.start_span()")
    assert span is not None
    assert (span.vendor, span.level) == ("sentry", Level.TRACED)
    assert catalogue.span("app.utils.sentry_monitoring.monitor_fetch()") is not None
    assert catalogue.span("sentry_sdk.new_scope()") is None
    for bare in ("langfuse.observe", "traceloop.sdk.decorators.workflow", "weave.op"):
        assert catalogue.decorator(bare) is not None
        assert catalogue.decorator(f"{bare}()") is not None
    wrapper = catalogue.wrapper("langsmith.wrappers.wrap_openai")
    assert wrapper is not None
    assert (wrapper.group, wrapper.argument, wrapper.in_place) == ("openai", 0, False)
    runner = catalogue.call_form("x.sentry_monitoring.monitor_ai_generation.acall")
    assert runner is not None
    assert (runner.argument, runner.level) == (3, Level.ALERTED)
    assert catalogue.callback("langfuse.callback.CallbackHandler()") is not None


def test_captures_tell_of_errors_alone(catalogue: Catalogue) -> None:
    sent = catalogue.capture("sentry_sdk.api.capture_exception")
    assert sent is not None
    assert (sent.vendor, sent.level, sent.member) == ("sentry", Level.ERRORS, "")
    logged = {form.vendor: form for form in catalogue.captures("logging.getLogger().exception")}
    assert logged["sentry"].member == "sentry_sdk.integrations.logging.LoggingIntegration()"
    assert logged["azure-monitor"].group == "logs"
    assert all(form.is_taken and form.level is Level.ERRORS for form in logged.values())
    assert catalogue.capture("logging.getLogger().exception") is None
    assert catalogue.captures("logging.getLogger().info") == ()
    assert {"capture_exception", "notice_error", "report_exc_info", "exception"} <= catalogue.capture_tails


def test_a_call_says_what_carries_it(catalogue: Catalogue) -> None:
    sse = catalogue.match_call("httpx_sse.connect_sse")
    wrapped = catalogue.match_call("instructor.from_openai().chat.completions.create")
    own = catalogue.match_call("httpx.get")
    assert sse is not None
    assert sse.carrier is not None
    assert (sse.carrier.package, sse.carrier.methods) == ("httpx", ("stream",))
    assert wrapped is not None
    assert wrapped.carrier is not None
    assert (wrapped.carrier.package, wrapped.carrier.argument) == ("", 0)
    assert own is not None
    assert own.carrier is None
    assert own.entry.errors


def test_a_monitored_client_is_the_plain_one_and_says_so(catalogue: Catalogue) -> None:
    form = catalogue.monitored_client("langfuse.openai.OpenAI")
    assert form is not None
    assert (form.target, form.group) == ("openai.OpenAI", "openai")
    for path, target in (
        ("langfuse.openai.AsyncOpenAI().chat.completions.create", "openai.AsyncOpenAI.chat.completions.create"),
        ("langfuse.openai.openai.OpenAI().responses.create", "openai.OpenAI.responses.create"),
        ("langfuse.openai.openai.embeddings.create", "openai.embeddings.create"),
    ):
        match = catalogue.match_call(path)
        assert match is not None
        assert match.target == target
        assert match.via is not None
        assert match.via.vendor == "langfuse"
    client = catalogue.client("posthog.ai.gemini.Client()")
    assert client is not None
    assert client.path == "google.genai.Client()"


def test_coverage_is_a_table(catalogue: Catalogue) -> None:
    def levels(vendor: str, group: str, package: str, method: str, target: str = "") -> list[Level]:
        return [cover.level for cover in catalogue.covers(vendor, group, package, method, target)]

    assert levels("sentry", "sentry", "openai", "chat.completions.create") == [Level.ERRORS]
    assert levels("sentry", "sentry", "openai", "chat.completions.parse") == []
    assert levels("sentry", "sentry", "groq", "chat.completions.create") == []
    assert levels("sentry", "sentry-default", "requests", "requests.get") == [Level.NONE]
    assert levels("sentry", "sentry", "cohere", "chat", "cohere.Client.chat") == [Level.ERRORS]
    assert levels("sentry", "sentry", "cohere", "chat", "cohere.ClientV2.chat") == []
    assert levels("traceloop", "*", "requests", "requests.get") == [Level.TRACED]
    assert levels("traceloop", "*", "httpx", "httpx.get") == []
    assert levels("helicone", "proxy", "anthropic", "messages.create") == [Level.TRACED]
    assert levels("openinference", "opentelemetry/native", "anthropic", "messages.create") == [Level.TRACED]


def test_a_switch_for_whatever_is_installed_asks_for_it(catalogue: Catalogue) -> None:
    (named,) = catalogue.covers("openinference", "openai", "openai", "images.generate")
    (found,) = catalogue.covers("openinference", "*", "openai", "images.generate")
    assert named.if_importable == ()
    assert found.if_importable == ("openinference-instrumentation-openai",)


def test_switches_and_options(catalogue: Catalogue) -> None:
    init, default = catalogue.auto_calls("sentry_sdk.init")
    assert default.group == "sentry-default"
    assert (init.vendor, init.group, init.adds, init.drops) == (
        "sentry",
        "sentry",
        ("integrations",),
        "disabled_integrations",
    )
    assert init.unless[0].values == (False,)
    ways = {auto.how for auto in catalogue.autos}
    assert ways == {"call", "import", "env", "assign", "command", "setting", "declared"}
    assert any(option.contains == "helicone.ai" for option in catalogue.options)


def test_packs_are_asked_first(tmp_path: Path) -> None:
    own = pack(tmp_path / "own", HEAD + TABLE.replace('"acme.Client"', '"openai.OpenAI"') + EXAMPLE)
    plain, extended = load_catalogue(), load_catalogue([own])
    match = extended.match_call("openai.OpenAI().ask")
    assert match is not None
    assert match.entry.provider == "acme"
    assert plain.match_call("openai.OpenAI().ask") is None
    assert plain.digest != extended.digest
    assert load_catalogue([own / "acme.toml"]).match_call("openai.OpenAI().ask") is not None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD + "name = ", 4, "not valid TOML"),
        (HEAD.replace("schema = 1", "schema = 2") + TABLE + EXAMPLE, 1, "write schema = 1"),
        (HEAD.replace('"ai"', '"agent"') + TABLE + EXAMPLE, 2, "unknown kind 'agent'"),
        (HEAD, 1, "add a [[python]] table"),
        (HEAD + TABLE + 'pakage = "x"\n' + EXAMPLE, 10, "did you mean 'package'"),
        (HEAD + TABLE, 5, "key 'example' is missing"),
        (HEAD + TABLE.replace('"ask"', '"a b"') + EXAMPLE, 9, "'a b' is no method of a client"),
        (HEAD + TABLE.replace('"ask"', '"x.*"') + EXAMPLE, 9, "ends in a glob"),
        (
            HEAD + TABLE.replace('["ask"]', '[\n  "ask",\n  { path = "tell", strem = "s" },\n]') + EXAMPLE,
            11,
            "did you mean 'stream'",
        ),
        (HEAD + TABLE + 'versions = "new"\n' + EXAMPLE, 10, "no range of versions"),
        (HEAD + TABLE + 'timeout = { default = "never" }\n' + EXAMPLE, 10, 'write seconds, or "none"'),
        (HEAD + TABLE + EXAMPLE + TABLE.replace('"acme.Client"', "7") + EXAMPLE, 17, "clients"),
        (HEAD + TABLE + EXAMPLE.replace("code", "cod"), 12, "did you mean 'code'"),
    ],
)
def test_mistakes_say_where_and_what_to_do(tmp_path: Path, text: str, line: int, words: str) -> None:
    own = pack(tmp_path / "own", text)
    with pytest.raises(UsageError) as caught:
        load_catalogue([own])
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{own / 'acme.toml'}:{line}: "), message
    assert words in message
    assert "; " in message


def test_a_group_of_captures_that_nothing_switches_on_is_a_mistake(tmp_path: Path) -> None:
    text = (
        'schema = 1\nkind = "monitor"\nname = "acme"\n\n[[python]]\npackage = "acme"\nroots = ["acme"]\n'
        'captures = [\n  { path = "logging.exception", covers = "logs" },\n]\n' + EXAMPLE
    )
    with pytest.raises(UsageError, match=r":9: captures: no auto row has the group 'logs'"):
        load_catalogue([pack(tmp_path / "own", text)])
    switched = text.replace("captures", 'auto = [{ call = "acme.listen", covers = "logs" }]\ncaptures')
    assert "acme" in {form.vendor for form in load_catalogue([pack(tmp_path / "other", switched)]).log_captures}


def test_an_unknown_group_is_a_mistake(tmp_path: Path) -> None:
    text = (
        'schema = 1\nkind = "monitor"\nname = "acme"\n\n[[python]]\npackage = "acme"\nroots = ["acme"]\n'
        'auto = [\n  { call = "acme.init", covers = "everything" },\n]\n' + EXAMPLE
    )
    own = pack(tmp_path / "own", text)
    with pytest.raises(UsageError, match=r":9: auto: no covers row has the group 'everything'"):
        load_catalogue([own])


def test_a_pack_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such rule pack"):
        load_catalogue([tmp_path / "gone"])
    (tmp_path / "bad.toml").write_bytes(b'schema = 1\nname = "\xff"\n')
    with pytest.raises(UsageError, match=r"bad\.toml:2: not UTF-8"):
        load_catalogue([tmp_path])


def test_the_compiled_form_is_used_while_it_is_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tmp_path / "rules"
    compiled = tmp_path / "compiled.json"
    shutil.copytree(store.rules_folder(), rules)
    monkeypatch.setattr(store, "rules_folder", lambda: rules)
    monkeypatch.setattr(store, "COMPILED", compiled)
    compile_rules(compiled)
    first = compiled.read_bytes()
    before = load_catalogue()
    assert compiled.read_bytes() == first

    pack(rules / "ai", HEAD + TABLE + EXAMPLE)
    after = load_catalogue()
    assert after.digest != before.digest
    assert after.match_call("acme.Client().ask") is not None
    assert json.loads(compiled.read_bytes().splitlines()[0]) == after.digest

    compiled.write_text("{ broken")
    assert load_catalogue().digest == after.digest


def test_rules_are_read_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "COMPILED", tmp_path / "gone" / "compiled.json")
    assert load_catalogue().match_call("requests.get") is not None
