"""``.env`` files, beside what npm's dotenv and python-dotenv make of them."""

from __future__ import annotations

import io
import json
import logging
from typing import Any, Self

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT
from monitorlint.languages.config.dotenv import Dialect, masked, parse

RECORD: dict[str, Any] = json.loads((ROOT / "tests/data/parity/dotenv.json").read_text(encoding="utf-8"))
PIECES = [*"AB=:\"'`\\#\n\t x.-é", "export ", " = ", ": ", "\\n", '\\"', " # c", "\r\n", "${A}", "${B:-d}", '"m\nn"']
FILES = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)
SECRETS = st.text("abcxyz0189_-+/=$#'\"`\\ {}é漢😀", min_size=6, max_size=24)


@pytest.mark.parametrize("text", RECORD["parsed"])
def test_values_are_those_of_npms_dotenv(text: str) -> None:
    assert {e.name: e.value.reveal() for e in parse(text)} == RECORD["parsed"][text]


@given(FILES)
@settings(max_examples=500)
def test_values_are_those_of_python_dotenv(text: str) -> None:
    logging.disable(logging.CRITICAL)
    real = dotenv_values(stream=io.StringIO(text, newline=""), interpolate=False)
    without_value = {name for name, value in real.items() if value is None}
    found = {e.name: e.value.reveal() for e in parse(text, "python") if e.name not in without_value}
    assert found == {name: value for name, value in real.items() if value is not None}


@given(FILES, st.sampled_from(["npm", "python"]))
def test_places_hold_names_and_values(text: str, dialect: Dialect) -> None:
    for entry in parse(text, dialect):
        assert text[entry.name_start : entry.name_end] == entry.name
        assert entry.name_end <= entry.value_start <= entry.value_end
        if entry.quote == "" and entry.value:
            assert text[entry.value_start : entry.value_end] == entry.value.reveal()


@given(FILES, SECRETS, st.sampled_from(["{}", '"{}"', "'{}'", "# {}", "# A={}", '"x\n{}"', "`{}`", "{} # c"]))
def test_a_masked_file_says_nothing_of_its_values(text: str, secret: str, form: str) -> None:
    whole = f"{text}\nSECRET_KEY={form.format(secret)}\n"
    shown = masked(whole)
    assert (len(shown), len(shown.encode())) == (len(whole), len(whole.encode()))
    assert [c for c in shown if c.isspace()] == [c for c in whole if c.isspace()]
    for word in secret.split():
        if len(word.strip("#'\"`*=")) > 3:
            assert word not in shown.replace("SECRET_KEY", "")


def test_a_masked_file_keeps_names() -> None:
    text = '# old sk-1\nexport A="x y" # z\nB = ü\nC="l\nD=e\n"\n'
    assert masked(text) == '# *** ****\n****** A="* *" # *\nB = ·\nC="*\n***\n"\n'


def test_secrets_do_not_print_themselves() -> None:
    (entry,) = parse("KEY=hunter2")
    assert "hunter2" not in f"{entry} {entry.value} {entry.value!r}"
    assert entry.value.reveal() == "hunter2"


@pytest.mark.parametrize("text", ['A="' + '\\"' * 20_000, "A='\\'\n" * 10_000, " " * 40_000 + "#", "export " * 8_000])
def test_a_hostile_file_is_read_in_one_go(text: str) -> None:
    """Steps, not seconds: the reader asks for no character more than a few times."""
    counted = _Counted(text)
    parse(counted)
    assert counted.looks < 12 * len(text)


class _Counted(str):
    """A text that counts how often single characters of it are looked at."""

    __slots__ = ()
    looks = 0

    def __getitem__(self, at: Any) -> str:
        type(self).looks += 1 if isinstance(at, int) else len(range(*at.indices(len(self))))
        return super().__getitem__(at)

    def __new__(cls, text: str) -> Self:
        cls.looks = 0
        return super().__new__(cls, text)
