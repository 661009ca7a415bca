"""The catalogue's rules for TypeScript: specifiers as paths, default exports, promises, and conditions on calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitorlint.catalog import Catalogue, load_catalogue, store
from monitorlint.model.site import Level
from monitorlint.settings.values import UsageError

HEAD = 'schema = 1\nkind = "ai"\nname = "acme"\n'
TABLE = '\n[[typescript]]\npackage = "acme"\nroots = ["acme"]\nclients = ["acme.Client"]\n'
EXAMPLE = "\n  [[typescript.example]]\n  code = \"import 'acme';\"\n"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(language="typescript")


def loaded(folder: Path, text: str) -> Catalogue:
    folder.mkdir(exist_ok=True)
    (folder / "acme.toml").write_text(text)
    return load_catalogue([folder], language="typescript")


@pytest.mark.parametrize(
    ("path", "reduced"),
    [
        ("openai.default()", "openai.OpenAI()"),
        # `require("openai")` is called as its default export is …
        ("openai()", "openai.OpenAI()"),
        # … and read as the module that it is.
        ("openai.AzureOpenAI()", "openai.AzureOpenAI()"),
        ("axios.default", "axios"),
        ("axios.default.create().post", "axios.create().post"),
        ("axios.AxiosInstance().get", "axios.create().get"),
        ("ky.default.extend().extend().get", "ky.create().get"),
        ("ollama.default.chat", "ollama.Ollama().chat"),
        ("window.fetch", "fetch"),
        ("mysql2.promise.default.createPool", "mysql2.createPool"),
        ("@ai-sdk/rsc.streamUI", "ai.rsc.streamUI"),
        ("@sentry/react.browserTracingIntegration()", "@sentry/browser.browserTracingIntegration()"),
        (
            "@langchain/core.prompts.ChatPromptTemplate.fromMessages().pipe()",
            "@langchain/core.runnables.RunnableSequence()",
        ),
        ("nobody.default()", "nobody.default()"),
    ],
)
def test_reduce(catalogue: Catalogue, path: str, reduced: str) -> None:
    assert catalogue.reduce(path) == reduced
    assert catalogue.reduce(reduced) == reduced


@pytest.mark.parametrize(
    "path",
    [
        "openai.OpenAI",
        "openai.OpenAI().models.list",
        "@anthropic-ai/sdk.Anthropic().messages.countTokens",
        "@langchain/core.prompts.ChatPromptTemplate.fromMessages().invoke",
        "@langchain/openai.ChatOpenAI().bindTools",
        "@langchain/langgraph.StateGraph().compile().invoke",
        "ai.tool",
        "@ai-sdk/openai.openai()",
        "@ai-sdk/react.useChat",
        "axios.isAxiosError",
        "hono.Hono().get",
        "msw.http.get",
        "twilio.default().messages.create",
        "fs.existsSync",
    ],
)
def test_look_alikes_are_not_matched(catalogue: Catalogue, path: str) -> None:
    assert catalogue.match_call(path) is None


@pytest.mark.parametrize(
    ("path", "shape", "is_async"),
    [
        ("openai.OpenAI().chat.completions.create", "value", True),
        ("openai.OpenAI().chat.completions.stream", "iterator", False),
        ("ai.streamText", "sync", False),
        ("@google/genai.GoogleGenAI().models.generateContentStream", "await-iterator", True),
        ("@prisma/client.PrismaClient().user.findMany", "lazy", True),
        ("http.get", "sync", False),
        ("EventSource", "socket", False),
    ],
)
def test_a_call_gives_a_promise_unless_its_shape_says_otherwise(
    catalogue: Catalogue, path: str, shape: str, *, is_async: bool
) -> None:
    match = catalogue.match_call(path)
    assert match is not None
    assert (match.shape, match.is_async) == (shape, is_async)


def test_names_that_are_there_without_an_import(catalogue: Catalogue) -> None:
    assert {"fetch", "window", "globalThis", "XMLHttpRequest", "navigator", "$fetch"} <= catalogue.globals
    assert catalogue.global_words["fetch"] == {"http"}
    assert "window" not in catalogue.global_words
    assert load_catalogue().globals == frozenset()


def test_one_method_may_do_different_things(catalogue: Catalogue) -> None:
    send = catalogue.match_call("@aws-sdk/client-bedrock-runtime.BedrockRuntimeClient().send")
    assert send is not None
    rows = [send, *send.alternatives]
    assert all(row.when[0].on_call for row in rows)
    streams = {path: row.stream for row in rows for path in row.when[0].paths}
    assert streams["@aws-sdk/client-bedrock-runtime.ConverseCommand()"] == ""
    assert streams["@aws-sdk/client-bedrock-runtime.ConverseStreamCommand()"] == "always"


def test_options_stand_where_the_row_says(catalogue: Catalogue) -> None:
    get, post = catalogue.match_call("axios.get"), catalogue.match_call("axios.post")
    assert get is not None
    assert post is not None
    assert (get.options_at, post.options_at) == (1, 2)
    assert post.timeout is not None
    assert (post.timeout.call, post.timeout.milliseconds) == (("timeout", "signal"), True)


def test_what_is_called_under_a_default_import_is_looked_at(catalogue: Catalogue) -> None:
    # `import http from "axios"; http(url)`: the name says nothing, what was imported is `default`.
    assert "default" in catalogue.tails


def test_ranges_of_npm_are_read_as_lists(catalogue: Catalogue) -> None:
    (old,) = catalogue.covers("sentry", "node", "@anthropic-ai/sdk", "beta.messages.create")[:1]
    assert (old.versions, old.monitor_versions) == (">=0.19.2,<1", ">=10,<11")


def test_each_package_of_a_scope_has_its_own_version(catalogue: Catalogue) -> None:
    (first, *_) = catalogue.auto_calls("@sentry/nextjs.init")
    assert (first.package, first.vendor) == ("@sentry/nextjs", "sentry")


def test_rows_of_several_packages(catalogue: Catalogue) -> None:
    for package in ("fetch", "axios", "got"):
        (cover,) = catalogue.covers("sentry", "server-http", package, "get")
        assert (cover.package, cover.level) == (package, Level.NONE)


def test_options_of_calls(catalogue: Catalogue) -> None:
    telemetry = [o for o in catalogue.options if o.keyword == "experimental_telemetry.isEnabled"]
    assert {(o.on_call, o.group) for o in telemetry} == {(True, "ai"), (False, "agents")}
    assert {o.excluded for o in telemetry} == {(False,)}


def test_the_compiled_form_holds_a_language_a_line() -> None:
    load_catalogue(language="typescript")
    lines = store.COMPILED.read_bytes().splitlines()
    assert len(lines) == 1 + len(store.LANGUAGES)
    assert b"@anthropic-ai/sdk" not in lines[1 + store.LANGUAGES.index("python")]
    assert b"@anthropic-ai/sdk" in lines[1 + store.LANGUAGES.index("typescript")]


def test_a_pack_of_ones_own(tmp_path: Path) -> None:
    calls = 'globals = ["acme.ask"]\nfunctions = ["acme.ask"]\ncalls = [{ path = "ask", options_at = 1 }]\n'
    catalogue = loaded(tmp_path / "own", HEAD + TABLE + calls + EXAMPLE)
    match = catalogue.match_call("acme.Client().ask")
    assert match is not None
    assert (match.options_at, match.is_async) == (1, True)
    assert "acme" in catalogue.globals
    assert catalogue.global_words["acme.ask"] == {"ai"}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (TABLE.replace('roots = ["acme"]\n', ""), "acme.toml:5: key 'roots' is missing"),
        (TABLE + 'calls = [{ path = "ask", options_at = -1 }]\n', "options_at: must be a position"),
        (TABLE + 'calls = [{ path = "ask", shape = "eager" }]\n', "'eager' is not known"),
        (TABLE + 'calls = [{ path = "ask", when = { on = "import", argument = 0 } }]\n', "'import' is not known"),
        (TABLE.replace('package = "acme"', 'package = "acme"\nversions = ">=1 || <3"'), "is no range of versions"),
    ],
)
def test_mistakes_have_a_place(tmp_path: Path, table: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        loaded(tmp_path / "own", HEAD + table + EXAMPLE)
    assert says in str(error.value)
