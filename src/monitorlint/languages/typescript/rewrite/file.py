"""All that is to be repaired in one file: the front end's door for whoever applies fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.languages.typescript.rewrite.apart import handing_call, reason_at
from monitorlint.languages.typescript.rewrite.guards import LoopGuards
from monitorlint.languages.typescript.rewrite.handlers import send
from monitorlint.languages.typescript.rewrite.helper_names import helper_name
from monitorlint.languages.typescript.rewrite.imports import HelperImports
from monitorlint.languages.typescript.rewrite.names import Names
from monitorlint.languages.typescript.rewrite.operations import operation_of
from monitorlint.languages.typescript.rewrite.place import Source
from monitorlint.languages.typescript.rewrite.problems import errors_in
from monitorlint.languages.typescript.rewrite.sdk_options import add_integration, set_option, set_value
from monitorlint.languages.typescript.rewrite.timeouts import set_timeout
from monitorlint.languages.typescript.rewrite.wraps import Wraps
from monitorlint.languages.typescript.syntax import syntax_problems
from monitorlint.model.remedy import Outcome, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitorlint.languages.rewriting import Wishes
    from monitorlint.model.finding import Edit
    from monitorlint.model.remedy import Remedy

_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")


_ARGUMENTS = {"timeout": set_timeout, "option": set_option, "value": set_value, "integration": add_integration}
"""What changes the arguments of a call, by the kind of the remedy."""


class FileRewriter:
    """Turns the remedies of one file into edits."""

    def __init__(self, path: str, data: bytes, wishes: Wishes) -> None:
        """Read the file.

        :raises UndecodableError: the bytes are no text.
        """
        self.source = Source(path, data)
        self._wishes = wishes
        self._names = Names(self.source)
        self._imports: dict[str, HelperImports] = {}
        self._by_local: dict[str, HelperImports] = {}

    @property
    def refusal(self) -> str:
        """Why nothing in the file can be rewritten; ``""`` when something may."""
        if self.source.path.endswith(_DECLARATIONS):
            return "the file holds declarations only"
        if self.source.has_lone_returns:
            return "lines of the file end in a carriage return alone"
        tree = self.source.tree
        is_broken = tree.root_node.has_error and any(True for _ in syntax_problems(tree, self.source.code))
        return "the file does not parse" if is_broken else ""

    def parses(self, data: bytes) -> bool:
        """Whether ``data``, what the file is to become, is as well-formed as the file was."""
        after, before = (Source(self.source.path, text).tree.root_node for text in (data, self.source.data))
        return not after.has_error or len(list(errors_in(after))) <= len(list(errors_in(before)))

    def local(self, name: str, offset: int) -> str:
        """What a helper is called at a place. A name with a module before its last dot brings that module with it."""
        module, _, leaf = name.rpartition(".")
        imports = self._imports_of(module or self._wishes.module)
        local = imports.local(leaf, offset)
        self._by_local[local] = imports
        return local

    def _imports_of(self, module: str) -> HelperImports:
        if module not in self._imports:
            spellings = self._wishes.spellings if module == self._wishes.module else ()
            self._imports[module] = HelperImports(self.source, self._names, module, spellings=spellings)
        return self._imports[module]

    def outcomes(self, remedies: Sequence[Remedy]) -> Iterator[Outcome]:
        """What becomes of each remedy, in no particular order."""
        wishes = self._wishes
        possible: list[Remedy] = []
        for remedy in remedies:
            if remedy.helper and wishes.unimportable:
                yield Outcome((remedy,), Refused(wishes.unimportable, ""))
            elif remedy.helper and not self._is_offered(helper_name(remedy.helper)):
                yield Outcome((remedy,), Refused(f"the helper module has no {helper_name(remedy.helper)}", ""))
            elif (remedy.helper or remedy.kind == "capture") and (reason := self._apart(remedy.region.start)):
                yield Outcome((remedy,), Refused(reason, self._outside(remedy)))
            else:
                possible.append(remedy)
        wraps = Wraps(
            self.source,
            self._names,
            self,
            is_offered=self._is_offered,
            context=wishes.context,
            wrappers=[w for w in wishes.wrappers if self._is_offered(w.typescript)],
        )
        yield from wraps.rewrite([r for r in possible if r.kind == "wrap"])
        guards = LoopGuards(self.source, self._names, self)
        for remedy in sorted((r for r in possible if r.kind == "guard"), key=lambda r: r.region.start):
            yield Outcome((remedy,), guards.guard(remedy))
        for remedy in possible:
            if remedy.kind == "capture":
                yield Outcome((remedy,), send(self.source, self, remedy))
            if remedy.kind in _ARGUMENTS:
                place, change = self.source.call(remedy.region.start, remedy.region.end), _ARGUMENTS[remedy.kind]
                result = change(place, remedy) if place is not None else Refused("no call stands there", "")
                yield Outcome((remedy,), result)

    def _apart(self, offset: int) -> str:
        """Why the functions around an offset see no import of the file; ``""`` when they do."""
        return self._wishes.apart(offset) or reason_at(self.source, self._names, offset)

    def _outside(self, remedy: Remedy) -> str:
        """The call that is handed the function, under the helper; ``""`` where none is."""
        place = self.source.call(remedy.region.start, remedy.region.end)
        call = handing_call(self.source, remedy.region.start)
        if remedy.kind != "wrap" or place is None or not call:
            return ""
        quote = self.source.quote
        named = [*([remedy.provider] if remedy.helper == "monitor_ai_generation" else ()), operation_of(place)[0]]
        arguments = ", ".join([*(f"{quote}{name}{quote}" for name in named), "{}"])
        helper = helper_name(remedy.helper)
        return f"const result = await {helper}({arguments}, async () => {call}(…)){self.source.semicolon}\n"

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
