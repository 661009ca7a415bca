"""Ask a model. One call is traced by Langfuse; the others are not."""

from __future__ import annotations

import os

from langfuse import observe

from assistant.clients import anthropic_client, openai_client

MODEL = os.environ.get("ASSISTANT_MODEL", "")
TRIAGE_MODEL = os.environ.get("ASSISTANT_TRIAGE_MODEL", "")


@observe()
def answer(question: str, context: str) -> str:
    """Traced: the decorator covers the call."""
    reply = openai_client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "system", "content": context}, {"role": "user", "content": question}],
    )
    return reply.choices[0].message.content or ""


def summarise(text: str) -> str:
    """Not monitored: when the provider is slow or fails, nobody hears of it."""
    reply = openai_client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": f"Summarise in three sentences:\n\n{text}"}],
    )
    return reply.choices[0].message.content or ""


async def classify(ticket: str) -> str:
    """Not monitored, through a client that another module makes."""
    message = await anthropic_client().messages.create(
        model=TRIAGE_MODEL,
        max_tokens=20,
        messages=[{"role": "user", "content": f"Billing, technical or other?\n\n{ticket}"}],
    )
    return message.content[0].text
