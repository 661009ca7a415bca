"""Where a file runs, as it shows itself: in a browser, on a server, in Deno, or in Node without a build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitorlint.model.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

_SERVER = frozenset(
    "@sentry/node @sentry/bun @sentry/deno @sentry/nestjs @sentry/google-cloud-serverless @sentry/aws-serverless "
    "@sentry/profiling-node server-only fs fs/promises os v8 path child_process async_hooks worker_threads".split()
)
"""What Node and its like alone can load."""
_NO_BROWSER = _SERVER | {"@sentry/cloudflare"}
"""What no browser can load."""
_BROWSER = frozenset("@sentry/react @sentry/browser @sentry/vue @sentry/svelte @sentry/solid @sentry/angular".split())
_ON_SERVER = frozenset(
    "express fastify koa fs fs/promises http https net child_process worker_threads vite webpack rollup esbuild".split()
)
"""What shows that a file runs on a server."""
_PAGES = _BROWSER | frozenset({"react-dom", "react-dom/client", "react-router-dom", "jquery"})
"""What shows that a file runs in a browser, where nothing shows that a server runs it."""
_COMPONENTS = frozenset({"react", "preact", "preact/hooks"})
_IN_PAGES = pattern(r"\b(?:use(?:State|Effect|LayoutEffect|Reducer|SyncExternalStore)\(|window\.|document\.)")
"""Likewise, in a file of components: what they keep while they are shown, and the page itself."""
_OF_PAGES = pattern(r"(?:^|/)(?:client|frontend|browser|webapp)/")
_DIRECTIVE = pattern(
    r"(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*+\*/|\"use strict\";?|'use strict';?)*+[\"']use (client|server)[\"']"
)
_EDGE = pattern(r"^export const runtime\s*=\s*[\"'](?:experimental-)?edge[\"']", re.MULTILINE)
_ON_THE_SERVER = "the file runs on the server, and the helper module needs {}"
_HEAD = 4000
"""Characters in which directives stand."""
_FOR_DENO = ("npm:", "jsr:", "https://deno.land/")
"""How imports begin that Deno alone understands."""
_DENO = pattern(r"(?<![.\w])Deno\.(?:serve|env|args|cwd|exit|readTextFile|readFile|openKv|cron)\b")
_ASKS_FOR_DENO = pattern(r"\btypeof (?:globalThis\.)?Deno\b")
_FUNCTIONS_OF_SUPABASE = pattern(r"(?:^|/)supabase/functions/")
_ON_NODE = pattern(r"(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*+\*/)*+[\"']use node[\"']")
WRANGLER = ("wrangler.jsonc", "wrangler.json", "wrangler.toml")
"""The configurations of workers of Cloudflare."""
_WORKER = pattern(r"^\s*\"?main\"?\s*[=:]\s*[\"'](?:\./)?([^\"'\n]+)[\"']", re.MULTILINE)
_REQUIRES = pattern(r"^(?:const|let|var)\s[^=\n]*=\s*require\(|^(?:module\.)?exports(?:\.\w+)?\s*=", re.MULTILINE)
_IMPORTS = pattern(r"^(?:import|export)\b", re.MULTILINE)


def mismatch(path: str, text: str, uses: AbstractSet[str], needs: AbstractSet[str]) -> str:
    """Why a helper for one side cannot be loaded on the other, as one line; ``""`` when it can.

    :param uses: Specifiers that the file imports.
    :param needs: Those that the helper module imports.
    """
    directive = _DIRECTIVE.match(text[:_HEAD])
    kind = directive[1] if directive is not None else ""
    server, browser = sorted(needs & _NO_BROWSER), needs_browser(needs)
    if server and (kind == "client" or path.endswith((".vue", ".svelte"))):
        return f"the file runs in the browser, and the helper module needs {server[0]}"
    if server and not uses & (_ON_SERVER | {"ink"}) and _shows_page(path, text, uses):
        return f"the file runs in the browser, and the helper module needs {server[0]}"
    if server and _EDGE.search(text):
        return f"the file runs on the edge, and the helper module needs {server[0]}"
    if any(specifier.partition("/")[0] == "k6" for specifier in uses):
        return "k6 runs the file, and loads no module of Node or of a browser"
    if server and "@temporalio/workflow" in uses:
        return (
            f"the file holds workflows, for which no module of Node is loaded, and the helper module needs {server[0]}"
        )
    if browser and (kind == "server" or uses & _ON_SERVER):
        return _ON_THE_SERVER.format(browser)
    if browser and is_run_as_it_is(path, text) and uses_node(uses):
        return _ON_THE_SERVER.format(browser)
    return ""


def _shows_page(path: str, text: str, uses: AbstractSet[str]) -> bool:
    if uses & _PAGES or _OF_PAGES.search(path) is not None:
        return True
    return bool(uses & _COMPONENTS) and _IN_PAGES.search(text) is not None


def is_for_deno(path: str, uses: AbstractSet[str]) -> bool:
    """Whether a file runs in Deno by where it lies, and by what it imports."""
    return any(s.startswith(_FOR_DENO) for s in uses) or _FUNCTIONS_OF_SUPABASE.search(path) is not None


def calls_deno(text: str) -> bool:
    """Whether a file calls what Deno alone has, without asking first whether it is there."""
    return _DENO.search(text) is not None and _ASKS_FOR_DENO.search(text) is None


def runs_in_convex(path: str, text: str) -> bool:
    """Whether Convex runs a file of a project that uses it, and not Node on its behalf."""
    return "convex" in path.split("/")[:-1] and _ON_NODE.match(text[:_HEAD]) is None


def worker_of(configuration: str) -> str:
    """The file that a worker of Cloudflare begins with, as its configuration (``wrangler.toml``) says; ``""``: none."""
    found = _WORKER.search(configuration)
    return found[1] if found is not None else ""


def needs_node(needs: AbstractSet[str]) -> str:
    """What a helper module imports that only Node has; ``""``: nothing."""
    return next(iter(sorted(needs & _SERVER)), "")


def is_script(path: str, text: str) -> bool:
    """Whether nothing in a file says that it is a module: an import may be an error in it."""
    return path.endswith(".js") and not _REQUIRES.search(text) and not _IMPORTS.search(text) and "import(" not in text


def is_run_as_it_is(path: str, text: str) -> bool:
    """Whether Node itself reads the file: what it imports must be there, and in JavaScript.

    A bundler takes such files, too, but then in a program whose files import each other as modules.
    """
    if not path.endswith((".js", ".cjs", ".mjs")):
        return False
    return requires_modules(path, text) or path.endswith(".mjs") or text.startswith("#!")


def requires_modules(path: str, text: str) -> bool:
    """Whether a file is a module of CommonJS."""
    return path.endswith(".cjs") or (_REQUIRES.search(text) is not None and _IMPORTS.search(text) is None)


def is_es_module(path: str, text: str) -> bool:
    """Whether a file is written as an ES module."""
    return path.endswith(".mjs") or (not path.endswith(".cjs") and _IMPORTS.search(text) is not None)


def uses_node(uses: AbstractSet[str]) -> bool:
    """Whether what a file imports shows that Node runs it."""
    return bool(uses & (_SERVER | _ON_SERVER))


def needs_browser(needs: AbstractSet[str]) -> str:
    """What a helper module imports that is for browsers alone; ``""``: nothing, or what is for servers, too."""
    return "" if needs & _NO_BROWSER else next(iter(sorted(needs & _BROWSER)), "")
