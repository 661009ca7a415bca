"""Source text as bytes: what every front end says of a file that is none."""

from __future__ import annotations


class UndecodableError(Exception):
    """The bytes are no text in the encoding that the file declares."""


class UnwritableError(Exception):
    """Text that the file's declared encoding cannot express, or a file that does not survive being recoded."""
