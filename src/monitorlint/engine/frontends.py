"""The languages: which file is in which, and what the engine asks of each."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from monitorlint.index.modules import Modules
    from monitorlint.index.surroundings import Declarations, Surroundings
    from monitorlint.languages.rewriting import HelperNames, Rewriter, Wishes
    from monitorlint.model.facts import FileFacts
    from monitorlint.model.remedy import Usage

LANGUAGES: Mapping[str, str] = {
    ".py": "python",
    **dict.fromkeys((".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte"), "typescript"),
}
"""Suffix of a file's name → its language. The one place that knows."""
ORDER = ("python", "typescript")
"""In which a project's languages are analysed."""


class FrontEnd(Protocol):
    """One language."""

    @property
    def name(self) -> str:
        """``python`` or ``typescript``."""

    @property
    def lists_names(self) -> bool:
        """Whether `imports` gives the names that are imported from a module, besides the module."""

    @property
    def loads_by_name(self) -> bool:
        """Whether programs often load modules that no import of theirs names: plug-ins, tasks, settings."""

    @property
    def helper_names(self) -> tuple[str, ...]:
        """The file names of a helper module, where no configuration names it."""

    @property
    def helper_paths(self) -> tuple[str, str]:
        """The catalogue paths of the helper module, and of the form that a user's own wrapper has."""

    def usage(self, helper: str) -> Usage:
        """How a helper of the module is used, by its name in a remedy."""

    def imports(self, path: str, data: bytes) -> frozenset[str]:
        """The modules that a file's text names (without a byte order mark)."""

    def marks(self, path: str, data: bytes, imports: Iterable[str]) -> str:
        """What the text shows: letters as in ``Scanned.marks``."""

    def is_program(self, path: str, data: bytes) -> bool:
        """Whether a file is started by itself."""

    def to_utf8(self, data: bytes) -> bytes:
        """The text as UTF-8.

        :raises UndecodableError: the bytes are no text.
        """

    def extract(self, path: str, data: bytes) -> FileFacts:
        """The facts of a file's bytes.

        :raises UndecodableError: the bytes are no text.
        """

    def extract_loops(self, path: str, data: bytes, imports: Iterable[str]) -> FileFacts | None:
        """The facts of the functions that hold loops, and of the imports.

        None where the text does not tell them from the rest.

        :raises UndecodableError: the bytes are no text.
        """

    def package_of(self, module: str, renames: Mapping[str, str]) -> str:
        """The package that an imported module belongs to; ``""`` where it is relative."""

    def catalogue_path(self, module: str, renames: Mapping[str, str]) -> str:
        """The dotted path by which the catalogue knows an imported module."""

    def modules(
        self, root: Path, files: Iterable[str], is_package: Callable[[str], bool], renames: Mapping[str, str]
    ) -> Modules:
        """Which file of the project an import means.

        :param is_package: Whether the catalogue knows a package of this name.
        :param renames: What `renames` gives.
        """

    def renames(self, root: Path, manifests: Iterable[str], is_package: Callable[[str], bool]) -> dict[str, str]:
        """What names of the project's own for packages stand for, as its manifests say."""

    def own_packages(self, root: Path, files: Iterable[str]) -> frozenset[str]:
        """The packages that the project itself distributes."""

    def declares(self, path: str) -> bool:
        """Whether a file declares packages, or says where modules lie."""

    def launches(self, name: str) -> bool:
        """Whether such a file holds commands that start programs."""

    def declarations(self, root: Path, texts: Mapping[str, str], imported: Callable[[], Iterable[str]]) -> Declarations:
        """What files declare, by their paths and texts; ``imported`` is what the project's code imports."""

    def rewriter(self, path: str, data: bytes, wishes: Wishes) -> Rewriter:
        """What rewrites one file.

        :raises UndecodableError: the bytes are no text.
        :raises UnwritableError: they would not survive being written back.
        """

    def helper_modules(self, root: Path, files: Iterable[str], imports: Mapping[str, Iterable[str]]) -> HelperNames:
        """How the files of a project import its helper modules.

        :param imports: What files import, as far as it is known.
        """


@cache
def front_end(language: str) -> FrontEnd:
    """The front end of a language."""
    if language == "python":
        from monitorlint.languages.python.frontend import Python  # noqa: PLC0415 - one language is the rule

        return Python()
    from monitorlint.languages.typescript.frontend import TypeScript  # noqa: PLC0415

    return TypeScript()


def surroundings(
    language: str, root: Path, folders: Iterable[str], imported: Callable[[], Iterable[str]]
) -> Surroundings:
    """The files around the code of a project, as a language declares its packages.

    :param folders: Folders of the project that may hold a package's declaration.
    :param imported: The modules that the project's code imports.
    """
    from monitorlint.index.surroundings import Surroundings  # noqa: PLC0415

    return Surroundings(root, folders, front_end(language), imported)
