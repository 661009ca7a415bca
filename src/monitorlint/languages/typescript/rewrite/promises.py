"""What libraries give: a promise and no more, something more, or something that is no promise at all."""

from __future__ import annotations

from typing import Final

_PLAIN: Final = (
    "fetch",
    "window",
    "globalThis",
    "self",
    "node-fetch",
    "cross-fetch",
    "isomorphic-fetch",
    "undici",
    "ofetch",
    "$fetch",
    "axios",
    "ai",
    "@google/genai",
    "@google/generative-ai",
    "@mistralai/mistralai",
    "@aws-sdk/client-bedrock-runtime",
    "@langchain",
    "langchain",
    "ollama",
    "llamaindex",
    "@llamaindex",
    "@huggingface/inference",
    "replicate",
    "@openai/agents",
    "nodemailer",
    "resend",
    "@sendgrid/mail",
    "node:fs",
    "fs",
    "fs/promises",
    "pg",
    "mongodb",
)
"""Packages (and globals) whose calls give the language's own promise."""
_LAZY: Final = (
    "@prisma/client",
    "knex",
    "drizzle-orm",
    "@supabase",
    "mongoose",
    "superagent",
    "postgres",
)
"""Packages whose calls give a query or request that runs when it is waited for, and not before."""
BODY_READERS: Final = frozenset({"json", "text", "blob", "arrayBuffer", "formData", "bytes", "buffer"})
UNWRAPPING: Final = frozenset({*BODY_READERS, "withResponse", "asResponse", "withRawResponse", "promise", "execute"})
"""Methods of the richer promises that give a plain one."""
SETTLING: Final = frozenset(
    "finalMessage finalMessages finalText finalContent finalResponse finalChatCompletion finalFunctionToolCall "
    "finalFunctionToolCallResult finalRun finalRunSteps totalUsage done".split()
)
"""Methods of the streams of OpenAI and Anthropic that give a plain promise of their end.

Source: openai 6 (`EventStream`, `AbstractChatCompletionRunner`, `ResponseStream`, `AssistantStream`), `MessageStream`
of @anthropic-ai/sdk 1; declarations read.
"""
_GLOBALS: Final = ("fetch", "window", "globalThis", "self", "global")
_FETCHES: Final = ("node-fetch", "cross-fetch", "isomorphic-fetch", "undici.fetch", "undici.default.fetch")


def is_plain_promise(target: str) -> bool:
    """Whether a call gives a promise that has nothing but what every promise has."""
    return is_of(target, _PLAIN)


def is_lazy(target: str) -> bool:
    """Whether a call gives what only runs when it is awaited."""
    return is_of(target, _LAZY)


def gives_response(target: str) -> bool:
    """The call is one of the standard ``fetch``: what it resolves to has a body that is still to be read."""
    return (target.rpartition(".")[2] == "fetch" and is_of(target, _GLOBALS)) or target.startswith(_FETCHES)


def is_of(target: str, packages: tuple[str, ...]) -> bool:
    """Whether a canonical name begins with one of some packages, scopes or globals."""
    return any(target == p or target.startswith((f"{p}.", f"{p}/", f"{p}(")) for p in packages)
