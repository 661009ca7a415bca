"""One file: read, screened, and, when it may hold something of interest, extracted. Every process does this."""

from __future__ import annotations

import os
from codecs import BOM_UTF8
from typing import TYPE_CHECKING

from monitorlint.engine.discover import reason_to_skip
from monitorlint.languages.text import UndecodableError
from monitorlint.model.digests import blake2b
from monitorlint.model.facts import TYPES
from monitorlint.model.rows import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from monitorlint.engine.frontends import FrontEnd
    from monitorlint.model.facts import FileFacts


_LOOKED = frozenset("en")
"""The marks of a file whose loops somebody has looked at."""
LAUNCHING = "m"
"""The mark of a file that may start a program under a monitor."""
REPORTING = "x"
"""The mark of a file with a name by which trackers are told of errors."""
GLOBAL = "="
"""In front of what a file may call without importing it, among its imports."""


class Scanned(NamedTuple):
    """What is known of one file. The fields are JSON, so that a list of them is one."""

    path: str
    size: int
    modified: int
    """Nanoseconds, as the file system says."""
    digest: str
    imports: list[str]
    marks: str
    """What the text shows: ``l`` may hold a loop that is a site, ``p`` a loop over a collection, ``h`` a call in
    the shape of a client's that was made elsewhere, ``t`` tests, ``c`` that it runs in a browser, ``s`` that a
    server runs what it exports, ``b`` that it is a page, of which only the server gets some functions, ``r`` that
    it renders the first element of a page, ``i`` that it sets timers, ``d`` a condition that asks whether the
    program runs for those who develop it, ``w`` that it configures pages which no server renders, ``m`` the words
    of a command that monitors what it starts, ``x`` a name by which trackers are told of errors. Of files that only
    loops make worth reading, after a look at these: ``e`` the loops are silent, ``n`` they are not, or not by
    themselves."""
    facts: str
    """As the cache holds them; ``""``: not extracted, or not encoded yet."""
    problem: str
    """Why it could not be read; ``""`` when it could."""
    skipped: str
    """Why it was passed over (too large, minified); ``""`` when it was not."""
    failure: Sequence[str] = ()
    """Where and how we failed on it; empty when we did not."""
    asks: Sequence[str] = ()
    """Last names of calls on which the silence of its loops depends, where loops alone could make it worth reading."""

    @property
    def is_read(self) -> bool:
        """Whether its text is known and worth a look."""
        return not (self.problem or self.skipped or self.failure)


class Screen(NamedTuple):
    """Decides which files are extracted at all."""

    front: FrontEnd
    """The language of the files."""
    kinds_of: Callable[[str], frozenset[str]]
    """The catalogue's kinds for an imported module."""
    globals: Mapping[bytes, frozenset[str]]
    """The catalogue's kinds for what is called without an import, by how the call begins: ``fetch(``."""
    calls: Sequence[tuple[bytes, Sequence[Sequence[bytes]]]]
    """Parts that names of such calls have in common, and for each name the forms in which it is used: where a part is
    not, none of them is."""
    commands: Sequence[bytes]
    """What monitors the programs that it starts, as commands name it."""
    reporting: Sequence[bytes]
    """What trackers are told of errors by."""
    site_kinds: frozenset[str]
    own: frozenset[str]
    """Top-level packages of the project itself: importing them is importing nothing of the catalogue's."""
    loops: bool
    silent_loops: bool
    """Whether loops are asked for of which no rule speaks."""
    plain_loops: bool
    timers: bool
    area_of: Callable[[str, str], str]
    """The area of a file, by its path and marks."""
    counts: Callable[[str, str], bool]
    """Whether the sites of a file count, by its path and marks."""
    known: dict[str, frozenset[str]]
    """What modules lead to, as far as it was asked."""
    renames: Mapping[str, str]
    """What names of the project's own for packages stand for."""

    def kinds(self, imports: Iterable[str]) -> set[str]:
        """What the imports of a file lead to."""
        known = self.known
        kinds: set[str] = set()
        for named in imports:
            found = known.get(named)
            if found is None:
                found = known[named] = self._kinds_of(named.removeprefix(TYPES))
            if found:
                kinds |= found
        return kinds

    def _kinds_of(self, module: str) -> frozenset[str]:
        if module.startswith(GLOBAL):
            return self.globals.get(module[1:].encode(), frozenset())
        package = self.front.package_of(module, self.renames)
        if not package or package in self.own:
            return frozenset()
        return self.kinds_of(self.front.catalogue_path(module, self.renames))

    def wants(self, path: str, imports: Iterable[str], marks: str) -> bool:
        """Whether a file is to be extracted."""
        if not self.counts(path, marks):
            return False
        if (self.plain_loops and "p" in marks) or (self.timers and "i" in marks):
            return True
        if self.loops and "l" in marks and (self.silent_loops or "e" not in marks):
            return True
        return self._may_hold_calls(imports)

    def _may_hold_calls(self, imports: Iterable[str]) -> bool:
        kinds = self.kinds(imports)
        return not self.site_kinds.isdisjoint(kinds) or bool(kinds & {"monitor", "guard"})

    def must_look(self, path: str, imports: Iterable[str], marks: str) -> bool:
        """Whether loops alone could make a file worth reading, and nobody has looked at them yet."""
        return (
            self.loops
            and "l" in marks
            and _LOOKED.isdisjoint(marks)
            and self.counts(path, marks)
            and not self._may_hold_calls(imports)
        )


def digest_of(data: bytes) -> str:
    """What identifies a file's content."""
    return blake2b(data, digest_size=16).hexdigest()


def read_file(path: str) -> tuple[bytes, int]:
    """Bytes and modification time (ns) of a file.

    :raises OSError: it cannot be read.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(handle)
        # One byte more than there should be: a short answer is the end.
        wanted = status.st_size + 1
        data = chunk = os.read(handle, wanted)
        while len(chunk) == wanted or (chunk and len(data) < status.st_size):
            wanted = max(wanted, 65536)
            chunk = os.read(handle, wanted)
            data += chunk
        return data, status.st_mtime_ns
    finally:
        os.close(handle)


def scan(path: str, absolute: str, screen: Screen, keep: dict[str, FileFacts], text: bytes | None = None) -> Scanned:
    """Reads one file and extracts its facts if the screen wants it.

    :param keep: Gets the facts by path.
    :param text: What the file holds instead of what lies on disk.
    """
    try:
        data, modified = (text, 0) if text is not None else read_file(absolute)
    except OSError as error:
        return Scanned(path, 0, 0, "", [], "", "", f"cannot be read: {error.strerror or error}", "")
    size, digest = len(data), digest_of(data)
    skipped = reason_to_skip(path, data)
    if skipped:
        return Scanned(path, size, modified, digest, [], "", "", "", skipped)
    code = data.removeprefix(BOM_UTF8)
    front = screen.front
    names = (forms for part, names in screen.calls if part in code for forms in names)
    # One form of a name tells as much as all of them.
    used = (next((form for form in forms if form in code), None) for forms in names)
    imports = sorted(front.imports(path, code) | {GLOBAL + form.decode() for form in used if form is not None})
    marks = front.marks(path, code, imports)
    if any(command in code for command in screen.commands):
        marks += LAUNCHING
    if any(name in code for name in screen.reporting):
        marks += REPORTING
    problem = ""
    asks: Sequence[str] = ()
    try:
        if screen.must_look(path, imports, marks):
            found = _look(front, path, data, imports)
            marks += "n" if found is None else "e"
            asks = sorted(found or ())
        if screen.wants(path, imports, marks):
            keep[path] = front.extract(path, data)
        elif screen.counts(path, marks):
            front.to_utf8(data)
    except UndecodableError as error:
        problem = str(error)
    return Scanned(path, size, modified, digest, imports, marks, "", problem, "", asks=asks)


def _look(front: FrontEnd, path: str, data: bytes, imports: Iterable[str]) -> frozenset[str] | None:
    """What the silence of a file's loops depends on; None where they, or something else, are to be read in full."""
    if b"monitorlint:" in data:
        return None
    from monitorlint.index.loop_settled import loops_ask  # noqa: PLC0415 - where nothing has changed, nobody looks

    facts = front.extract_loops(path, data, imports)
    return loops_ask(facts) if facts is not None else None


def encode_facts(facts: FileFacts) -> str:
    """Facts as the text that the cache holds."""
    from monitorlint.engine.codec import encode  # noqa: PLC0415

    return encode(facts)
