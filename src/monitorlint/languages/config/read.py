"""One of the files around the code, told by its name, as facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from monitorlint.languages.config.names import NPM_LOCKS, PYTHON_LOCKS, is_env_file, is_lock, is_token_file
from monitorlint.model.patterns import pattern
from monitorlint.model.setup import ConfigFile, LockFile, Manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitorlint.languages.config.dotenv import Dialect
    from monitorlint.model.finding import Region

MAX_BYTES: Final = 200_000
"""No file that people write is larger; lock files may be."""
MAX_LOCK_BYTES: Final = 20_000_000

_PYTHON = pattern(r"pyproject\.toml|Pipfile|requirements.*\.(?:txt|in)")
_PACKAGES = pattern(
    r"@sentry(?:-internal)?/.+|express|fastify|koa|next|react|vite|typescript|openai|@anthropic-ai/sdk|@google/genai|ai"
)
"""The packages whose locked versions rules ask for."""
_DISTRIBUTIONS = pattern(r"sentry-sdk|raven|django|flask|fastapi|celery")
_DEPLOYING = pattern(
    r"Dockerfile.*|.*\.[Dd]ockerfile|(?:docker-)?compose[\w.-]*\.ya?ml|Procfile|fly\.toml|render\.yaml|vercel\.json"
    r"|netlify\.toml|app\.ya?ml|turbo\.json|.*\.ya?ml"
)
_CATALOG = pattern(r"""^\s+["']?([^\s"':]+)["']?:\s*["']?([^\s"'#]+)""")
_TOKEN = pattern(r"\bsntry[su]_[\w+/=.-]{30,}")
_CLI_TOKEN = pattern(
    r"^[ \t]*(?:auth\.)?token[ \t]*[=:][ \t]*(sntry[su]_[\w+/=.-]{30,}|[0-9a-f]{64})[ \t\r]*$", re.MULTILINE
)
_UPLOAD = pattern(
    r"sentry-cli|getsentry/action-release|@sentry/\w+-plugin|sourcemaps (?:inject|upload)|SENTRY_AUTH_TOKEN"
)
_RUNS = pattern(r"^(?!.*test).*(?:start|dev|serve|prod|run)")
_PRELOAD = pattern(r"""--(?:experimental-)?(?:import|require|loader)\b|\bnode["',\s]+-r\b""")
_NODE_PIN = pattern(r"v?(\d+(?:\.\d+){0,2})\s*\Z")


def read_config(path: str, data: bytes, dialect: Dialect = "npm") -> ConfigFile | None:
    """The facts of a file's bytes; None when it is none of those that are read.

    :param dialect: How environment files are read.
    """
    name = path.rpartition("/")[2]
    if len(data) > (MAX_LOCK_BYTES if is_lock(name) else MAX_BYTES):
        return ConfigFile(path, problem="too large")
    if b"\0" in data[:1024]:
        return ConfigFile(path, problem="not text")
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    for matches, read in _READERS:
        if matches(name):
            return read(path, text) if read is not _env else _env(path, text, dialect)
    return None


def _tokens(text: str) -> tuple[Region, ...]:
    """Where auth tokens of Sentry stand."""
    from monitorlint.languages.config.places import Places  # noqa: PLC0415 - only where there is such a file

    found = list(_TOKEN.finditer(text)) if "sntry" in text else []
    if not found:
        return ()
    places = Places(text)
    return tuple(places.region(match.start(), match.end()) for match in found)


def _env(path: str, text: str, dialect: Dialect = "npm") -> ConfigFile:
    from monitorlint.languages.config.env_file import read_env  # noqa: PLC0415 - only where there is such a file

    return ConfigFile(path, env=read_env(path, text, dialect), preloads=_PRELOAD.search(text) is not None)


def _manifest(path: str, text: str) -> ConfigFile:
    from monitorlint.languages.config.package_json import read_manifest  # noqa: PLC0415 - only where there is such a file

    manifest = read_manifest(path, text)
    preloads = manifest is not None and any(
        _PRELOAD.search(s.command) for s in manifest.scripts if _RUNS.search(s.name)
    )
    return ConfigFile(
        path,
        manifest=manifest,
        tokens=_tokens(text),
        uploads=_UPLOAD.search(text) is not None,
        preloads=preloads,
    )


def _workspace(path: str, text: str) -> ConfigFile:
    """``pnpm-workspace.yaml``: only the catalogues, which are two levels of plain keys."""
    catalogs: dict[str, dict[str, str]] = {}
    section, name = "", ""
    for line in text.split("\n"):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        if not line[0].isspace():
            section, name = bare.rstrip(":"), ""
        elif section == "catalogs" and bare.endswith(":") and len(line) - len(line.lstrip()) <= 2:
            name = bare.rstrip(":").strip("'\"")
        elif section in {"catalog", "catalogs"} and (found := _CATALOG.match(line)):
            catalogs.setdefault(name, {})[found.group(1)] = found.group(2)
    manifest = Manifest(path, "", is_module=False, dependencies=(), scripts=(), node="", catalogs=catalogs)
    return ConfigFile(path, manifest=manifest)


def _npm_lock(path: str, text: str) -> ConfigFile:
    from monitorlint.languages.config.npm_locks import read_lock  # noqa: PLC0415 - only where there is such a file

    wants: Callable[[str], bool] = lambda name: _PACKAGES.fullmatch(name) is not None  # noqa: E731
    return ConfigFile(path, lock=LockFile(path, read_lock(path.rpartition("/")[2], text, wants)))


def _python(path: str, text: str) -> ConfigFile:
    from monitorlint.languages.config.requirements import read_requirements  # noqa: PLC0415 - only where there is such a file

    wants: Callable[[str], bool] = lambda name: _DISTRIBUTIONS.fullmatch(name) is not None  # noqa: E731
    return ConfigFile(path, requirements=read_requirements(path, text, wants))


def _node_pin(path: str, text: str) -> ConfigFile:
    from monitorlint.languages.config.places import Places  # noqa: PLC0415 - only where there is such a file

    line = text.split("\n", 1)[0]
    found = _NODE_PIN.match(line)
    region = Places(text).region(0, len(line.rstrip())) if found else None
    return ConfigFile(path, node=found.group(1) if found else "", node_region=region)


def _token_file(path: str, text: str) -> ConfigFile:
    from monitorlint.languages.config.places import Places  # noqa: PLC0415 - only where there is such a file

    places = Places(text)
    return ConfigFile(path, tokens=tuple(places.region(m.start(1), m.end(1)) for m in _CLI_TOKEN.finditer(text)))


def _deployment(path: str, text: str) -> ConfigFile:
    from monitorlint.languages.config.declarations import read_declarations, read_node_images  # noqa: PLC0415 - only where there is such a file

    node, region = "", None
    if "ocker" in path.rpartition("/")[2]:
        from monitorlint.languages.config.places import Places  # noqa: PLC0415 - likewise

        places = Places(text)
        for version, start, end in read_node_images(text):
            node, region = version, places.region(start, end)  # the last stage is the one that runs
    return ConfigFile(
        path,
        declarations=read_declarations(path, text),
        node=node,
        node_region=region,
        tokens=_tokens(text),
        uploads=_UPLOAD.search(text) is not None,
        preloads=_PRELOAD.search(text) is not None,
    )


_READERS: tuple[tuple[Callable[[str], bool], Callable[[str, str], ConfigFile]], ...] = (
    (is_env_file, _env),
    (lambda name: name == "package.json", _manifest),
    (lambda name: name == "pnpm-workspace.yaml", _workspace),
    (lambda name: name in NPM_LOCKS, _npm_lock),
    (lambda name: name in PYTHON_LOCKS or _PYTHON.fullmatch(name) is not None, _python),
    (lambda name: name in {".nvmrc", ".node-version"}, _node_pin),
    (is_token_file, _token_file),
    (lambda name: _DEPLOYING.fullmatch(name) is not None, _deployment),
)
