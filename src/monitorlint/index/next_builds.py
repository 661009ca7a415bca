"""What of Sentry's set-up is left out of a Next.js application by the way it is built.

The SDK has webpack put ``sentry.client.config`` into what browsers get, and up to version 7 the files for the server
into what that runs. Turbopack takes neither, and since version 8 an ``instrumentation`` file imports what starts the
server's side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.next_builds import TURBOPACK_SINCE, WEBPACK, run_turbopack

if TYPE_CHECKING:
    from monitorlint.index.surroundings import Surroundings


def leaves_out(around: Surroundings, path: str) -> bool:
    """Whether a file by whose name Sentry is started in an application of Next's is loaded by nothing but imports.

    False where it is not known how the application is built, or with which version.
    """
    if not path.rpartition("/")[2].startswith("sentry.client."):
        return not around.satisfies("@sentry/nextjs", "<8", path)
    # Where no version is known, it satisfies whatever is asked for.
    is_default = not around.satisfies("next", f"<{TURBOPACK_SINCE}", path)
    return run_turbopack(around.scripts(path), is_default=is_default) and not around.deploys(WEBPACK)
