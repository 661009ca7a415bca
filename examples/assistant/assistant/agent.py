"""An agent that calls tools until the model says it is done."""

from __future__ import annotations

import json
from typing import Any

from assistant.answers import MODEL, summarise
from assistant.clients import openai_client
from assistant.pages import page_text

TOOLS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": "read_page",
            "description": "Read a web page.",
            "parameters": {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]},
        },
    }
]
MAX_STEPS = 12


def research(question: str) -> str:
    """No cap: a model that keeps asking for tools keeps spending money."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": question}]
    while True:
        reply = openai_client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
        message = reply.choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(message.model_dump())
        messages.extend(run_tool(call) for call in message.tool_calls)


def research_briefly(question: str) -> str:
    """The same with a cap: monitorlint has nothing to say about this loop."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": question}]
    for _ in range(MAX_STEPS):
        reply = openai_client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
        message = reply.choices[0].message
        if not message.tool_calls:
            return message.content or ""
        messages.append(message.model_dump())
        messages.extend(run_tool(call) for call in message.tool_calls)
    return "I could not find out."


def run_tool(call: Any) -> dict[str, Any]:
    text = summarise(page_text(json.loads(call.function.arguments)["url"]))
    return {"role": "tool", "tool_call_id": call.id, "content": text}
