"""TypeScript and JavaScript, as the engine asks for them. Nothing heavy is imported before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.typescript.declarations import MANIFEST, Declarations, declares
from monitorlint.languages.typescript.import_maps import renamed, renames
from monitorlint.languages.typescript.imports import imported_modules
from monitorlint.languages.typescript.loop_screen import may_loop, may_loop_plainly
from monitorlint.languages.typescript.modules import ModuleMap, own_packages
from monitorlint.languages.typescript.source import (
    has_no_server,
    has_server_part,
    is_program,
    is_suite,
    layers,
    renders_page,
    side,
    to_utf8,
)
from monitorlint.languages.typescript.specifiers import external, package_of, plain, split
from monitorlint.model.patterns import pattern
from monitorlint.model.remedy import PARAMETERS, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from monitorlint.languages.rewriting import Wishes
    from monitorlint.languages.typescript.rewrite.file import FileRewriter
    from monitorlint.languages.typescript.rewrite.helper_module import HelperModules
    from monitorlint.model.facts import FileFacts

# The shapes in which a client is called that was made in another file, where no import names its package. A file
# with one of them is read when imports connect it with files that do. All begin with one byte, which is what makes the
# search fast.
_HINT = pattern(
    rb"\.(?:completions|generate|embed|transcri|sendMessage|(?:invoke|stream|post|put|patch|request)[(<]|(?:get|delete)<|fetch(?:er)?\("
    rb"|(?:(?<=messages\.)|(?<=responses\.)|(?<=speech\.)|(?<=images\.))create\("
    rb"|(?:(?<=[cC]lient\.)|(?<=[aA]pi\.)|(?<=[hH]ttp\.)|(?<=[aA]xios\.)|(?<=[iI]nstance\.))(?:get|delete)\()"
)
_HINTS = (b"embeddings.", b"fetchImpl(", b"fetchFn(")


class TypeScript:
    """The front end for TypeScript, JavaScript, and the scripts of Vue and Svelte components."""

    name: Final = "typescript"
    lists_names: Final = False
    loads_by_name: Final = False
    helper_names: Final = tuple(
        f"{stem}.{suffix}"
        for suffix in ("ts", "js", "mjs", "tsx")
        for stem in ("sentryMonitoring", "openTelemetryMonitoring")
    )
    helper_paths: Final = ("sentryMonitoring", "sentryMonitoring.monitorOperation")

    def usage(self, helper: str) -> Usage:
        """The helper with the call in a function that it is handed."""
        from monitorlint.languages.typescript.rewrite.helper_names import helper_name  # noqa: PLC0415 - for findings

        name, handed = helper_name(helper), PARAMETERS.get(helper)
        return Usage(name, f"{name}({', '.join(handed)}, () => …)" if handed else "", waits=True)

    def imports(self, path: str, data: bytes) -> frozenset[str]:
        """What a file imports; a component's text is read as it is."""
        return imported_modules(data).union(layers(path, data))

    def marks(self, path: str, data: bytes, imports: Iterable[str]) -> str:
        """What the text shows: letters as in the engine's ``Scanned.marks``."""
        marks = "l" if may_loop(data) else ""
        if may_loop_plainly(data):
            marks += "p"
        marks += side(data)
        if has_server_part(path, data):
            marks += "b"
        if is_suite(data, imports):
            marks += "t"
        if renders_page(data, imports):
            marks += "r"
        if b"setTimeout(" in data or b"setInterval(" in data:
            marks += "i"
        if b"env.DEV" in data or b"NODE_ENV" in data or b"env.MODE" in data:
            marks += "d"
        if has_no_server(path, data):
            marks += "w"
        return marks + "h" if _HINT.search(data) is not None or any(hint in data for hint in _HINTS) else marks

    def is_program(self, path: str, data: bytes) -> bool:
        """Whether the file starts something of the application by itself."""
        return is_program(path, data)

    def to_utf8(self, data: bytes) -> bytes:
        """The text as UTF-8.

        :raises UndecodableError: the bytes are no text.
        """
        return to_utf8(data)

    def extract(self, path: str, data: bytes) -> FileFacts:
        """The facts of a file's bytes.

        :raises UndecodableError: the bytes are no text.
        """
        from monitorlint.languages.typescript.extract import extract  # noqa: PLC0415 - few files need a parser

        return extract(path, to_utf8(data))

    def extract_loops(self, path: str, data: bytes, imports: Iterable[str]) -> FileFacts | None:  # noqa: ARG002
        """The facts of the functions that hold loops; None where they are not to be told from the rest by the text.

        :raises UndecodableError: the bytes are no text.
        """
        from monitorlint.languages.typescript.extract import extract_parts  # noqa: PLC0415 - few files need a parser
        from monitorlint.languages.typescript.loop_parts import loop_parts  # noqa: PLC0415

        parts = loop_parts(to_utf8(data))
        return extract_parts(path, parts) if parts is not None else None

    def package_of(self, module: str, renames: Mapping[str, str]) -> str:
        """The package of an import; ``""`` where it is a path."""
        if module.startswith("."):
            return ""
        return package_of(plain(split(renamed(module, renames) if renames else module)[0]))

    def catalogue_path(self, module: str, renames: Mapping[str, str]) -> str:
        """The dotted path of an imported module."""
        return external(renamed(module, renames) if renames else module)

    def modules(
        self, root: Path, files: Iterable[str], is_package: Callable[[str], bool], renames: Mapping[str, str]
    ) -> ModuleMap:
        """Which file of the project an import means."""
        return ModuleMap(root, files, is_package, renames)

    def renames(self, root: Path, manifests: Iterable[str], is_package: Callable[[str], bool]) -> dict[str, str]:
        """The names that the project gives to packages of others."""
        return renames(root, manifests, is_package)

    def own_packages(self, root: Path, files: Iterable[str]) -> frozenset[str]:
        """The packages of the project's own workspaces."""
        return own_packages(root, files)

    def declares(self, path: str) -> bool:
        """Whether a file declares packages, or says where modules lie."""
        return declares(path.rpartition("/")[2])

    def launches(self, name: str) -> bool:
        """Whether such a file holds commands that start programs."""
        return name == MANIFEST

    def declarations(self, root: Path, texts: Mapping[str, str], imported: Callable[[], Iterable[str]]) -> Declarations:
        """What files declare, by their paths and texts; ``imported`` is what the project's code imports."""
        return Declarations(str(root), texts, imported)

    def rewriter(self, path: str, data: bytes, wishes: Wishes) -> FileRewriter:
        """What rewrites one file.

        :raises UndecodableError: the bytes are no text.
        """
        from monitorlint.languages.typescript.rewrite.file import FileRewriter  # noqa: PLC0415 - checks rewrite nothing

        return FileRewriter(path, data, wishes)

    def helper_modules(self, root: Path, files: Iterable[str], imports: Mapping[str, Iterable[str]]) -> HelperModules:
        """How the files of a project import its helper modules."""
        from monitorlint.languages.typescript.rewrite.helper_module import HelperModules  # noqa: PLC0415

        return HelperModules(root, tuple(files), imports)
