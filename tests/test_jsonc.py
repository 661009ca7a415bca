"""JSON with comments and trailing commas."""

from __future__ import annotations

import json

import pytest

from monitorlint.languages.jsonc import blanked, read_jsonc


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": 1, // one\n "b": [1, 2, ], /* two, } */ }', {"a": 1, "b": [1, 2]}),
        ('{"url": "https://x//y", "glob": "src/**/*", "end": "/* no */,}"}', None),
        ('{"quote": "\\"// no", "x": [1, /* , ] */ ],}', {"quote": '"// no', "x": [1]}),
        ('{"a": 1} // end', {"a": 1}),
        ('{"a": 1 /* never closed', ValueError),
        ("{a: 1}", ValueError),
        ("", ValueError),
        ("[" * 200_000, ValueError),
    ],
)
def test_comments_and_trailing_commas_are_forgiven_and_nothing_else(text: str, value: object) -> None:
    if value is ValueError:
        with pytest.raises(ValueError, match=r"\w"):
            read_jsonc(text)
    else:
        assert read_jsonc(text) == (json.loads(text) if value is None else value)


def test_offsets_stay() -> None:
    text = '{ // é, }\n  "a": [1, /* x */ 2, ],\n  "b": ",}" }'
    plain = blanked(text)
    assert len(plain) == len(text)
    assert [plain.index(word) for word in ('"a"', '"b"')] == [text.index(word) for word in ('"a"', '"b"')]
    assert plain.count("\n") == text.count("\n")


@pytest.mark.parametrize("unit", ["/*", "//", '"', "\\", ",", ", ", "/* */,", '"\\'])
def test_hostile_text_ends(unit: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):  # a quarter of a million of them would take hours in quadratic time
        read_jsonc("{" + unit * 250_000)
