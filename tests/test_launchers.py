"""The words that follow a command which starts a program, however a deployment writes them down."""

from __future__ import annotations

import pytest

from monitorlint.index.launchers import launches, script_lines
from monitorlint.languages.python.programs import Programs
from monitorlint.model.launch import Launch

SHELL = "set -e\nexec {}ddtrace-run gunicorn \\\n  --workers 2 shop.web:app && echo done\n"
CHART = """
          command:
            - dumb-init
            {{- if .Values.datadog }}
            - ddtrace-run
            {{- end }}
          # a comment
          args:
            - python
            - -m
            - shop.web
        - name: another
          command: ["python", "shop/other.py"]
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("web: ddtrace-run python -m shop.web\n", ["python", "-m", "shop.web"]),
        (SHELL.format(""), ["gunicorn", "--workers", "2", "shop.web:app"]),
        (SHELL.format("$BIN/"), ["gunicorn", "--workers", "2", "shop.web:app"]),
        ('CMD ["ddtrace-run", "python", "/srv/shop/web.py"]\n', ["python", "/srv/shop/web.py"]),
        ('CMD ["sh", "-c", "ddtrace-run python web.py; cat"]\n', ["python", "web.py"]),
        ('ENTRYPOINT ["ddtrace-run"]\nEXPOSE 80\nCMD ["python", "web.py"]\n', ["python", "web.py"]),
        ('CMD ["ddtrace-run", "web"]\nCMD ["python", "web.py"]\n', ["web"]),
        ("  entrypoint: [ddtrace-run]\n  command: python web.py\n", ["python", "web.py"]),
        (CHART, ["python", "-m", "shop.web"]),
        ('START = [\n    "ddtrace-run",\n    "python",\n    "web.py",\n]\n', ["python", "web.py"]),
        ('run("ddtrace-run python web.py", check=True)\n', ["python", "web.py"]),
        ("exec ddtrace-run\n", []),
    ],
)
def test_the_words_that_follow(text: str, words: list[str]) -> None:
    (found,) = launches("deploy/web", text, "ddtrace-run")
    assert list(found.words) == words


@pytest.mark.parametrize(
    "text",
    ["# ddtrace-run python web.py\n", "pip install ddtrace-runner\n", "my-ddtrace-run web.py\n", "ddtrace run\n"],
)
def test_what_starts_nothing(text: str) -> None:
    assert list(launches("deploy/web", text, "ddtrace-run")) == []


FILES = (
    "api/main.py",
    "shop/__init__.py",
    "shop/web.py",
    "shop/celery.py",
    "shop/jobs/__main__.py",
    "worker/main.py",
    "worker/gunicorn.conf.py",
)


@pytest.mark.parametrize(
    ("words", "path", "started"),
    [
        ("python -m shop.web", "Procfile", {"shop/web.py"}),
        ("python -m shop.jobs", "Procfile", {"shop/jobs/__main__.py"}),
        ("uvicorn --reload shop.web:app", "Procfile", {"shop/web.py"}),
        ("gunicorn shop.web", "Procfile", {"shop/web.py"}),
        ("gunicorn -c gunicorn.conf.py main", "worker/Dockerfile", {"worker/main.py"}),
        ("/venv/bin/gunicorn --workers 2 --preload main", "worker/Dockerfile", {"worker/main.py"}),
        ("gunicorn --worker-class=main --access-logfile - main", "worker/Dockerfile", {"worker/main.py"}),
        ("gunicorn --name main", "worker/Dockerfile", set()),
        ("python main", "worker/Dockerfile", set()),
        ("celery -A worker.main.queue worker", "Procfile", {"worker/main.py"}),
        ("celery --app=shop.web.queue beat", "Procfile", {"shop/web.py"}),
        ("celery -A elsewhere.queue worker", "Procfile", set()),
        ("python -m worker.main.queue", "Procfile", set()),
        ("celery -A shop worker", "Procfile", {"shop/__init__.py", "shop/celery.py"}),
        ("celery --app=shop.celery worker", "Procfile", {"shop/celery.py"}),
        ("python /srv/app/shop/web.py", "Dockerfile", {"shop/web.py"}),
        ("python main.py", "worker/Dockerfile", {"worker/main.py"}),
        ("gunicorn -c gunicorn.conf.py main:app", "worker/Dockerfile", {"worker/main.py"}),
        ("run-program shop-web --port 80", "Procfile", {"shop/web.py"}),
        ("sh bin/start.sh", "Procfile", {"api/main.py"}),
        ("flask run", "Procfile", set()),
        ("$START", "Procfile", set()),
        ("python -m http.server", "Procfile", set()),
    ],
)
def test_the_files_that_words_start(words: str, path: str, started: set[str]) -> None:
    script = script_lines("# python worker/main.py\npython api/main.py\n")
    programs = Programs(FILES, {"shop-web": "shop.web"}, {"bin/start.sh": script})
    assert programs.started(Launch(path, 0, tuple(words.split()))) == started
