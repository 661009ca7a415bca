from __future__ import annotations

from pathlib import Path

import pytest

from monitorlint.languages.typescript.extract import extract
from monitorlint.languages.typescript.loop_screen import may_loop

CASES = sorted((Path(__file__).parent / "fixtures" / "loops" / "typescript").glob("*.ts"))


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.name)
def test_no_loop_that_can_be_reported_is_missed(path: Path) -> None:
    source = path.read_bytes()
    loops = [x for x in extract(path.name, source).loops if not x.plain and x.kind not in {"async-for", "iterator"}]
    assert [x.header for x in loops if not may_loop(source[x.start : x.end])] == []


@pytest.mark.parametrize(
    "text",
    [
        "for (let i = 0; i < n; i++) { f(i); }",
        "for (let i = n - 1; i >= 0; i--) f(i);",
        "for (let i = 0, j = n; i < j; i++, j--) { f(i); }",
        "for (const row of rows) { f(row); }",
        "for await (const row of rows) { f(row); }",
        "const meanwhile = before(form);",
    ],
)
def test_ordinary_loops_make_no_file_worth_reading(text: str) -> None:
    assert not may_loop(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "for (;;) {}",
        "for (let i = 0; ; i++) {}",
        "for (let i = 0, seen = {}; ; i++) {}",
        "for (\n  let i = 0;\n  ;\n  i++\n) {}",
        "for (let n = head; n; ) {}",
        "for (let i = 0; i < n; ) {}",
        "for (let i = 0; !done; i++) {}",
        "for (let i = 0; i < n; i--) {}",
        "for (let i = n; i > 0; i += 1) {}",
        "do { f(); } while (more)",
        "while(true){}",
    ],
)
def test_odd_loops_do(text: str) -> None:
    assert may_loop(text.encode())
