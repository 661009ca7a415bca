"""Calls of libraries that give back what they are handed, or its result, by the position of the argument."""

from __future__ import annotations

RETURNS_ARGUMENT = {
    "typing.cast": 1,
    "copy.copy": 0,
    "copy.deepcopy": 0,
    "asyncio.wait_for": 0,
    "asyncio.create_task": 0,
    "asyncio.ensure_future": 0,
    "asyncio.shield": 0,
    "asyncio.run": 0,
    "contextlib.nullcontext": 0,
    "contextlib.closing": 0,
    "contextlib.aclosing": 0,
    "weakref.proxy": 0,
    # of an exit stack, whatever it is called
    ".enter_context": 0,
    ".enter_async_context": 0,
}
RETURNS_RESULT = {
    "fastapi.Depends": 0,
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
    "asgiref.sync.sync_to_async": 0,
}
RETURNS_ITSELF = {"functools.lru_cache", "functools.cache", "functools.wraps"}
