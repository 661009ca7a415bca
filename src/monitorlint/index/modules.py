"""What the index asks of a language: which file of the project an import means."""

from __future__ import annotations

from typing import Protocol


class Modules(Protocol):
    """The modules of one project in one language. Paths are relative to the root, with ``/``."""

    def find(self, importer: str, target: str) -> tuple[str | None, tuple[str, ...]]:
        """The file that ``target`` (`Import.target`) begins with, and the names left over.

        A file of None means that the target is not in the project. A folder that is a module without a file of its own
        is named by its path with a ``/`` behind.
        """

    def is_foreign(self, target: str) -> bool:
        """Whether ``find`` has told that a target is in no file of the project, whoever imports it."""

    def folder(self, importer: str, target: str) -> str | None:
        """The folder of the modules below ``target``; None: it is not in the project, or has none below it."""

    def child(self, module: str, name: str) -> str | None:
        """The module ``name`` below a module, where the language has such."""

    def package(self, module: str) -> str | None:
        """The file of the package whose names may hide a module of it; None where the language has no such."""

    def external(self, target: str) -> str:
        """The catalogue path of a target that is not in the project."""

    def names(self, file: str) -> tuple[str, ...]:
        """The names of a file's module, the outermost first."""
