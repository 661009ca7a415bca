"""Packages of npm that a project is made of: what people call them, and the SDK of Sentry that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.model.rows import NamedTuple
from monitorlint.scaffold.typescript_helper import Flavour

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Framework(NamedTuple):
    name: str
    sdk: str = ""
    """``""``: the one of the server, or of whatever else is there."""


FRAMEWORKS: dict[str, _Framework] = {
    # Those that build one module for both sides first: they bring the others along.
    "next": _Framework("Next.js", "@sentry/nextjs"),
    "nuxt": _Framework("Nuxt", "@sentry/nuxt"),
    "@sveltejs/kit": _Framework("SvelteKit", "@sentry/sveltekit"),
    "@remix-run/react": _Framework("Remix", "@sentry/remix"),
    "@react-router/node": _Framework("React Router", "@sentry/react-router"),
    "astro": _Framework("Astro", "@sentry/astro"),
    "@nestjs/core": _Framework("Nest", "@sentry/nestjs"),
    "express": _Framework("Express", "@sentry/node"),
    "fastify": _Framework("Fastify", "@sentry/node"),
    "koa": _Framework("Koa", "@sentry/node"),
    "hono": _Framework("Hono", "@sentry/node"),
    "@hapi/hapi": _Framework("Hapi", "@sentry/node"),
    "@angular/core": _Framework("Angular", "@sentry/angular"),
    "vue": _Framework("Vue", "@sentry/vue"),
    "svelte": _Framework("Svelte", "@sentry/svelte"),
    "solid-js": _Framework("Solid", "@sentry/solid"),
    "react-dom": _Framework("React", "@sentry/react"),
}
"""What a package is, by what it depends on; the first that has an SDK decides which."""

BUILDS = {"vite": "Vite", "react-scripts": "Create React App"}

_UNIVERSAL = frozenset(
    f"@sentry/{name}"
    for name in "nextjs nuxt sveltekit remix react-router astro solidstart tanstackstart-react".split()
)
_BROWSER = frozenset(f"@sentry/{name}" for name in "react browser vue svelte solid angular gatsby".split())
_SERVER = tuple(
    f"@sentry/{name}" for name in "cloudflare nestjs node bun aws-serverless google-cloud-serverless".split()
)
CLOUDFLARE = "@sentry/cloudflare"
ELECTRON = "@sentry/electron"
_MAIN = f"{ELECTRON}/main"
"""For the process that is Node; windows have their own, and the helper is for one of the two."""
_REACT = frozenset(f"@sentry/{name}" for name in "react remix react-router".split())
"""What has an ErrorBoundary for every runtime. ``@sentry/nextjs`` has none for edge runtimes, and would not build."""

BUILDERS = frozenset(
    "vite react-scripts webpack parcel esbuild @rspack/core @rsbuild/core @angular/cli @vue/cli-service".split()
)
"""What makes a front end of modules."""
_SITES = frozenset(("@docusaurus/core", "vitepress", "nextra"))
"""Documentation, that is."""

OPENTELEMETRY = (
    "@opentelemetry/sdk-node",
    "@opentelemetry/sdk-trace-node",
    "@opentelemetry/sdk-trace-web",
    "@vercel/otel",
)


def all_dependencies(runtime: Mapping[str, str], development: Mapping[str, str]) -> dict[str, str]:
    """Ranges of versions by name, without the servers that stand in for the real one while a front end is written."""
    found = {**development, **runtime}
    others = {package for package, framework in FRAMEWORKS.items() if framework.sdk != "@sentry/node"}
    if others.isdisjoint(found):
        return found
    return {name: found[name] for name in found if name in runtime or name in others or name not in FRAMEWORKS}


def by_side(dependencies: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The dependencies of a front end and those of a server, of a package that is both; none where it is not.

    What neither side alone has stands in both.
    """
    of_front = {name for name, framework in FRAMEWORKS.items() if framework.sdk in _BROWSER} | _BROWSER | BUILDERS
    of_back = {name for name, framework in FRAMEWORKS.items() if framework.sdk in _SERVER} | {*_SERVER}
    named = dependencies.keys() & FRAMEWORKS.keys()
    if not (named & of_front and named & of_back) or named - of_front - of_back:
        return {}, {}
    front = {name: version for name, version in dependencies.items() if name not in of_back}
    return front, {name: version for name, version in dependencies.items() if name not in of_front}


def frameworks(
    dependencies: Mapping[str, str], builders: Mapping[str, str], *, has_page: bool = False, is_command: bool = False
) -> tuple[str, ...]:
    """What people would call the package: Next.js, Express, React and so on.

    :param builders: What builds it, if it is a front end.
    :param has_page, is_command: As for `sdk_of`.
    """
    found = [framework.name for package, framework in FRAMEWORKS.items() if package in dependencies]
    if found and "Next.js" in found:
        found = [name for name in found if name != "React"]
    if sdk_of(dependencies, has_page=has_page, is_command=is_command) not in _BROWSER:
        return tuple(found)
    return (*found, *(name for package, name in BUILDS.items() if package in builders))


def is_application(dependencies: Mapping[str, str], known: Mapping[str, str], *, has_page: bool) -> bool:
    """Whether a package has a framework of servers, or one of front ends and what builds them, and is no site of texts.

    :param known: The dependencies for development, too.
    :param has_page: As for `sdk_of`. What is built into a page needs nothing when it runs: all may be for development.
    """
    if _SITES & known.keys():
        return False
    for package, framework in FRAMEWORKS.items():
        is_alone = framework.sdk in _BROWSER and BUILDERS.isdisjoint(known)
        if package in dependencies and not is_alone:
            return True
    return has_page


def sdk_of(
    dependencies: Mapping[str, str], *, has_page: bool = False, is_command: bool = False, is_worker: bool = False
) -> str:
    """The SDK of Sentry: the one that is there already, else the one that goes with the frameworks.

    :param has_page: There is the page that a front end is built into: what serves it beside is no server of its own.
    :param is_command: It is installed as a command: what Vite builds of it, without a page, runs in Node.
    :param is_worker: Cloudflare runs it, from an entry file of its own.
    """
    if ELECTRON in dependencies:
        return _MAIN
    servers = (CLOUDFLARE, *_SERVER) if is_worker else (*_SERVER, CLOUDFLARE)
    for sdk in (*sorted(_UNIVERSAL), *servers, *sorted(_BROWSER)):
        if sdk in dependencies:
            return sdk
    for package, framework in FRAMEWORKS.items():
        if package in dependencies and framework.sdk and not (has_page and framework.sdk in _SERVER):
            return CLOUDFLARE if is_worker and framework.sdk in _SERVER else framework.sdk
    if is_worker and not has_page:
        return CLOUDFLARE
    is_served = any(package in dependencies and frame.sdk in _SERVER for package, frame in FRAMEWORKS.items())
    is_built = has_page and ("vite" in dependencies or not is_served)
    return "@sentry/browser" if is_built or ("vite" in dependencies and not is_command) else "@sentry/node"


def package_of(sdk: str) -> str:
    """The package of npm that an SDK is in."""
    return ELECTRON if sdk == _MAIN else sdk


def flavour_of(
    dependencies: Mapping[str, str],
    builders: Mapping[str, str],
    *,
    is_typed: bool,
    is_commonjs: bool,
    has_page: bool = False,
    is_command: bool = False,
    is_worker: bool = False,
) -> Flavour:
    """The helper that a package needs; ``builders`` may stand in the package or around it."""
    sdk = sdk_of(dependencies, has_page=has_page, is_command=is_command, is_worker=is_worker)
    runtime = "universal" if sdk in _UNIVERSAL else "browser" if sdk in _BROWSER else "node"
    if sdk == CLOUDFLARE:
        runtime = "worker"
    is_vite = "next" not in dependencies and ("vite" in builders or "react-scripts" not in builders)
    prefix = "VITE_"
    if "next" in dependencies:
        prefix = "NEXT_PUBLIC_"
    elif "react-scripts" in builders and "vite" not in builders:
        prefix = "REACT_APP_"
    elif "astro" in dependencies:
        prefix = "PUBLIC_"
    elif runtime == "browser" and "vite" not in builders:
        prefix, is_vite = "", False
    return Flavour(
        sdk=sdk,
        runtime=runtime,
        is_typed=is_typed,
        is_commonjs=is_commonjs and runtime == "node",
        prefix=prefix,
        is_vite=is_vite,
        is_react=sdk in _REACT,
    )
