"""Remedies of one kind, carried out over one file as the front end does it, without the machinery that writes files."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from conftest import ROOT
from monitorlint.engine.request import Request
from monitorlint.engine.run import run
from monitorlint.languages.python.rewrite.file import FileRewriter
from monitorlint.languages.python.rewrite.helper_module import spellings
from monitorlint.languages.rewriting import Wishes
from monitorlint.model.finding import Edit
from monitorlint.model.remedy import Refused, Remedy, Rewritten
from monitorlint.model.run import RunResult

FIXTURES = ROOT / "tests" / "fixtures" / "fix" / "python"
HELPER = "sentry_monitoring.py"
_OPTION = re.compile(rb"^# option: ([^\r\n]+)", re.MULTILINE)


class Repaired(NamedTuple):
    text: bytes
    refused: list[str]
    """Reasons, in order of place."""
    applicabilities: set[str]


def cases(folder: str) -> list[Path]:
    """The files of a folder that are to be repaired."""
    return sorted(p for p in (FIXTURES / folder).rglob("*.py") if not p.name.endswith(".fixed.py"))


def project(folder: Path, name: str, text: bytes) -> Path:
    """A project with the helper module and one more file, whose ``# option:`` lines are its settings."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "src" / "monitorlint" / "scaffold" / "python" / HELPER, folder / HELPER)
    (folder / "monitorlint.toml").write_bytes(b"\n".join(_OPTION.findall(text)))
    (folder / name).write_bytes(text)
    return folder / name


def checked(path: Path) -> RunResult:
    """What the whole line says of one file, and of it alone."""
    return run(Request(paths=(path,), cache=False, jobs=1, debug=True))


def repairable(path: Path, kind: str) -> list[Remedy]:
    """The remedies of a kind for what is reported of a file."""
    found = checked(path).findings
    return [f.remedy for f in found if f.remedy is not None and f.remedy.kind == kind and f.suppressed is None]


def repaired(path: Path, kind: str) -> Repaired:
    """The file with all remedies of a kind carried out at once."""
    module = Wishes(module="sentry_monitoring", spellings=spellings(path.name, HELPER))
    rewriter = FileRewriter(path.name, path.read_bytes(), module)
    edits: list[Edit] = []
    needs: list[str] = []
    refused: list[str] = []
    applicabilities: set[str] = set()
    for outcome in rewriter.outcomes(repairable(path, kind)):
        match outcome.result:
            case Refused(reason):
                refused.append(reason)
            case Rewritten(made, applicability, _, wanted):
                edits.extend(made)
                needs.extend(wanted)
                applicabilities.add(applicability.value)
    edits.extend(rewriter.import_edits(needs))
    text = applied(rewriter.source.text, edits)
    return Repaired(rewriter.source.encoded(text), refused, applicabilities)


def applied(text: bytes, edits: Iterable[Edit]) -> bytes:
    """``text`` with all edits; those at one offset in the order given. They must not overlap."""
    parts: list[bytes] = []
    at = 0
    for edit in in_order(edits):
        assert edit.start >= at, "edits overlap"
        parts += [text[at : edit.start], edit.content.encode()]
        at = edit.end
    return b"".join([*parts, text[at:]])


def in_order(edits: Iterable[Edit]) -> Sequence[Edit]:
    return sorted(edits, key=lambda e: e.start)
