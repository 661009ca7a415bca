"""What a program does is the same before and after a fix: random programs, run both ways, with Sentry on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sentry_sdk.transport import Transport

from monitorlint.engine.fixer import FixOptions, fix
from monitorlint.engine.request import Request
from programs import helper, observe, programs
from rewriting import project

if TYPE_CHECKING:
    from sentry_sdk.envelope import Envelope

NUMBERS = st.lists(st.integers(-1, 4), max_size=12)


class Nowhere(Transport):
    """Takes what Sentry sends, and counts it."""

    sent = 0

    def capture_envelope(self, envelope: Envelope) -> None:  # noqa: ARG002
        Nowhere.sent += 1


@pytest.fixture(scope="module", autouse=True)
def sentry() -> Iterator[None]:
    monitoring = helper()
    assert monitoring.init_sentry("https://key@sentry.example.com/1", transport=Nowhere, traces_sample_rate=1.0)
    yield
    assert Nowhere.sent, "nothing was monitored"
    sentry_sdk.init()


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(source=programs(), script=NUMBERS, drive=st.lists(st.integers(-1, 3), max_size=4))
def test_a_fixed_program_does_what_it_did(source: str, script: list[int], drive: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = project(Path(folder), "program.py", source.encode())
        result = fix(Request(paths=(path,), cache=False, jobs=1, debug=True), FixOptions(write=True))
        after = path.read_text(encoding="utf-8")
    assume(result.fixed)

    assert observe(after, script, drive) == observe(source, script, drive), after
