"""What it does
------------
Reports a syntax error in a file that is checked.

Why is this bad?
----------------
Behind the error, calls may go unseen.

Example
-------
::

    def answer(:

Use instead
-----------
::

    def answer():

How it decides
--------------
The tolerant grammar met an error, and the running Python refuses the file as well; or code lies nested thousands deep.
The rest of the file is still checked. A file that holds nothing of interest is not parsed unless it is named
explicitly.

References
----------
- docs/configuration.md
"""

from __future__ import annotations

from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

RULE = Rule(
    code="MON902",
    name="syntax-error",
    summary="A file that does not parse",
    kind="tool",
    severity=Severity.ERROR,
    default=True,
)
