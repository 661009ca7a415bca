"""What a run of fixes did, and what it left alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitorlint.model.run import RunResult


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file that was changed, or would be."""

    path: str
    """Relative to the project root, with ``/``."""
    codes: tuple[str, ...]
    """The rules whose findings are repaired, one entry for each finding."""
    before: bytes
    """The bytes on disk, as they were read."""
    after: bytes
    absolute: str = ""
    is_private: bool = False
    """Its lines are shown to nobody: a patch of it has no lines around those that change."""
    error: str = ""
    """Why it could not be written; ``""`` when it could, or nothing was to be written."""


@dataclass(frozen=True, slots=True)
class RefusedSite:
    """A finding that stays, because no fix of it is good enough."""

    code: str
    path: str
    line: int
    """1-based, in the file as the run leaves it."""
    reason: str
    """One line."""
    snippet: str
    """Code to paste; ``""`` when there is none."""
    unsafe: bool = False
    """There is a fix, which the user did not allow."""


@dataclass(frozen=True, slots=True)
class FixResult:
    """Files and sites in order of path and line."""

    left: RunResult
    """What a check says of the files as they are after the fixes."""
    files: tuple[FixedFile, ...] = ()
    refused: tuple[RefusedSite, ...] = field(default=())

    @property
    def fixed(self) -> int:
        """How many findings were repaired."""
        return sum(len(file.codes) for file in self.files if not file.error)
