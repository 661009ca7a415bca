"""What the tests of reports and of the command line share."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from monitorlint.model.finding import Confidence, Evidence, Finding, Region, Severity
from monitorlint.model.rule import Rule
from monitorlint.model.site import Level, MonitoredBy, Site

ROOT = Path(__file__).resolve().parent.parent

# How fast a machine is decides nothing: examples have no deadline, and may be slow to make.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

SOURCE = """\
from openai import OpenAI

client = OpenAI()


def ask(question: str) -> str:
    return client.chat.completions.create(
        model="m",
        messages=[{"role": "user", "content": question}],
    ).choices[0].message.content
"""


@dataclass(frozen=True)
class Ran:
    """How a run of the tool ended."""

    code: int
    out: str
    err: str


RunTool = Callable[..., Ran]
MakeFinding = Callable[..., Finding]
MakeSite = Callable[..., Site]


def quiet_environment(**extra: str) -> dict[str, str]:
    """The environment without what would change colours or formats, and with the code under test on the path."""
    unwanted = {"NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS", "MONITORLINT_OUTPUT_FORMAT"}
    # Hundreds of processes that each compile the whole code anew take minutes.
    unwanted.add("PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "error", **extra}


@pytest.fixture
def tool(tmp_path: Path) -> RunTool:
    """Run ``monitorlint`` as users do, in a folder of its own."""

    def run(*args: str, cwd: Path = tmp_path, text: str | bytes = b"", **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "monitorlint", *args],
            cwd=cwd,
            input=text if isinstance(text, bytes) else text.encode(),
            env=quiet_environment(**environment),
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def finding() -> MakeFinding:
    """Make a finding about the call in ``SOURCE``, with what differs."""

    def make(**fields: Any) -> Finding:
        return Finding(
            **{
                "code": "MON101",
                "name": "unmonitored-ai-call",
                "message": "nothing monitors this call of openai.OpenAI.chat.completions.create",
                "severity": Severity.ERROR,
                "confidence": Confidence.HIGH,
                "kind": "ai",
                "target": "openai.OpenAI.chat.completions.create",
                "path": "app/chat.py",
                "region": Region(7, 12, 10, 6),
                "symbol": "ask",
                "text": "client.chat.completions.create(…)",
                "evidence": (Evidence("app/chat.py", 3, "client is openai.OpenAI()"),),
                **fields,
            }
        )

    return make


@pytest.fixture
def site() -> MakeSite:
    """Make a site, with what differs."""

    def make(**fields: Any) -> Site:
        return Site(
            **{
                "kind": "ai",
                "path": "app/chat.py",
                "region": Region(7, 12, 10, 6),
                "language": "python",
                "area": "app",
                "confidence": Confidence.HIGH,
                "target": "openai.OpenAI.chat.completions.create",
                "is_async": False,
                "stream": "no",
                "status": "unmonitored",
                "function": "ask",
                "text": "client.chat.completions.create(…)",
                **fields,
            }
        )

    return make


@pytest.fixture
def rule() -> Rule:
    return Rule("MON101", "unmonitored-ai-call", "nothing monitors an AI call", "ai", Severity.ERROR, default=True)


@pytest.fixture
def sentry() -> MonitoredBy:
    return MonitoredBy("auto", Level.ERRORS, "sentry_sdk.init", "app/main.py", 4)
