"""All that is to be repaired in one file: the front end's door for whoever applies fixes."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from monitorlint.languages.python.rewrite.guards import LoopGuards
from monitorlint.languages.python.rewrite.handlers import send
from monitorlint.languages.python.rewrite.imports import HelperImports
from monitorlint.languages.python.rewrite.place import Source
from monitorlint.languages.python.rewrite.timeouts import set_option, set_timeout
from monitorlint.languages.python.rewrite.wraps import Wraps
from monitorlint.model.patterns import pattern
from monitorlint.model.remedy import Outcome, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitorlint.languages.rewriting import Wishes
    from monitorlint.model.finding import Edit
    from monitorlint.model.remedy import Remedy


_SCRIPT = pattern(rb"^# /// script[ \t\r]*\n((?:#(?: [^\n]*)?[ \t\r]*\n)+?)# ///[ \t\r]*$", re.MULTILINE)
"""The block in which a script names what is to be installed for it (PEP 723)."""
_FRONT_MATTER = pattern(rb"\s*[\"']{3}\s*\n(?:\w+: [^\n]*\n){0,20}?title: ")
_PASTED = pattern(rb"^class (?:Action|Filter|Pipe|Pipeline|Tools)\b", re.MULTILINE)
"""What Open WebUI looks for in the files that users paste into it."""


_ARGUMENTS = {"timeout": set_timeout, "option": set_option}
"""What adds an argument to a call, by the kind of the remedy."""

_OLD_LINES = "the file has line ends of the old Macintosh, which Python takes for others than editors do"


class FileRewriter:
    """Turns the remedies of one file into edits."""

    def __init__(self, path: str, data: bytes, wishes: Wishes) -> None:
        """Read the file.

        :raises UndecodableError: the bytes are no text.
        :raises UnwritableError: they would not survive being written back.
        """
        self.source = Source(path, data)
        self._wishes = wishes
        self._imports: dict[str, HelperImports] = {}
        self._by_local: dict[str, HelperImports] = {}

    @property
    def refusal(self) -> str:
        """Why nothing in the file can be rewritten; ``""`` when something may."""
        if self.source.facts.problems:
            return "the file does not parse"
        return _OLD_LINES if self.source.has_lone_returns else ""

    def parses(self, data: bytes) -> bool:
        """Whether ``data`` is as well-formed as the file, to the tolerant grammar and to Python itself."""
        after = Source(self.source.path, data)
        if after.tree.root_node.has_error and not self.source.tree.root_node.has_error:
            return False
        return _compiles(data) or not _compiles(self.source.data)

    def local(self, name: str, offset: int) -> str:
        """What a helper is called at a place. A dotted name brings its module with it."""
        module, _, leaf = name.rpartition(".")
        imports = self._imports_of(module or self._wishes.module)
        local = imports.local(leaf, offset)
        self._by_local[local] = imports
        return local

    def _imports_of(self, module: str) -> HelperImports:
        if module not in self._imports:
            spellings = self._wishes.spellings if module == self._wishes.module else ()
            self._imports[module] = HelperImports(self.source, module, spellings=spellings, own=self._wishes.own)
        return self._imports[module]

    def outcomes(self, remedies: Sequence[Remedy]) -> Iterator[Outcome]:
        """What becomes of each remedy, in no particular order."""
        wishes = self._wishes
        possible: list[Remedy] = []
        alone = self._alone
        wrappers = [w for w in wishes.wrappers if self._is_offered(w.python)]
        wraps = Wraps(self.source, self, context=wishes.context, wrappers=wrappers)
        guards = LoopGuards(self.source, self)
        for remedy in remedies:
            if remedy.helper and wishes.unimportable:
                yield Outcome((remedy,), Refused(wishes.unimportable, ""))
            elif remedy.helper and not self._is_offered(remedy.helper):
                yield Outcome((remedy,), Refused(f"the helper module has no {remedy.helper}", ""))
            elif remedy.helper and alone:
                yield Outcome((remedy,), Refused(alone, ""))
            elif (remedy.helper or remedy.kind == "capture") and (reason := wishes.apart(remedy.region.start)):
                yield Outcome((remedy,), Refused(reason, self._self_contained(wraps, guards, remedy)))
            else:
                possible.append(remedy)
        remedies = possible
        yield from wraps.rewrite([r for r in remedies if r.kind == "wrap"])
        for remedy in sorted((r for r in remedies if r.kind == "guard"), key=lambda r: r.region.start):
            yield Outcome((remedy,), guards.guard(remedy))
        for remedy in remedies:
            if remedy.kind == "capture":
                yield Outcome((remedy,), send(self.source, self, remedy))
            if remedy.kind in _ARGUMENTS:
                place, added = self.source.place(remedy.region), _ARGUMENTS[remedy.kind]
                result = added(place, remedy) if place is not None else Refused("no call stands there", "")
                yield Outcome((remedy,), result)

    @property
    def _alone(self) -> str:
        """Why the file may run without the rest of its project; ``""`` where nothing says so."""
        text = self.source.text
        script = _SCRIPT.search(text)
        if script is not None and b"sentry" not in script[1]:
            return "the script names what it needs to run (PEP 723), and sentry-sdk is not among it"
        if _FRONT_MATTER.match(text) and _PASTED.search(text):
            return "the file is one that is pasted into Open WebUI, and nothing of the project with it"
        return ""

    def _self_contained(self, wraps: Wraps, guards: LoopGuards, remedy: Remedy) -> str:
        """What to write in a function that sees no import of its file; ``""`` for what stands around no code."""
        snippet = {"wrap": wraps.snippet, "guard": guards.snippet}.get(remedy.kind)
        text = snippet(remedy) if snippet is not None else ""
        return f"from {self._wishes.module} import {remedy.helper}\n{text}" if text else ""

    def _is_offered(self, name: str) -> bool:
        offered = self._wishes.offered
        return "." in name or offered is None or name in offered or "*" in offered

    def import_edits(self, needs: Iterable[str]) -> tuple[Edit, ...]:
        """The imports that the file lacks.

        :param needs: Names that ``Rewritten.needs`` gave.
        """
        wanted: dict[int, tuple[HelperImports, list[str]]] = {}
        for name in dict.fromkeys(needs):
            imports = self._by_local.get(name)
            if imports is not None:
                wanted.setdefault(id(imports), (imports, []))[1].append(name)
        return tuple(edit for imports, names in wanted.values() for edit in imports.edits(names))


def _compiles(data: bytes) -> bool:
    """Whether the running Python takes the text; it finds what no grammar says, such as too deep a nesting."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<fixed>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
