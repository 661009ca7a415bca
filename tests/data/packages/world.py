"""What the other packages share: the requests that were made, and what they are to give."""

import asyncio
from collections.abc import AsyncIterator, Iterator

calls: list[str] = []
script: list[int] = []
"""What the next requests give; a negative number raises. After the last one it depends on how many there were."""


def answer(what: str, failure: type[Exception]) -> int:
    calls.append(what)
    number = script.pop(0) if script else len(calls) % 3
    if number < 0:
        raise failure(number)
    return number


class Response:
    def __init__(self, n: int) -> None:
        self.n = n
        self.ok = n > 0

    def json(self) -> dict[str, int]:
        return {"n": self.n}

    def __iter__(self) -> Iterator[int]:
        for at in range(self.n):
            calls.append(f"item {at}")
            yield at

    async def __aiter__(self) -> AsyncIterator[int]:
        for at in range(self.n):
            calls.append(f"item {at}")
            await asyncio.sleep(0)
            yield at
