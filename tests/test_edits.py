"""Edits of one text: what meets, what comes of them, and where places are afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitorlint.engine.replace import NotReplacedError, replace_file
from monitorlint.model.edits import Change, Taken
from monitorlint.model.finding import Edit


def test_edits_that_share_a_byte_or_a_beginning_meet() -> None:
    taken = Taken()
    assert taken.take([Edit(2, 5, "x"), Edit(9, 9, "y")])
    assert not taken.take([Edit(4, 6, "")])
    assert not taken.take([Edit(0, 3, "")])
    assert not taken.take([Edit(9, 9, "z")])
    assert not taken.take([Edit(3, 3, "z")])
    assert taken.take([Edit(5, 5, "z")])
    assert taken.take([Edit(0, 2, "")])
    assert not taken.take([Edit(20, 21, ""), Edit(4, 4, "")])
    assert taken.take([Edit(20, 21, "")]), "what is refused takes nothing"


def test_insertions_at_one_place_keep_their_order() -> None:
    change = Change([Edit(1, 1, "first"), Edit(0, 0, "é"), Edit(1, 1, "second")])
    assert change.applied(b"ab") == "éafirstsecondb".encode()


@st.composite
def texts_and_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    text = draw(st.binary(min_size=1, max_size=30).map(lambda b: bytes(c % 26 + 97 for c in b)))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Edit(start, end, draw(st.text("XYZ", max_size=4))) for start, end in pairs]


@given(texts_and_edits())
def test_a_byte_that_stays_is_found_again(case: tuple[bytes, list[Edit]]) -> None:
    text, edits = case
    change = Change(edits)
    after = change.applied(text)
    for offset in range(len(text)):
        if not any(edit.start <= offset < edit.end for edit in edits):
            there = change.forward(offset)
            assert after[there : there + 1] == text[offset : offset + 1]
            assert change.back(there) == offset


def test_a_file_that_changed_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"theirs")
    with pytest.raises(NotReplacedError, match="changed by somebody else"):
        replace_file(str(path), b"before", b"after")
    assert path.read_bytes() == b"theirs"
    replace_file(str(path), b"theirs", b"ours")
    replace_file(str(path), b"theirs", b"ours")
    assert path.read_bytes() == b"ours"
    assert [p.name for p in tmp_path.iterdir()] == ["a.py"]


def test_a_file_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReplacedError, match="No such file"):
        replace_file(str(tmp_path / "gone.py"), b"", b"x")
