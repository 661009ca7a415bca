"""What is wrong with a file's syntax."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

from monitorlint.model.facts import SyntaxProblem

if TYPE_CHECKING:
    from collections.abc import Iterator


def syntax_problems(source: bytes) -> Iterator[SyntaxProblem]:
    """What CPython says of a file that the tolerant grammar did not take, or that it takes and Python does not.

    The grammar stumbles over a little valid code; a file that the running Python parses has no problem. It also
    takes Python 2 and bodies that are not indented.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except SyntaxError as error:
        yield SyntaxProblem(max((error.lineno or 1) - 1, 0), max((error.offset or 1) - 1, 0), error.msg)
    except ValueError as error:
        yield SyntaxProblem(0, 0, str(error))
    except (RecursionError, MemoryError):
        yield SyntaxProblem(0, 0, "nested too deeply to parse")
