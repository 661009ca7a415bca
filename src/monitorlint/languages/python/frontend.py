"""Python, as the engine asks for it. Nothing heavy is imported before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.languages.python.conditions import tests_for_development
from monitorlint.languages.python.declarations import Declarations, declares
from monitorlint.languages.python.modules import ModuleMap, own_packages
from monitorlint.languages.python.source import imported_modules, is_suite, may_loop, may_loop_plainly, to_utf8
from monitorlint.model.remedy import PARAMETERS, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from monitorlint.languages.python.rewrite.file import FileRewriter
    from monitorlint.languages.python.rewrite.helper_module import HelperModules
    from monitorlint.languages.rewriting import Wishes
    from monitorlint.model.facts import FileFacts

# The shapes in which a client is called that was made in another file, where no import names its package. A file
# with one of them is read when imports connect it with files that do; counted over public repositories: each from
# `.converse` on stands in less than 1 % of the files that those above leave, and all of them take 80 µs of an average
# file.
_HINTS = (
    b".create(",
    b"invoke(",
    b".astream(",
    b"completion(",
    b".generate_content",
    b".post(",
    b"session.get(",
    b".request(",
    b".converse",
    b"invoke_model",
    b".stream(",
    b".send_message",
    b"chat(",
    b"complete(",
    b"generate(",
    b"s.parse(",
    b"predict(",
    b".embed(",
    b".embed_",
    b"get_text_embedding",
    b"model.encode(",
    b"der.encode(",
    b".rerank(",
    b".transcribe",
    b".recognize",
    b".synthesize",
    b"agent.run",
    b".kickoff",
    b"engine.query(",
    b".aquery(",
    b".put(",
    b".head(",
    b".fetch(",
    b"http.get(",
    b"client().get(",
    b"session().get(",
)
_CLIENT_HINTS = (b"client.get(", b"client.chat", b"client.delete(", b"client.patch(")


class Python:
    """The front end for Python."""

    name: Final = "python"
    lists_names: Final = True
    loads_by_name: Final = True
    helper_names: Final = ("sentry_monitoring.py", "opentelemetry_monitoring.py")
    helper_paths: Final = ("sentry_monitoring", "sentry_monitoring.monitor_operation")

    def usage(self, helper: str) -> Usage:
        """The helper as a context manager."""
        handed = PARAMETERS.get(helper)
        return Usage(helper, f"with {helper}({', '.join(handed)}):" if handed else "")

    def imports(self, path: str, data: bytes) -> frozenset[str]:  # noqa: ARG002 - other languages ask for the path
        """What the import lines of a file name."""
        return imported_modules(data)

    def marks(self, path: str, data: bytes, imports: Iterable[str]) -> str:  # noqa: ARG002
        """What the text shows: letters as in the engine's ``Scanned.marks``."""
        marks = "l" if may_loop(data, imports) else ""
        if may_loop_plainly(data):
            marks += "p"
        if is_suite(data, imports):
            marks += "t"
        if b"Timer(" in data or b".call_later(" in data or b".call_at(" in data:
            marks += "i"
        if tests_for_development(data):
            marks += "d"
        if any(hint in data for hint in _HINTS) or (b"client." in data and any(h in data for h in _CLIENT_HINTS)):
            marks += "h"
        return marks

    def is_program(self, path: str, data: bytes) -> bool:  # noqa: ARG002
        """Whether the file is started by itself (``if __name__ == "__main__":``)."""
        return b"__main__" in data

    def to_utf8(self, data: bytes) -> bytes:
        """The text as UTF-8.

        :raises UndecodableError: the bytes are no text.
        """
        return to_utf8(data)

    def extract(self, path: str, data: bytes) -> FileFacts:  # noqa: ARG002
        """The facts of a file's bytes.

        :raises UndecodableError: the bytes are no text.
        """
        from monitorlint.languages.python.extract import extract  # noqa: PLC0415 - few files need a parser

        return extract(to_utf8(data))

    def extract_loops(self, path: str, data: bytes, imports: Iterable[str]) -> FileFacts | None:  # noqa: ARG002
        """The facts of the functions that hold loops; None where they are not to be told from the rest by the text.

        :raises UndecodableError: the bytes are no text.
        """
        from monitorlint.languages.python.extract import extract_parts  # noqa: PLC0415 - few files need a parser
        from monitorlint.languages.python.loop_parts import loop_parts  # noqa: PLC0415

        parts = loop_parts(to_utf8(data), imports)
        return extract_parts(parts) if parts is not None else None

    def package_of(self, module: str, renames: Mapping[str, str]) -> str:  # noqa: ARG002
        """The top-level name of an imported module; ``""`` where it is relative."""
        return module.partition(".")[0]

    def catalogue_path(self, module: str, renames: Mapping[str, str]) -> str:  # noqa: ARG002
        """The dotted path of an imported module: what the import says."""
        return module

    def modules(
        self,
        root: Path,
        files: Iterable[str],
        is_package: Callable[[str], bool],
        renames: Mapping[str, str],  # noqa: ARG002
    ) -> ModuleMap:
        """Which file of the project a module's name stands for."""
        return ModuleMap(files, is_package, lambda path: (root / path).is_file())

    def renames(self, root: Path, manifests: Iterable[str], is_package: Callable[[str], bool]) -> dict[str, str]:  # noqa: ARG002
        """None: a project of Python's imports packages by their own names."""
        return {}

    def own_packages(self, root: Path, files: Iterable[str]) -> frozenset[str]:
        """The top-level packages that the project itself distributes."""
        return own_packages(files, lambda path: (root / path).is_file())

    def declares(self, path: str) -> bool:
        """Whether a file declares packages, or says where modules lie."""
        return declares(path)

    def launches(self, name: str) -> bool:  # noqa: ARG002
        """False: no such file holds commands that start programs."""
        return False

    def declarations(
        self,
        root: Path,  # noqa: ARG002
        texts: Mapping[str, str],
        imported: Callable[[], Iterable[str]],
    ) -> Declarations:
        """What files declare, by their paths and texts; ``imported`` is what the project's code imports."""
        return Declarations(texts, imported)

    def rewriter(self, path: str, data: bytes, wishes: Wishes) -> FileRewriter:
        """What rewrites one file.

        :raises UndecodableError: the bytes are no text.
        :raises UnwritableError: they would not survive being written back.
        """
        from monitorlint.languages.python.rewrite.file import FileRewriter  # noqa: PLC0415 - checks rewrite nothing

        return FileRewriter(path, data, wishes)

    def helper_modules(self, root: Path, files: Iterable[str], imports: Mapping[str, Iterable[str]]) -> HelperModules:
        """How the files of a project import its helper modules."""
        from monitorlint.languages.python.rewrite.helper_module import HelperModules  # noqa: PLC0415

        return HelperModules(tuple(files), imports, root)
