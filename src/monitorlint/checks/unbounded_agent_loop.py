"""What it does
------------
Reports a loop that calls an AI model every turn and counts neither turns nor time.

Why is this bad?
----------------
The model decides when it stops. A model that keeps calling tools, or never gives the answer that the exit waits for,
runs up cost until somebody notices the bill.

Example
-------
::

    while True:
        answer = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
        if not answer.choices[0].message.tool_calls:
            return answer
        messages += run_tools(answer)

Use instead
-----------
::

    for turn in range(MAX_TURNS):
        answer = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
        if not answer.choices[0].message.tool_calls:
            return answer
        messages += run_tools(answer)
    raise TurnLimitError(MAX_TURNS)

In TypeScript::

    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const answer = await openai.chat.completions.create({ model, messages, tools });
      if (!answer.choices[0].message.tool_calls) return answer;
      messages.push(...(await runTools(answer)));
    }
    throw new TurnLimitError(MAX_TURNS);

How it decides
--------------
The body calls a model, itself or through one function of the project, and no exit compares a counter, a growing
collection or a clock with a limit. Chats that wait for a person, workers that wait for a queue, walks over the
program's own data, and generators without a way out of their own, which their consumer drives, are silent. A method
such as ``agent.step()`` that only looks like a model call gives a finding of low confidence.

References
----------
- LangChain issue 336: https://github.com/langchain-ai/langchain/issues/336
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.unbounded import unbounded
from monitorlint.model.finding import Severity
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON303",
    name="unbounded-agent-loop",
    summary="A loop that asks a model again and again, without a cap",
    kind="loop",
    severity=Severity.ERROR,
    default=True,
    fixable="safe",
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every agent loop without a cap."""
    return unbounded(
        RULE, judged, "nothing counts the turns", "cap the turns or set a deadline; a guard only tells where it hangs"
    )
