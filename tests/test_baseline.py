"""The baseline: what it survives, what becomes stale, how it reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitorlint.engine.baseline import Baseline, apply_baseline, load_baseline, write_baseline
from monitorlint.model.finding import Confidence, Finding, Region, Severity
from monitorlint.model.fingerprint import fingerprint, fingerprinted
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def finding(row: int, text: str = "client.create(x=1)", code: str = "MON101", path: str = "a.py") -> Finding:
    region = Region(row, 5, row, 9)
    return Finding(
        code, "n", "m", Severity.WARNING, Confidence.HIGH, "ai", "t", path, region, symbol="Bot.run", text=text
    )


def baseline_of(tmp_path: Path, findings: list[Finding]) -> Baseline:
    file = tmp_path / "baseline.json"
    assert write_baseline(file, findings) == len([one for one in findings if one.suppressed is None])
    return load_baseline(file)


def test_holds_back_what_it_knows(tmp_path: Path) -> None:
    old = [finding(3), finding(9, "requests.get(u)", "MON201")]
    baseline = baseline_of(tmp_path, old)
    marked, debt, stale = apply_baseline([*old, finding(20, "other()")], baseline)
    assert [one.suppressed for one in marked] == ["baseline", "baseline", None]
    assert (debt, stale) == (2, [])


def test_survives_moved_lines_and_formatters(tmp_path: Path) -> None:
    baseline = baseline_of(tmp_path, [finding(3, "client.create(x='1', y=[1, 2])")])
    moved = finding(300, 'client.create( x="1", y=[1, 2,], )')
    assert apply_baseline([moved], baseline)[1:] == (1, [])
    for other in (moved._replace(code="MON102"), moved._replace(symbol="Bot.stop"), moved._replace(path="b.py")):
        assert apply_baseline([other], baseline)[1] == 0


def test_counts_equal_calls(tmp_path: Path) -> None:
    baseline = baseline_of(tmp_path, [finding(3), finding(5)])
    marked, debt, _ = apply_baseline([finding(8), finding(3), finding(5)], baseline)
    assert debt == 2
    assert [one.suppressed for one in marked] == [None, "baseline", "baseline"]
    _, debt, stale = apply_baseline([finding(5)], baseline)
    assert (debt, len(stale)) == (1, 1)


def test_a_comment_on_the_first_of_two_equal_calls_keeps_the_second_known(tmp_path: Path) -> None:
    baseline = baseline_of(tmp_path, [finding(3), finding(5)])
    marked, debt, stale = apply_baseline([finding(3)._replace(suppressed="inline: x"), finding(5)], baseline)
    assert [one.suppressed for one in marked] == ["inline: x", "baseline"]
    assert (debt, stale) == (1, [])


def test_stale_only_where_the_run_looked(tmp_path: Path) -> None:
    baseline = baseline_of(tmp_path, [finding(3), finding(3, path="b.py"), finding(4, code="MON201")])
    _, _, stale = apply_baseline([], baseline, judged=lambda path, code: path == "a.py" and code == "MON101")
    assert [(one.path, one.code, one.text) for one in stale] == [("a.py", "MON101", "client.create(x=1)")]


def test_renamed_file(tmp_path: Path) -> None:
    baseline = baseline_of(tmp_path, [finding(3), finding(9, "f()")])
    renamed = [finding(3, path="new.py"), finding(9, "f()", path="new.py")]
    assert apply_baseline(renamed, baseline, files=["new.py"])[1:] == (2, [])
    assert apply_baseline(renamed, baseline, files=["a.py", "new.py"])[1] == 0
    twice = [finding(3, path="new.py"), finding(3, path="too.py")]
    assert apply_baseline(twice, baseline, files=["new.py", "too.py"])[1] == 0


def test_two_files_that_claim_one_new_name(tmp_path: Path) -> None:
    baseline = baseline_of(tmp_path, [finding(3), finding(3, path="b.py")])
    assert apply_baseline([finding(3, path="new.py")], baseline, files=["new.py"])[1] == 0


def test_update_keeps_what_the_run_did_not_judge(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    previous = baseline_of(tmp_path, [finding(3), finding(3, path="b.py")])
    held = apply_baseline([finding(4, "new()")], previous)[0]
    assert write_baseline(file, held, previous=previous, judged=lambda path, _code: path == "a.py") == 2
    assert [(one.path, one.text) for one in load_baseline(file).entries] == [
        ("a.py", "new()"),
        ("b.py", "client.create(x=1)"),
    ]
    again = apply_baseline([finding(4, "new()")], load_baseline(file))[0]
    assert write_baseline(file, again) == 1


def test_file_is_sorted_one_entry_a_line_and_stable(tmp_path: Path) -> None:
    findings = [finding(9, "z()"), finding(3, 'ä("q")'), finding(1, path="A/b.py"), finding(4, "z()")]
    file = tmp_path / "baseline.json"
    write_baseline(file, findings)
    text = file.read_text(encoding="utf-8")
    write_baseline(file, findings[::-1])
    assert file.read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["baseline.json"]
    assert json.loads(text)["version"] == 1
    rows = [line for line in text.splitlines() if '"fingerprint"' in line]
    assert [json.loads(row.rstrip(","))["text"] for row in rows] == ["client.create(x=1)", "z()", "z()", 'ä("q")']
    write_baseline(file, [])
    assert load_baseline(file) == Baseline()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n,}", ":2: not valid JSON; undo the edit, or write it anew"),
        ("[]", ":1: not a baseline of monitorlint; name another file"),
        ('{"version": 9, "findings": []}', ":1: baseline version 9 is not 1; write it anew with this monitorlint"),
        ('{"version": 1, "findings": [\n3]}', ":1: an entry needs path, code, symbol, text, fingerprint; write"),
        ('{"version": 1, "findings": [\n{"fingerprint": "ab"}]}', ":2: an entry needs path, code"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_baseline(file)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_unwritable(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such baseline; write it with --update-baseline"):
        load_baseline(tmp_path / "none.json")
    with pytest.raises(UsageError, match=r"cannot be written \(No such file or directory\)"):
        write_baseline(tmp_path / "no/folder/b.json", [])
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"binary\.json:1: not valid UTF-8"):
        load_baseline(tmp_path / "binary.json")


def test_fingerprint_is_fixed() -> None:
    assert fingerprint(finding(3), 0) == "8fdaccfffd73c808cd23748f"


@given(st.permutations([finding(row, text) for row in (1, 5, 9) for text in ("a()", "b()")]))
def test_fingerprints_do_not_depend_on_the_order_given(findings: list[Finding]) -> None:
    prints = {(one.region.row, one.text): digest for one, _, digest in fingerprinted(findings)}
    expected = [finding(row, text) for row in (1, 5, 9) for text in ("a()", "b()")]
    assert prints == {(one.region.row, one.text): digest for one, _, digest in fingerprinted(expected)}
    assert len(set(prints.values())) == len(prints)
