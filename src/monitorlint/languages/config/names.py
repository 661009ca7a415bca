"""Which files around the code are read at all, told by their names: asked for every file of a project."""

from __future__ import annotations

from monitorlint.model.patterns import pattern

_NAMES = frozenset(
    """
    package.json pnpm-workspace.yaml package-lock.json npm-shrinkwrap.json pnpm-lock.yaml yarn.lock bun.lock
    pyproject.toml Pipfile Pipfile.lock uv.lock poetry.lock pdm.lock
    .sentryclirc sentry.properties
    .nvmrc .node-version Procfile fly.toml render.yaml vercel.json netlify.toml app.yaml app.yml turbo.json
    """.split()
)
_OTHERS = pattern(
    r"requirements.*\.(?:txt|in)|[\w-]*Dockerfile.*|.*\.[Dd]ockerfile|(?:docker-)?compose[\w.-]*\.ya?ml"
    r"|\.env|\.env\..+|[^.].*\.env"
)
# `.env.d.ts` and `.env.js` are code.
_CODE = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".py")
NPM_LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"})
PYTHON_LOCKS = frozenset({"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"})
_FIRST = frozenset("r.dcD")
_WORKFLOWS = ".github/workflows"


def is_env_file(name: str) -> bool:
    """Whether a file's name is one of an environment file."""
    return _is_of_environment(name) and not name.endswith(_CODE)


def _is_of_environment(name: str) -> bool:
    return name == ".env" or name.startswith(".env.") or (name.endswith(".env") and not name.startswith("."))


def is_token_file(name: str) -> bool:
    """Whether a file's name is one of those that Sentry's command line reads its token from."""
    return name in {".sentryclirc", "sentry.properties"}


def is_private(path: str) -> bool:
    """Whether the lines of a file are shown to nobody."""
    name = path.rpartition("/")[2]
    return _is_of_environment(name) or is_token_file(name)


def is_lock(name: str) -> bool:
    """Whether a file is written by a package manager."""
    return name in NPM_LOCKS or name in PYTHON_LOCKS


def is_config(name: str, folder: str) -> bool:
    """Whether a file of this name, in a folder relative to the root, is one of those that are read."""
    if name in _NAMES:
        return True
    if (name.endswith((".env", "ockerfile")) or name[0] in _FIRST) and _OTHERS.fullmatch(name) is not None:
        return is_env_file(name) or not _is_of_environment(name)
    return folder == _WORKFLOWS and name.endswith((".yml", ".yaml"))
