"""What a run of fixes did: as text, as JSON, and as a patch."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from monitorlint.model.fixes import FixedFile, FixResult
from monitorlint.report.paths import displayed
from monitorlint.report.style import printable
from monitorlint.report.summary import counted


def text(result: FixResult, *, would: bool = False) -> Iterator[str]:
    """One line for each file that was changed, and for each site that was not, with the code to paste.

    :param would: Nothing was written.
    """
    prefix = result.left.prefix
    for file in result.files:
        path = printable(displayed(prefix, file.path))
        if not file.error:
            codes = ", ".join(f"{c} ({n})" if n > 1 else c for c, n in sorted(Counter(file.codes).items()))
            yield f"{'would fix' if would else 'fixed'} {path}: {codes}\n"
    yield from (f"{line}\n" for line in errors(result))
    for site in result.refused:
        yield f"refused {printable(displayed(prefix, site.path))}:{site.line}: {site.code} {printable(site.reason)}\n"
        yield from (f"    {printable(line)}\n" if line else "\n" for line in site.snippet.splitlines())


def errors(result: FixResult) -> list[str]:
    """One line for each file that could not be written."""
    prefix = result.left.prefix
    return [
        f"not written {printable(displayed(prefix, f.path))}: {printable(f.error)}" for f in result.files if f.error
    ]


def as_json(result: FixResult) -> str:
    """Both lists for machines; the fields are a stable interface."""
    prefix = result.left.prefix
    document: dict[str, Any] = {
        "version": 1,
        "files": [
            {"path": displayed(prefix, file.path), "fixed": list(file.codes)} for file in result.files if not file.error
        ],
        "refused": [
            {
                "code": site.code,
                "path": displayed(prefix, site.path),
                "line": site.line,
                "reason": site.reason,
                "snippet": site.snippet,
            }
            for site in result.refused
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def patch(result: FixResult) -> Iterator[bytes]:
    """A unified diff of all files, that ``patch -p1`` and ``git apply`` take."""
    for file in result.files:
        yield from patch_of(file, displayed(result.left.prefix, file.path))


def patch_of(file: FixedFile, path: str) -> Iterator[bytes]:
    """The unified diff of one file, byte for byte in the file's own encoding."""
    before, after = _lines(file.before), _lines(file.after)
    name = path.encode()
    around = 0 if file.is_private else 3
    for line in difflib.diff_bytes(difflib.unified_diff, before, after, b"a/" + name, b"b/" + name, n=around):
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[bytes]:
    """Lines as a patch knows them: they end with line feeds, and with nothing else."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def summary(result: FixResult, *, would: bool = False) -> str:
    """The one line of counts."""
    files = sum(not file.error for file in result.files)
    verb = "Would fix" if would else "Fixed"
    parts = [f"{verb} {counted(result.fixed, 'finding')} in {counted(files, 'file')}" if files else "Nothing to fix"]
    unsafe = sum(site.unsafe for site in result.refused)
    refused = len(result.refused) - unsafe
    if refused:
        parts.append(f"{refused} refused")
    if unsafe:
        parts.append(f"{unsafe} more with --unsafe-fixes")
    errors = sum(bool(file.error) for file in result.files)
    if errors:
        parts.append(f"{counted(errors, 'file')} not written")
    return "; ".join(parts)
