"""Who monitors a call, over projects of several files."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.index import error_hooks, service_handlers
from monitorlint.model.site import Site

FASTAPI = "from fastapi import FastAPI\nfrom shop import api\napp = FastAPI()\n"
GET = 'import requests\n\n\ndef fetch():\n    return requests.get("https://example.com", timeout=5)\n'
ASK = "from openai import OpenAI\n\n\ndef ask():\n    return OpenAI().{call}(prompt='p')\n"


def sites_of(folder: Path, files: dict[str, str]) -> dict[str, list[Site]]:
    """The call sites of a project, by file."""
    for name, text in {"monitorlint.toml": "", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    request = Request(paths=(folder,), select=("MON1", "MON2"), cache=False, jobs=1, debug=True, purpose="coverage")
    found: dict[str, list[Site]] = {}
    for site in run(request).sites:
        if site.kind in {"ai", "http"}:
            found.setdefault(site.path, []).append(site)
    return found


def verdicts(folder: Path, files: dict[str, str]) -> dict[str, list[str]]:
    """``status``, or ``status level how``, of the call sites by file."""
    return {
        path: [
            f"{s.status} {s.monitored_by.level.value} {s.monitored_by.how}" if s.monitored_by else s.status
            for s in sites
        ]
        for path, sites in sites_of(folder, files).items()
    }


def verdict(folder: Path, code: str, **files: str) -> str:
    """The verdict on the one call site of a file."""
    (only,) = verdicts(folder, {"app.py": code, **files})["app.py"]
    return only


class TestSwitches:
    """Project-wide instrumentation."""

    def test_any_name_from_a_module_that_instruments_on_import_counts(self, tmp_path: Path) -> None:
        code = (
            "from langfuse.openai import openai\nfrom openai import OpenAI\n"
            "OpenAI().chat.completions.create(model='m')\n"
        )
        assert verdict(tmp_path, code).startswith("monitored traced")

    @pytest.mark.parametrize(
        ("argument", "status"),
        [("openai=True", "monitored traced auto"), ("redis=True", "unmonitored"), ("openai=False", "unmonitored")],
    )
    def test_keywords_of_the_switch_name_what_it_patches(self, tmp_path: Path, argument: str, status: str) -> None:
        code = (
            "import ddtrace\nfrom openai import OpenAI\n"
            f"ddtrace.patch({argument})\nOpenAI().embeddings.create(input='t')\n"
        )
        assert verdict(tmp_path, code) == status

    def test_a_socket_is_not_among_what_is_patched(self, tmp_path: Path) -> None:
        code = "import ddtrace\nfrom openai import OpenAI\nddtrace.patch_all()\nOpenAI().responses.connect()\n"
        assert verdict(tmp_path, code) == "unmonitored"

    def test_an_option_of_the_client_needs_no_import_of_the_monitor(self, tmp_path: Path) -> None:
        code = "from openai import OpenAI\nOpenAI(base_url='https://oai.helicone.ai/v1').images.generate(prompt='p')\n"
        assert verdict(tmp_path, code) == "monitored traced option"

    @pytest.mark.parametrize(
        ("line", "status"),
        [
            ("os.environ.setdefault('LANGSMITH_TRACING', 'true')", "monitored traced auto"),
            ("os.putenv('LANGSMITH_TRACING', 'true')", "monitored traced auto"),
            ("os.environ.setdefault('LANGSMITH_TRACING', 'false')", "unmonitored"),
        ],
    )
    def test_an_environment_variable_may_be_set_in_code(self, tmp_path: Path, line: str, status: str) -> None:
        code = f"import os\nfrom langchain_openai import ChatOpenAI\n{line}\nChatOpenAI().invoke('t')\n"
        assert verdict(tmp_path, code) == status

    @pytest.mark.parametrize(
        ("name", "ignored", "status"),
        [
            (".env", "", "monitored traced auto"),
            (".env.production", "", "monitored traced auto"),
            (".env.example", "", "unknown traced auto"),
            (".env.local.example", "", "unknown traced auto"),
            (".env.quickstart.example", "", "unknown traced auto"),
            (".env", "*.pyc\n.env\n", "unmonitored"),
        ],
    )
    def test_only_an_environment_file_that_is_committed_counts(
        self, tmp_path: Path, name: str, ignored: str, status: str
    ) -> None:
        code = "from langchain_openai import ChatOpenAI\nChatOpenAI().invoke('t')\n"
        files = {name: "LANGSMITH_TRACING=true\n", ".gitignore": ignored}
        assert verdict(tmp_path, code, **files) == status

    def test_a_script_instruments_itself_and_not_its_neighbours(self, tmp_path: Path) -> None:
        ask = "from langchain_openai import ChatOpenAI\nChatOpenAI().invoke('t')\n"
        files = {"one.py": f"import mlflow\nmlflow.langchain.autolog()\n{ask}", "two.py": ask}
        assert verdicts(tmp_path, files) == {"one.py": ["monitored traced auto"], "two.py": ["unmonitored"]}

    def test_of_equal_switches_the_one_in_the_file_is_named(self, tmp_path: Path) -> None:
        text = "import mlflow\nfrom langchain_openai import ChatOpenAI\nmlflow.langchain.autolog()\n"
        files = {"a.py": text + "import b\n", "b.py": text + "ChatOpenAI().invoke('t')\n"}
        (site,) = sites_of(tmp_path, files)["b.py"]
        assert site.monitored_by is not None
        assert site.monitored_by.path == "b.py"


class TestTransactions:
    """Sentry records requests only while a framework's request or job runs."""

    INIT = "import sentry_sdk\nsentry_sdk.init(dsn='d', traces_sample_rate=1.0)\n"

    def test_a_call_that_a_web_application_makes_is_traced(self, tmp_path: Path) -> None:
        files = {"web.py": f"{self.INIT}from fastapi import FastAPI\nimport job\napp = FastAPI()\n", "job.py": GET}
        assert verdicts(tmp_path, files)["job.py"] == ["monitored traced auto"]

    def test_a_script_beside_a_web_application_has_no_transaction(self, tmp_path: Path) -> None:
        files = {
            "requirements.txt": "fastapi\nrequests\n",
            "web.py": "from fastapi import FastAPI\napp = FastAPI()\n",
            "job.py": f"{self.INIT}{GET}\n\nif __name__ == '__main__':\n    fetch()\n",
        }
        assert verdicts(tmp_path, files)["job.py"] == ["unknown errors auto"]

    def test_what_a_script_and_a_web_application_share_is_in_doubt(self, tmp_path: Path) -> None:
        files = {
            "base.py": self.INIT,
            "web.py": "import base\nfrom fastapi import FastAPI\nimport shared\napp = FastAPI()\n"
            "@app.get('/')\ndef home():\n    return shared.fetch()\n",
            "job.py": "import base\nimport shared\nif __name__ == '__main__':\n    shared.fetch()\n",
            "shared.py": GET,
        }
        assert verdicts(tmp_path, files)["shared.py"] == ["unknown traced auto"]

    def test_what_a_web_application_imports_and_a_script_alone_calls_has_no_transaction(self, tmp_path: Path) -> None:
        files = {
            "base.py": self.INIT,
            "web.py": "import base\nfrom fastapi import FastAPI\nimport shared\napp = FastAPI()\n",
            "job.py": "import base\nimport shared\nif __name__ == '__main__':\n    shared.fetch()\n",
            "shared.py": GET,
        }
        assert verdicts(tmp_path, files)["shared.py"] == ["unknown errors auto"]

    def test_a_call_at_import_time_has_no_transaction(self, tmp_path: Path) -> None:
        code = f"{self.INIT}from fastapi import FastAPI\nimport requests\nrequests.get('https://example.com')\n"
        assert verdict(tmp_path, code) == "unknown errors auto"


class TestCarriers:
    """Clients that ride on the client of another package."""

    SSE = (
        "import httpx, httpx_sse\n{}\ndef listen(url):\n"
        "    with httpx.Client() as c, httpx_sse.connect_sse({}, 'GET', url) as s:\n        return s\n"
    )

    def test_what_covers_the_carrier_covers_the_call(self, tmp_path: Path) -> None:
        assert (
            verdict(tmp_path, self.SSE.format("import logfire\nlogfire.instrument_httpx()", "c"))
            == "monitored traced auto"
        )

    def test_a_monitored_client_that_is_handed_over_covers_the_call(self, tmp_path: Path) -> None:
        head = "import logfire\nclient = httpx.Client()\nlogfire.instrument_httpx(client)"
        assert verdict(tmp_path, self.SSE.format(head, "client")).startswith("monitored traced")

    def test_nothing_covers_it_otherwise(self, tmp_path: Path) -> None:
        assert verdict(tmp_path, self.SSE.format("import logfire\nlogfire.instrument_requests()", "c")) == "unmonitored"

    @pytest.mark.parametrize("head", ["logfire.instrument_openai()", "client = langsmith.wrappers.wrap_openai(client)"])
    def test_a_client_around_a_client_is_covered_as_the_one_inside(self, tmp_path: Path, head: str) -> None:
        code = (
            f"import instructor, logfire, langsmith\nfrom openai import OpenAI\nclient = OpenAI()\n{head}\n"
            "instructor.from_openai(client).chat.completions.create(model='m', response_model=str)\n"
        )
        assert verdict(tmp_path, code).startswith("monitored traced")


CAPTURE = (
    "import sentry_sdk\nfrom openai import OpenAI, OpenAIError\n\n"
    "\ndef ask():\n    try:\n        OpenAI().images.generate()\n"
)


class TestCaptures:
    """Handlers that send what they catch."""

    @pytest.mark.parametrize(
        ("handlers", "status"),
        [
            ("    except Exception as e:\n        sentry_sdk.capture_exception(e)\n", "monitored errors wrapper"),
            ("    except:\n        sentry_sdk.capture_exception()\n        raise\n", "monitored errors wrapper"),
            ("    except OpenAIError:\n        sentry_sdk.capture_exception()\n", "monitored errors wrapper"),
            (
                "    except (OSError, OpenAIError):\n        sentry_sdk.capture_exception()\n",
                "monitored errors wrapper",
            ),
            ("    except KeyError as e:\n        sentry_sdk.capture_exception(e)\n", "unmonitored"),
            (
                (
                    "    except KeyError as e:\n        sentry_sdk.capture_exception(e)\n"
                    "    except Exception:\n        pass\n"
                ),
                "unmonitored",
            ),
            (
                (
                    "    except Exception:\n        pass\n    except KeyError as e:\n"
                    "        sentry_sdk.capture_exception(e)\n"
                ),
                "unmonitored",
            ),
        ],
    )
    def test_the_handler_must_see_whatever_the_call_raises(self, tmp_path: Path, handlers: str, status: str) -> None:
        assert verdict(tmp_path, CAPTURE + handlers) == status

    @pytest.mark.parametrize(
        ("name", "call"),
        [
            ("rollbar", "rollbar.report_exc_info()"),
            ("raven", "raven.Client().captureException()"),
            ("bugsnag", "bugsnag.notify(e)"),
            ("posthog", "posthog.capture_exception(e)"),
            ("newrelic.agent", "newrelic.agent.notice_error()"),
            ("elasticapm", "elasticapm.get_client().capture_exception()"),
            ("logfire", "logfire.exception('x')"),
        ],
    )
    def test_every_monitor_that_takes_exceptions_is_known(self, tmp_path: Path, name: str, call: str) -> None:
        code = f"import {name}\n{CAPTURE}    except Exception as e:\n        {call}\n"
        assert verdict(tmp_path, code) == "monitored errors wrapper"

    def test_an_exception_may_be_recorded_on_a_span(self, tmp_path: Path) -> None:
        code = (
            f"from opentelemetry import trace\n{CAPTURE}    except Exception as e:\n"
            "        trace.get_current_span().record_exception(e)\n"
        )
        assert verdict(tmp_path, code) == "monitored errors wrapper"


class TestLogging:
    """Sentry makes events of what the standard library logs as errors."""

    HANDLER = (
        "{head}\nimport logging\nimport sentry_sdk\nfrom openai import OpenAI\n\nlogger = logging.getLogger(__name__)\n"
        "sentry_sdk.init({init})\n\n\ndef ask():\n    try:\n"
        "        OpenAI().images.generate()\n    except {caught}:\n        {log}\n"
    )

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({}, "monitored errors wrapper"),
            ({"log": "logging.exception('x')"}, "monitored errors wrapper"),
            ({"log": "logger.error('x', exc_info=True)"}, "monitored errors wrapper"),
            ({"log": "logger.error('x')"}, "unknown errors wrapper"),
            ({"log": "logger.warning('x', exc_info=True)"}, "unmonitored"),
            ({"log": "if logger:\n            logger.exception('x')"}, "unknown errors wrapper"),
            ({"log": "for _ in ():\n            logger.exception('x')"}, "unmonitored"),
            ({"log": "logger.getChild('http').exception('x')"}, "monitored errors wrapper"),
            ({"log": "logging.LoggerAdapter(logger, {}).exception('x')"}, "monitored errors wrapper"),
            ({"log": "logger.log(logging.ERROR, 'x', exc_info=True)"}, "monitored errors wrapper"),
            ({"log": "logger.log(logging.INFO, 'x', exc_info=True)"}, "unmonitored"),
            ({"log": "logger.log(logging.ERROR, 'x')"}, "unmonitored"),
            ({"caught": "KeyError"}, "unknown errors auto"),
            ({"init": "default_integrations=False"}, "unmonitored"),
            ({"init": "integrations=[LoggingIntegration(event_level=None)]"}, "unmonitored"),
            ({"init": "integrations=[LoggingIntegration(logging.INFO, logging.ERROR)]"}, "monitored errors wrapper"),
            ({"init": "disabled_integrations=[LoggingIntegration()]"}, "unmonitored"),
            ({"log": "log.exception('x')", "head": "import structlog\nlog = structlog.get_logger()"}, "unmonitored"),
        ],
    )
    def test_the_log_must_reach_sentry(self, tmp_path: Path, change: dict[str, str], status: str) -> None:
        parts = {"head": "", "init": "dsn='d'", "caught": "Exception", "log": "logger.exception('x')", **change}
        parts["head"] += "\nfrom sentry_sdk.integrations.logging import LoggingIntegration"
        assert verdict(tmp_path, self.HANDLER.format(**parts)) == status

    def test_the_switch_is_part_of_the_evidence(self, tmp_path: Path) -> None:
        files = {
            "main.py": "import sentry_sdk\nimport work\nsentry_sdk.init(dsn='d')\n",
            "work.py": "import logging\nfrom openai import OpenAI\n\n\n"
            "def ask():\n    try:\n        OpenAI().images.generate()\n"
            "    except Exception:\n        logging.exception('x')\n",
        }
        (site,) = sites_of(tmp_path, files)["work.py"]
        assert site.monitored_by is not None
        assert site.monitored_by.name == "sentry_sdk.integrations.logging"
        assert [(e.path, e.row) for e in site.evidence] == [("work.py", 9), ("main.py", 3)]

    def test_without_sentry_a_log_is_a_log(self, tmp_path: Path) -> None:
        code = self.HANDLER.format(head="", init="dsn='d'", caught="Exception", log="logger.exception('x')")
        assert verdict(tmp_path, code.replace("sentry_sdk.init(dsn='d')", "")) == "unmonitored"


class TestAreas:
    """Tests are known by what lies beside them and by what they hold."""

    SUITE = "import pytest\n{}\n\n@pytest.mark.slow\ndef test_fetch():\n    fetch()\n"

    @pytest.mark.parametrize(
        ("files", "area"),
        [
            ({"ci/sweep.py": SUITE.format(GET)}, "test"),
            ({"ci/conftest.py": "", "ci/sweep.py": GET}, "test"),
            ({"conftest.py": "", "sweep.py": GET}, "app"),
            ({"shop/conftest.py": "", "shop/__init__.py": "", "shop/sweep.py": GET}, "app"),
            ({"back/conftest.py": "", "back/shop/api.py": "x = 1", "back/sweep.py": GET}, "app"),
            ({"back/conftest.py": "", "back/tests/test_api.py": "x = 1", "back/sweep.py": GET}, "test"),
            ({"shop/sweep.py": f"import pytest\n{GET}"}, "app"),
            ({"shop/api.py": "x = 1", "shop/db.py": "x = 1", "scripts/load.py": GET}, "example"),
            ({"shop/api.py": "x = 1", "shop/db.py": "x = 1", "build-scripts/load.py": GET}, "example"),
            ({"shop/api.py": "x = 1", "scripts/__init__.py": "", "shop/db.py": "x = 1", "scripts/load.py": GET}, "app"),
            ({"scripts/load.py": GET, "setup.py": "x = 1"}, "app"),
        ],
    )
    def test_area(self, tmp_path: Path, files: dict[str, str], area: str) -> None:
        found = sites_of(tmp_path, files)
        assert [s.area for sites in found.values() for s in sites] == [area]

    def test_a_test_that_imports_two_programs_joins_nothing(self, tmp_path: Path) -> None:
        switch = (
            "from opentelemetry.instrumentation.requests import RequestsInstrumentor\n"
            "RequestsInstrumentor().instrument()\n"
        )
        files = {"web.py": switch, "job.py": f"{GET}\n\nfetch()\n", "tests/test_all.py": "import web\nimport job\n"}
        assert verdicts(tmp_path, files) == {"job.py": ["unmonitored"]}
        files["tests/test_all.py"] += GET
        assert verdicts(tmp_path, files) == {"job.py": ["unmonitored"], "tests/test_all.py": ["monitored traced auto"]}
        files["main.py"] = "import web\nimport job\n"
        assert verdicts(tmp_path, files)["job.py"] == ["monitored traced auto"]


class TestImports:
    """Which files run in one program."""

    SWITCH = (
        "from opentelemetry.instrumentation.requests import RequestsInstrumentor\nRequestsInstrumentor().instrument()\n"
    )

    @pytest.mark.parametrize(
        ("package", "status"),
        [
            ("watch/watch/", "monitored traced auto"),
            ("watch/src/watch/", "monitored traced auto"),
            # A folder without a package in it is a package of its own, and one of another name is another's.
            ("watch/", "monitored traced auto"),
            ("watch/other/", "unmonitored"),
            # What lies in the folder besides is no part of the package.
            ("watch/watch/tools/watch/", "unmonitored"),
        ],
    )
    def test_a_package_may_lie_in_a_folder_of_its_name(self, tmp_path: Path, package: str, status: str) -> None:
        main = f"from watch import tracing\ntracing.start()\n{GET}"
        start = "def start():\n    RequestsInstrumentor().instrument()\n"
        files = {
            "services/shop/main.py": main,
            f"{package}tracing.py": f"{self.SWITCH.splitlines()[0]}\n{start}",
            "watch/setup.py": "from setuptools import setup\nsetup(name='watch')\n",
        }
        if package != "watch/":
            files[f"{package}__init__.py"] = ""
        assert verdicts(tmp_path, files)["services/shop/main.py"] == [status]

    @pytest.mark.parametrize(
        "load",
        [
            "importlib.import_module('app.plugins.jira.client')",
            "importlib.import_module(f'app.plugins.{kind}.{kind}_client')",
            "importlib.import_module('app.plugins.%s.client' % kind)",
            "importlib.import_module('app.plugins.{}.client'.format(kind))",
            "importlib.import_module('app.plugins.' + kind)",
            "importlib.import_module(f'.plugins.{kind}', package=__package__)",
            "importlib.import_module(f'.{kind}', 'app.plugins')",
            "importlib.import_module(f'{__package__}.plugins.{kind}')",
            "importlib.import_module(__package__ + '.plugins.' + kind)",
            "importlib.import_module(f'{FOLDER}.{kind}')",
            "importlib.import_module(PATH)",
            "__import__(f'app.plugins.{kind}')",
            "[importlib.import_module(m.name) for m in pkgutil.walk_packages(plugins.__path__, 'app.plugins.')]",
        ],
    )
    def test_what_is_loaded_by_name_runs_with_the_loader(self, tmp_path: Path, load: str) -> None:
        main = (
            f"import importlib, pkgutil\nfrom app import plugins\n{self.SWITCH}FOLDER = 'app.plugins'\n"
            f"PATH = 'app.plugins.jira.client'\ndef load(kind):\n    return {load}\n"
        )
        files = {
            "app/__init__.py": "",
            "app/main.py": main,
            "app/plugins/__init__.py": "",
            "app/plugins/jira/__init__.py": "",
            "app/plugins/jira/client.py": GET,
            "app/other.py": GET,
        }
        assert verdicts(tmp_path, files) == {
            "app/plugins/jira/client.py": ["monitored traced auto"],
            "app/other.py": ["unknown traced auto"],
        }

    def test_where_the_name_is_not_known_nothing_near_is_certain(self, tmp_path: Path) -> None:
        load = "import importlib\ndef load(name):\n    return importlib.import_module(name)\n"
        files = {
            "app/__init__.py": "",
            "app/main.py": self.SWITCH + load,
            "app/other.py": GET,
            "lib/__init__.py": "",
            "lib/other.py": GET,
        }
        assert verdicts(tmp_path, files) == {"app/other.py": ["unknown traced auto"], "lib/other.py": ["unmonitored"]}

    def test_a_server_is_started_by_name(self, tmp_path: Path) -> None:
        files = {
            "run.py": f"import uvicorn\n{self.SWITCH}uvicorn.run('web.app:app', port=1)\n",
            "web/__init__.py": "",
            "web/app.py": GET,
        }
        assert verdicts(tmp_path, files) == {"web/app.py": ["monitored traced auto"]}

    @pytest.mark.parametrize(
        ("head", "status"), [("@click.command()\n", "unknown traced auto"), ("", "monitored traced auto")]
    )
    def test_what_one_command_imports_the_others_may_not_have(self, tmp_path: Path, head: str, status: str) -> None:
        files = {
            "cli.py": f"import click\n{GET}\n\n{head}def serve():\n    from server import app\n    app.run()\n",
            "server.py": f"{self.SWITCH}import inside\napp = None\n",
            "inside.py": GET,
        }
        assert verdicts(tmp_path, files) == {"cli.py": [status], "inside.py": ["monitored traced auto"]}

    def test_a_plug_in_that_can_be_started_is_no_program_of_its_own(self, tmp_path: Path) -> None:
        files = {
            "app/__init__.py": "",
            "app/main.py": f"import importlib\n{self.SWITCH}def load(k):\n"
            f"    return importlib.import_module(f'app.plugins.{{k}}')\n",
            "app/plugins/__init__.py": "",
            "app/plugins/jira.py": f"{GET}\n\nif __name__ == '__main__':\n    fetch()\n",
        }
        assert verdicts(tmp_path, files) == {"app/plugins/jira.py": ["monitored traced auto"]}

    def test_a_program_that_only_may_load_a_plug_in_casts_no_doubt(self, tmp_path: Path) -> None:
        files = {
            "app/__init__.py": "",
            "app/main.py": f"import app.factory\n{self.SWITCH}",
            "app/job.py": "import app.factory\nif __name__ == '__main__':\n    print()\n",
            "app/factory.py": "import importlib\ndef load(k):\n"
            "    return importlib.import_module(f'app.plugins.{k}')\n",
            "app/plugins/__init__.py": "",
            "app/plugins/jira.py": GET,
        }
        assert verdicts(tmp_path, files) == {"app/plugins/jira.py": ["monitored traced auto"]}
        files["app/factory.py"] += "import app.plugins.jira\n"
        assert verdicts(tmp_path, files) == {"app/plugins/jira.py": ["unknown traced auto"]}


class TestBinding:
    """A name that is bound again to what it stood for, with a monitor on it."""

    @pytest.mark.parametrize(
        "code",
        [
            "client = OpenAI()\nclient = wrap_openai(client)\nclient.responses.create(model='m')\n",
            (
                "def ask(client):\n    client = wrap_openai(client)\n"
                "    client.responses.create(model='m')\nask(OpenAI())\n"
            ),
        ],
    )
    def test_the_call_is_found_and_monitored(self, tmp_path: Path, code: str) -> None:
        head = "from langsmith.wrappers import wrap_openai\nfrom openai import OpenAI\n"
        assert verdict(tmp_path, head + code) == "monitored traced client"


def test_what_tells_bots_and_workers_of_handlers_is_one_list() -> None:
    """What is asked for before the handlers of services are loaded names all of their packages."""
    named = {root for service in service_handlers._SERVICES for root in service.roots}
    assert set(error_hooks._SERVICES) == named
