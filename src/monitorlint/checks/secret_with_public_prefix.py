"""What it does
------------
Reports a secret under a name that a bundler puts into the code that every visitor downloads.

Why is this bad?
----------------
Vite, Next.js and their like replace `VITE_…`, `NEXT_PUBLIC_…` and so on by their values when they build. Whoever
opens the site can read them.

Example
-------
::

    VITE_OPENAI_API_KEY=sk-...

Use instead
-----------
::

    OPENAI_API_KEY=sk-...

and call the service from a server. A key that was deployed this way is known: replace it by a new one.

How it decides
--------------
By the name in an environment file, examples included: a public prefix (`VITE_`, `NEXT_PUBLIC_`, `REACT_APP_`,
`EXPO_PUBLIC_`, `NUXT_PUBLIC_`, `GATSBY_`), and behind it the API key of a service that bills for its use, a Sentry
auth token, or an ending that says secret (`_SECRET`, `_SECRET_KEY`, `_PRIVATE_KEY`, `_SERVICE_ROLE_KEY`,
`DATABASE_URL`). Keys that are made to be public (publishable, anon, site and client keys, DSNs) are none. Files for
development that git leaves out are judged like all others.

References
----------
- https://vite.dev/guide/env-and-mode#env-variables
- https://nextjs.org/docs/app/guides/environment-variables
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.checks.setup_finding import finding
from monitorlint.model.finding import Severity
from monitorlint.model.patterns import pattern
from monitorlint.model.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitorlint.checks import Judged
    from monitorlint.model.finding import Finding

RULE = Rule(
    code="MON420",
    name="secret-with-public-prefix",
    summary="A secret under a name that a bundler publishes",
    kind="setup",
    severity=Severity.ERROR,
    default=True,
)

_PREFIX = r"(?:VITE|NEXT_PUBLIC|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|GATSBY)_"
_SERVICES = (
    "OPENAI|AZURE_OPENAI|ANTHROPIC|CLAUDE|GROQ|GEMINI|GOOGLE_AI|GOOGLE_GENERATIVE_AI|MISTRAL|COHERE|TOGETHER|DEEPSEEK"
    "|OPENROUTER|REPLICATE|HUGGINGFACE|HF|PERPLEXITY|FIREWORKS|XAI|ELEVENLABS|RESEND|SENDGRID|PINECONE|LANGCHAIN|LANGSMITH"
)
_SECRET = pattern(
    rf"{_PREFIX}(?:(?:\w+_)?(?:{_SERVICES})_(?:API_)?(?:KEY|TOKEN)"
    r"|(?:\w+_)?SENTRY_AUTH_TOKEN|(?:\w+_)?(?:CLIENT|API|APP|JWT|AUTH|SESSION|WEBHOOK|SIGNING|STRIPE)_SECRET(?:_KEY)?"
    r"|SECRET_KEY|(?:\w+_)?PRIVATE_KEY|(?:\w+_)?SERVICE_ROLE(?:_KEY)?|(?:\w+_)?(?:AWS_)?SECRET_ACCESS_KEY"
    r"|(?:\w+_)?DATABASE_URL|(?:\w+_)?(?:DB|DATABASE|POSTGRES|MYSQL|REDIS|ADMIN|SMTP)_PASSWORD)"
)


def check(judged: Judged) -> Iterator[Finding]:
    """Every variable with such a name."""
    setup = judged.setup
    for file in setup.files:
        for variable in file.env.variables if file.env is not None else ():
            if _SECRET.fullmatch(variable.name):
                yield finding(
                    RULE,
                    setup,
                    file.path,
                    variable.region,
                    f"{variable.name} is put into the code that every visitor downloads",
                    target=variable.name,
                    note="read it on a server, without the prefix; a key that was deployed this way needs replacing",
                )
