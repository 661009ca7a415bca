"""Missing timeouts: where the argument goes, and where none is written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from monitorlint.languages.python.rewrite.place import Source
from monitorlint.languages.python.rewrite.timeouts import set_timeout
from monitorlint.model.finding import Applicability, Region
from monitorlint.model.remedy import Refused, Remedy, Rewritten
from rewriting import applied, cases, project, repairable, repaired


@pytest.mark.parametrize("case", cases("timeouts"), ids=lambda path: path.stem)
def test_fixtures(case: Path, tmp_path: Path) -> None:
    wanted = case.with_name(f"{case.stem}.fixed.py")
    path = project(tmp_path, case.name, case.read_bytes())
    first = repaired(path, "timeout")
    assert first.text == (wanted if wanted.exists() else case).read_bytes()
    ast.parse(first.text)
    assert first.applicabilities <= {"unsafe"}
    path.write_bytes(first.text)
    assert len(repairable(path, "timeout")) == len(first.refused)
    assert repaired(path, "timeout").text == first.text


REFUSALS = {
    "handed_over": ["no argument for a limit"],
    "limit_of_the_client": ["no argument for a limit"],
    "none_on_purpose": ["sets timeout itself", "sets timeout itself", "no argument for a limit"],
    "takes_no_plain_number": ["limit its client", "limit what awaits it"],
    "unpacked": ["may hold timeout already", "may hold timeout already"],
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_say_why(name: str, tmp_path: Path) -> None:
    case = next(c for c in cases("timeouts") if c.stem == name)
    reasons = repaired(project(tmp_path, case.name, case.read_bytes()), "timeout").refused
    assert len(reasons) == len(REFUSALS[name])
    for reason, part in zip(reasons, REFUSALS[name], strict=True):
        assert part in reason


def limited(text: str, *, seconds: float = 10, keyword: str = "timeout", milliseconds: bool = False) -> str | Refused:
    """The text with a limit on the call that it begins with."""
    source = Source("a.py", text.encode())
    region = Region(1, 1, 1, 1, 0, len(text.encode()))
    remedy = Remedy(
        "timeout", "MON202", "a.py", region, "", seconds=seconds, keyword=keyword, milliseconds=milliseconds
    )
    place = source.call(region.start, region.end)
    assert place is not None
    result = set_timeout(place, remedy)
    if isinstance(result, Refused):
        return result
    assert isinstance(result, Rewritten)
    assert result.applicability is Applicability.UNSAFE
    return applied(source.text, result.edits).decode()


SHAPES = [
    ("f()", "f(timeout=10)"),
    ("f( )", "f(timeout=10 )"),
    ("f(a)", "f(a, timeout=10)"),
    ("f(a,)", "f(a, timeout=10,)"),
    ("f(a, )", "f(a, timeout=10, )"),
    ("f(a)(b)", "f(a)(b, timeout=10)"),
    ("f(a for a in b)", "f((a for a in b), timeout=10)"),
    ("f((a for a in b))", "f((a for a in b), timeout=10)"),
    ("f(a, *, )".replace("*, ", ""), "f(a, timeout=10, )"),
    ("f(\n    a,\n)", "f(\n    a,\n    timeout=10,\n)"),
    ("f(\n    a\n)", "f(\n    a,\n    timeout=10\n)"),
    ("f(\n    a,  # why\n)", "f(\n    a,  # why\n    timeout=10,\n)"),
    ("f(\n    a  # why\n)", "f(\n    a,  # why\n    timeout=10\n)"),
    ("f(\n    a,\n    # last\n)", "f(\n    a,\n    timeout=10,\n    # last\n)"),
    ("f(a,\n  b)", "f(a,\n  b, timeout=10)"),
    ("f(a,\n  b\n  )", "f(a,\n  b,\n  timeout=10\n  )"),
    ("f(a, b,\n)", "f(a, b, timeout=10,\n)"),
    ("f(\n\ta,\n)", "f(\n\ta,\n\ttimeout=10,\n)"),
    ("f(\r\n    a,\r\n)", "f(\r\n    a,\r\n    timeout=10,\r\n)"),
    ("f(a, \\\n  b)", "f(a, \\\n  b, timeout=10)"),
    ("f(a \\\n)", "f(a, timeout=10 \\\n)"),
    ("f(lambda: 1)", "f(lambda: 1, timeout=10)"),
    ("f(b := 1)", "f(b := 1, timeout=10)"),
    ("f(x='''\n''')", "f(x='''\n''', timeout=10)"),
    ("f(  # nothing\n)", "f(timeout=10  # nothing\n)"),
    ("f('é', b)", "f('é', b, timeout=10)"),
]


@pytest.mark.parametrize(("before", "after"), SHAPES)
def test_the_argument_stands_in_the_layout_of_the_others(before: str, after: str) -> None:
    assert limited(before) == after
    ast.parse(after)


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        ("f(**options)", "an unpacked argument may hold timeout already"),
        ("f(*args)", "an unpacked argument may hold timeout already"),
        ("f(a, **{'b': 1})", "an unpacked argument may hold timeout already"),
        ("f(timeout=None)", "the call sets timeout itself"),
    ],
)
def test_refused(before: str, reason: str) -> None:
    assert limited(before) == Refused(reason, "f(..., timeout=10)")


@pytest.mark.parametrize(
    ("seconds", "milliseconds", "argument"),
    [(30.0, False, "t=30"), (2.5, False, "t=2.5"), (2.5, True, "t=2500"), (0.0015, True, "t=2")],
)
def test_the_number_is_in_the_unit_of_the_keyword(seconds: float, milliseconds: bool, argument: str) -> None:
    assert limited("f(a)", seconds=seconds, keyword="t", milliseconds=milliseconds) == f"f(a, {argument})"


def test_a_call_without_such_an_argument_is_refused_with_what_to_do() -> None:
    refused = limited("f(a)", keyword="")
    assert isinstance(refused, Refused)
    assert refused.reason == "the call has no argument for a limit that could be added; limit its client"
    ast.parse(refused.snippet)
