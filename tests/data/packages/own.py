"""What the programs of tests/programs.py call besides packages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from world import calls

T = TypeVar("T")


@contextmanager
def entered(value: T, *, swallow: bool = False) -> Iterator[T]:
    calls.append(f"enter {value}")
    try:
        yield value
    except Exception:
        calls.append(f"failed {value}")
        if not swallow:
            raise
    finally:
        calls.append(f"exit {value}")


def note(value: T) -> T:
    calls.append(f"note {value}")
    return value


def through(value: object) -> Callable[[T], T]:
    calls.append(f"decorate {value}")
    return lambda function: function
