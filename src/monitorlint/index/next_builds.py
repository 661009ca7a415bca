"""What of Sentry's set-up is left out of a Next.js application by the way it is built.

The SDK's ``withSentryConfig`` has webpack put ``sentry.client.config`` into what browsers get, and up to version 7 the
files for the server into what that runs. Turbopack takes neither, and since version 8 an ``instrumentation`` file
imports what starts the server's side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitorlint.model.next_builds import TURBOPACK_SINCE, WEBPACK, run_turbopack
from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from monitorlint.index.surroundings import Surroundings


_SENTRY: Final = pattern(rb"(?i)sentry")
# What a configuration may have of a project's own, or of its owners' packages, which is not looked into.
_OWN: Final = pattern(rb"""(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\(\s*)["'](?:\.|@(?!next/)|[^"']*config)""")


def leaves_out(around: Surroundings, path: str, config: str) -> bool:
    """Whether a file by whose name Sentry is started in an application of Next's is loaded by nothing but imports.

    False where it is not known how the application is built, or with which version.

    :param config: The path of the application's configuration; ``""``: none is known.
    """
    text = around.code(config) if config else b""
    if text.strip() and not _SENTRY.search(text) and not _OWN.search(text):
        # ``withSentryConfig`` is what has webpack put it there.
        return True
    if not path.rpartition("/")[2].startswith("sentry.client."):
        return not around.satisfies("@sentry/nextjs", "<8", path)
    # Where no version is known, it satisfies whatever is asked for.
    is_default = not around.satisfies("next", f"<{TURBOPACK_SINCE}", path)
    return run_turbopack(around.scripts(path), is_default=is_default) and not around.deploys(WEBPACK)
