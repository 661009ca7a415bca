"""Every form in which the Python helpers monitor, as a function that runs a body in it."""

# The helper is loaded from its file, so its types are not known here.
# mypy: allow-untyped-decorators, disable-error-code="no-any-return"

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any


def _with(monitor: Any, body: Callable[[], Any]) -> Any:
    with monitor:
        return body()


def _async_with(monitor: Any, body: Callable[[], Any]) -> Any:
    async def run() -> Any:
        async with monitor:
            await asyncio.sleep(0)
            return body()

    return asyncio.run(run())


def _with_in_async(monitor: Any, body: Callable[[], Any]) -> Any:
    async def run() -> Any:
        with monitor:
            await asyncio.sleep(0)
            return body()

    return asyncio.run(run())


def _decorated(monitor: Any, body: Callable[[], Any]) -> Any:
    def run() -> Any:
        return body()

    return monitor(run)()


def _async_decorated(monitor: Any, body: Callable[[], Any]) -> Any:
    @monitor
    async def run() -> Any:
        await asyncio.sleep(0)
        return body()

    return asyncio.run(run())


def _hidden_async_decorated(monitor: Any, body: Callable[[], Any]) -> Any:
    async def run() -> Any:
        await asyncio.sleep(0)
        return body()

    def plain() -> Any:
        return run()

    return asyncio.run(monitor(plain)())


def _generator(monitor: Any, body: Callable[[], Any]) -> Any:
    @monitor
    def run() -> Iterator[Any]:
        yield body()

    (result,) = run()
    return result


def _async_generator(monitor: Any, body: Callable[[], Any]) -> Any:
    @monitor
    async def run() -> AsyncIterator[Any]:
        await asyncio.sleep(0)
        yield body()

    async def consume() -> Any:
        (result,) = [item async for item in run()]
        return result

    return asyncio.run(consume())


def _call(monitor: Any, body: Callable[[], Any]) -> Any:
    return monitor.call(body)


def _acall(monitor: Any, body: Callable[[], Any]) -> Any:
    async def run() -> Any:
        await asyncio.sleep(0)
        return body()

    return asyncio.run(monitor.acall(run))


def _stream(monitor: Any, body: Callable[[], Any]) -> Any:
    def run() -> Iterator[Any]:
        yield body()

    (result,) = monitor.stream(run)
    return result


def _stream_of_a_value(monitor: Any, body: Callable[[], Any]) -> Any:
    return monitor.stream(body)


def _astream(monitor: Any, body: Callable[[], Any]) -> Any:
    async def run() -> AsyncIterator[Any]:
        await asyncio.sleep(0)
        yield body()

    async def consume() -> Any:
        (result,) = [item async for item in monitor.stream(run)]
        return result

    return asyncio.run(consume())


def _awaited_astream(monitor: Any, body: Callable[[], Any]) -> Any:
    async def chunks() -> AsyncIterator[Any]:
        yield body()

    async def run() -> AsyncIterator[Any]:
        return chunks()

    async def consume() -> Any:
        (result,) = [item async for item in await monitor.stream(run)]
        return result

    return asyncio.run(consume())


def _coroutine_through_stream(monitor: Any, body: Callable[[], Any]) -> Any:
    async def run() -> Any:
        return body()

    async def gathered() -> Any:
        (result,) = await asyncio.gather(monitor.stream(run))
        return result

    return asyncio.run(gathered())


FORMS = (
    _with,
    _async_with,
    _with_in_async,
    _decorated,
    _async_decorated,
    _hidden_async_decorated,
    _generator,
    _async_generator,
    _call,
    _acall,
    _stream,
    _stream_of_a_value,
    _astream,
    _awaited_astream,
    _coroutine_through_stream,
)
