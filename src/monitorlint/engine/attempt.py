"""Bugs of ours, caught in this one place: a file that we fail on must not cost the others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from monitorlint.model.run import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


def attempt(path: str, stage: str, work: Callable[[], Result], *, debug: bool) -> Result | Failure:
    """What ``work`` on the file ``path`` gives, or what it raised.

    :param debug: Let the exception out, for its traceback.
    """
    try:
        return work()
    except Exception as error:
        if debug:
            raise
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f" ({Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno})" if place is not None else ""
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return Failure(path, stage + where, detail)
