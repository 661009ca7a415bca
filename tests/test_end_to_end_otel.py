"""A project as a user has it, with OpenTelemetry: `init`, `fix`, and its first day in production."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import RunTool
from node_packages import Modules
from otlp_receiver import Collector, collecting
from python_packages import distributions
from test_end_to_end import NODE, PYTHON, SECRET, THRESHOLDS, nowhere, world


def lived(folder: Path, command: list[str], *, on: bool = True, **environment: str) -> tuple[Collector, str, str]:
    """What the collector got of one run of the application, and what that printed."""
    with collecting() as collector, world() as place:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "SENTRY_"))}
        kept |= {"WORLD": place.url, "NOWHERE": nowhere(), "OPENAI_API_KEY": SECRET, **environment}
        if on:
            kept |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_SERVICE_NAME": "shop"}
        done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return collector, done.stdout, done.stderr


def assert_everything_is_seen(collector: Collector, *, sees_answers: bool) -> None:
    loop, load = "wait_for_export", "load_lesson"
    assert {resource["service.name"] for resource in collector.resources} == {"shop"}
    slow, ask = collector.named("slow: openai ask"), collector.named("openai ask")
    assert (slow.is_error, slow.why, slow.parent) == (True, "openai ask took longer than 0.05 s", ask.id)
    assert slow.attributes["monitoring.running"] is True
    found = {key.removeprefix("gen_ai."): value for key, value in ask.attributes.items() if key.startswith("gen_ai.")}
    # What `with` stands around is not seen by it, in Python.
    model = {"request.model": "m-1", "response.model": "m-1"}
    usage = {"usage.input_tokens": 3, "usage.output_tokens": 5, "usage.total_tokens": 8}
    assert found == {
        "operation.name": "generate_content",
        "provider.name": "openai",
        "system": "openai",
        "pipeline.name": "ask",
        **({**model, **usage} if sees_answers else {}),
    }
    turning = collector.named(f"loop: {loop}")
    assert (turning.attributes["level"], turning.attributes["message"]) == (
        "warning",
        f"Loop {loop} has reached 100 turns",
    )
    failed = collector.named(load)
    assert (failed.is_error, failed.attributes["alert"], len(failed.exceptions)) == (True, "network", 1)
    assert sorted(span.name for span in collector.alerts) == [f"loop: {loop}", "slow: openai ask"]
    assert [data for data in collector.envelopes if SECRET.encode() in data] == []


def test_python(tool: RunTool, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    packages = distributions(request.config, "openai==2.9.0", "requests==2.32.5")
    shop = tmp_path / "shop"
    shop.mkdir()
    (shop / "__init__.py").touch()
    (shop / "main.py").write_text(PYTHON)
    (tmp_path / "requirements.txt").write_text("openai\nrequests\n")
    (tmp_path / "monitorlint.toml").write_text(f'helpers.backend = "opentelemetry"\n{THRESHOLDS}')
    command = [sys.executable, "-m", "shop.main"]
    assert tool("init").code == 0
    assert tool("fix", "--allow-dirty", "--no-cache").code == 0
    main = shop / "main.py"
    text = main.read_text()
    assert "from shop.opentelemetry_monitoring import" in text
    assert text.count("detect_infinite_loop(") == text.count("monitor_ai_generation(") == 1
    assert tool("check", "--no-cache", "--select", "MON1,MON2,MON3", "--ignore", "MON102").code == 0
    begun = "from shop.opentelemetry_monitoring import init_opentelemetry\n\n    init_opentelemetry()\n    "
    main.write_text(text.replace("    print(len(ask", f"    {begun}print(len(ask"))

    printed = f"{len(SECRET)}\nnot there\n"
    collector, out, _ = lived(tmp_path, command, PYTHONPATH=str(packages))
    assert out == printed
    assert_everything_is_seen(collector, sees_answers=False)
    collector, out, said = lived(tmp_path, command, on=False, PYTHONPATH=str(packages))
    assert (out, said, collector.envelopes) == (
        printed,
        "OTEL_EXPORTER_OTLP_ENDPOINT is not set: no monitoring\n",
        [],
    )


@pytest.mark.parametrize(("version", "major"), [("2", "18"), ("2", "20"), ("3", "22")])
def test_node(tool: RunTool, tmp_path: Path, request: pytest.FixtureRequest, version: str, major: str) -> None:
    modules = Modules(request.config)
    (tmp_path / "node_modules").symlink_to(modules(f"otel{version}"))
    source = tmp_path / "src"
    source.mkdir()
    (source / "main.js").write_text(NODE)
    manifest: dict[str, Any] = {"name": "shop", "type": "module", "dependencies": {"openai": "^6"}}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "monitorlint.toml").write_text(THRESHOLDS)
    done = tool("init", "--backend", "opentelemetry")
    assert (done.code, "\nWrote src/openTelemetryMonitoring.js\n" in done.err) == (0, True)
    assert tool("fix", "--allow-dirty", "--no-cache").code == 0
    text = (source / "main.js").read_text()
    assert "} from './openTelemetryMonitoring.js';" in text
    assert text.count("detectInfiniteLoop(") == text.count("monitorAIGeneration(") == 1
    assert text.count("monitorFetch(") == 2
    assert tool("check", "--no-cache", "--select", "MON1,MON2,MON3", "--ignore", "MON102,MON202").code == 0
    (source / "instrument.js").write_text(
        "import { initOpenTelemetry } from './openTelemetryMonitoring.js';\n\ninitOpenTelemetry();\n"
    )
    command = [modules.node(major), "--import", "./src/instrument.js", "src/main.js"]
    printed = f"{len(SECRET)}\nnot there\n"
    collector, out, _ = lived(tmp_path, command)
    assert out == f"OpenTelemetry initialized for backend monitoring\n{printed}"
    assert_everything_is_seen(collector, sees_answers=True)
    collector, out, _ = lived(tmp_path, command, on=False)
    assert (out, collector.envelopes) == (f"OTEL_EXPORTER_OTLP_ENDPOINT is not set: no monitoring\n{printed}", [])
