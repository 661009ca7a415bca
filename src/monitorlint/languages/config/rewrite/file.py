"""All that is to be repaired in one of the files around the code."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import TYPE_CHECKING

from monitorlint.languages.config.json_places import JsoncError, parse
from monitorlint.languages.config.rewrite.members import removed, replaced
from monitorlint.languages.text import UnwritableError
from monitorlint.model.finding import Applicability, Edit
from monitorlint.model.remedy import Outcome, Refused, Rewritten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from monitorlint.model.remedy import Remedy


class ConfigSource:
    """The text of a file, UTF-8 without a byte order mark."""

    def __init__(self, data: bytes) -> None:
        """Take the bytes.

        :raises UnwritableError: they are not UTF-8.
        """
        self._mark = BOM_UTF8 if data.startswith(BOM_UTF8) else b""
        self.text = data.removeprefix(BOM_UTF8)
        try:
            self.decoded = self.text.decode()
        except UnicodeDecodeError as error:
            raise UnwritableError("the file is not UTF-8") from error

    def encoded(self, text: bytes) -> bytes:
        """``text`` as the file is to be written."""
        return self._mark + text


class ConfigRewriter:
    """Turns the remedies of one file into edits."""

    refusal = ""
    """Nothing keeps such a file from being rewritten as a whole."""

    def __init__(self, path: str, data: bytes) -> None:
        """Read the file.

        :raises UnwritableError: it is not UTF-8.
        """
        self._is_json = path.endswith(".json")
        self.source = ConfigSource(data)

    def outcomes(self, remedies: Sequence[Remedy]) -> Iterator[Outcome]:
        """What becomes of each remedy."""
        for remedy in remedies:
            yield Outcome((remedy,), self._outcome(remedy))

    def _outcome(self, remedy: Remedy) -> Rewritten | Refused:
        if remedy.kind == "add-line":
            return self._with_line(remedy)
        if not self._is_json:
            return Refused("files of this kind are not rewritten", "")
        try:
            root = parse(self.source.decoded)
        except JsoncError:
            return Refused("the file does not parse", "")
        if remedy.kind == "remove-member":
            return removed(self.source.decoded, root, remedy)
        return replaced(self.source.decoded, root, remedy)

    def _with_line(self, remedy: Remedy) -> Rewritten | Refused:
        """One more line at the end, in the file's line ends."""
        text = self.source.text
        if text and not text.endswith(b"\n"):
            return Refused("the last line does not end, and a patch would show it", remedy.value)
        newline = "\r\n" if b"\r\n" in text else "\n"
        lines = remedy.value.split("\n")
        edit = Edit(len(text), len(text), "".join(f"{line}{newline}" for line in lines))
        return Rewritten((edit,), Applicability.SAFE, f"Add {' and '.join(lines)}")

    def import_edits(self, needs: Iterable[str]) -> tuple[Edit, ...]:  # noqa: ARG002 - every rewriter has it
        """None: such files import nothing."""
        return ()

    def parses(self, data: bytes) -> bool:
        """Whether ``data`` is JSON, if the file was."""
        if not self._is_json:
            return True
        try:
            parse(data.removeprefix(BOM_UTF8).decode("utf-8", "replace"))
        except JsoncError:
            return False
        return True
