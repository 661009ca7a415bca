"""Terminal colours, or their absence."""

from __future__ import annotations

from monitorlint.model.finding import Severity
from monitorlint.model.rows import NamedTuple

_SEVERITY = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


class Style(NamedTuple):
    enabled: bool

    def paint(self, text: str, *codes: str) -> str:
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.enabled and text else text

    def bold(self, text: str) -> str:
        return self.paint(text, "1")

    def dim(self, text: str) -> str:
        return self.paint(text, "2")

    def location(self, text: str) -> str:
        return self.paint(text, "34")

    def severity(self, severity: Severity, text: str) -> str:
        return self.paint(text, "1", _SEVERITY[severity])


def printable(text: str) -> str:
    """The text on one line, without control characters: a file must not be able to steer the reader's terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _visible(char) for char in text)


def _visible(char: str) -> str:
    if char in "\t\n\r\x0b\x0c":
        return " "
    number = ord(char)
    if number < 0x20:
        return chr(0x2400 + number)
    from unicodedata import category  # noqa: PLC0415 - rare

    return char if category(char) == "Zs" else "\N{REPLACEMENT CHARACTER}"
