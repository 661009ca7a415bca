"""Who calls a call, and whether a monitor is above every one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.model.site import Site

WEAVE_EMBEDDER = """
import weave
from openai import OpenAI


class Embedder:
    def {name}(self, text):
        return OpenAI().embeddings.create(model="m", input=text)


@weave.op
def go(text):
    return Embedder().{name}(text)
"""
LOGFIRE = """
import logfire
from openai import OpenAI

logfire.configure()
client = OpenAI()

"""
SENTRY = """
import sentry_sdk
from openai import OpenAI


def ask():
    return OpenAI().audio.transcriptions.create(model="m", file=b"")

"""
LANGCHAIN = """
from langchain_openai import ChatOpenAI
from langfuse.callback import CallbackHandler

"""


def sites_of(folder: Path, files: dict[str, str]) -> list[Site]:
    for name, text in {"monitorlint.toml": "", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    request = Request(paths=(folder,), select=("MON1", "MON2"), cache=False, jobs=1, debug=True, purpose="coverage")
    return [site for site in run(request).sites if site.kind in {"ai", "http"}]


def verdicts(folder: Path, files: dict[str, str]) -> list[str]:
    """``status``, or ``status how level``, of the call sites in the order of files and lines."""
    return [
        f"{s.status} {s.monitored_by.how} {s.monitored_by.level.value}" if s.monitored_by else s.status
        for s in sites_of(folder, files)
    ]


class TestNames:
    """What a name alone says."""

    STORE = """
import requests


class Store:
    def query(self, q):
        return requests.get("https://example.com/" + q)
"""

    def test_a_method_of_the_same_name_elsewhere_is_no_caller(self, tmp_path: Path) -> None:
        other = (
            "import weave\n\n\nclass Index:\n"
            "    def __init__(self, collection):\n        self.collection = collection\n\n"
            "    @weave.op\n    def find(self, q):\n        return self.collection.query(q)\n"
        )
        assert verdicts(tmp_path, {"a.py": self.STORE, "b.py": other}) == ["unmonitored"]

    @pytest.mark.parametrize("name", ["encode", "get", "format", "update", "read"])
    def test_methods_of_strings_and_dicts_cast_no_doubt(self, tmp_path: Path, name: str) -> None:
        code = WEAVE_EMBEDDER.format(name=name) + f"\n\ndef other(thing):\n    return thing.{name}('x')\n"
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored callers traced"]

    def test_a_telling_name_on_something_unknown_casts_doubt(self, tmp_path: Path) -> None:
        code = WEAVE_EMBEDDER.format(name="embed_text") + "\n\ndef other(thing):\n    return thing.embed_text('x')\n"
        (site,) = sites_of(tmp_path, {"a.py": code})
        assert site.status == "unknown"
        assert site.reason == "a.py:17 may call it without"

    def test_a_file_that_cannot_see_the_class_casts_no_doubt(self, tmp_path: Path) -> None:
        files = {
            "a.py": WEAVE_EMBEDDER.format(name="embed_text"),
            "b.py": "import weave\n\n\ndef other(thing):\n    return thing.embed_text('x')\n",
        }
        assert verdicts(tmp_path, files) == ["monitored callers traced"]


class TestEscapes:
    """Functions whose callers are not known."""

    CLOSURE = """
from langfuse import observe
from litellm import acompletion


def make():
    async def ask(prompt):
        return await acompletion(model="m", messages=[{"role": "user", "content": prompt}])

    return ask

"""

    def test_a_returned_closure_that_a_monitored_function_may_be_handed_is_unknown(self, tmp_path: Path) -> None:
        code = self.CLOSURE + "\n@observe()\nasync def pipeline(prompt, ask):\n    return await ask(prompt=prompt)\n"
        (site,) = sites_of(tmp_path, {"a.py": code})
        assert site.status == "unknown"
        assert site.reason == "it is not known who calls make.ask"

    @pytest.mark.parametrize(
        "call",
        [
            "await ask(text=prompt)",  # another argument
            "await ask(prompt, 1)",  # too many
        ],
    )
    def test_a_call_that_does_not_fit_says_nothing(self, tmp_path: Path, call: str) -> None:
        code = self.CLOSURE + f"\n@observe()\nasync def pipeline(prompt, ask):\n    return {call}\n"
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]

    @pytest.mark.parametrize(
        "call",
        [
            "ask(prompt)",  # whoever gets the result may await it
            "await ask(*prompt)",  # anything at all
        ],
    )
    def test_a_call_that_may_fit_leaves_it_open(self, tmp_path: Path, call: str) -> None:
        code = self.CLOSURE + f"\n@observe()\nasync def pipeline(prompt, ask):\n    return {call}\n"
        assert verdicts(tmp_path, {"a.py": code}) == ["unknown callers traced"]

    def test_a_closure_that_stays_inside_is_judged_by_its_calls(self, tmp_path: Path) -> None:
        code = self.CLOSURE.replace("return ask", "return len([])") + (
            "\n@observe()\nasync def pipeline(prompt, ask):\n    return await ask(prompt)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]

    def test_a_function_that_nobody_mentions_is_unmonitored(self, tmp_path: Path) -> None:
        code = LOGFIRE + "def ask(p):\n    return client.images.generate(model='m', prompt=p)\n"
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]

    def test_what_a_monitored_function_hands_to_a_package_is_unknown(self, tmp_path: Path) -> None:
        code = LOGFIRE + (
            "def ask(p):\n    return client.images.generate(model='m', prompt=p)\n\n\n"
            "@logfire.instrument('x')\ndef go(scheduler):\n    scheduler.add_job(ask, 'interval')\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unknown callers traced"]


class TestRunners:
    """Functions of the project that run what they are handed."""

    EMBED = """
from litellm import acompletion
from opentelemetry import trace

tracer = trace.get_tracer(__name__)


async def embed(text):
    return await acompletion(model="m", messages=text)

"""

    def test_one_that_opens_a_span_monitors_it(self, tmp_path: Path) -> None:
        code = self.EMBED + (
            "async def execute(task, *args):\n    with tracer.start_as_current_span('execute'):\n"
            "        return await task(*args)\n\n\nasync def main():\n    await execute(embed, 'hi')\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored callers traced"]

    def test_one_that_hands_it_on_to_a_helper_monitors_it(self, tmp_path: Path) -> None:
        code = self.EMBED + (
            "async def helper(task, text):\n    return await task(text)\n\n\n"
            "@tracer.start_as_current_span('execute')\nasync def execute(task, text):\n"
            "    return await helper(task, text)\n\n\nasync def main():\n    await execute(embed, 'hi')\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored callers traced"]

    def test_one_without_a_monitor_leaves_it_to_its_callers(self, tmp_path: Path) -> None:
        code = self.EMBED + (
            "async def execute(task, text):\n    return await task(text)\n\n\n"
            "async def main():\n    await execute(embed, 'hi')\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]

    def test_overrides_that_differ_leave_it_unknown(self, tmp_path: Path) -> None:
        code = self.EMBED + (
            "class Executor:\n    async def execute(self, task, text):\n        raise NotImplementedError\n\n\n"
            "class Local(Executor):\n    @tracer.start_as_current_span('x')\n"
            "    async def execute(self, task, text):\n        return await task(text)\n\n\n"
            "class Remote(Executor):\n    async def execute(self, task, text):\n        return await task(text)\n\n\n"
            "async def main(executor: Executor):\n    await executor.execute(embed, 'hi')\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unknown callers traced"]


class TestInstances:
    """Instances that are called themselves."""

    MODEL = """
import weave
from openai import OpenAI


class Model:
    def __call__(self, text):
        return OpenAI().embeddings.create(model="m", input=text)


class Search:
    def __init__(self, model: Model):
        self.model = model

    @weave.op
    def find(self, text):
        return self.model(text)

"""

    def test_calls_of_the_instance_are_its_callers(self, tmp_path: Path) -> None:
        assert verdicts(tmp_path, {"a.py": self.MODEL}) == ["monitored callers traced"]

    def test_a_package_that_is_handed_the_instance_may_call_it(self, tmp_path: Path) -> None:
        code = self.MODEL + (
            "    def collection(self):\n        import chromadb\n\n"
            "        return chromadb.Client().create_collection('a', embedding_function=self.model)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unknown callers traced"]


class TestCallbacks:
    """Handlers of LangChain."""

    def test_a_handler_that_is_added_later_counts(self, tmp_path: Path) -> None:
        code = LANGCHAIN + (
            "def ask(flag, text):\n    mine = []\n    if flag:\n        mine.append(CallbackHandler())\n"
            "    return ChatOpenAI(callbacks=mine).invoke(text)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored callback traced"]

    @pytest.mark.parametrize(
        "call",
        [
            'ChatOpenAI().invoke(text, config={"callbacks": handlers})',
            'ChatOpenAI().invoke(text, config={"callbacks": [*handlers]})',
            "ChatOpenAI(callbacks=handlers).invoke(text)",
        ],
    )
    def test_handlers_that_are_not_known_leave_it_unknown(self, tmp_path: Path, call: str) -> None:
        code = LANGCHAIN + f"HANDLER = CallbackHandler()\n\n\ndef ask(handlers, text):\n    return {call}\n"
        assert verdicts(tmp_path, {"a.py": code}) == ["unknown callback traced"]

    def test_handlers_that_are_known_and_no_monitors_leave_it_unmonitored(self, tmp_path: Path) -> None:
        code = LANGCHAIN + (
            "from langchain_core.callbacks import StdOutCallbackHandler\n\nHANDLER = CallbackHandler()\n\n\n"
            "def ask(text):\n    return ChatOpenAI(callbacks=[StdOutCallbackHandler()]).invoke(text)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]

    def test_without_any_monitor_unknown_handlers_are_none(self, tmp_path: Path) -> None:
        code = (
            "from langchain_openai import ChatOpenAI\n\n\n"
            "def ask(handlers, text):\n    return ChatOpenAI(callbacks=handlers).invoke(text)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]

    def test_the_callbacks_of_a_chains_model_count(self, tmp_path: Path) -> None:
        code = LANGCHAIN + (
            "from langchain.chains import LLMChain\n\n\ndef ask(text):\n"
            "    return LLMChain(llm=ChatOpenAI(callbacks=[CallbackHandler()])).invoke(text)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored callback traced"]


class TestHandlers:
    """Exception handlers that tell a monitor."""

    def test_one_around_the_call_of_the_function_counts(self, tmp_path: Path) -> None:
        code = SENTRY + (
            "def job():\n    try:\n        ask()\n    except Exception as e:\n        sentry_sdk.capture_exception(e)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored callers errors"]

    def test_one_in_between_that_swallows_cuts_the_way(self, tmp_path: Path) -> None:
        code = SENTRY + (
            "def quiet():\n    try:\n        ask()\n    except Exception:\n        return None\n\n\n"
            "def job():\n    try:\n        quiet()\n"
            "    except Exception as e:\n        sentry_sdk.capture_exception(e)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]

    def test_one_in_between_that_raises_does_not(self, tmp_path: Path) -> None:
        code = SENTRY + (
            "def loud():\n    try:\n        ask()\n    except Exception as e:\n        raise ValueError from e\n\n\n"
            "def job():\n    try:\n        loud()\n"
            "    except Exception as e:\n        sentry_sdk.capture_exception(e)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored callers errors"]

    def test_a_log_line_beside_it_changes_nothing(self, tmp_path: Path) -> None:
        code = (
            "import logging\n"
            + SENTRY
            + "def job():\n    try:\n        ask()\n    except Exception as e:\n        logging.exception('no')\n"
            "        sentry_sdk.capture_exception(e)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored callers errors"]

    def test_every_caller_needs_one(self, tmp_path: Path) -> None:
        code = SENTRY + (
            "def job():\n    try:\n        ask()\n    except Exception as e:\n        sentry_sdk.capture_exception(e)\n"
            "\n\ndef other():\n    ask()\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]


class TestLazily:
    """Code that runs after the block it is written in."""

    CALL = "client.images.generate(model='m', prompt=p)"

    @pytest.mark.parametrize(
        "body",
        [
            "return ({call} for p in ps)",
            "return map(lambda p: {call}, ps)",
            "return lambda p: {call}",
            "later = lambda p: {call}\n        return later",
            "ps.job = lambda p: {call}",
            "ps.append(lambda p: {call})",
            "Thread(target=lambda p=ps: {call}).start()",
        ],
    )
    def test_what_leaves_the_span_is_not_in_it(self, tmp_path: Path, body: str) -> None:
        code = LOGFIRE + f"def go(ps):\n    with logfire.span('all'):\n        {body.format(call=self.CALL)}\n"
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]

    @pytest.mark.parametrize(
        "body",
        [
            "return list({call} for p in ps)",
            "return [{call} for p in ps]",
            "return sorted(ps, key=lambda p: {call})",
            "return list(map(lambda p: {call}, ps))",
            "later = ({call} for p in ps)\n        return list(later)",
        ],
    )
    def test_what_runs_inside_is(self, tmp_path: Path, body: str) -> None:
        code = LOGFIRE + f"def go(ps):\n    with logfire.span('all'):\n        {body.format(call=self.CALL)}\n"
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored span traced"]

    def test_a_decorated_function_does_not_cover_the_lambda_it_returns(self, tmp_path: Path) -> None:
        code = LOGFIRE + f"@logfire.instrument('x')\ndef lazy(p):\n    return lambda: {self.CALL}\n"
        assert verdicts(tmp_path, {"a.py": code}) == ["unmonitored"]


class TestWrappedFunctions:
    """A decorator that is called with a client's method."""

    @pytest.mark.parametrize("decorator", ["mlflow.trace({f}, name='llm')", "observe(name='x')({f})"])
    def test_gives_the_method_with_the_monitor_on_it(self, tmp_path: Path, decorator: str) -> None:
        code = (
            "import mlflow\nfrom langfuse import observe\nfrom openai import OpenAI\n\nclient = OpenAI()\n"
            f"traced = {decorator.format(f='client.chat.completions.create')}\n\n\n"
            "def ask():\n    return traced(model='m', messages=[])\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored wrapper traced"]


class TestWrappedClients:
    """Instructor sends its calls through the client it is given."""

    def test_what_instruments_the_client_covers_it(self, tmp_path: Path) -> None:
        code = (
            "import instructor\nimport logfire\nfrom openai import OpenAI\n\nlogfire.configure()\n"
            "logfire.instrument_openai()\n\n\ndef ask():\n"
            "    return instructor.from_openai(OpenAI()).chat.completions.create(messages=[], response_model=str)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored auto traced"]

    def test_what_wraps_the_client_covers_it(self, tmp_path: Path) -> None:
        code = (
            "import instructor\nfrom langsmith.wrappers import wrap_openai\nfrom openai import OpenAI\n\n\ndef ask():\n"
            "    client = instructor.from_openai(wrap_openai(OpenAI()))\n"
            "    return client.chat.completions.create(messages=[], response_model=str)\n"
        )
        assert verdicts(tmp_path, {"a.py": code}) == ["monitored client traced"]


class TestWorkers:
    """What a worker of Celery's runs, which loads nothing of the server."""

    SERVER = """
import sentry_sdk
from fastapi import FastAPI

from shop.rates import Rates

sentry_sdk.init(dsn="https://key@example.com/1", traces_sample_rate=1.0)
app = FastAPI()


@app.get("/rates")
def rates():
    return Rates().load()
"""
    RATES = """
import requests


class Rates:
    def load(self):
        return requests.get("https://example.com/rates", timeout=5).json()
"""
    TASKS = """
from celery import Celery

from shop.rates import Rates

queue = Celery("shop")


@queue.task
def refresh():
    return str(Rates)
"""

    @pytest.mark.parametrize(("tasks", "status"), [(TASKS, "unknown"), ("from shop.rates import Rates", "monitored")])
    def test_where_too_much_is_to_be_looked_at_a_task_that_may_lead_to_a_call_leaves_it_open(
        self, tmp_path: Path, tasks: str, status: str
    ) -> None:
        pages = {f"shop/page_{n}.py": "def show(it):\n    return it.load()\n" for n in range(45)}
        imports = "".join(f"import shop.page_{n}\n" for n in range(45))
        files = {
            "server.py": self.SERVER + imports,
            "shop/__init__.py": "",
            "shop/rates.py": self.RATES,
            "shop/tasks.py": tasks,
            "shop/queue.py": "import celery",
            **pages,
        }
        assert verdicts(tmp_path, files) == [f"{status} auto traced"]
