"""What it does
------------
Reports a file that could not be read, or that is no text in the encoding it declares.

Why is this bad?
----------------
What was not read was not checked. A run that passes over it in silence looks clean and is not.

Example
-------
::

    (a file without read permission, or with bytes that are not UTF-8)

Use instead
-----------
::

    (make it readable, save it as UTF-8, declare its encoding, or exclude it)

How it decides
--------------
The operating system refuses the file, it holds null bytes, or it is not UTF-8 and declares no encoding that it is in.

References
----------
- docs/configuration.md
"""

from __future__ import annotations

from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

RULE = Rule(
    code="MON901",
    name="unreadable-file",
    summary="A file that could not be read",
    kind="tool",
    severity=Severity.ERROR,
    default=True,
)
