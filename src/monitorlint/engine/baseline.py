"""Old findings, written down once, so that only new ones fail the run.

One JSON file with one entry a line, sorted: it merges and reads well. An entry does not hold a line number, so it
survives code that moves; it becomes stale when its finding is gone.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitorlint.model.fingerprint import fingerprint_of, fingerprinted
from monitorlint.model.run import StaleEntry
from monitorlint.settings.document import shown
from monitorlint.settings.values import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from monitorlint.model.finding import Finding

VERSION = 1
SUPPRESSED = "baseline"
"""``Finding.suppressed`` of a finding that the baseline holds back."""


@dataclass(frozen=True, slots=True)
class BaselineEntry:
    path: str
    code: str
    symbol: str
    text: str
    occurrence: int
    fingerprint: str

    @property
    def order(self) -> tuple[str, str, str, str, int]:
        return (self.path, self.code, self.symbol, self.text, self.occurrence)


@dataclass(frozen=True, slots=True)
class Baseline:
    entries: tuple[BaselineEntry, ...] = ()


def _every(_path: str, _code: str) -> bool:
    return True


def load_baseline(path: Path) -> Baseline:
    """Read a baseline.

    :raises UsageError: the file is missing, unreadable, no baseline, or of another version.
    """
    name = shown(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{name}: no such baseline; write it with --update-baseline") from None
    except OSError as error:
        raise UsageError(f"{name}: cannot be read ({error.strerror}); check its permissions") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name}:1: not valid UTF-8; write it anew with --update-baseline") from None
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise UsageError(f"{name}:{line}: not valid JSON; undo the edit, or write it anew") from None
    if not isinstance(whole, dict) or not isinstance(whole.get("findings"), list):
        raise UsageError(f"{name}:1: not a baseline of monitorlint; name another file")
    if whole.get("version") != VERSION:
        raise UsageError(
            f"{name}:1: baseline version {whole.get('version')!r} is not {VERSION}; write it anew with this monitorlint"
        )
    return Baseline(tuple(_entry(row, name, text) for row in whole["findings"]))


def apply_baseline(
    findings: Sequence[Finding],
    baseline: Baseline,
    *,
    judged: Callable[[str, str], bool] = _every,
    files: Collection[str] | None = None,
) -> tuple[list[Finding], int, list[StaleEntry]]:
    """Hold back what the baseline knows.

    ``judged(path, code)`` says whether this run would have found an entry's finding: entries of other files or
    of rules that were off are never stale (a path that no longer exists is for the caller to call judged when the
    run was over the whole project). ``files`` are the project's files; with them, entries of a file that is
    gone follow it to its new name, as long as only one finding answers to them.
    Gives the findings, in their order, with ``suppressed`` set on those held back; their number, the debt; and
    the stale entries. Findings that a comment silences already count as present and not as debt.
    """
    numbered = list(fingerprinted(findings))
    known = {entry.fingerprint: entry for entry in baseline.entries}
    present = {digest: finding for finding, _, digest in numbered}
    matched = {digest: digest for digest in known if digest in present}
    if files is not None:
        matched |= _moved(known, present, files)
    held = {id(present[digest]) for digest in matched.values() if present[digest].suppressed is None}
    marked = [one._replace(suppressed=SUPPRESSED) if id(one) in held else one for one in findings]
    stale = [
        StaleEntry(entry.path, entry.code, entry.text)
        for digest, entry in known.items()
        if digest not in matched and judged(entry.path, entry.code)
    ]
    return marked, len(held), stale


def write_baseline(
    path: Path,
    findings: Sequence[Finding],
    *,
    previous: Baseline | None = None,
    judged: Callable[[str, str], bool] = _every,
) -> int:
    """Write all ``findings`` but those that a comment silences; gives the number of entries.

    Entries of ``previous`` that this run did not judge are kept, so a run over one folder does not lose the others.

    :raises UsageError: the file cannot be written.
    """
    entries = {
        digest: BaselineEntry(one.path, one.code, one.symbol, one.text, occurrence, digest)
        for one, occurrence, digest in fingerprinted(findings)
        if one.suppressed in (None, SUPPRESSED)
    }
    for entry in previous.entries if previous is not None else ():
        if not judged(entry.path, entry.code):
            entries.setdefault(entry.fingerprint, entry)
    rows = [_row(entry) for entry in sorted(entries.values(), key=lambda entry: entry.order)]
    body = ",\n".join(f"    {row}" for row in rows)
    inside = f"[\n{body}\n  ]" if rows else "[]"
    _write_whole(path, f'{{\n  "version": {VERSION},\n  "findings": {inside}\n}}\n')
    return len(rows)


def _moved(known: dict[str, BaselineEntry], present: dict[str, Finding], files: Collection[str]) -> dict[str, str]:
    existing = frozenset(files)
    settled = {entry.path for entry in known.values()}
    new_paths = sorted({finding.path for finding in present.values()} - settled)
    moved: dict[str, str] = {}
    for digest, entry in known.items():
        if entry.path in existing or digest in present:
            continue
        digests = (fingerprint_of(entry.code, path, entry.symbol, entry.text, entry.occurrence) for path in new_paths)
        candidates = [candidate for candidate in digests if candidate in present]
        if len(candidates) == 1:
            moved[digest] = candidates[0]
    # Two old files that both claim one finding: nobody can say which of them moved.
    claims = list(moved.values())
    return {digest: target for digest, target in moved.items() if claims.count(target) == 1}


def _entry(row: Any, name: str, text: str) -> BaselineEntry:
    fields = {"path": str, "code": str, "symbol": str, "text": str, "fingerprint": str}
    if not isinstance(row, dict) or any(not isinstance(row.get(key), kind) for key, kind in fields.items()):
        found = row.get("fingerprint") if isinstance(row, dict) else None
        at = text.find(f'"{found}"') if isinstance(found, str) else 0
        raise UsageError(
            f"{name}:{text.count(chr(10), 0, max(at, 0)) + 1}: an entry needs {', '.join(fields)}; write the file anew"
        )
    occurrence = row.get("occurrence", 0)
    return BaselineEntry(
        path=row["path"],
        code=row["code"],
        symbol=row["symbol"],
        text=row["text"],
        occurrence=occurrence if isinstance(occurrence, int) else 0,
        fingerprint=row["fingerprint"],
    )


def _row(entry: BaselineEntry) -> str:
    row: dict[str, object] = {"path": entry.path, "code": entry.code, "symbol": entry.symbol, "text": entry.text}
    if entry.occurrence:
        row["occurrence"] = entry.occurrence
    return json.dumps(row | {"fingerprint": entry.fingerprint}, ensure_ascii=False)


def _write_whole(path: Path, text: str) -> None:
    """All or nothing: a run that is killed leaves the old file."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"{shown(path)}: cannot be written ({error.strerror}); check the folder") from None
