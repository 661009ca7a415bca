"""Inline suppressions: the comment's text, what it silences, and what is said about idle ones."""

from __future__ import annotations

import pytest

from monitorlint.engine.suppress import apply_suppressions
from monitorlint.languages.suppression import ParsedSuppression, parse_suppression
from monitorlint.model.facts import Suppression
from monitorlint.model.finding import Confidence, Finding, Region, Severity
from monitorlint.model.rule import Rule

KNOWN = (
    Rule("MON101", "unmonitored-ai-call", "", "ai", Severity.WARNING, default=True),
    Rule("MON102", "ai-call-without-timeout", "", "ai", Severity.WARNING, default=False),
    Rule("MON201", "unmonitored-fetch", "", "http", Severity.WARNING, default=True),
    Rule("MON903", "unused-suppression", "", "tool", Severity.WARNING, default=True),
    Rule("MON904", "unknown-code-in-suppression", "", "tool", Severity.WARNING, default=True),
)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("# monitorlint: ignore", ParsedSuppression((), "", whole_file=False)),
        ("#monitorlint:ignore[MON101]", ParsedSuppression(("MON101",), "", whole_file=False)),
        ("# monitorlint: ignore[MON101] has its own", ParsedSuppression(("MON101",), "has its own", whole_file=False)),
        ("# monitorlint: ignore [ mon101,MON201 x-Y ]", ParsedSuppression(("MON101", "MON201", "x-y"), "", False)),
        ("// monitorlint: ignore-file[MON3] - old code", ParsedSuppression(("MON3",), "old code", whole_file=True)),
        ("/* monitorlint: ignore[MON101] why */", ParsedSuppression(("MON101",), "why", whole_file=False)),
        (
            "# noqa: E501  # monitorlint: ignore[MON101] why # type: ignore",
            ParsedSuppression(("MON101",), "why", False),
        ),
        ("# Monitorlint: Ignore-File", ParsedSuppression((), "", whole_file=True)),
        ("# monitorlint: ignore[]", ParsedSuppression(("",), "", whole_file=False)),
        ("# monitorlint: ignore[MON101 why", ParsedSuppression(("MON101", "why"), "", whole_file=False)),
        ("# issue #12 is fixed", None),
        ("# monitorlint: ignored", None),
        ("# monitorlint: ignore-files", None),
        ("# write `# monitorlint: ignore[MON101]` here", None),
        ("# about monitorlint: ignore", None),
    ],
)
def test_comment_text(text: str, parsed: ParsedSuppression | None) -> None:
    assert parse_suppression(text) == parsed


def finding(row: int, end_row: int | None = None, code: str = "MON101", path: str = "a.py") -> Finding:
    region = Region(row, 5, end_row or row, 9)
    return Finding(code, "n", "m", Severity.WARNING, Confidence.HIGH, "ai", "t", path, region)


def behind(row: int, *codes: str, reason: str = "") -> Suppression:
    return Suppression(row - 1, 20, list(codes), reason, False, False, row - 1)


def above(row: int, *codes: str, target: int | None = None) -> Suppression:
    return Suppression(row - 1, 0, list(codes), "", False, True, (target or row + 1) - 1)


def whole_file(*codes: str) -> Suppression:
    return Suppression(0, 0, list(codes), "", True, True, 1)


def run(findings: list[Finding], *comments: Suppression, off: tuple[str, ...] = ()) -> tuple[list[bool], list[str]]:
    """Which findings are silenced, and what is said about the comments (row and code, suppressed ones left out)."""
    marked, own = apply_suppressions(
        findings, {"a.py": list(comments)}, known=KNOWN, is_on=lambda _path, code: code not in off
    )
    assert [one.region for one in marked] == [one.region for one in findings]
    said = [f"{one.region.row} {one.code}" for one in own if one.suppressed is None]
    return [one.suppressed is not None for one in marked], said


def test_comment_behind_and_above() -> None:
    assert run([finding(3), finding(4)], behind(3, "MON101")) == ([True, False], [])
    assert run([finding(3), finding(4)], above(2, "MON101")) == ([True, False], [])
    assert run([finding(6)], above(2, "MON101", target=6)) == ([True], [])
    assert run([finding(3)], above(3, "MON101"), off=("MON903",)) == ([False], [])


def test_codes_names_and_everything() -> None:
    both = [finding(3), finding(3, code="MON201")]
    assert run(both, behind(3)) == ([True, True], [])
    assert run(both, behind(3, "MON201")) == ([False, True], [])
    assert run(both, behind(3, "unmonitored-fetch", "MON101")) == ([True, True], [])
    assert run(both, whole_file("MON101")) == ([True, False], [])


def test_other_files_are_left_alone() -> None:
    assert run([finding(3, path="b.py")], whole_file(), off=("MON903",)) == ([False], [])


def test_any_row_of_a_call_over_several_lines() -> None:
    for row in (3, 5, 8):
        assert run([finding(3, 8)], behind(row, "MON101")) == ([True], [])
    outer, inner = finding(3, 8), finding(5)
    assert run([outer, inner], behind(5, "MON101")) == ([False, True], [])
    assert run([outer, inner], behind(4, "MON101")) == ([True, False], [])


def test_reason_is_kept() -> None:
    marked, _ = apply_suppressions(
        [finding(3), finding(4)],
        {"a.py": [behind(3, reason="counted elsewhere"), behind(4)]},
        known=KNOWN,
        is_on=lambda _path, _code: True,
    )
    assert [one.suppressed for one in marked] == ["inline: counted elsewhere", "inline"]


def test_unused() -> None:
    assert run([], behind(3, "MON101")) == ([], ["3 MON903"])
    assert run([finding(3)], behind(3, "MON101", "MON201")) == ([True], ["3 MON903"])
    assert run([], behind(3)) == ([], ["3 MON903"])
    assert run([finding(3)], behind(3), behind(3, "MON101")) == ([True], [])


def test_unused_only_where_the_rule_was_on() -> None:
    assert run([], behind(3, "MON101"), off=("MON101",)) == ([], [])
    assert run([], behind(3, "MON101", "MON201"), off=("MON101",)) == ([], ["3 MON903"])
    assert run([], behind(3), off=("MON201",)) == ([], [])
    assert run([], behind(3), off=("MON102",)) == ([], ["3 MON903"])
    assert run([], behind(3, "MON101"), off=("MON903",)) == ([], [])


def test_unknown_code() -> None:
    assert run([finding(3)], behind(3, "MON101", "MON111")) == ([True], ["3 MON904"])
    assert run([finding(3)], behind(3, "")) == ([False], ["3 MON904"])
    _, own = apply_suppressions(
        [], {"a.py": [behind(3, "unmonitored-fetsh")]}, known=KNOWN, is_on=lambda _path, _code: True
    )
    assert own[0].message == 'Unknown rule "unmonitored-fetsh" in a suppression; did you mean "unmonitored-fetch"?'
    assert (own[0].path, own[0].region.row, own[0].region.column) == ("a.py", 3, 21)


def test_comments_on_comments() -> None:
    assert run([], behind(3, "MON101", "MON903")) == ([], [])
    assert run([], whole_file("MON903", "MON904"), behind(3, "MON101"), behind(4, "MON1")) == ([], [])
    assert run([], whole_file(), behind(3, "MON101"), off=("MON102",)) == ([], ["1 MON903", "3 MON903"])
