"""As much of openai as the programs of tests/programs.py use."""

import asyncio
from types import SimpleNamespace

from world import Response, answer, calls


class OpenAIError(Exception):
    pass


class _Completions:
    def create(self, *, model: str, messages: object, stream: bool = False) -> Response:
        return Response(answer(f"ask {model} {messages} {stream}", OpenAIError))


class _AsyncCompletions:
    async def create(self, *, model: str, messages: object, stream: bool = False) -> Response:
        calls.append("before")
        await asyncio.sleep(0)
        return Response(answer(f"ask {model} {messages} {stream}", OpenAIError))


class OpenAI:
    def __init__(self) -> None:
        self.chat = SimpleNamespace(completions=_Completions())


class AsyncOpenAI:
    def __init__(self) -> None:
        self.chat = SimpleNamespace(completions=_AsyncCompletions())
