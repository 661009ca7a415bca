"""The files around the code of one project: read when a rule of the set-up is on, and never cached.

What is read from an environment file stays in memory. Errors of ours are told by their kind alone: their text could
quote what was read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitorlint.engine.git import is_repository, tracked_files
from monitorlint.engine.scan import read_file
from monitorlint.index.areas import area_of, is_sample
from monitorlint.languages.config.names import is_env_file, is_lock, is_private
from monitorlint.model.run import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitorlint.engine.discover import Discovery
    from monitorlint.languages.config.dotenv import Dialect
    from monitorlint.model.setup import ConfigFile

_MANIFEST_WORDS = (b"entry", b"catalog", b"--import", b"raven")
"""Words without which a manifest says nothing of Sentry, nor stands for one that does."""
_ENV_WORDS = (b"SENTRY", b"SECRET", b"TOKEN", b"KEY", b"PASS", b"DATABASE", b"CREDENTIAL", b"monitorlint:")
"""Words without which no rule speaks of an environment file."""


class SetupFiles:
    """The facts of the files around the code, and their bytes for code frames."""

    def __init__(self, discovery: Discovery, texts: Mapping[str, bytes], *, debug: bool) -> None:
        self._discovery = discovery
        self._texts = texts
        self._debug = debug
        self.failures: list[Failure] = []
        self.files = tuple(self._read())

    def _read(self) -> Iterator[ConfigFile]:
        """Manifests and environment files first: without a word of Sentry in them the others are left alone."""
        configs = self._discovery.configs
        first = [p for p in configs if not _is_later(_name(p))]
        data = {path: self._bytes(path) for path in first}
        relevant = any(b"entry" in content for content in data.values())
        later = [p for p in configs if _is_later(_name(p))] if relevant else []
        env = {path for path in first if is_env_file(_name(path))}
        known = is_repository(self._discovery.root)
        tracked = tracked_files(self._discovery.root, sorted(env)) if known else frozenset()
        dialect: Dialect = "npm" if any(_name(p) == "package.json" for p in first) else "python"
        for path in (*first, *later):
            content = data[path] if path in data else self._bytes(path)
            words = _ENV_WORDS if path in env else _MANIFEST_WORDS
            if path in data and not any(word in content for word in words) and not is_sample(path):
                continue
            file = self._file(path, content, dialect)
            if file is not None:
                yield file._replace(
                    is_ignored=configs[path], is_tracked=path in tracked if known else None, area=area_of(path)
                )

    def _bytes(self, path: str) -> bytes:
        try:
            return self._texts[path] if path in self._texts else read_file(f"{self._discovery.root}/{path}")[0]
        except OSError:
            return b""

    def _file(self, path: str, content: bytes, dialect: Dialect) -> ConfigFile | None:
        from monitorlint.languages.config.read import read_config  # noqa: PLC0415 - most projects have nothing to read

        try:
            return read_config(path, content, dialect)
        except Exception as error:  # noqa: BLE001 - told by its type
            if self._debug:  # where it happened, and not what its text quotes
                raise RuntimeError(type(error).__name__).with_traceback(error.__traceback__) from None
            self.failures.append(Failure(path, "setup", type(error).__name__))
            return None

    def source(self, path: str) -> bytes:
        """The bytes of a file for a code frame: what programs read secrets from is masked."""
        content = self._bytes(path)
        if not is_private(path):
            return content
        from monitorlint.languages.config.dotenv import masked  # noqa: PLC0415 - few findings are in such files

        return masked(content.decode("utf-8", "replace")).encode("utf-8", "surrogatepass")


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _is_later(name: str) -> bool:
    return is_lock(name) or not (
        name in {"package.json", "pnpm-workspace.yaml", "pyproject.toml", "Pipfile"}
        or name.startswith("requirements")
        or is_env_file(name)
    )
