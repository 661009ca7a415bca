r"""What the helper modules cost: CPU microseconds per wrapped call, CPU nanoseconds per turn of a guarded loop.

    python bench/helpers.py                                    # the Python helper, with the installed sentry-sdk
    python bench/helpers.py --node-modules DIR/node_modules    # and the TypeScript helper, with the @sentry/node there
    python bench/helpers.py --backend opentelemetry            # those for OpenTelemetry, with the SDKs of that

Each is measured without a DSN (or an endpoint), with one and no traces, and with every trace recorded; events and spans
are made, and thrown away where they would be sent. Beside them stands a bare span of the SDK. Rounds are interleaved;
printed is the median of what a round needs beyond the same code without any monitoring. Promised is less than 1 % of a
call of 10 ms (100 µs), and less than 2 % of a turn of 10 µs (200 ns).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sentry_sdk
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from sentry_sdk.transport import Transport

from monitorlint.scaffold.helper import PYTHON_NAMES, python_helper
from monitorlint.scaffold.typescript_helper import Flavour, typescript_helper
from monitorlint.settings.values import Backend, Thresholds

HERE = Path(__file__).parent
DSN = "https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1"
MODES = {"no DSN": None, "DSN, no traces": 0.0, "DSN, all traces": 1.0}


class Nowhere(Transport):
    """Throws away what would be sent."""

    def capture_envelope(self, envelope: Any) -> None:
        """Take it."""


def load(backend: Backend) -> Any:
    """Load the Python helper, as a project does."""
    name = PYTHON_NAMES[backend]
    module = types.ModuleType(name.removesuffix(".py"))
    exec(compile(python_helper(Thresholds(), backend), name, "exec"), vars(module))  # noqa: S102 - our own
    return module


def sentry_span(name: str) -> AbstractContextManager[object]:
    """A bare span of Sentry's SDK."""
    return sentry_sdk.start_span(op="gen_ai.chat", name=name)


def otel_span(name: str) -> AbstractContextManager[object]:
    """A bare span of OpenTelemetry's SDK."""
    return trace.get_tracer("bench").start_as_current_span(name)


def start(backend: Backend, helper: Any, sample_rate: float) -> None:
    """Turn monitoring on, with nobody to send to."""
    if backend == "sentry":
        sentry_sdk.init(DSN, traces_sample_rate=sample_rate, transport=Nowhere, default_integrations=False)
        return
    provider = TracerProvider()
    provider.sampler = helper._sampler(provider.sampler, sample_rate)  # noqa: SLF001 - as init_opentelemetry does
    provider.add_span_processor(SpanProcessor())
    trace._TRACER_PROVIDER = provider  # noqa: SLF001 - the API sets it once


def per_unit(work: Callable[[int], None], units: int) -> float:
    """CPU seconds for one unit of it."""
    began = time.process_time()
    work(units)
    return (time.process_time() - began) / units


def python_costs(backend: Backend, sample_rate: float | None, rounds: int) -> dict[str, float]:
    """CPU seconds of each form beyond the bare one; without a sample rate, nothing must have been started."""
    helper = load(backend)
    if sample_rate is not None:
        start(backend, helper, sample_rate)
    works = {**calls(helper, sentry_span if backend == "sentry" else otel_span), **loops(helper)}
    request = sentry_sdk.start_transaction if backend == "sentry" else otel_span
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        with request(name="request"):
            for name, work in works.items():
                times[name].append(per_unit(work, 100_000 if "turn" in name else 500))
    return differences({name: statistics.median(values) for name, values in times.items()})


def calls(helper: Any, open_span: Callable[[str], AbstractContextManager[object]]) -> dict[str, Callable[[int], None]]:
    """Nothing, a span of the SDK, and a call that the helper wraps, so many times."""
    context = {"lesson_id": 7, "name": "algebra"}

    def bare(times: int) -> None:
        for _ in range(times):
            pass

    def span(times: int) -> None:
        for _ in range(times):
            with open_span("ask"):
                pass

    def wrapped(times: int) -> None:
        for _ in range(times):
            with helper.monitor_ai_generation("openai", "ask", context):
                pass

    return {"bare": bare, "span": span, "call": wrapped}


def loops(helper: Any) -> dict[str, Callable[[int], None]]:
    """A loop, and the same one guarded, of so many turns."""

    def turning(times: int) -> None:
        turns = 0
        while turns < times:
            turns += 1

    def guarded(times: int) -> None:
        turns = iterations = 0
        while turns < times:
            turns += 1
            iterations += 1
            if iterations % 100 == 0:
                helper.detect_infinite_loop("turns", iterations, {"turn": turns}, limit=10**9)

    return {"turning": turning, "guarded turn": guarded}


def differences(medians: dict[str, float]) -> dict[str, float]:
    """What monitoring adds."""
    return {
        "span": medians["span"] - medians["bare"],
        "call": medians["call"] - medians["bare"],
        "turn": medians["guarded turn"] - medians["turning"],
    }


def node_costs(modules: Path, backend: Backend, sample_rate: float | None, rounds: int) -> dict[str, float]:
    """As `python_costs`, for the TypeScript helper."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "node_modules").symlink_to(modules.resolve())
        (place / "helper.mjs").write_text(typescript_helper(Thresholds(), Flavour(is_typed=False, backend=backend)))
        (place / "main.mjs").write_text((HERE / "helpers.mjs").read_text())
        rate = "" if sample_rate is None else str(sample_rate)
        done = subprocess.run(
            ["node", "main.mjs", backend, DSN if rate else "", rate, str(rounds)],
            cwd=place,
            capture_output=True,
            text=True,
            check=True,
        )
    return differences(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--node-modules", type=Path)
    parser.add_argument("--backend", choices=PYTHON_NAMES, default="sentry")
    options = parser.parse_args()
    print(f"{'':32}{'bare span':>12}{'helper':>12}{'of 10 ms':>10}{'loop turn':>12}{'of 10 µs':>10}")
    rows = [(f"Python, {name}", python_costs(options.backend, rate, options.rounds)) for name, rate in MODES.items()]
    if options.node_modules is not None:
        rows += [
            (f"Node, {name}", node_costs(options.node_modules, options.backend, rate, options.rounds))
            for name, rate in MODES.items()
        ]
    for name, costs in rows:
        call, turn = costs["call"], costs["turn"]
        print(
            f"{name:32}{costs['span'] * 1e6:9.1f} µs{call * 1e6:9.1f} µs{call / 0.01:10.2%}"
            f"{turn * 1e9:9.1f} ns{turn / 10e-6:10.2%}"
        )
    worst = max(costs["call"] / 0.01 for _, costs in rows), max(costs["turn"] / 10e-6 for _, costs in rows)
    if worst[0] >= 0.01 or worst[1] >= 0.02:
        sys.exit("more than promised")


if __name__ == "__main__":
    main()
