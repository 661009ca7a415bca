"""JSON with comments: the values are those of ``json``, the places those of the text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitorlint.languages.config.json_places import JsoncError, Node, parse, plain

WORDS = st.text('ab"\\é{}[]:, /*\n\t\u2028😀', max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 2]))
def test_json_is_read_as_json_reads_it(value: Any, indent: int | None) -> None:
    assert plain(parse(json.dumps(value, indent=indent))) == value


@given(JSON)
def test_a_place_holds_its_value(value: Any) -> None:
    text = json.dumps({"a": value, "b": [value]}, ensure_ascii=False)
    for node in _nodes(parse(text)):
        assert json.loads(text[node.start : node.end]) == plain(node)


def _nodes(node: Node) -> list[Node]:
    inner: list[Node] = []
    if isinstance(node.value, dict):
        inner = [member.node for member in node.value.values()]
    elif isinstance(node.value, list):
        inner = node.value
    return [node, *(found for one in inner for found in _nodes(one))]


def test_comments_and_trailing_commas() -> None:
    text = '\ufeff// top\n{ /* a */ "x": [1, 2,], // b\n "url": "http://x/*y*/", }\n// end'
    assert plain(parse(text)) == {"x": [1, 2], "url": "http://x/*y*/"}


def test_a_key_has_a_place() -> None:
    text = '{"dependencies": {"@sentry/node": "^8"}}'
    (member,) = parse(text).members("dependencies")
    assert (text[member.start : member.end], member.node.value) == ('"@sentry/node"', "^8")
    assert parse(text).text("dependencies", "@sentry/node") == "^8"
    assert parse(text).get("dependencies", "none", "deeper") is None


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("{", 1),
        ('{"a" 1}', 5),
        ('{"a": 1 "b": 2}', 8),
        ("[1 2]", 3),
        ("{'a': 1}", 1),
        ('["\\q"]', 1),
        ('"a\nb"', 0),
        ("[1.2.3]", 1),
        ("{} {}", 3),
        ("[" * 1000, 101),
        ("/* open", 0),
        ("undefined", 0),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text: str, offset: int) -> None:
    with pytest.raises(JsoncError) as caught:
        parse(text)
    assert caught.value.offset == offset
