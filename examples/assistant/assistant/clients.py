"""Clients of the model providers, made once."""

from __future__ import annotations

from functools import lru_cache

from anthropic import AsyncAnthropic
from openai import OpenAI

openai_client = OpenAI(timeout=60)


@lru_cache(maxsize=1)
def anthropic_client() -> AsyncAnthropic:
    return AsyncAnthropic()
