"""What whoever applies fixes and a front end that makes them say to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from monitorlint.model.finding import Edit
    from monitorlint.model.remedy import Outcome, Remedy
    from monitorlint.settings.values import Wrapper


class NotImportableError(Exception):
    """The helper module cannot be imported there: why, as one line."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the project says about its repairs, for one file."""

    module: str
    """The helper module as an import statement of the file names it; ``""`` where no helper may be used."""
    unimportable: str = ""
    """Why the file cannot import that module; ``""`` when it can."""
    spellings: Collection[str] = ()
    """What else means that module in import statements."""
    offered: Collection[str] | None = None
    """The names that the module binds; None: all that anybody wants."""
    own: Collection[str] = ()
    """The project's top-level modules."""
    context: Collection[str] = ()
    """Names that may go into a context besides identifiers."""
    wrappers: Sequence[Wrapper] = field(default=())
    apart: Callable[[int], str] = lambda _: ""
    """Why no helper can be called at an offset, by where the functions around it run; ``""`` where one can."""


class RewrittenSource(Protocol):
    """The text of a file that is rewritten."""

    @property
    def text(self) -> bytes:
        """The file as UTF-8: what all offsets are of."""

    def encoded(self, text: bytes) -> bytes:
        """``text`` (UTF-8) as the file is to be written.

        :raises UnwritableError: the file's encoding has no such characters.
        """


class Rewriter(Protocol):
    """Turns the remedies of one file into edits."""

    @property
    def source(self) -> RewrittenSource:
        """The file."""

    @property
    def refusal(self) -> str:
        """Why nothing in the file can be rewritten; ``""`` when something may."""

    def outcomes(self, remedies: Sequence[Remedy]) -> Iterator[Outcome]:
        """What becomes of each remedy, in no particular order."""

    def import_edits(self, needs: Iterable[str]) -> tuple[Edit, ...]:
        """The imports that the file lacks.

        :param needs: Names that ``Rewritten.needs`` gave.
        """

    def parses(self, data: bytes) -> bool:
        """Whether ``data``, what the file is to become, is as well-formed as the file was."""


class HelperNames(Protocol):
    """How the files of one project import its helper modules."""

    def name(self, path: str, helper: str) -> str:
        """The module to write in an import statement of ``path``.

        :raises NotImportableError: the file cannot import it.
        """

    def package(self, path: str) -> str:
        """The folder of the package that a file belongs to, where each may need a helper of its own; else ``""``."""

    def spellings(self, path: str, helper: str) -> frozenset[str]:
        """All that can mean the helper module in import statements of a file."""
