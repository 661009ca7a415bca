"""What earlier runs found out, by content.

The cache has a folder for each language, with three kinds of files: ``files.json`` (what is known of each source file),
``facts.bin`` (their facts, one after the other, found by offset), and ``result-….json`` (the analysis of a whole
project in which nothing has changed). All are JSON: the folder lies in the user's repository, and nothing in it is ever
executed.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitorlint.engine.plan import Analysis
from monitorlint.engine.scan import Scanned
from monitorlint.engine.sitecodec import decode_site, encode_site
from monitorlint.model.digests import blake2b
from monitorlint.model.facts import Suppression, SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from monitorlint.model.setup import SentryUse

FOLDER = ".monitorlint_cache"
FORMAT = 9
"""Changes with what is written here."""
KEPT_RESULTS = 8
_FIELDS = 11
"""Of the row of one file."""


class Cache:
    """The cache of one project, for one version of the program and the rules."""

    def __init__(self, folder: Path, identity: str, language: str) -> None:
        """Take the project's folder for it; nothing is read yet.

        :param identity: Whatever facts depend on besides a file's content.
        """
        self._top = folder
        self._folder = folder / language
        self._identity = f"{FORMAT}:{identity}"
        self._rows: dict[str, list[Any]] | None = None
        self._pack: bytes | None = None

    def _known(self) -> dict[str, list[Any]]:
        if self._rows is None:
            self._rows = {}
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
                content = json.loads((self._folder / "files.json").read_bytes())
                rows = content["files"]
                if content["identity"] == self._identity and all(len(row) == _FIELDS for row in rows.values()):
                    self._rows = rows
        return self._rows

    def unchanged(self, path: str, absolute: str) -> Scanned | None:
        """What is known of a file whose size and time are as they were; its facts are left out until asked for."""
        row = self._known().get(path)
        if row is None:
            return None
        try:
            status = os.stat(absolute)  # noqa: PTH116 - asked for every file of the project
        except OSError:
            return None
        if status.st_size != row[1] or status.st_mtime_ns != row[2]:
            return None
        return Scanned(path, row[1], row[2], row[3], row[4], row[5], "", row[6], row[7], asks=row[10])

    def has_facts(self, path: str) -> bool:
        """Whether facts are stored for a file."""
        row = self._known().get(path)
        return row is not None and bool(row[9])

    def facts(self, path: str, digest: str) -> str:
        """The encoded facts of a file with this content; ``""`` when there are none."""
        row = self._known().get(path)
        if row is None or row[3] != digest or not row[9]:
            return ""
        if self._pack is None:
            try:
                self._pack = (self._folder / "facts.bin").read_bytes()
            except OSError:
                self._pack = b""
        # The two files are not written at once: another run may have replaced the one in between.
        text = self._pack[row[8] : row[8] + row[9]].decode("utf-8", "replace")
        return text[len(digest) :] if text.startswith(digest) else ""

    def save(self, rows: Iterable[Scanned]) -> None:
        """Writes what is known now. A folder that cannot be written to is no error: the next run is slower."""
        files: dict[str, list[Any]] = {}
        chunks: list[bytes] = []
        offset = 0
        for row in rows:
            if row.failure:
                continue
            text = row.facts or self.facts(row.path, row.digest)
            facts = f"{row.digest}{text}".encode() if text else b""
            known = (row.size, row.modified, row.digest, row.imports, row.marks, row.problem, row.skipped)
            files[row.path] = ["", *known, offset, len(facts), row.asks]
            chunks.append(facts)
            offset += len(facts)
        with contextlib.suppress(OSError):
            self._prepare()
            _write(self._folder / "facts.bin", b"".join(chunks))
            content = {"identity": self._identity, "files": files}
            _write(self._folder / "files.json", json.dumps(content, separators=(",", ":")).encode())

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        ignore = self._top / ".gitignore"
        if not ignore.exists():
            _write(ignore, b"# Written by monitorlint.\n*\n")

    def result(self, key: str) -> Analysis | None:
        """The analysis stored under ``key``."""
        try:
            return _analysis(json.loads((self._folder / f"result-{key}.json").read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            return None

    def save_result(self, key: str, analysis: Analysis) -> None:
        """Stores an analysis and forgets the oldest ones."""
        with contextlib.suppress(OSError):
            self._prepare()
            _write(self._folder / f"result-{key}.json", json.dumps(_encoded(analysis), separators=(",", ":")).encode())
            results = sorted(self._folder.glob("result-*.json"), key=lambda p: p.stat().st_mtime_ns)
            for old in results[:-KEPT_RESULTS]:
                old.unlink(missing_ok=True)


def key_of(parts: Iterable[object]) -> str:
    """A name for whatever a result depends on."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(repr(part).encode("utf-8", "surrogateescape"))
        digest.update(b"\0")
    return digest.hexdigest()


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_bytes(content)
    partial.replace(path)


def _encoded(analysis: Analysis) -> dict[str, Any]:
    return {
        "sites": [encode_site(site) for site in analysis.sites],
        "problems": analysis.problems,
        "unreadable": analysis.unreadable,
        "skipped": analysis.skipped,
        "suppressions": analysis.suppressions,
        "use": analysis.use,
    }


def _analysis(content: dict[str, Any]) -> Analysis:
    return Analysis(
        tuple(decode_site(row) for row in content["sites"]),
        tuple((path, SyntaxProblem._make(row)) for path, row in content["problems"]),
        tuple((path, text) for path, text in content["unreadable"]),
        tuple((path, text) for path, text in content["skipped"]),
        {path: [Suppression._make(r) for r in rows] for path, rows in content["suppressions"].items()},
        use=_use(content["use"]),
    )


def _use(rows: list[Any] | None) -> SentryUse | None:
    if rows is None:
        return None
    from monitorlint.model.setup import decoded_use  # noqa: PLC0415 - few projects have any

    return decoded_use(*rows)
